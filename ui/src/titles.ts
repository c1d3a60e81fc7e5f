// What a recording is called before it has a title.

export const UNTITLED = 'Untitled recording';

/** The title of a clip, or what it is called without one. */
export function titleOf({ title }: { title: string }): string {
  return title === '' ? UNTITLED : title;
}

/** The title of a take: the person's, else the one made from its transcript. */
export function titleOfTake({
  title,
  transcript,
}: {
  title: string;
  transcript: { title: string } | null;
}): string {
  return title || transcript?.title || UNTITLED;
}
