// Which bytes to play. A growing or a long clip is HLS; a short sealed clip is the MP4 itself. The
// raw stream is never a source: some webviews stall on it.
import type { ClipView } from '../api/types';
import { SECOND } from '../time';

export type Source = { kind: 'mp4' | 'hls' | 'native-hls'; path: string };

export interface PlaybackSupport {
  /** Media Source Extensions: hls.js works. */
  hlsJs: boolean;
  /** The element plays HLS by itself. */
  nativeHls: boolean;
}

const SHORT_US = 10 * 60 * SECOND;

export function chooseSource(
  clip: Pick<ClipView, 'mp4' | 'hls' | 'duration_us'>,
  able: PlaybackSupport,
): Source | undefined {
  const mp4: Source | undefined = clip.mp4 ? { kind: 'mp4', path: clip.mp4 } : undefined;
  if (mp4 && clip.duration_us < SHORT_US) return mp4;
  if (clip.hls && able.hlsJs) return { kind: 'hls', path: clip.hls };
  if (clip.hls && able.nativeHls) return { kind: 'native-hls', path: clip.hls };
  return mp4;
}
