import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page } from 'vitest/browser';
import { Library } from '../api/library';
import type { NewReply, Reply } from '../api/types';
import { temporaryMemory } from '../memory';
import WithContext from '../testing/WithContext.svelte';
import { ReplyDraft } from './draft.svelte';
import FollowUpForm from './FollowUpForm.svelte';
import { Replies, setReplies } from './replies.svelte';

test('a follow-up says whom it follows, and is sent with that reply as its parent', async () => {
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
  await render(
    FollowUpForm,
    {
      to: { id: '1', name: 'Grace' } as Reply,
      draft: new ReplyDraft('key', memory),
      member: 'Ada',
      text: 'I agree',
      onwrite: () => undefined,
      onsent: (text: string) => sent.push(text),
      onclose: () => undefined,
    },
    {
      wrapper: WithContext,
      wrapperProps: {
        provide: () => setReplies(new Replies(library, 'key', memory, { replies: [] })),
      },
    },
  );
  await expect
    .element(page.getByRole('textbox', { name: 'Follow-up to Grace' }))
    .toHaveValue('I agree');
  await page.getByRole('button', { name: 'Follow up', exact: true }).click();
  await expect.poll(() => sent).toEqual(['I agree']);
  expect(posted).toEqual([{ body: 'I agree', parent: '1' }]);
});
