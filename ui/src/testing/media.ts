// Something that a media element really plays, made on the spot.
import type { ClipView } from '../api/types';
import { temporaryMemory } from '../memory';
import { Player } from '../player/player.svelte';
import { type Micros, SECOND } from '../time';

const RATE_HZ = 8000;
const HEADER_BYTES = 44;

/** Silence of that many seconds, as the address of a WAV file of 8-bit samples. */
export function silence(seconds: number): string {
  const samples = seconds * RATE_HZ;
  const file = new DataView(new ArrayBuffer(HEADER_BYTES + samples));
  const tag = (at: number, text: string) =>
    new TextEncoder().encode(text).forEach((byte, n) => file.setUint8(at + n, byte));
  tag(0, 'RIFF');
  file.setUint32(4, HEADER_BYTES - 8 + samples, true);
  tag(8, 'WAVEfmt ');
  file.setUint32(16, 16, true);
  file.setUint16(20, 1, true);
  file.setUint16(22, 1, true);
  file.setUint32(24, RATE_HZ, true);
  file.setUint32(28, RATE_HZ, true);
  file.setUint16(32, 1, true);
  file.setUint16(34, 8, true);
  tag(36, 'data');
  file.setUint32(40, samples, true);
  new Uint8Array(file.buffer, HEADER_BYTES).fill(0x80);
  return URL.createObjectURL(new Blob([file], { type: 'audio/wav' }));
}

/** A clip that plays: a minute unless told otherwise. */
export function playableClip(seconds = 60): ClipView {
  return {
    title: 'A clip',
    summary: '',
    summary_html: '',
    author: 'Ada',
    recorded_at_us: 0,
    state: 'ready',
    live: false,
    duration_us: seconds * SECOND,
    size_bytes: 1,
    width: 0,
    height: 0,
    poster: null,
    hls: null,
    mp4: silence(seconds),
    replies: 0,
    guests: true,
  };
}

/** A player of `clip`, not yet on an element. */
export function playerOf(clip: ClipView, start_us?: Micros): Player {
  const player = new Player({
    key: 'key',
    href: (path) => path,
    memory: temporaryMemory(),
    start_us,
    mayStart: () => false,
  });
  player.show(clip);
  return player;
}
