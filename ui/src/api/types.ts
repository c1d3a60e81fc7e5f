// The API's words under their own names.
import type { components } from './types.gen';

type Schemas = components['schemas'];

export type ClipView = Schemas['ClipView'];
export type ClipState = Schemas['ClipState'];
export type ClipChange = Schemas['ClipChange'];
export type OwnClip = Schemas['OwnClip'];
export type ClipPage = Schemas['ClipPage'];
export type Reply = Schemas['Reply'];
export type NewReply = Schemas['NewReply'];
export type PostedReply = Schemas['PostedReply'];
export type Me = Schemas['Me'];
export type Problem = Schemas['Problem'];

/** What happened to a clip (`ClipEvent`). */
export type ClipEvent =
  | { event: 'clip'; clip: ClipView }
  | { event: 'reply'; reply: Reply }
  | { event: 'reply_deleted'; id: string }
  | { event: 'gone' };

/** What happened in a library (`LibraryEvent`). */
export type LibraryEvent = { event: 'clip'; clip: OwnClip } | { event: 'clip_deleted'; id: string };
