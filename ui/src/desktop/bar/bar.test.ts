import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BAR_STATES, demoBar } from '../../host/demo/bar';
import type { BarView } from '../../host/host';
import { AWAY_MS, BarState } from './bar.svelte';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function opened(state: string): Promise<BarState> {
  const bar = new BarState(demoBar(state));
  await bar.open();
  return bar;
}

test('the bar becomes small once the pointer has been away for a while', async () => {
  const bar = await opened('recording');
  expect(bar.small).toBe(false);
  vi.advanceTimersByTime(AWAY_MS);
  expect(bar.small).toBe(true);
  bar.near();
  expect(bar.small).toBe(false);
});

test('it stays large while there is something to say, but for a busy computer', async () => {
  const bar = await opened('silent');
  vi.advanceTimersByTime(AWAY_MS);
  expect([bar.small, bar.warning]).toEqual([false, 'We can’t hear you: is the microphone muted?']);
  const running = BAR_STATES['recording'] as Extract<BarView, { state: 'running' }>;
  bar.show({ ...running, warnings: [{ warning: 'busy', text: 'busy' }] });
  expect([bar.small, bar.warning]).toEqual([true, undefined]);
});

test('what is refused is said, until something works', async () => {
  const bar = new BarState({
    ...demoBar('recording'),
    pause: () => Promise.reject(new Error('no')),
  });
  await bar.open();
  await bar.pause();
  expect(bar.problem).toBeDefined();
  await bar.resume();
  expect(bar.problem).toBeUndefined();
});

test('it is dragged by how far the pointer has moved', () => {
  const moved: number[][] = [];
  let dropped = 0;
  const bar = new BarState({
    ...demoBar('recording'),
    dragBar: (dx, dy) => Promise.resolve(void moved.push([dx, dy])),
    barMoved: () => Promise.resolve(void (dropped += 1)),
  });
  bar.drag(5, 5);
  bar.take(100, 100);
  bar.drag(110, 95);
  bar.drag(110, 95);
  bar.drag(112, 95);
  bar.drop();
  bar.drag(300, 300);
  expect([moved, dropped]).toEqual([
    [
      [10, -5],
      [2, 0],
    ],
    1,
  ]);
});
