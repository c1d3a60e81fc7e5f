import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page, userEvent } from 'vitest/browser';
import { Library } from '../api/library';
import type { NewReply, Reply } from '../api/types';
import { temporaryMemory } from '../memory';
import { setPlayer } from '../player/player.svelte';
import { playableClip, playerOf } from '../testing/media';
import WithContext from '../testing/WithContext.svelte';
import { ReplyDraft } from './draft.svelte';
import FollowUpForm from './FollowUpForm.svelte';
import { Replies, setReplies } from './replies.svelte';

/** The form of a follow-up with that draft, beside a real player. */
async function open(text: string) {
  const library = new Library('');
  const posted: NewReply[] = [];
  library.postReply = (_, reply) => {
    posted.push(reply);
    return Promise.resolve({
      reply: { ...reply, id: '2', created_at_us: 0 } as Reply,
      secret: null,
    });
  };
  const memory = temporaryMemory();
  const sent: string[] = [];
  const player = playerOf(playableClip());
  const video = document.body.appendChild(document.createElement('video'));
  const detach = player.attach({ video, frame: video, document });
  await render(
    FollowUpForm,
    {
      to: { id: '1', name: 'Grace' } as Reply,
      draft: new ReplyDraft('key', memory),
      member: 'Ada',
      text,
      onwrite: () => undefined,
      onsent: (text: string) => sent.push(text),
      onclose: () => undefined,
    },
    {
      wrapper: WithContext,
      wrapperProps: {
        provide: () => {
          setPlayer(player);
          setReplies(new Replies(library, 'key', memory, { replies: [] }));
        },
      },
    },
  );
  const close = () => {
    detach();
    video.remove();
  };
  return { posted, sent, player, close };
}

test('a follow-up says whom it follows, and is sent with that reply as its parent', async () => {
  const { posted, sent, close } = await open('I agree');
  await expect
    .element(page.getByRole('textbox', { name: 'Reply to Grace' }))
    .toHaveValue('I agree');
  await page.getByRole('button', { name: 'Reply', exact: true }).click();
  await expect.poll(() => sent).toEqual(['I agree']);
  expect(posted).toEqual([{ body: 'I agree', parent: '1' }]);
  close();
});

test('the clip waits while somebody answers, and goes on when they give up', async () => {
  const { player, close } = await open('');
  await player.play();
  await expect.poll(() => player.facts.paused).toBe(false);
  await page.getByRole('textbox', { name: 'Reply to Grace' }).click();
  await userEvent.keyboard('W');
  await expect.poll(() => player.facts.paused).toBe(true);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect.poll(() => player.facts.paused).toBe(false);
  close();
});
