import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EventStream } from './event-stream';

/** The connections that were made, each to be written to by the test. */
let streams: ReadableStreamDefaultController<Uint8Array>[];
let aborted: number;
/** What the listener was told, in order. */
let heard: string[];

const send = (text: string) => streams.at(-1)?.enqueue(new TextEncoder().encode(text));
const listen = () =>
  new EventStream(
    '/events',
    {},
    {
      message: (data) => heard.push(data),
      open: () => heard.push('open'),
      lost: () => heard.push('lost'),
    },
  );

beforeEach(() => {
  vi.useFakeTimers();
  [streams, heard, aborted] = [[], [], 0];
  vi.stubGlobal('fetch', (_: string, { signal }: RequestInit) => {
    const body = new ReadableStream<Uint8Array>({
      start(stream) {
        streams.push(stream);
        signal?.addEventListener('abort', () => {
          aborted++;
          stream.error(signal.reason);
        });
      },
    });
    return Promise.resolve(new Response(body));
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const STREAM =
  ': hello\n\nevent: clip\ndata: {"a":1}\n\nid: 7\ndata: one\ndata:two\n\n\r\ndata: ü\r\n\r\ndata: cut off';

test('events are the same however the stream is cut', async () => {
  const bytes = new TextEncoder().encode(STREAM);
  for (let cut = 0; cut <= bytes.length; cut++) {
    [heard, streams] = [[], []];
    const stream = listen();
    await vi.advanceTimersByTimeAsync(0);
    streams[0]?.enqueue(bytes.slice(0, cut));
    streams[0]?.enqueue(bytes.slice(cut));
    await vi.advanceTimersByTimeAsync(0);
    expect(heard, `cut at ${cut}`).toEqual(['open', '{"a":1}', 'one\ntwo', 'ü']);
    stream.close();
  }
});

test('an event without an end is no library: the connection is closed and made again', async () => {
  const stream = listen();
  await vi.advanceTimersByTimeAsync(0);
  for (let n = 0; n < 6; n++) send(`data: ${'x'.repeat(1 << 20)}`);
  await vi.advanceTimersByTimeAsync(10);
  expect([heard, aborted]).toEqual([['open', 'lost'], 1]);
  await vi.advanceTimersByTimeAsync(500);
  expect(streams).toHaveLength(2);
  stream.close();
});

test('each failure in a row waits longer, until a connection stands', async () => {
  const refused = vi.fn(() => Promise.resolve(new Response(null, { status: 503 })));
  vi.stubGlobal('fetch', refused);
  const stream = listen();
  await vi.advanceTimersByTimeAsync(499);
  expect(refused).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1 + 1000 + 2000 + 5000 + 5000);
  expect(refused).toHaveBeenCalledTimes(6);
  stream.close();
});

test('a connection without a sign of life is made again, one with comments is kept', async () => {
  const stream = listen();
  for (let n = 0; n < 8; n++) {
    await vi.advanceTimersByTimeAsync(15_000);
    send(': still here\n\n');
  }
  await vi.advanceTimersByTimeAsync(44_000);
  expect(heard, 'comments keep it').toEqual(['open']);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(heard, 'after 45 s of silence another is made').toEqual(['open', 'lost', 'open']);
  send('data: news\n\n');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(heard.at(-1)).toBe('news');
  stream.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([heard.length, streams.length], 'closed is closed').toEqual([4, 2]);
});
