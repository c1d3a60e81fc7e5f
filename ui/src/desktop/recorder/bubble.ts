// Where the camera's bubble is in the picture, and how it is moved and resized.
import type { BubbleView } from '../../host/host';

export interface Size {
  width: number;
  height: number;
}

/** Diameters as shares of the picture's shorter side. */
export const BUBBLE_SIZES = { S: 0.22, M: 0.3, L: 0.45 } as const;
export type BubbleSize = keyof typeof BUBBLE_SIZES;
const MIN_SIZE = 0.05;
const MAX_SIZE = 0.8;
/** What a press of a key moves or grows it by. */
const STEP = 0.03;
/** Its least distance from the edges of the picture, as a share of the shorter side. */
const MARGIN = 1 / 40;

/** At the bottom left, where it covers least of what people show. */
export function usualBubble(picture: Size): BubbleView {
  const size = BUBBLE_SIZES.M;
  const [across, down] = shares(size / 2 + MARGIN, picture);
  return { x: across, y: 1 - down, size };
}

/** The same bubble, inside the picture as a whole. */
export function inside(bubble: BubbleView, picture: Size): BubbleView {
  const size = clamp(bubble.size, MIN_SIZE, MAX_SIZE);
  const [across, down] = shares(size / 2 + MARGIN, picture);
  return { x: clamp(bubble.x, across, 1 - across), y: clamp(bubble.y, down, 1 - down), size };
}

/** The bubble after a press of a key; nothing if the key does not concern it. */
export function pressed(key: string, bubble: BubbleView, picture: Size): BubbleView | undefined {
  const [across, down] = shares(STEP, picture);
  const steps: Record<string, Partial<BubbleView>> = {
    ArrowLeft: { x: bubble.x - across },
    ArrowRight: { x: bubble.x + across },
    ArrowUp: { y: bubble.y - down },
    ArrowDown: { y: bubble.y + down },
    '+': { size: bubble.size + STEP },
    '=': { size: bubble.size + STEP },
    '-': { size: bubble.size - STEP },
  };
  const step = steps[key];
  return step && inside({ ...bubble, ...step }, picture);
}

/** Where it is and how large, in words. */
export function describe({ x, y, size }: BubbleView): string {
  const row = y < 1 / 3 ? 'top' : y > 2 / 3 ? 'bottom' : 'middle';
  const column = x < 1 / 3 ? 'left' : x > 2 / 3 ? 'right' : 'centre';
  return `${row} ${column}, ${Math.round(size * 100)} %`;
}

/** Which of the three sizes it has; nothing if it is another one. */
export function sizeOf({ size }: BubbleView): BubbleSize | undefined {
  const sizes = Object.entries(BUBBLE_SIZES) as [BubbleSize, number][];
  return sizes.find(([, share]) => Math.abs(share - size) < STEP / 2)?.[0];
}

/** A share of the shorter side as a share of the width and one of the height. */
function shares(share: number, { width, height }: Size): [number, number] {
  const length = share * Math.min(width, height);
  return [length / width, length / height];
}

function clamp(value: number, min: number, max: number): number {
  return min > max ? 0.5 : Math.min(Math.max(value, min), max);
}
