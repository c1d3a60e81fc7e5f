// The draft of title and summary.
import type { ClipView } from '../api/types';

interface Details {
  title: string;
  summary: string;
}

export interface DetailsDraft extends Details {
  /** The saved state when the draft was begun. */
  was: Details;
}

export function beginDetails({ title, summary }: ClipView): DetailsDraft {
  return { title, summary, was: { title, summary } };
}
