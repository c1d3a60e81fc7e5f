// Title and summary as somebody has begun to write them.
import type { ClipView } from '../api/types';

interface Details {
  title: string;
  summary: string;
}

export interface DetailsDraft extends Details {
  /** What stood there when it was begun. */
  was: Details;
}

export function beginDetails({ title, summary }: ClipView): DetailsDraft {
  return { title, summary, was: { title, summary } };
}
