import { afterEach, expect, test, vi } from 'vitest';
import { Sse, SseLines } from './sse';

const STREAM = ': hello\n\nevent: clip\ndata: {"a":1}\n\nid: 7\ndata: one\ndata:two\n\n\ndata: cut off';

test('events are the same however the stream is cut', () => {
  for (let cut = 0; cut <= STREAM.length; cut++) {
    const lines = new SseLines();
    const events = [...lines.push(STREAM.slice(0, cut)), ...lines.push(STREAM.slice(cut))];
    expect(events, `cut at ${cut}`).toEqual(['{"a":1}', 'one\ntwo']);
  }
});

test('lines may end as on any system', () => {
  expect(new SseLines().push('data: a\r\n\r\ndata: b\n\n')).toEqual(['a', 'b']);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('a connection without a sign of life is made again, one with comments is kept', async () => {
  vi.useFakeTimers();
  const streams: ReadableStreamDefaultController<Uint8Array>[] = [];
  const connect = (_: string, { signal }: RequestInit) => {
    const body = new ReadableStream<Uint8Array>({
      start(stream) {
        streams.push(stream);
        signal?.addEventListener('abort', () => stream.error(signal.reason));
      },
    });
    return Promise.resolve(new Response(body));
  };
  vi.stubGlobal('fetch', connect);
  const told: string[] = [];
  const send = (text: string) => streams.at(-1)?.enqueue(new TextEncoder().encode(text));
  const sse = new Sse(
    '/events',
    {},
    {
      message: (data) => told.push(data),
      open: () => told.push('open'),
      lost: () => told.push('lost'),
    },
  );
  for (let n = 0; n < 8; n++) {
    await vi.advanceTimersByTimeAsync(15_000);
    send(': still here\n\n');
  }
  await vi.advanceTimersByTimeAsync(44_000);
  expect(told, 'comments keep it').toEqual(['open']);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(told, 'after 45 s of silence another is made').toEqual(['open', 'lost', 'open']);
  send('data: news\n\n');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(told.at(-1)).toBe('news');
  sse.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([told.length, streams.length], 'closed is closed').toEqual([4, 2]);
});
