//! Requests and answers of the library's API. JSON times are integer microseconds: `_us` since the clip began, `_at_us`
//! since 1970.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::text::{PersonName, ReplyBody, Summary, Title};
use crate::transcript::{Origin, ReplyWriter, TranscriptVersion};
use crate::{
    Anchor, ClipId, ClipKey, Micros, PersonId, ReactionId, ReactionKind, ReplyId, Secret, Sha256,
    Span, TakeId, UtcMicros,
};

/// Where an upload stands, in the words of draft-ietf-httpbis-resumable-upload; tus names would be `Tus-*`.
pub mod header {
    /// Bytes the library has made durable, or from which a `PATCH` goes on.
    pub const UPLOAD_OFFSET: &str = "upload-offset";
    /// `?1` once nothing follows, else `?0`.
    pub const UPLOAD_COMPLETE: &str = "upload-complete";
    /// `max-size=…, max-append-size=…`, in bytes.
    pub const UPLOAD_LIMIT: &str = "upload-limit";
    /// SHA-256 of this request's content (RFC 9530).
    pub const CONTENT_DIGEST: &str = "content-digest";
    /// SHA-256 of the whole stream (RFC 9530): sent with the completing `PATCH`, answered once sealed.
    pub const REPR_DIGEST: &str = "repr-digest";
    /// What is wrong with what the library has of an upload, as an [`ErrorCode`](crate::ErrorCode); absent if nothing is.
    pub const UPLOAD_PROBLEM: &str = "vignette-upload-problem";
    /// A guest's right to change the reply they wrote, and to what they reacted.
    pub const REPLY_SECRET: &str = "vignette-reply-secret";
}

/// Asks for a clip before anything is recorded. Asking again with the same take gives the same clip and a new upload address.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClip {
    /// The take it will come from: makes the request safe to repeat.
    pub take: TakeId,
    /// May be empty, and changed at any time.
    #[serde(default)]
    pub title: Title,
    /// Markdown; may be empty, and changed at any time.
    #[serde(default)]
    pub summary: Summary,
    /// Whether those with the link may watch while it is being recorded.
    #[serde(default)]
    pub live: bool,
    /// When the take was begun.
    pub recorded_at_us: UtcMicros,
}

/// A clip that waits for its bytes.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CreatedClip {
    /// For the API; never part of a link.
    pub id: ClipId,
    /// The unguessable part of the link.
    pub key: ClipKey,
    /// The whole link, ready to be sent to somebody.
    pub link: String,
    /// Path to send the bytes to: `/api/v1/uploads/up_…`. Whoever has it can append, so it is a secret.
    pub upload: String,
}

/// What the author changes; what is left out stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClipChange {
    /// New title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Title>,
    /// New summary, Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Summary>,
    /// Whether it may be watched while it is being recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<bool>,
    /// Whether those without an account may reply; at first they may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guests: Option<bool>,
    /// `true` once the recording has stopped, though bytes may still be on their way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<bool>,
}

/// How far a clip has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClipState {
    /// The author is recording.
    Recording,
    /// The recording has stopped; bytes are still on their way.
    Arriving,
    /// All of it is here and plays.
    Ready,
    /// Nothing came for a long time; what is here plays.
    Interrupted,
}

/// What a link shows of a clip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ClipView {
    /// May be empty.
    pub title: Title,
    /// Markdown; may be empty.
    pub summary: Summary,
    /// The same as safe HTML.
    pub summary_html: String,
    /// Who recorded it.
    pub author: String,
    /// For members alone: the author's sign-in name, if another member is called the same or nearly so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author_login: Option<String>,
    /// When the take was begun.
    pub recorded_at_us: UtcMicros,
    /// How far it has come.
    pub state: ClipState,
    /// Whether it may be watched while it is being recorded.
    pub live: bool,
    /// Whether those without an account may reply.
    #[serde(default = "guests_may")]
    pub guests: bool,
    /// How much of it is here and plays.
    pub duration_us: Span,
    /// How many bytes of it are here.
    pub size_bytes: u64,
    /// Width of the picture in pixels, 0 until the first bytes are here.
    pub width: u32,
    /// Height of the picture in pixels, 0 until the first bytes are here.
    pub height: u32,
    /// Path of the poster, once there is one.
    pub poster: Option<String>,
    /// Path of the HLS playlist, once something may be played.
    pub hls: Option<String>,
    /// Path of the whole clip as one MP4, once it is sealed.
    pub mp4: Option<String>,
    /// Whether to play HLS even if there is an MP4: of a long clip, whose index alone is large.
    #[serde(default)]
    pub prefers_hls: bool,
    /// How many replies it has.
    pub replies: u32,
    /// Who wrote the title; nobody yet if it is empty and nobody has emptied it. What a machine wrote is shown only to those
    /// who may watch, since it is made of what is said.
    #[serde(default)]
    pub title_by: Option<Origin>,
    /// Who wrote the summary, in the same way.
    #[serde(default)]
    pub summary_by: Option<Origin>,
    /// How far its transcript is, once there is one, and it may be watched: `GET /api/v1/c/{key}/transcript`.
    #[serde(default)]
    pub transcript: Option<TranscriptVersion>,
    /// Path of its captions (WebVTT), once something was said and it may be watched.
    #[serde(default)]
    pub captions: Option<String>,
    /// Path of its chapters (WebVTT), once it has some and may be watched.
    #[serde(default)]
    pub chapters: Option<String>,
}

/// In a library that knows no switch for it.
fn guests_may() -> bool {
    true
}

/// A clip as a member of the library sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MemberClip {
    /// For the API; never part of a link.
    pub id: ClipId,
    /// The unguessable part of the link.
    pub key: ClipKey,
    /// The whole link.
    pub link: String,
    /// SHA-256 of the stream, once sealed.
    pub sealed_sha256: Option<Sha256>,
    /// Whether the viewer recorded it, and may change and delete it.
    #[serde(default)]
    pub mine: bool,
    /// For its author alone: the take it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub take: Option<TakeId>,
    /// Who replied, the last first and each once; at most three.
    #[serde(default)]
    pub repliers: Vec<ReplyWriter>,
    /// How far the viewer has watched it, and what is new in it for them. Events do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<WatchProgress>,
    /// What everybody with the link sees.
    #[serde(flatten)]
    pub view: ClipView,
}

/// How far a member has watched a clip, and what is new in it for them. Nobody else is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WatchProgress {
    /// Where they were last.
    pub position_us: Micros,
    /// Whether they have been at its end.
    pub finished: bool,
    /// Whether somebody else recorded it and they have not opened it yet.
    pub unopened: bool,
    /// How many replies others have written since they last had it open.
    pub new_replies: u32,
}

/// What a member has watched of a clip. To say it at all says that they have it open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WatchedTo {
    /// Where they are; left out, it stays where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position_us: Option<Micros>,
    /// Whether they have come to the end; once they have, that stays.
    #[serde(default)]
    pub finished: bool,
}

/// Which clips of a library to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClipSelection {
    /// All that the viewer may see.
    #[default]
    All,
    /// Those that they recorded.
    Mine,
    /// Those that they have not opened yet, or in which others have replied since.
    Unread,
}

/// One page of clips, newest first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ClipPage {
    /// The clips.
    pub clips: Vec<MemberClip>,
    /// Ask with `?after=` this for the next page.
    pub next: Option<String>,
}

/// Words pinned to a moment or a range of a clip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Reply {
    /// Which reply.
    pub id: ReplyId,
    /// The reply that this one follows up; there is one level of follow-ups.
    pub parent: Option<ReplyId>,
    /// Who wrote it, in their own words.
    pub name: String,
    /// Whether the writer has an account here, so that the name is theirs.
    pub member: bool,
    /// For members alone: the writer's sign-in name, if another member is called the same or nearly so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// Markdown.
    pub body: ReplyBody,
    /// The same as safe HTML.
    pub body_html: String,
    /// What it is pinned to, or nothing.
    pub anchor: Option<Anchor>,
    /// When it was written.
    pub created_at_us: UtcMicros,
    /// When it was last changed.
    pub edited_at_us: Option<UtcMicros>,
    /// Whether whoever asks may change and delete it.
    pub mine: bool,
}

/// One page of replies: threads by the moment of the reply they begin with (those without one last), each reply before its
/// follow-ups.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReplyPage {
    /// The replies. A page may begin with follow-ups to the last reply of the page before.
    pub replies: Vec<Reply>,
    /// Ask with `?after=` this for the next page.
    pub next: Option<String>,
    /// On the first page: the moments of all replies that are pinned and follow up none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moments: Option<Vec<ReplyMoment>>,
}

/// To which moment a reply is pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReplyMoment {
    /// Which reply.
    pub id: ReplyId,
    /// The moment, or where its range begins.
    pub at_us: Micros,
}

/// What somebody wants to say.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReply {
    /// Markdown.
    pub body: ReplyBody,
    /// The guest's name, which no member has; members' names are known.
    #[serde(default)]
    pub name: Option<PersonName>,
    /// What to pin it to.
    #[serde(default)]
    pub anchor: Option<Anchor>,
    /// The reply to follow up.
    #[serde(default)]
    pub parent: Option<ReplyId>,
}

/// A reply that was just written.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PostedReply {
    /// The reply.
    pub reply: Reply,
    /// For a guest: send it as `Vignette-Reply-Secret` to change or delete the reply.
    #[schema(value_type = Option<String>)]
    pub secret: Option<Secret>,
}

/// New words for a reply.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplyChange {
    /// Markdown.
    pub body: ReplyBody,
}

/// What somebody felt at a moment of a clip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Reaction {
    /// Which reaction.
    pub id: ReactionId,
    /// What it says.
    pub kind: ReactionKind,
    /// The moment: a whole second.
    pub at_us: Micros,
    /// Whose it is, if they have an account; guests are not named.
    pub name: Option<String>,
    /// Whether whoever asks made it, as a member or by the secret they sent.
    pub mine: bool,
}

/// All reactions to a clip, by moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReactionList {
    /// The reactions.
    pub reactions: Vec<Reaction>,
}

/// What somebody feels.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReaction {
    /// What it says.
    pub kind: ReactionKind,
    /// The moment; it counts to whole seconds.
    pub at_us: Micros,
}

/// A reaction that was just made.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PostedReaction {
    /// The reaction.
    pub reaction: Reaction,
    /// For a guest, with their first reaction to the clip: send it as `Vignette-Reply-Secret` to react further and to take
    /// reactions back.
    #[schema(value_type = Option<String>)]
    pub secret: Option<Secret>,
}

/// What happened to a clip, sent as a server-sent event. A listener that was away asks for the whole again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum ClipEvent {
    /// The clip as it is now.
    Clip {
        /// The clip.
        clip: ClipView,
    },
    /// A reply as it is now: new, or changed.
    Reply {
        /// The reply.
        reply: Reply,
    },
    /// A reply is gone, and with it its follow-ups.
    ReplyDeleted {
        /// Which reply.
        id: ReplyId,
    },
    /// Somebody reacted.
    Reaction {
        /// The reaction.
        reaction: Reaction,
    },
    /// A reaction was taken away.
    ReactionDeleted {
        /// Which reaction.
        id: ReactionId,
    },
    /// The clip is gone, or its link was replaced.
    Gone,
}

/// What happened in a library, for those who may list it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum LibraryEvent {
    /// A clip as it is now.
    Clip {
        /// The clip.
        clip: Box<MemberClip>,
    },
    /// A clip is gone.
    ClipDeleted {
        /// Which clip.
        id: ClipId,
    },
}

/// Who the token belongs to, and which library this is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// Who.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// The library's name.
    pub library: String,
    /// The library's version.
    pub version: String,
}

/// Turns a sign-in code into a token (RFC 6749 §4.1.3 with RFC 7636).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenRequest {
    /// Always `authorization_code`.
    pub grant_type: String,
    /// The code that came back to the loopback address.
    #[schema(value_type = String)]
    pub code: Secret,
    /// The verifier whose SHA-256 was sent as the challenge.
    #[schema(value_type = String)]
    pub code_verifier: Secret,
    /// The same address as before.
    pub redirect_uri: String,
}

/// A token for the recorder.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TokenAnswer {
    /// Send it as `Authorization: Bearer …`.
    #[schema(value_type = String)]
    pub access_token: Secret,
    /// Always `Bearer`.
    pub token_type: String,
}
