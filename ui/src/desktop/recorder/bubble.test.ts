import { expect, test } from 'vitest';
import { BUBBLE_SIZES, describe, inside, pressed, sizeOf, usualBubble } from './bubble';

const WIDE = { width: 1600, height: 900 };
const near = (value: number) => expect.closeTo(value, 6) as number;

test('it never leaves the picture, whatever its shape', () => {
  for (const picture of [WIDE, { width: 900, height: 1600 }, { width: 100, height: 100 }]) {
    const { x, y, size } = inside({ x: 5, y: -5, size: 0.3 }, picture);
    const radius = (size / 2 + 1 / 40) * Math.min(picture.width, picture.height);
    expect(x * picture.width + radius).toBeCloseTo(picture.width);
    expect(y * picture.height - radius).toBeCloseTo(0);
  }
});

test('a bubble that grows at an edge moves away from it', () => {
  const corner = inside({ x: 0, y: 1, size: BUBBLE_SIZES.S }, WIDE);
  const grown = pressed('+', corner, WIDE);
  expect(grown?.size).toBeCloseTo(0.25);
  expect(grown?.x).toBeGreaterThan(corner.x);
  expect(grown?.y).toBeLessThan(corner.y);
});

test('arrows move it as far across as down', () => {
  const middle = { x: 0.5, y: 0.5, size: 0.3 };
  const right = pressed('ArrowRight', middle, WIDE);
  const down = pressed('ArrowDown', middle, WIDE);
  expect(((right?.x ?? 0) - 0.5) * WIDE.width).toBeCloseTo(((down?.y ?? 0) - 0.5) * WIDE.height);
  expect(pressed('Tab', middle, WIDE)).toBeUndefined();
});

test('its size is bounded', () => {
  let bubble = usualBubble(WIDE);
  for (let n = 0; n < 60; n += 1) bubble = pressed('-', bubble, WIDE) ?? bubble;
  expect(bubble.size).toBeCloseTo(0.05);
  for (let n = 0; n < 60; n += 1) bubble = pressed('+', bubble, WIDE) ?? bubble;
  expect(bubble.size).toBeCloseTo(0.8);
});

test('it says where it is', () => {
  expect(usualBubble(WIDE)).toEqual({ x: near(0.0984375), y: near(0.825), size: 0.3 });
  expect(describe(usualBubble(WIDE))).toBe('bottom left, 30 %');
  expect(describe({ x: 0.5, y: 0.5, size: 0.45 })).toBe('middle centre, 45 %');
  expect([sizeOf(usualBubble(WIDE)), sizeOf({ x: 0, y: 0, size: 0.37 })]).toEqual(['M', undefined]);
});
