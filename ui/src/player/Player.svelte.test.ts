import { createRawSnippet } from 'svelte';
import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page, userEvent } from 'vitest/browser';
import { Library } from '../api/library';
import type { ClipView } from '../api/types';
import { temporaryMemory } from '../memory';
import { playableClip, playerOf } from '../testing/media';
import WithContext from '../testing/WithContext.svelte';
import { SECOND } from '../time';
import { ClipTranscript, setTranscript } from '../transcript/transcript.svelte';
import { setPlayer } from './player.svelte';
import Player from './Player.svelte';

async function open(clip: ClipView, chapters: { start_us: number; title: string }[] = []) {
  const library = new Library('');
  library.transcript = () => Promise.resolve({ done: true, cues: [], chapters, tasks: [] });
  const transcript = new ClipTranscript(library, 'key', undefined, temporaryMemory());
  if (chapters.length > 0) transcript.follow({ version: 1, done: true });
  const player = playerOf(clip);
  const onmarker = vi.fn();
  const pins = [
    { id: 'a', at_us: 12 * SECOND, reply: undefined },
    { id: 'b', at_us: 40 * SECOND, reply: undefined },
  ];
  await render(
    Player,
    {
      title: 'A clip',
      poster: undefined,
      width: 0,
      height: 0,
      pins,
      onmarker,
      onhelp: vi.fn(),
      waiting: createRawSnippet(() => ({ render: () => '<p>This clip is on its way</p>' })),
    },
    {
      wrapper: WithContext,
      wrapperProps: {
        provide: () => {
          setPlayer(player);
          setTranscript(transcript);
        },
      },
    },
  );
  return { player, onmarker };
}

const slider = page.getByRole('slider', { name: 'Position' });

test('it plays and pauses, and its buttons say what they do next', async () => {
  const { player } = await open(playableClip());
  await page.getByRole('button', { name: 'Play the clip' }).click();
  await expect.poll(() => player.facts.at_us).toBeGreaterThan(0);
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect.element(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Sound off' }).click();
  await expect.element(page.getByRole('button', { name: 'Sound on' })).toBeVisible();
  await expect
    .element(page.getByRole('slider', { name: 'Volume' }))
    .toHaveAttribute('aria-valuetext', '0 %');
  await page.getByRole('combobox', { name: 'Speed' }).selectOptions('1.5×');
  await expect.poll(() => player.facts.speed).toBe(1.5);
});

test('the bar tells the position in words, and arrow keys move it', async () => {
  await open(playableClip(), [
    { start_us: 0, title: 'What was wrong' },
    { start_us: 30 * SECOND, title: 'What changed' },
  ]);
  await expect
    .element(slider)
    .toHaveAttribute('aria-valuetext', '0 seconds of 1 minute, What was wrong');
  await expect.element(slider).toHaveAttribute('aria-valuemax', '60');
  (slider.element() as HTMLElement).focus();
  await userEvent.keyboard('{ArrowRight}');
  await expect.element(slider).toHaveAttribute('aria-valuenow', '5');
  await userEvent.keyboard('{PageUp}');
  await expect.element(slider).toHaveAttribute('aria-valuenow', '11');
  await userEvent.keyboard('{End}');
  await expect
    .element(slider)
    .toHaveAttribute('aria-valuetext', '1 minute of 1 minute, What changed');
  await userEvent.keyboard('{Home}');
  await expect.element(slider).toHaveAttribute('aria-valuenow', '0');
  await userEvent.keyboard('{ArrowLeft}');
  await expect.element(slider).toHaveAttribute('aria-valuenow', '0');
});

test('a press on the bar goes to that place', async () => {
  await open(playableClip());
  await expect.element(slider).toHaveAttribute('aria-valuemax', '60');
  const { width } = slider.element().getBoundingClientRect();
  await slider.click({ position: { x: width / 2, y: 10 } });
  await expect.element(slider).toHaveAttribute('aria-valuetext', '30 seconds of 1 minute');
});

test('replies stand on the bar as buttons', async () => {
  const { onmarker } = await open(playableClip());
  await page.getByRole('button', { name: 'Reply at 0:40' }).click();
  expect(onmarker).toHaveBeenCalledWith(expect.objectContaining({ id: 'b' }));
});

test('without a source it says why, and does not offer to play', async () => {
  await open({ ...playableClip(), mp4: null, state: 'arriving', duration_us: 0 });
  await expect.element(page.getByText('This clip is on its way')).toBeVisible();
  await expect.element(page.getByRole('button', { name: 'Play', exact: true })).toBeDisabled();
  await expect.element(slider).toHaveAttribute('aria-disabled', 'true');
});

test('what does not play can be tried again', async () => {
  await open({ ...playableClip(), mp4: 'data:video/mp4,nothing' });
  await expect.element(page.getByRole('alert')).toHaveTextContent('The clip does not play.');
  await expect.element(page.getByRole('button', { name: 'Try again' })).toBeVisible();
});
