// Where in the transcript a pointer or a selection is. Cues carry their index as `data-cue`.
import type { ShownCue } from '../api/types';
import type { Micros } from '../time';

export function cueElement(root: ParentNode, index: number): HTMLElement | null {
  return root.querySelector(`[data-cue="${index}"]`);
}

/** The cue that a node is in. */
export function cueOf(node: Node | null): HTMLElement | undefined {
  const element = node instanceof Element ? node : node?.parentElement;
  return element?.closest<HTMLElement>('[data-cue]') ?? undefined;
}

export function indexOf(element: HTMLElement): number {
  return Number(element.dataset['cue']);
}

/** The offset in a cue's text of a point in the window; 0 if the browser cannot tell. */
export function offsetAt(cue: HTMLElement, x: number, y: number): number {
  const at = document.caretPositionFromPoint?.(x, y) ?? old(x, y);
  return at && cue.contains(at.offsetNode) ? at.offset : 0;
}

function old(x: number, y: number): { offsetNode: Node; offset: number } | undefined {
  // The older name, which WebKit knows.
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- until every webview we meet knows the other
  const range = document.caretRangeFromPoint?.(x, y);
  return range ? { offsetNode: range.startContainer, offset: range.startOffset } : undefined;
}

export interface SelectedText {
  text: string;
  /** Where the first of its cues begins. */
  at_us: Micros;
  /** Its place in the window. */
  rect: DOMRect;
}

/** The text of cues that is selected within an element. */
export function selectedIn(root: HTMLElement, cues: readonly ShownCue[]): SelectedText | undefined {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return undefined;
  const range = selection.getRangeAt(0);
  if (!root.contains(range.commonAncestorContainer)) return undefined;
  const elements = [...root.querySelectorAll<HTMLElement>('[data-cue]')].filter((cue) =>
    range.intersectsNode(cue),
  );
  const texts = elements.flatMap((element) => {
    const text = cues[indexOf(element)]?.text ?? '';
    const from = element.contains(range.startContainer) ? range.startOffset : 0;
    const to = element.contains(range.endContainer) ? range.endOffset : text.length;
    return to > from ? [{ index: indexOf(element), text: text.slice(from, to) }] : [];
  });
  const text = texts
    .map(({ text }) => text.trim())
    .join(' ')
    .trim();
  const first = texts.find(({ text }) => text.trim() !== '');
  const cue = first && cues[first.index];
  return cue && text !== ''
    ? { text, at_us: cue.start_us, rect: range.getBoundingClientRect() }
    : undefined;
}
