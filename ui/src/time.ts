// Time as integers. `Micros` is a position in a clip, `Span` a duration, `UtcMicros` the wall clock;
// seconds are used only with media elements. The `unit` brands keep one unit from being passed as
// another.

/** Microseconds since a clip began. */
export type Micros = number & { readonly unit?: 'us' };
/** A duration in microseconds; that of a clip is its last position too. */
export type Span = Micros;
/** Microseconds since 1970. */
export type UtcMicros = number & { readonly unit?: 'utc us' };
/** Seconds, as media elements count. */
export type Seconds = number & { readonly unit?: 's' };

export const SECOND: Micros = 1_000_000;

export function toMicros(seconds: Seconds): Micros {
  return Number.isFinite(seconds) ? Math.max(0, Math.round(seconds * 1e6)) : 0;
}

export function toSeconds(us: Micros): Seconds {
  return us / 1e6;
}

/** `1:23`, or `1:02:03` from an hour on. */
export function clock(us: Micros): string {
  const secs = Math.floor(us / SECOND);
  const [hours, minutes, seconds] = [
    Math.floor(secs / 3600),
    Math.floor(secs / 60) % 60,
    secs % 60,
  ];
  const two = (n: number) => String(n).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** `1:02–1:10`, or `1:02` for a moment. */
export function clockRange(start_us: Micros, end_us?: Micros | null): string {
  return typeof end_us === 'number' ? `${clock(start_us)}–${clock(end_us)}` : clock(start_us);
}

/** `1:23`, `1:02:03` or `83` as a moment; nothing if it is none. */
export function parseClock(text: string): Micros | undefined {
  const parts = text.trim().split(':');
  if (parts.length > 3 || !parts.every((part) => /^\d{1,4}$/.test(part))) return undefined;
  if (parts.slice(1).some((part) => part.length !== 2 || Number(part) > 59)) return undefined;
  return parts.reduce((secs, part) => secs * 60 + Number(part), 0) * SECOND;
}

/** `1h2m3s`, or any part of it, as a moment; nothing if it is none. */
export function parseUnits(text: string): Micros | undefined {
  const parts = /^(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?$/.exec(text.trim());
  if (!parts || parts[0] === '') return undefined;
  const [hours, minutes, seconds] = [1, 2, 3].map((n) => Number(parts[n] ?? 0)) as [
    number,
    number,
    number,
  ];
  return ((hours * 60 + minutes) * 60 + seconds) * SECOND;
}

/** `1 minute 23 seconds`, for screen readers. */
export function spokenDuration(us: Micros): string {
  const secs = Math.floor(us / SECOND);
  const part = (n: number, word: string) => (n === 0 ? [] : [`${n} ${word}${n === 1 ? '' : 's'}`]);
  const words = [
    ...part(Math.floor(secs / 3600), 'hour'),
    ...part(Math.floor(secs / 60) % 60, 'minute'),
    ...part(secs % 60, 'second'),
  ];
  return words.length === 0 ? '0 seconds' : words.join(' ');
}

const MINUTE_MS = 60_000;
const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['minute', MINUTE_MS],
  ['hour', 60 * MINUTE_MS],
  ['day', 24 * 60 * MINUTE_MS],
];

/** `just now`, `5 minutes ago`, `yesterday`; the date from a week on. */
export function ago(at: UtcMicros, now: Date, locale?: string): string {
  const past = now.getTime() - at / 1000;
  if (past < MINUTE_MS) return 'just now';
  if (past >= 7 * 24 * 60 * MINUTE_MS)
    return new Date(at / 1000).toLocaleDateString(locale, { dateStyle: 'medium' });
  const [unit, size] = STEPS.findLast(([, ms]) => past >= ms) ?? ['minute', MINUTE_MS];
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(
    -Math.floor(past / size),
    unit,
  );
}

/** Date and time in full. */
export function formatDateTime(at: UtcMicros, locale?: string): string {
  return new Date(at / 1000).toLocaleString(locale, { dateStyle: 'long', timeStyle: 'short' });
}

export function iso(at: UtcMicros): string {
  return new Date(at / 1000).toISOString();
}
