import { cueElement } from './caret';

const isCue = (stop: HTMLElement) => stop.dataset['cue'] !== undefined;

/** The cue or reply mark to which a navigation key leads; `to` is empty at the ends. */
export function keyTarget(
  key: string,
  root: HTMLElement,
  from: HTMLElement,
  cue: number,
  /** The cues that begin a paragraph. */
  starts: readonly number[],
): { handled: boolean; to?: HTMLElement | undefined } {
  const stops = [...root.querySelectorAll<HTMLElement>('[data-cue], [data-reply]')];
  const here = stops.indexOf(from);
  const at = (start: number | undefined) => cueElement(root, start ?? cue) ?? undefined;
  switch (key) {
    case 'ArrowRight':
      return { handled: true, to: stops[here + 1] };
    case 'ArrowLeft':
      return { handled: true, to: stops[here - 1] };
    case 'ArrowDown':
      return { handled: true, to: stops.slice(here + 1).find(isCue) };
    case 'ArrowUp':
      return { handled: true, to: stops.slice(0, Math.max(0, here)).findLast(isCue) };
    case 'PageDown':
      return { handled: true, to: at(starts.find((first) => first > cue)) };
    case 'PageUp':
      return { handled: true, to: at(starts.findLast((first) => first < cue)) };
    case 'Home':
      return { handled: true, to: stops.find(isCue) };
    case 'End':
      return { handled: true, to: stops.findLast(isCue) };
    default:
      return { handled: false };
  }
}
