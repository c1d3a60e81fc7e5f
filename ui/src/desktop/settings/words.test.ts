import { beforeEach, expect, test, vi } from 'vitest';
import { Announcer } from '../../announcer.svelte';
import { Refused } from '../../api/problem';
import { demo } from '../../host/demo';
import type { ChosenWords, Host, WordsView } from '../../host/host';
import { Desktop } from '../desktop.svelte';
import { WordsMaking } from './words.svelte';

let tell: (view: WordsView) => void;
let chosen: ReturnType<typeof vi.fn<(chosen: ChosenWords) => Promise<void>>>;
let making: WordsMaking;
let host: Host;

beforeEach(async () => {
  const shown = demo('settings-words');
  chosen = vi.fn(() => Promise.resolve());
  const on: Host['on'] = (event, hear) => {
    if (event === 'words') tell = hear as typeof tell;
    return Promise.resolve(() => undefined);
  };
  host = { ...shown.host, on, chooseWords: chosen };
  making = new WordsMaking(new Desktop({ ...shown, host, announcer: new Announcer() }));
  await making.open();
});

test('what is kept stands in the fields, but for the key', () => {
  const { insights, speech } = making.services;
  expect([insights.on, insights.address, insights.model, insights.key]).toEqual([
    true,
    'http://localhost:11434/v1',
    'qwen3:1.7b',
    '',
  ]);
  expect([speech.on, making.kept, making.hasModel]).toEqual([false, true, true]);
});

test('a key that was not typed stays as it is', async () => {
  making.services.insights.model = 'another';
  await making.keep();
  expect(chosen.mock.calls[0]?.[0].insights).toEqual({
    address: 'http://localhost:11434/v1',
    model: 'another',
    key: null,
  });
});

test('a download that moves does not take away what is being typed', async () => {
  making.mirror = 'https://half-typed';
  tell({ ...(await host.words()), download: { name: 'a', stage: 'coming', here_bytes: 1, size_bytes: 2 } });
  expect([making.mirror, making.view?.download?.here_bytes]).toEqual(['https://half-typed', 1]);
});

test('without a model it is said, unless nobody needs one', async () => {
  const view = await host.words();
  const none = { ...view, models: view.models.map((model) => ({ ...model, in_use: false })) };
  tell(none);
  expect(making.lacksModel).toBe(true);
  tell({ ...none, off: true });
  expect(making.lacksModel).toBe(false);
  tell({ ...none, speech: { url: 'http://localhost/v1', model: 'ears', has_key: false } });
  expect(making.lacksModel).toBe(false);
});

test('a refusal is shown, and what was typed stays', async () => {
  chosen.mockRejectedValueOnce(new Refused({ code: 'bad_request', message: 'No address', help: '' }));
  making.mirror = 'nonsense';
  await making.keep();
  expect([making.problem?.message, making.mirror]).toEqual(['No address', 'nonsense']);
});
