import { expect, test } from 'vitest';
import { fitted, HANDLES, keyed, moved, resized, usualArea } from './area';

const DISPLAY = { width: 1920, height: 1080 };
const AREA = { x: 400, y: 200, width: 800, height: 600 };

test('the usual area is in the middle', () => {
  expect(usualArea(DISPLAY)).toEqual({ x: 384, y: 216, width: 1152, height: 648 });
});

test('it stays on the display and keeps its size while it is moved', () => {
  expect(moved(AREA, 5000, -5000, DISPLAY)).toEqual({ ...AREA, x: 1120, y: 0 });
});

test('an edge that is moved leaves the opposite one where it is, and never passes it', () => {
  for (const handle of HANDLES) {
    for (const far of [-5000, -31, 31, 5000]) {
      const now = resized(AREA, handle, far, far, DISPLAY);
      const what = `${handle} by ${far}: ${JSON.stringify(now)}`;
      expect(now.x >= 0 && now.x + now.width <= DISPLAY.width, what).toBe(true);
      expect(now.y >= 0 && now.y + now.height <= DISPLAY.height, what).toBe(true);
      expect([now.width % 2, now.height % 2], what).toEqual([0, 0]);
      expect(Math.min(now.width, now.height), what).toBeGreaterThanOrEqual(64);
      if (handle.includes('w')) expect(now.x + now.width, what).toBe(1200);
      else expect(now.x, what).toBe(400);
      if (handle.includes('n')) expect(now.y + now.height, what).toBe(800);
      else expect(now.y, what).toBe(200);
    }
  }
});

test('what was remembered of a larger display fits on a smaller one', () => {
  const small = { width: 1024, height: 600 };
  expect(fitted({ x: 1500, y: 900, width: 1280, height: 801 }, small)).toEqual({
    x: 0,
    y: 0,
    width: 1024,
    height: 600,
  });
});

test('arrows move it, and with Shift they resize it', () => {
  const press = (key: string, shiftKey = false) => keyed({ key, shiftKey }, AREA, DISPLAY);
  expect(press('ArrowRight')).toEqual({ ...AREA, x: 420 });
  expect(press('ArrowDown', true)).toEqual({ ...AREA, height: 620 });
  expect(press('Tab')).toBeUndefined();
});
