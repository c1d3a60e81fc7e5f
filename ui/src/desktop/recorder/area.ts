// The part of a display that is recorded, in that display's pixels, and how it is moved and resized.
import type { Rect } from '../../host/host';
import type { Size } from './bubble';

/** An edge or corner of an area, by the points of the compass; `move` is all of it. */
export const HANDLES = ['nw', 'n', 'ne', 'e', 'se', 's', 'sw', 'w'] as const;
export type Handle = (typeof HANDLES)[number];

/** The least width and height. */
export const MIN_SIDE = 64;

/** What is offered where no area is remembered: the middle of the display. */
export function usualArea(display: Size): Rect {
  const [width, height] = [even(display.width * 0.6), even(display.height * 0.6)];
  return fitted(
    { x: (display.width - width) / 2, y: (display.height - height) / 2, width, height },
    display,
  );
}

/** The same area in whole pixels, even sides, and inside the display. */
export function fitted(area: Rect, display: Size): Rect {
  const width = clamp(even(area.width), MIN_SIDE, even(display.width));
  const height = clamp(even(area.height), MIN_SIDE, even(display.height));
  return {
    x: clamp(Math.round(area.x), 0, display.width - width),
    y: clamp(Math.round(area.y), 0, display.height - height),
    width,
    height,
  };
}

export function moved(area: Rect, dx: number, dy: number, display: Size): Rect {
  return fitted({ ...area, x: area.x + dx, y: area.y + dy }, display);
}

/** The area with one edge or corner moved; the opposite one stays where it is. */
export function resized(area: Rect, handle: Handle, dx: number, dy: number, display: Size): Rect {
  let [left, top] = [area.x, area.y];
  let [right, bottom] = [left + area.width, top + area.height];
  if (handle.includes('w')) left = clamp(left + dx, 0, right - MIN_SIDE);
  if (handle.includes('e')) right = clamp(right + dx, left + MIN_SIDE, display.width);
  if (handle.includes('n')) top = clamp(top + dy, 0, bottom - MIN_SIDE);
  if (handle.includes('s')) bottom = clamp(bottom + dy, top + MIN_SIDE, display.height);
  const [width, height] = [even(right - left), even(bottom - top)];
  // An odd pixel is given up at the edge that moves.
  return fitted(
    {
      x: handle.includes('w') ? right - width : left,
      y: handle.includes('n') ? bottom - height : top,
      width,
      height,
    },
    display,
  );
}

const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/**
 * The area after a press of a key: arrows move it, with Shift its right and lower edges; nothing if
 * the key does not concern it.
 */
export function keyed(
  { key, shiftKey }: Pick<KeyboardEvent, 'key' | 'shiftKey'>,
  area: Rect,
  display: Size,
): Rect | undefined {
  const arrow = ARROWS[key];
  if (!arrow) return undefined;
  const step = Math.max(2, even(Math.min(display.width, display.height) / 50));
  const [dx, dy] = [arrow[0] * step, arrow[1] * step];
  return shiftKey ? resized(area, 'se', dx, dy, display) : moved(area, dx, dy, display);
}

/** What encoders take are even sides. */
function even(length: number): number {
  return 2 * Math.floor(length / 2);
}

function clamp(value: number, min: number, max: number): number {
  return Math.max(min, Math.min(value, max));
}
