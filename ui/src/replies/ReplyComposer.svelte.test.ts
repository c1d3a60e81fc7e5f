import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page, userEvent } from 'vitest/browser';
import { Announcer, setAnnouncer } from '../announcer.svelte';
import { Library } from '../api/library';
import { ProblemError, UNREACHABLE } from '../api/problem';
import type { NewReply, Reply } from '../api/types';
import { temporaryMemory } from '../memory';
import { setPlayer } from '../player/player.svelte';
import { playableClip, playerOf } from '../testing/media';
import WithContext from '../testing/WithContext.svelte';
import { SECOND } from '../time';
import { ReplyDraft } from './draft.svelte';
import { Replies, setReplies } from './replies.svelte';
import ReplyComposer from './ReplyComposer.svelte';

/** A composer beside a real player at 12 seconds. */
async function open({ member, refuses = false }: { member?: string; refuses?: boolean } = {}) {
  const library = new Library('');
  const posted: NewReply[] = [];
  library.postReply = (_, reply) => {
    if (refuses) return Promise.reject(new ProblemError(UNREACHABLE));
    posted.push(reply);
    return Promise.resolve({
      reply: { ...reply, id: '1', created_at_us: 0 } as Reply,
      secret: null,
    });
  };
  const memory = temporaryMemory();
  const announcer = new Announcer();
  const player = playerOf(playableClip(), 12 * SECOND);
  const video = document.body.appendChild(document.createElement('video'));
  const detach = player.attach({ video, frame: video, document });
  await expect.poll(() => player.facts.at_us).toBe(12 * SECOND);
  await render(
    ReplyComposer,
    { draft: new ReplyDraft('key', memory), member, author: 'Maria' },
    {
      wrapper: WithContext,
      wrapperProps: {
        provide: () => {
          setPlayer(player);
          setReplies(new Replies(library, 'key', memory, { replies: [] }));
          setAnnouncer(announcer);
        },
      },
    },
  );
  const close = () => {
    detach();
    video.remove();
  };
  return { player, posted, announcer, close };
}

const text = page.getByRole('textbox', { name: 'Your reply' });
const at = page.getByRole('textbox', { name: 'at', exact: true });

test('the time is that of the first key, however long the reply takes', async () => {
  const { player, posted, announcer, close } = await open({ member: 'Ada' });
  await expect.element(at).not.toBeInTheDocument();
  await text.click();
  await userEvent.keyboard('H');
  await expect.element(at).toHaveValue('0:12');
  player.seek(40 * SECOND);
  await expect.poll(() => player.facts.at_us).toBe(40 * SECOND);
  await userEvent.keyboard('ere it jumps');
  await expect.element(at).toHaveValue('0:12');
  await page.getByRole('button', { name: 'Reply', exact: true }).click();
  await expect
    .poll(() => posted)
    .toEqual([{ body: 'Here it jumps', anchor: { start_us: 12 * SECOND } }]);
  await expect.element(text).toHaveValue('');
  expect(announcer.text).toBe('Reply sent');
  close();
});

test('the clip waits while somebody writes, and goes on once it is sent', async () => {
  const { player, close } = await open({ member: 'Ada' });
  await text.click();
  await player.play();
  await expect.poll(() => player.facts.paused).toBe(false);
  await userEvent.keyboard('Wait');
  await expect.poll(() => player.facts.paused).toBe(true);
  await userEvent.keyboard('{Control>}{Enter}{/Control}');
  await expect.poll(() => player.facts.paused).toBe(false);
  close();
});

test('what was begun and taken back lets the clip go on', async () => {
  const { player, close } = await open({ member: 'Ada' });
  await text.click();
  await player.play();
  await userEvent.keyboard('W');
  await expect.poll(() => player.facts.paused).toBe(true);
  await userEvent.keyboard('{Backspace}');
  await expect.poll(() => player.facts.paused).toBe(false);
  close();
});

test('the time can be typed, taken away and set to now', async () => {
  const { player, posted, close } = await open({ member: 'Ada' });
  await userEvent.fill(text, 'Look');
  await userEvent.fill(at, '0:20');
  await userEvent.tab();
  await expect.element(at).toHaveValue('0:20');
  await userEvent.fill(at, 'soon');
  await userEvent.tab();
  await expect.element(at, { message: 'what is no time changes nothing' }).toHaveValue('0:20');
  await page.getByRole('button', { name: 'Without a moment' }).click();
  await expect.element(at).not.toBeInTheDocument();
  player.seek(33 * SECOND);
  await page.getByRole('button', { name: 'Pin to 0:33' }).click();
  await page.getByRole('button', { name: 'Reply', exact: true }).click();
  await expect.poll(() => posted).toEqual([{ body: 'Look', anchor: { start_us: 33 * SECOND } }]);
  close();
});

test('a guest says their name once; a member does not', async () => {
  const { posted, close } = await open();
  const name = page.getByRole('textbox', { name: 'Your name' });
  await expect.element(name, { message: 'nothing is to be signed yet' }).not.toBeInTheDocument();
  await userEvent.fill(text, 'Hello');
  await userEvent.fill(page.getByRole('textbox', { name: 'Your name' }), 'Grace');
  await page.getByRole('button', { name: 'Reply', exact: true }).click();
  await expect
    .poll(() => posted)
    .toEqual([{ body: 'Hello', name: 'Grace', anchor: { start_us: 12 * SECOND } }]);
  await userEvent.fill(text, 'Again');
  await expect.element(name).not.toBeInTheDocument();
  await expect.element(page.getByText('As Grace')).toBeVisible();
  await page.getByRole('button', { name: 'Change your name' }).click();
  await expect.element(name).toHaveFocus();
  close();
});

test('what could not be sent stays, with the reason', async () => {
  const { close } = await open({ member: 'Ada', refuses: true });
  await expect.element(page.getByRole('textbox', { name: 'Your name' })).not.toBeInTheDocument();
  await userEvent.fill(text, 'Hello');
  await page.getByRole('button', { name: 'Reply', exact: true }).click();
  await expect
    .element(page.getByRole('alert'))
    .toHaveTextContent('The library could not be reached.');
  await expect.element(text).toHaveValue('Hello');
  close();
});
