// The types of the API, by name.
import type { components, paths } from './types.gen';

type Schemas = components['schemas'];

export type ClipView = Schemas['ClipView'];
export type ClipState = Schemas['ClipState'];
export type ClipChange = Schemas['ClipChange'];
export type MemberClip = Schemas['MemberClip'];
export type ClipSelection = NonNullable<
  NonNullable<paths['/api/v1/clips']['get']['parameters']['query']>['only']
>;
export type WatchedTo = Schemas['WatchedTo'];
export type ReplyWriter = Schemas['ReplyWriter'];
export type ClipPage = Schemas['ClipPage'];
export type Reply = Schemas['Reply'];
export type ReplyPage = Schemas['ReplyPage'];
export type ReplyMoment = Schemas['ReplyMoment'];
export type NewReply = Schemas['NewReply'];
export type Reaction = Schemas['Reaction'];
export type ReactionKind = Schemas['ReactionKind'];
export type NewReaction = Schemas['NewReaction'];
export type PostedReply = Schemas['PostedReply'];
export type Me = Schemas['Me'];
export type Problem = Schemas['Problem'];
export type TranscriptView = Schemas['TranscriptView'];
export type TranscriptVersion = Schemas['TranscriptVersion'];
export type TranscriptChange = Schemas['TranscriptChange'];
export type ShownCue = Schemas['ShownCue'];
export type Chapter = Schemas['Chapter'];
export type Task = Schemas['Task'];
export type Origin = Schemas['Origin'];
export type SearchPage = Schemas['SearchPage'];
export type SearchHit = Schemas['SearchHit'];

/** What happened to a clip. */
export type ClipEvent = Schemas['ClipEvent'];
/** What happened in a library. */
export type LibraryEvent = Schemas['LibraryEvent'];
