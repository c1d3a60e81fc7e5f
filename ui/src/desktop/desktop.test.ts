import { beforeEach, expect, test, vi } from 'vitest';
import { Announcer } from '../announcer.svelte';
import type { Host, HostEvents, RecordingView, TakeView } from '../host/host';
import { demo } from '../host/demo';
import { Desktop } from './desktop.svelte';

let tell: <K extends keyof HostEvents>(event: K, told: HostEvents[K]) => void;
let quit: ReturnType<typeof vi.fn<(keep: boolean) => Promise<void>>>;
let desktop: Desktop;
let host: Host;

const VIEW: RecordingView = {
  take: 'take-1',
  phase: 'recording',
  countdown_s: 0,
  duration_us: 0,
  link: null,
  level_dbfs: null,
  warnings: [],
  transcript: { state: 'off' },
};
const take = (place: 'sending' | 'safe', problem: TakeView['problem'] = null): TakeView => ({
  id: 'take-1',
  title: '',
  summary: '',
  link: null,
  recorded_at_us: 0,
  duration_us: 0,
  phase: 'stopped',
  whereabouts:
    place === 'safe' ? { place, size_bytes: 4 } : { place, sent_bytes: 1, size_bytes: 4 },
  whereabouts_text: '',
  transcript: null,
  problem,
});

beforeEach(async () => {
  const ears = new Map<string, (told: never) => void>();
  tell = (event, told) => ears.get(event)?.(told as never);
  const on: Host['on'] = (event, hear) => {
    ears.set(event, hear);
    return Promise.resolve(() => undefined);
  };
  quit = vi.fn(() => Promise.resolve());
  const shown = demo('empty');
  host = { ...shown.host, on, quit };
  desktop = new Desktop({ ...shown, host, announcer: new Announcer() });
  await desktop.open();
});

test('with nothing under way the app quits without a question', () => {
  tell('takes', [
    take('safe'),
    take('sending', { code: 'unreachable', message: 'No way', help: '' }),
  ]);
  tell('close_requested', null);
  expect([desktop.closing, quit.mock.calls]).toEqual([undefined, [[true]]]);
});

test('while bytes are on their way it asks, and quits by itself once they have arrived', () => {
  tell('takes', [take('sending')]);
  tell('close_requested', null);
  expect([desktop.closing, quit.mock.calls]).toEqual(['sending', []]);
  tell('takes', [take('safe')]);
  desktop.recheckClosing();
  expect(quit.mock.calls).toEqual([[true]]);
});

test('while a take runs it asks; a take that ends meanwhile is looked at first', () => {
  tell('recording', VIEW);
  tell('close_requested', null);
  desktop.recheckClosing();
  expect(desktop.closing).toBe('recording');
  tell('ended', {
    take: 'take-1',
    link: null,
    copied: false,
    kept: true,
    discarded: false,
    problem: null,
  });
  tell('recording', null);
  desktop.recheckClosing();
  expect([desktop.closing, quit.mock.calls]).toEqual([undefined, []]);
});

test('a take that has been stopped is waited for', () => {
  tell('recording', { ...VIEW, phase: 'finishing' });
  tell('takes', [take('sending')]);
  tell('close_requested', null);
  expect([desktop.closing, quit.mock.calls]).toEqual(['sending', []]);
});

test('a take can be thrown away on the way out', async () => {
  tell('recording', VIEW);
  tell('close_requested', null);
  await desktop.quit(false);
  expect([desktop.closing, quit.mock.calls]).toEqual([undefined, [[false]]]);
});

test('a dropped file shows how far it is, and what was left out of it', async () => {
  let read: (remarks: readonly string[]) => void = () => undefined;
  const importFile = vi.fn(() => new Promise<readonly string[]>((resolve) => (read = resolve)));
  Object.assign(host, { importFile });
  const taken = desktop.takes.importFiles([
    { number: 1, name: 'Weekly_update.webm' },
    { number: 2, name: 'notes.txt' },
  ]);
  expect(desktop.takes.importing?.percent).toBe(0);
  tell('importing', 45);
  expect(desktop.takes.importing).toEqual({ title: 'Weekly_update', percent: 45 });
  read(['Left out of the file: another sound track (aac, deu).']);
  await taken;
  expect(importFile.mock.calls).toEqual([[1, 'Weekly_update']]);
  expect(desktop.takes.importing).toBeUndefined();
  expect(desktop.takes.importNotes).toEqual([
    'Weekly_update: Left out of the file: another sound track (aac, deu).',
  ]);
});
