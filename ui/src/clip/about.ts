// Title and summary as somebody has begun to write them.
import type { ClipView } from '../api/types';

interface About {
  title: string;
  summary: string;
}

export interface AboutDraft extends About {
  /** What stood there when it was begun. */
  was: About;
}

export function beginAbout({ title, summary }: ClipView): AboutDraft {
  return { title, summary, was: { title, summary } };
}
