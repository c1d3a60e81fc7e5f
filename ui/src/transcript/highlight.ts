// Marks matches by the CSS Custom Highlight API, which leaves the DOM as it is; without it nothing
// is marked.
import { indexOf } from './caret';
import type { Match, TextPosition } from './find';

const ALL = 'found';
const NOW = 'found-now';

/** Marks the matches, and the current one apart, until the returned function is called. */
export function highlight(root: ParentNode, matches: readonly Match[], now: number): () => void {
  if (!('highlights' in CSS)) return () => undefined;
  const cues = new Map(
    [...root.querySelectorAll<HTMLElement>('[data-cue]')].map((cue) => [
      indexOf(cue),
      cue.firstChild,
    ]),
  );
  const ranges = (wanted: readonly Match[]) =>
    wanted.flatMap((match) => rangeOf(cues, match) ?? []);
  CSS.highlights.set(ALL, new Highlight(...ranges(matches.filter((_, n) => n !== now))));
  CSS.highlights.set(NOW, new Highlight(...ranges(matches.slice(now, now + 1))));
  return () => {
    CSS.highlights.delete(ALL);
    CSS.highlights.delete(NOW);
  };
}

/** Nothing for a cue that is being corrected: it has no text node. */
function rangeOf(
  cues: ReadonlyMap<number, ChildNode | null>,
  { from, to }: Match,
): StaticRange | undefined {
  const textOf = ({ cue }: TextPosition) => cues.get(cue);
  const [start, end] = [textOf(from), textOf(to)];
  if (!(start instanceof Text && end instanceof Text)) return undefined;
  return new StaticRange({
    startContainer: start,
    startOffset: Math.min(from.offset, start.length),
    endContainer: end,
    endOffset: Math.min(to.offset, end.length),
  });
}
