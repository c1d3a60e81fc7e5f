//! Replies: words pinned to a moment of a clip, by whoever has its link.

use vignette_model::api::{NewReply, PostedReply, Reply, ReplyChange};
use vignette_model::{ClipKey, Problem, ReplyId};

use crate::library::Library;
use crate::rules::Actor;

impl Library {
    /// The replies to a clip, oldest first.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn replies(&self, _actor: &Actor, _key: &ClipKey) -> Result<Vec<Reply>, Problem> {
        unimplemented!()
    }

    /// Adds a reply. A guest gets a secret with which to change or delete it.
    ///
    /// # Errors
    /// `not_found`; `bad_request` if a guest gives no name, the moment is absurd, or the parent is no reply to this clip or is
    /// itself an answer; `too_many_requests` if the clip has as many as it may have.
    pub async fn post_reply(&self, _actor: &Actor, _key: &ClipKey, _new: NewReply) -> Result<PostedReply, Problem> {
        unimplemented!()
    }

    /// New words for a reply, from its writer.
    ///
    /// # Errors
    /// `not_found`, `not_allowed`.
    pub async fn change_reply(
        &self,
        _actor: &Actor,
        _key: &ClipKey,
        _reply: ReplyId,
        _change: ReplyChange,
    ) -> Result<Reply, Problem> {
        unimplemented!()
    }

    /// Deletes a reply and the answers to it: its writer or the clip's author.
    ///
    /// # Errors
    /// `not_found`, `not_allowed`.
    pub async fn delete_reply(&self, _actor: &Actor, _key: &ClipKey, _reply: ReplyId) -> Result<(), Problem> {
        unimplemented!()
    }
}
