//! Rows of replies.

use async_trait::async_trait;
use vignette_model::text::{Login, ReplyBody};
use vignette_model::{Anchor, ClipId, Micros, PersonId, ReplyId, Sha256, UtcMicros};

use crate::actor::Viewer;
use crate::markdown::Rendered;
use crate::store::StoreError;

/// A reply as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyRow {
    /// Which.
    pub id: ReplyId,
    /// To which clip.
    pub clip: ClipId,
    /// The reply it follows up.
    pub parent: Option<ReplyId>,
    /// Who wrote it, if they have an account.
    pub person: Option<PersonId>,
    /// Who wrote it, in words: a member's present name, or what a guest called themselves.
    pub name: String,
    /// A member's login, if the name of another member shares a [look](vignette_model::text::name_looks) with theirs. Read
    /// with the reply and never kept with it.
    pub login: Option<Login>,
    /// Hash of the guest's secret.
    pub secret: Option<Sha256>,
    /// Markdown.
    pub body: ReplyBody,
    /// What the body was rendered to when it was written.
    pub html: String,
    /// What it is pinned to.
    pub anchor: Option<Anchor>,
    /// When it was written.
    pub created_at: UtcMicros,
    /// When it was last changed.
    pub edited_at: Option<UtcMicros>,
    /// Where it stands among the replies to its clip, by comparison of text: see [`place`].
    pub place: String,
}

/// Where a reply stands: threads by the moment of the reply they begin with (those without one last), then by age; in a thread
/// the follow-ups by age.
#[must_use]
pub fn place(
    parent: Option<&ReplyRow>,
    at: Option<Micros>,
    created_at: UtcMicros,
    id: ReplyId,
) -> String {
    let own = format!("{:016x}.{id}", created_at.0);
    match parent {
        Some(parent) => format!("{}.{own}", parent.place),
        None => format!("{:016x}.{own}", at.map_or(i64::MAX as u64, |at| at.0)),
    }
}

/// How many replies a clip takes, and how many bytes of them (name, Markdown and HTML): of all, and of guests alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReplyQuota {
    /// Replies.
    pub replies: u32,
    /// Their bytes.
    pub bytes: u64,
    /// Replies of guests.
    pub guest_replies: u32,
    /// Their bytes.
    pub guest_bytes: u64,
}

impl ReplyQuota {
    /// What comes of one more reply of `bytes` where so much is taken.
    #[must_use]
    pub fn one_more(&self, taken: &Self, guest: bool, bytes: u64) -> Kept {
        let fits = |replies: u32, most: u32, sum: u64, most_bytes: u64| {
            replies < most && sum.saturating_add(bytes) <= most_bytes
        };
        if !fits(taken.replies, self.replies, taken.bytes, self.bytes) {
            Kept::Full
        } else if guest
            && !fits(taken.guest_replies, self.guest_replies, taken.guest_bytes, self.guest_bytes)
        {
            Kept::GuestsFull
        } else {
            Kept::Yes
        }
    }
}

/// What came of keeping a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is kept.
    Yes,
    /// The clip takes no more.
    Full,
    /// The clip takes no more of guests.
    GuestsFull,
    /// The clip, the reply or the one it follows up is not there.
    Gone,
}

/// The rows of replies.
#[async_trait]
pub trait ReplyRows {
    /// At most `limit` replies to a clip that the viewer may see, by [`ReplyRow::place`], those after a place.
    async fn replies(
        &self,
        viewer: &Viewer,
        clip: ClipId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<ReplyRow>, StoreError>;

    /// All replies to a clip that the viewer may see, that are pinned and follow up none, by place: which, and to which moment.
    async fn reply_moments(
        &self,
        viewer: &Viewer,
        clip: ClipId,
    ) -> Result<Vec<(ReplyId, Micros)>, StoreError>;

    /// One reply to a clip.
    async fn reply(&self, clip: ClipId, id: ReplyId) -> Result<Option<ReplyRow>, StoreError>;

    /// Adds a reply, to be found by `text`, if there is room.
    async fn add_reply(
        &self,
        reply: &ReplyRow,
        text: &str,
        room: &ReplyQuota,
    ) -> Result<Kept, StoreError>;

    /// New words, if there is room.
    async fn change_reply(
        &self,
        id: ReplyId,
        body: &ReplyBody,
        rendered: &Rendered,
        at: UtcMicros,
        room: &ReplyQuota,
    ) -> Result<Kept, StoreError>;

    /// Deletes a reply and its follow-ups; `false` if there is no such reply.
    async fn delete_reply(&self, id: ReplyId) -> Result<bool, StoreError>;
}
