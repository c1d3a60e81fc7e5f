//! Rows of replies.

use async_trait::async_trait;
use vignette_model::text::ReplyBody;
use vignette_model::{ClipId, Micros, PersonId, ReplyId, Sha256, UtcMicros};

use crate::store::StoreError;

/// A reply as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyRow {
    /// Which.
    pub id: ReplyId,
    /// To which clip.
    pub clip: ClipId,
    /// The reply it answers.
    pub parent: Option<ReplyId>,
    /// Who wrote it, if they have an account.
    pub person: Option<PersonId>,
    /// Who wrote it, in words: a member's present name, or what a guest called themselves.
    pub name: String,
    /// Hash of the guest's secret.
    pub secret: Option<Sha256>,
    /// Markdown.
    pub body: ReplyBody,
    /// The moment it is pinned to.
    pub at: Option<Micros>,
    /// When it was written.
    pub created_at: UtcMicros,
    /// When it was last changed.
    pub edited_at: Option<UtcMicros>,
}

/// The rows of replies.
#[async_trait]
pub trait ReplyRows {
    /// All replies to a clip, oldest first.
    async fn replies(&self, clip: ClipId) -> Result<Vec<ReplyRow>, StoreError>;

    /// One reply to a clip.
    async fn reply(&self, clip: ClipId, id: ReplyId) -> Result<Option<ReplyRow>, StoreError>;

    /// Adds a reply unless the clip has `most` already; `false` then, and if the clip or the parent is gone.
    async fn add_reply(&self, reply: &ReplyRow, most: u32) -> Result<bool, StoreError>;

    /// New words; `false` if there is no such reply.
    async fn change_reply(&self, id: ReplyId, body: &ReplyBody, at: UtcMicros) -> Result<bool, StoreError>;

    /// Deletes a reply and the answers to it; `false` if there is no such reply.
    async fn delete_reply(&self, id: ReplyId) -> Result<bool, StoreError>;
}
