import { beforeEach, expect, test, vi } from 'vitest';
import { Announcer } from '../../announcer.svelte';
import { ProblemError } from '../../api/problem';
import { demo } from '../../host/demo';
import type { ChosenSpeech, Host, SpeechView } from '../../host/host';
import { SpeechSetup } from './speech.svelte';

let tell: (view: SpeechView) => void;
let chosen: ReturnType<typeof vi.fn<(chosen: ChosenSpeech) => Promise<void>>>;
let setup: SpeechSetup;
let host: Host;

beforeEach(async () => {
  const shown = demo('settings-speech');
  chosen = vi.fn(() => Promise.resolve());
  const on: Host['on'] = (event, hear) => {
    if (event === 'speech') tell = hear as typeof tell;
    return Promise.resolve(() => undefined);
  };
  host = { ...shown.host, on, chooseSpeech: chosen };
  setup = new SpeechSetup(host, new Announcer());
  await setup.open();
});

test('what is saved stands in the fields, but for the key', () => {
  const { insights, transcription } = setup.endpoints;
  expect([insights.on, insights.address, insights.model, insights.key]).toEqual([
    true,
    'http://localhost:11434/v1',
    'qwen3:1.7b',
    '',
  ]);
  expect([transcription.on, setup.saved, setup.hasModel]).toEqual([false, true, true]);
});

test('a key that was not typed stays as it is', async () => {
  setup.endpoints.insights.model = 'another';
  await setup.keep();
  expect(chosen.mock.calls[0]?.[0].insights).toEqual({
    address: 'http://localhost:11434/v1',
    model: 'another',
    key: null,
  });
});

test('a download that moves does not take away what is being typed', async () => {
  setup.mirror = 'https://half-typed';
  tell({
    ...(await host.speech()),
    download: { name: 'a', stage: 'coming', here_bytes: 1, size_bytes: 2 },
  });
  expect([setup.mirror, setup.view?.download?.here_bytes]).toEqual(['https://half-typed', 1]);
});

test('without a model it is said, unless nobody needs one', async () => {
  const view = await host.speech();
  const none = { ...view, models: view.models.map((model) => ({ ...model, in_use: false })) };
  tell(none);
  expect(setup.lacksModel).toBe(true);
  tell({ ...none, off: true });
  expect(setup.lacksModel).toBe(false);
  tell({
    ...none,
    transcription: { url: 'http://localhost/v1', model: 'ears', timeout_s: null, has_key: false },
  });
  expect(setup.lacksModel).toBe(false);
});

test('a refusal is shown, and what was typed stays', async () => {
  chosen.mockRejectedValueOnce(
    new ProblemError({ code: 'bad_request', message: 'No address', help: '' }),
  );
  setup.mirror = 'nonsense';
  await setup.keep();
  expect([setup.problem?.message, setup.mirror]).toEqual(['No address', 'nonsense']);
});
