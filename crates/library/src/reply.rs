//! Replies: words pinned to a moment of a clip, by whoever has its link.

use subtle::ConstantTimeEq as _;
use tokio::task;
use vignette_model::api::{ClipEvent, NewReply, PostedReply, Reply, ReplyChange};
use vignette_model::{ClipKey, ErrorCode, Problem, ReplyId, Secret};

use crate::library::{LATEST, Library};
use crate::markdown;
use crate::rules::{Action, Actor, may};
use crate::store::ReplyRow;

impl Library {
    /// The replies to a clip, oldest first.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn replies(&self, actor: &Actor, key: &ClipKey) -> Result<Vec<Reply>, Problem> {
        let (actor, clip) = self.by_key(actor, key, Action::See).await?;
        let rows = self.store().replies(clip.id).await?;
        // Many long ones take a while, and appends do not wait for it.
        let shown = task::spawn_blocking(move || rows.into_iter().map(|row| shown(&actor, row)).collect());
        shown.await.map_err(|_| Problem::new(ErrorCode::Internal, "The replies could not be shown."))
    }

    /// Adds a reply. A guest gets a secret with which to change or delete it.
    ///
    /// # Errors
    /// `not_found`; `bad_request` if a guest gives no name, the moment is absurd, or the parent is no reply to this clip or is
    /// itself an answer; `too_many_requests` if the clip has as many as it may have.
    pub async fn post_reply(&self, actor: &Actor, key: &ClipKey, new: NewReply) -> Result<PostedReply, Problem> {
        let (actor, clip) = self.by_key(actor, key, Action::Reply).await?;
        let bad = |message: &str| Problem::new(ErrorCode::BadRequest, message);
        if new.at_us.is_some_and(|at| at > LATEST) {
            return Err(bad("No clip has a moment that late."));
        }
        if let Some(parent) = new.parent {
            let parent = self.store().reply(clip.id, parent).await?;
            let parent =
                parent.ok_or_else(|| bad("The reply that this answers is not there.").with_help("It may have been deleted."))?;
            if parent.parent.is_some() {
                return Err(bad("An answer has no answers of its own.").with_help("Answer the reply above it."));
            }
        }
        let (person, name, secret) = match (actor.person(), new.name) {
            (Some(person), _) => (Some(person.id), person.name.to_string(), None),
            (None, Some(name)) => (None, name.to_string(), Some(Secret::random("reply"))),
            (None, None) => return Err(bad("A reply has a name under it.").with_help("Say who you are.")),
        };
        let row = ReplyRow {
            id: ReplyId::new(),
            clip: clip.id,
            parent: new.parent,
            person,
            name,
            secret: secret.as_ref().map(Secret::hash),
            body: new.body,
            at: new.at_us,
            created_at: self.now(),
            edited_at: None,
        };
        if !self.store().add_reply(&row, self.settings().max_replies).await? {
            return Err(Problem::new(ErrorCode::TooManyRequests, "This clip takes no more replies.")
                .with_help("Its author can delete some."));
        }
        tracing::info!(clip.id = %clip.id, reply.id = %row.id, "A reply was written");
        self.tell(key, &row).await;
        // The clip counts its replies.
        self.announce(clip.id).await;
        Ok(PostedReply { reply: Reply { mine: true, ..shown(&actor, row) }, secret })
    }

    /// New words for a reply, from its writer.
    ///
    /// # Errors
    /// `not_found`, `not_allowed`.
    pub async fn change_reply(
        &self,
        actor: &Actor,
        key: &ClipKey,
        reply: ReplyId,
        change: ReplyChange,
    ) -> Result<Reply, Problem> {
        let mut row = self.reply_for(actor, key, reply, |mine| Action::ChangeReply { mine }).await?;
        let now = self.now();
        if !self.store().change_reply(reply, &change.body, now).await? {
            return Err(no_reply());
        }
        (row.body, row.edited_at) = (change.body, Some(now));
        self.tell(key, &row).await;
        Ok(shown(actor, row))
    }

    /// Deletes a reply and the answers to it: its writer or the clip's author.
    ///
    /// # Errors
    /// `not_found`, `not_allowed`.
    pub async fn delete_reply(&self, actor: &Actor, key: &ClipKey, reply: ReplyId) -> Result<(), Problem> {
        let row = self.reply_for(actor, key, reply, |mine| Action::DeleteReply { mine }).await?;
        if !self.store().delete_reply(reply).await? {
            return Err(no_reply());
        }
        {
            let _order = self.listeners().in_order().await;
            self.listeners().tell_clip(key, ClipEvent::ReplyDeleted { id: reply });
        }
        self.announce(row.clip).await;
        Ok(())
    }

    /// Whether `actor` may do to a reply what `action` says, given whether they wrote it: asked before anything else of a
    /// request is read.
    ///
    /// # Errors
    /// `not_found`, `not_allowed`.
    pub async fn allow_reply(
        &self,
        actor: &Actor,
        key: &ClipKey,
        reply: ReplyId,
        action: impl Fn(bool) -> Action + Send,
    ) -> Result<(), Problem> {
        self.reply_for(actor, key, reply, action).await.map(drop)
    }

    /// The reply, if the actor may do to it what `action` says.
    async fn reply_for(
        &self,
        actor: &Actor,
        key: &ClipKey,
        reply: ReplyId,
        action: impl Fn(bool) -> Action + Send,
    ) -> Result<ReplyRow, Problem> {
        let (actor, clip) = self.by_key(actor, key, Action::See).await?;
        let row = self.store().reply(clip.id, reply).await?.ok_or_else(no_reply)?;
        may(&actor, action(mine(&actor, &row)), Some(&clip))?;
        Ok(row)
    }

    /// Tells those who watch the clip how a reply is now, unless it is gone.
    async fn tell(&self, key: &ClipKey, row: &ReplyRow) {
        let _order = self.listeners().in_order().await;
        match self.store().reply(row.clip, row.id).await {
            Ok(Some(now)) => {
                let reply = shown(&Actor::nobody(), now);
                self.listeners().tell_clip(key, ClipEvent::Reply { reply });
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(reply.id = %row.id, error = %error.source, "Could not tell how a reply is now"),
        }
    }
}

/// Whether whoever asks wrote the reply.
fn mine(actor: &Actor, row: &ReplyRow) -> bool {
    let by_account = actor.person().is_some_and(|person| row.person == Some(person.id));
    let by_secret = match (actor.reply_secret(), row.secret) {
        (Some(presented), Some(hash)) => presented.hash().0.ct_eq(&hash.0).into(),
        _ => false,
    };
    by_account || by_secret
}

fn shown(actor: &Actor, row: ReplyRow) -> Reply {
    Reply {
        mine: mine(actor, &row),
        id: row.id,
        parent: row.parent,
        name: row.name,
        member: row.person.is_some(),
        body_html: markdown::to_html(row.body.as_str()),
        body: row.body,
        at_us: row.at,
        created_at_us: row.created_at,
        edited_at_us: row.edited_at,
    }
}

fn no_reply() -> Problem {
    Problem::new(ErrorCode::NotFound, "There is no such reply.").with_help("It may have been deleted.")
}
