import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page, userEvent } from 'vitest/browser';
import { Library } from '../api/library';
import type { Reply, ShownCue, TranscriptChange, TranscriptView } from '../api/types';
import { Drafts, setDrafts } from '../drafts.svelte';
import { temporaryMemory } from '../memory';
import WithContext from '../testing/WithContext.svelte';
import { SECOND } from '../time';
import { ClipTranscript, setTranscript } from './transcript.svelte';
import Transcript from './Transcript.svelte';

const CUE_US = 4 * SECOND;
const WORDS = ['offsets', 'retries', 'locks', 'diagrams'];
/** Enough sentences that they do not fit into the window. */
const cues = (count: number): ShownCue[] =>
  Array.from({ length: count }, (_, n) => ({
    start_us: n * CUE_US,
    end_us: (n + 1) * CUE_US,
    text: `Sentence ${n + 1} is about ${WORDS[n % 4]}.`,
    edited: false,
  }));

const ENDED = { state: 'ready', recorded_at_us: 0, duration_us: 1000 * SECOND } as const;

interface Situation {
  view: Partial<TranscriptView>;
  /** The clip's id, for its author. */
  own?: string;
  replies?: Reply[];
  clip?: Pick<import('../api/types').ClipView, 'state' | 'recorded_at_us' | 'duration_us'>;
}

async function open({ view, own, replies = [], clip = ENDED }: Situation) {
  let shown: TranscriptView = { done: true, cues: [], chapters: [], tasks: [], ...view };
  const library = new Library('');
  library.transcript = () => Promise.resolve(shown);
  const changes: TranscriptChange[] = [];
  library.changeTranscript = (_, change) => {
    changes.push(change);
    const texts = new Map(change.cues?.map(({ start_us, text }) => [start_us, text]));
    shown = {
      ...shown,
      cues: shown.cues.map((cue) => ({ ...cue, text: texts.get(cue.start_us) ?? cue.text })),
    };
    return Promise.resolve(shown);
  };
  const transcript = new ClipTranscript(library, 'key', own, temporaryMemory());
  const told = { seek: vi.fn(), onreply: vi.fn(), onquote: vi.fn() };
  const provide = () => {
    setTranscript(transcript);
    setDrafts(new Drafts('key', temporaryMemory()));
  };
  const screen = await render(
    Transcript,
    { clip, at_us: 0, started: true, replies, ...told },
    { wrapper: WithContext, wrapperProps: { provide } },
  );
  transcript.follow({ version: 1, done: shown.done });
  return { ...told, screen, changes };
}

const cue = (n: number) => page.getByRole('button', { name: `Sentence ${n} is about` });

test('what plays is marked and comes into sight', async () => {
  const { screen } = await open({ view: { cues: cues(120) } });
  await expect.element(cue(1)).toHaveAttribute('aria-current', 'true');
  await expect.element(cue(90)).not.toBeInViewport();
  await screen.rerender({ at_us: 89.5 * CUE_US });
  await expect.element(cue(90)).toHaveAttribute('aria-current', 'true');
  await expect.element(cue(90)).toBeInViewport();
  await expect.element(cue(1)).not.toHaveAttribute('aria-current');
});

test('a reader who scrolls is left alone, until they ask to come back', async () => {
  const { screen } = await open({ view: { cues: cues(120) } });
  await expect.element(cue(1)).toBeVisible();
  const region = page.getByRole('region', { name: 'What is said' });
  region.element().dispatchEvent(new WheelEvent('wheel', { deltaY: 100, bubbles: true }));
  await screen.rerender({ at_us: 89.5 * CUE_US });
  await expect.element(cue(90)).not.toBeInViewport();
  await page.getByRole('button', { name: 'Back to now' }).click();
  await expect.element(cue(90)).toBeInViewport();
  await expect.element(page.getByRole('button', { name: 'Back to now' })).not.toBeInTheDocument();
});

test('a click plays from the word that was clicked', async () => {
  const { seek } = await open({ view: { cues: cues(4) } });
  await cue(3).click({ position: { x: 3, y: 10 } });
  expect(seek).toHaveBeenLastCalledWith(2 * CUE_US);
  const { width } = cue(3).element().getBoundingClientRect();
  await cue(3).click({ position: { x: width - 4, y: 10 } });
  const at_us: unknown = seek.mock.lastCall?.[0];
  expect(at_us).toBeGreaterThan(2.5 * CUE_US);
  expect(at_us).toBeLessThan(3 * CUE_US);
});

test('arrow keys go from sentence to sentence, Enter plays, Q quotes', async () => {
  const { seek, onquote } = await open({ view: { cues: cues(4) } });
  await expect.element(cue(1)).toBeVisible();
  (cue(1).element() as HTMLElement).focus();
  await userEvent.keyboard('{ArrowDown}{ArrowDown}');
  await expect.element(cue(3)).toHaveFocus();
  await userEvent.keyboard('{Enter}');
  expect(seek).toHaveBeenLastCalledWith(2 * CUE_US);
  await userEvent.keyboard('q');
  expect(onquote).toHaveBeenLastCalledWith('Sentence 3 is about locks.', 2 * CUE_US);
});

test('its author corrects what was heard, without leaving the keyboard', async () => {
  const { changes } = await open({ view: { cues: cues(4) }, own: 'id' });
  await expect.element(cue(2)).toBeVisible();
  (cue(2).element() as HTMLElement).focus();
  await userEvent.keyboard('e');
  const field = page.getByRole('textbox', { name: 'What is said at 0:04' });
  await expect.element(field).toHaveFocus();
  await userEvent.fill(field, 'Sentence 2 is about clocks.');
  await userEvent.keyboard('{Enter}');
  await expect
    .element(page.getByRole('button', { name: 'Sentence 2 is about clocks.' }))
    .toHaveFocus();
  expect(changes).toEqual([{ cues: [{ start_us: CUE_US, text: 'Sentence 2 is about clocks.' }] }]);
});

test('others have no way to correct it', async () => {
  await open({ view: { cues: cues(4) } });
  await expect.element(cue(2)).toBeVisible();
  (cue(2).element() as HTMLElement).focus();
  await userEvent.keyboard('e');
  await expect
    .element(page.getByRole('button', { name: 'Correct what is said' }))
    .not.toBeInTheDocument();
  await expect
    .element(page.getByRole('textbox', { name: 'What is said at 0:04' }))
    .not.toBeInTheDocument();
});

test('a search counts its places and goes from one to the next', async () => {
  await open({ view: { cues: cues(120) } });
  await expect.element(cue(1)).toBeVisible();
  const box = page.getByRole('searchbox', { name: 'Search in what is said' });
  await userEvent.fill(box, 'sentence 9');
  await expect.element(page.getByRole('status')).toHaveTextContent('1 of 11');
  await expect.element(cue(9)).toBeInViewport();
  await userEvent.keyboard('{Enter}');
  await expect.element(page.getByRole('status')).toHaveTextContent('2 of 11');
  await expect.element(cue(90)).toBeInViewport();
  await userEvent.fill(box, 'nowhere');
  await expect.element(page.getByRole('status')).toHaveTextContent('Not said');
});

test('a reply is marked behind the sentence that it is about', async () => {
  const reply = { id: 'r1', name: 'Grace', anchor: { start_us: 2.5 * CUE_US } } as Reply;
  const { onreply } = await open({ view: { cues: cues(4) }, replies: [reply] });
  await page.getByRole('button', { name: '1 reply, by Grace' }).click();
  expect(onreply).toHaveBeenCalledWith(reply);
});

test('it says whether it is whole', async () => {
  await open({ view: { done: true } });
  await expect.element(page.getByText('Nothing is said in this clip.')).toBeVisible();
});

test('it says that more may come while a clip is being recorded', async () => {
  const clip = { ...ENDED, state: 'recording' } as const;
  await open({ view: { done: false, cues: cues(2) }, clip });
  await expect.element(page.getByRole('status')).toHaveTextContent('More is being heard…');
});

test('it says that its end was not heard', async () => {
  await open({ view: { done: false, cues: cues(2) } });
  await expect.element(page.getByText('Perhaps more is said after this')).toBeVisible();
});
