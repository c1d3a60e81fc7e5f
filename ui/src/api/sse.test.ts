import { expect, test } from 'vitest';
import { SseLines } from './sse';

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
