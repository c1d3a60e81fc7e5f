// Which bytes to play. A growing clip is HLS, and so is a long one, as the library says; any other
// sealed clip is the MP4. The raw stream is never a source: some webviews stall on it.
import type { ClipView } from '../api/types';

export type Source = { kind: 'mp4' | 'hls' | 'native-hls'; path: string };

export interface PlaybackSupport {
  /** Media Source Extensions: hls.js works. */
  hlsJs: boolean;
  /** The element plays HLS by itself. */
  nativeHls: boolean;
}

export function chooseSource(
  clip: Pick<ClipView, 'mp4' | 'hls' | 'prefers_hls'>,
  able: PlaybackSupport,
): Source | undefined {
  const mp4: Source | undefined = clip.mp4 ? { kind: 'mp4', path: clip.mp4 } : undefined;
  if (mp4 && !clip.prefers_hls) return mp4;
  if (clip.hls && able.hlsJs) return { kind: 'hls', path: clip.hls };
  if (clip.hls && able.nativeHls) return { kind: 'native-hls', path: clip.hls };
  return mp4;
}
