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
  await page.getByRole('button', { name: 'Mute' }).click();
  await expect.element(page.getByRole('button', { name: 'Unmute' })).toBeVisible();
  await expect
    .element(page.getByRole('slider', { name: 'Volume' }))
    .toHaveAttribute('aria-valuetext', '0 %');
  await page.getByRole('combobox', { name: 'Speed' }).selectOptions('1.2×');
  await expect.poll(() => player.facts.speed).toBe(1.2);
  player.setSpeed(1.25);
  await expect
    .element(page.getByRole('combobox', { name: 'Speed' }), { message: 'one of an earlier list' })
    .toHaveDisplayValue('1.25×');
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

test('one press goes back ten seconds', async () => {
  const { player } = await open(playableClip());
  await expect.element(slider).toHaveAttribute('aria-valuemax', '60');
  player.seek(42 * SECOND);
  await expect.poll(() => player.facts.at_us).toBe(42 * SECOND);
  await page.getByRole('button', { name: 'Back 10 s' }).click();
  await expect.poll(() => player.facts.at_us).toBe(32 * SECOND);
});

test('a finger goes on by two taps at the right, and pauses in the middle', async () => {
  const { player } = await open(playableClip());
  await page.getByRole('button', { name: 'Play the clip' }).click();
  await expect.poll(() => player.facts.at_us).toBeGreaterThan(0);
  const video = page.getByTestId('video').element();
  const { left, top, width } = video.getBoundingClientRect();
  const tap = (share: number) => {
    const at = { clientX: left + share * width, clientY: top + 20, bubbles: true };
    video.dispatchEvent(new PointerEvent('pointerdown', { ...at, pointerType: 'touch' }));
    video.dispatchEvent(new MouseEvent('click', at));
  };
  tap(0.9);
  tap(0.9);
  await expect.poll(() => player.facts.at_us).toBeGreaterThan(9 * SECOND);
  expect(player.facts.paused).toBe(false);
  tap(0.5);
  await expect.poll(() => player.facts.paused).toBe(true);
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
  await expect.element(page.getByRole('alert')).toHaveTextContent("Can't play this clip.");
  await expect.element(page.getByRole('button', { name: 'Try again' })).toBeVisible();
});
