import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page, userEvent } from 'vitest/browser';
import { Announcer, setAnnouncer } from '../announcer.svelte';
import { Library } from '../api/library';
import type { Reply } from '../api/types';
import { Drafts, setDrafts } from '../drafts.svelte';
import { temporaryMemory } from '../memory';
import { setPlayer } from '../player/player.svelte';
import { playableClip, playerOf } from '../testing/media';
import WithContext from '../testing/WithContext.svelte';
import { SECOND } from '../time';
import { ReplyDraft } from './draft.svelte';
import { Replies, setReplies } from './replies.svelte';
import ReplyList from './ReplyList.svelte';

const reply = (id: string, secs: number, more: Partial<Reply> = {}): Reply => ({
  id,
  name: `Writer ${id}`,
  member: true,
  body: `Text ${id}`,
  body_html: `<p>Text ${id}</p>`,
  anchor: { start_us: secs * SECOND },
  created_at_us: secs,
  mine: true,
  ...more,
});

/** A list of replies, low enough to scroll, beside a real player. */
async function open(all: Reply[]) {
  const library = new Library('');
  library.deleteReply = () => Promise.resolve(undefined);
  library.changeReply = (_, id, body) =>
    Promise.resolve(reply(id, 0, { body, body_html: `<p>${body}</p>`, edited_at_us: 5 }));
  const memory = temporaryMemory();
  const replies = new Replies(library, 'key', memory, { replies: all });
  const player = playerOf(playableClip());
  const video = document.body.appendChild(document.createElement('video'));
  const detach = player.attach({ video, frame: video, document });
  const props = {
    draft: new ReplyDraft('key', memory),
    member: 'Ada',
    mayReply: true,
    current: undefined as string | undefined,
    go: () => undefined,
  };
  const { rerender } = await render(ReplyList, props, {
    wrapper: WithContext,
    wrapperProps: {
      provide: () => {
        setPlayer(player);
        setReplies(replies);
        setDrafts(new Drafts('key', memory));
        setAnnouncer(new Announcer());
      },
    },
  });
  const list = page.getByRole('region', { name: 'List of replies' }).element() as HTMLElement;
  list.parentElement?.style.setProperty('height', '200px');
  const close = () => {
    detach();
    video.remove();
  };
  return { replies, player, list, rerender, close };
}

const by = (id: string) => page.getByRole('article', { name: `Reply by Writer ${id}` });

test('a form that is closed gives the focus back', async () => {
  const { close } = await open([reply('a', 1), reply('b', 2)]);
  await by('a').getByRole('button', { name: 'Reply', exact: true }).click();
  await expect.element(page.getByRole('textbox', { name: 'Reply to Writer a' })).toHaveFocus();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect.element(by('a').getByRole('button', { name: 'Reply', exact: true })).toHaveFocus();

  await by('b').getByRole('button', { name: 'Edit' }).click();
  await expect.element(page.getByRole('textbox', { name: 'Change the reply' })).toHaveFocus();
  await userEvent.keyboard('{Escape}');
  await expect.element(by('b').getByRole('button', { name: 'Edit' })).toHaveFocus();
  await by('b').getByRole('button', { name: 'Edit' }).click();
  await userEvent.keyboard(' and more');
  await by('b').getByRole('button', { name: 'Save' }).click();
  await expect.element(by('b').getByRole('button', { name: 'Edit' })).toHaveFocus();
  close();
});

test('the reply in the place of a deleted one gets the focus', async () => {
  const { replies, close } = await open([reply('a', 1), reply('b', 2), reply('c', 3)]);
  await by('b').getByRole('button', { name: 'Delete' }).click();
  await expect.element(by('b').getByRole('button', { name: 'Cancel' })).toHaveFocus();
  await by('b').getByRole('button', { name: 'Cancel' }).click();
  await expect.element(by('b').getByRole('button', { name: 'Delete' })).toHaveFocus();
  await by('b').getByRole('button', { name: 'Delete' }).click();
  await by('b').getByRole('button', { name: 'Delete for everyone' }).click();
  await expect.element(by('c')).toHaveFocus();
  replies.remove('c');
  await expect.element(by('a'), { message: 'also of one deleted elsewhere' }).toHaveFocus();
  replies.remove('a');
  await expect.element(page.getByRole('region', { name: 'List of replies' })).toHaveFocus();
  close();
});

test('while the clip plays the list follows it, until somebody scrolls', async () => {
  const all = Array.from({ length: 12 }, (_, n) => reply(String(n), n));
  const { player, list, rerender, close } = await open(all);
  await rerender({ current: '9' });
  expect(list.scrollTop, 'it stands still while nothing plays').toBe(0);
  await player.play();
  await expect.poll(() => player.facts.paused).toBe(false);
  await expect.poll(() => list.scrollTop).toBeGreaterThan(200);
  await expect.element(by('9')).toHaveAttribute('aria-current', 'true');
  list.dispatchEvent(new WheelEvent('wheel'));
  list.scrollTop = 0;
  await rerender({ current: '10' });
  await expect.element(page.getByRole('button', { name: 'Back to now' })).toBeVisible();
  expect(list.scrollTop).toBe(0);
  await page.getByRole('button', { name: 'Back to now' }).click();
  await expect.poll(() => list.scrollTop).toBeGreaterThan(200);
  close();
});

test('the newest can stand first', async () => {
  const { close } = await open([reply('a', 1), reply('b', 2)]);
  await page.getByRole('combobox', { name: 'Sort by' }).selectOptions('newest');
  const articles = page.getByRole('article').elements();
  expect(articles.map(({ id }) => id)).toEqual(['reply-b', 'reply-a']);
  close();
});
