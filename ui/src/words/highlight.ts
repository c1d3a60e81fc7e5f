// Marks what was found without touching the text: by the browser's own highlights, where it has them.
import type { Hit, Place } from './find';
import { cueElement } from './caret';

const ALL = 'found';
const NOW = 'found-now';

/** Marks the hits, one of them as the one that is shown, until the returned function is called. */
export function highlight(root: ParentNode, hits: readonly Hit[], now: number): () => void {
  if (!('highlights' in CSS)) return () => undefined;
  const ranges = hits.map((hit) => rangeOf(root, hit));
  const shown = ranges[now];
  CSS.highlights.set(
    ALL,
    new Highlight(...ranges.filter((range) => range !== undefined && range !== shown).map((r) => r as Range)),
  );
  CSS.highlights.set(NOW, new Highlight(...(shown ? [shown] : [])));
  return () => {
    CSS.highlights.delete(ALL);
    CSS.highlights.delete(NOW);
  };
}

function rangeOf(root: ParentNode, { from, to }: Hit): Range | undefined {
  const [start, end] = [textAt(root, from), textAt(root, to)];
  if (!start || !end) return undefined;
  const range = document.createRange();
  range.setStart(start, Math.min(from.offset, start.length));
  range.setEnd(end, Math.min(to.offset, end.length));
  return range;
}

/** The text of a cue; none while it is being corrected. */
function textAt(root: ParentNode, { cue }: Place): Text | undefined {
  const text = cueElement(root, cue)?.firstChild;
  return text instanceof Text ? text : undefined;
}
