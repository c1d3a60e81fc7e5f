import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page } from 'vitest/browser';
import { Announcer } from '../../announcer.svelte';
import { ProblemError, UNREACHABLE } from '../../api/problem';
import { demo } from '../../host/demo';
import type { Host, HostEvents, SpeechView } from '../../host/host';
import WithContext from '../../testing/WithContext.svelte';
import { setDesktop } from '../context';
import { Desktop } from '../desktop.svelte';
import SpeechSection from './SpeechSection.svelte';

const MODEL = 'parakeet-tdt_ctc-110m-Q8_0';
const SIZE = 135_373_280;

/** The section over a shell that answers with `view` as it is when it is asked. */
async function open(change: Partial<Host> = {}) {
  const shown = demo('settings');
  let view: SpeechView = await shown.host.speech();
  let listener: (view: SpeechView) => void = () => undefined;
  const nothing = () => Promise.resolve();
  const asked = {
    getModel: vi.fn(nothing),
    stopDownload: vi.fn(nothing),
    useModel: vi.fn(nothing),
    chooseSpeech: vi.fn(nothing),
  };
  const host: Host = {
    ...shown.host,
    speech: () => Promise.resolve(view),
    on: <K extends keyof HostEvents>(event: K, hear: (payload: HostEvents[K]) => void) => {
      if (event === 'speech') listener = hear as typeof listener;
      return Promise.resolve(() => undefined);
    },
    ...asked,
    ...change,
  };
  const announcer = new Announcer();
  const desktop = new Desktop({ ...shown, host, announcer });
  await desktop.speech.open();
  await render(
    SpeechSection,
    {},
    { wrapper: WithContext, wrapperProps: { provide: () => setDesktop(desktop) } },
  );
  /** The shell has news. */
  const tell = (news: Partial<SpeechView>) => {
    view = { ...view, ...news };
    listener(view);
  };
  const modelIs = (state: Partial<SpeechView['models'][number]>) =>
    tell({
      models: view.models.map((model) => (model.name === MODEL ? { ...model, ...state } : model)),
    });
  return { asked, announcer, tell, modelIs };
}

const model = page.getByTestId('quality-fast');
const LACKING = 'No captions yet.';

test('a model is downloaded, seen to arrive, and used', async () => {
  const { asked, tell, modelIs, announcer } = await open();
  await expect.element(page.getByText(LACKING)).toBeVisible();
  await model.getByRole('button', { name: 'Download' }).click();
  expect(asked.getModel).toHaveBeenCalledWith(MODEL);

  tell({ download: { name: MODEL, stage: 'coming', here_bytes: 10_000_000, size_bytes: SIZE } });
  const progress = page.getByRole('progressbar', { name: 'Download of the transcription' });
  await expect.element(progress).toHaveAttribute('aria-valuetext', '10 MB of 136 MB');
  await expect.element(page.getByText(LACKING)).not.toBeInTheDocument();
  for (const other of page.getByRole('button', { name: 'Download' }).elements())
    expect((other as HTMLButtonElement).disabled, 'one at a time').toBe(true);

  tell({ download: null });
  modelIs({ ready: true, here_bytes: SIZE });
  await model.getByRole('button', { name: 'Use', exact: true }).click();
  expect(asked.useModel).toHaveBeenCalledWith(MODEL);
  await expect.poll(() => announcer.text).toBe('Transcription changed');
});

test('a download is stopped, and goes on where it was', async () => {
  const { asked, tell, modelIs } = await open();
  await expect.element(model).toBeVisible();
  tell({ download: { name: MODEL, stage: 'coming', here_bytes: 10_000_000, size_bytes: SIZE } });
  await page.getByRole('button', { name: 'Cancel' }).click();
  expect(asked.stopDownload).toHaveBeenCalledOnce();
  tell({ download: null });
  modelIs({ here_bytes: 10_000_000 });
  await expect.element(model.getByText('Continue from 10 MB')).toBeVisible();
});

test('why a download failed is read out', async () => {
  await open({ getModel: () => Promise.reject(new ProblemError(UNREACHABLE)) });
  await model.getByRole('button', { name: 'Download' }).click();
  await expect.element(page.getByRole('alert')).toHaveTextContent(UNREACHABLE.message);
});

test('quality follows the language, and the names of models are behind Advanced', async () => {
  const { asked } = await open();
  await expect.element(model).toHaveTextContent('Fast 136 MB · Recommended');
  await expect.element(page.getByTestId('quality-best')).toHaveTextContent('Best 486 MB');
  await expect.element(page.getByText(MODEL)).not.toBeVisible();
  await page.getByRole('combobox', { name: 'Language' }).selectOptions('European languages');
  await expect.element(model).not.toBeInTheDocument();
  await page.getByRole('button', { name: 'Download Best, 486 MB' }).click();
  expect(asked.getModel).toHaveBeenCalledWith('parakeet-tdt-0.6b-v3-Q4_K_M');
});

test('switched off, no model is offered', async () => {
  const { asked, tell } = await open();
  await page.getByRole('switch', { name: 'Transcribe my recordings' }).click();
  expect(asked.chooseSpeech).toHaveBeenCalledWith(expect.objectContaining({ off: true }));
  tell({ off: true });
  await expect.element(model).not.toBeInTheDocument();
});
