//! Replies: words pinned to a moment or a range of a clip, by whoever has its link.

use tokio::task;
use vignette_model::api::{NewReply, PostedReply, Reply, ReplyChange, ReplyMoment, ReplyPage};
use vignette_model::text::{PersonName, ReplyBody};
use vignette_model::{Anchor, ClipKey, ReplyId, Secret, Span};

use crate::actor::Actor;
use crate::error::{LibraryError, Missing, SizeLimit};
use crate::events::News;
use crate::library::{LATEST, Library};
use crate::markdown::{self, Rendered};
use crate::rules::{Action, Resource, may};
use crate::shown;
use crate::store::{Kept, ReplyQuota, ReplyRow, place};

/// The most replies of one page.
pub const MOST_OF_A_PAGE: u32 = 50;
/// About how many bytes of Markdown and HTML they have; one reply is always a page.
const PAGE_BYTES: usize = 1 << 20;
/// How far behind what has arrived of a clip an anchor may lie: a player's clock runs a little past the
/// last picture, and people write whole seconds.
const PLAYER_SLACK: Span = Span::from_secs(1);
/// The longest place of a reply, and so the longest cursor.
const LONGEST_PLACE: usize = 16 + 2 * (1 + 16 + 1 + 36);

impl Library {
    /// Replies to a clip: a page of at most `limit` (1 to 50), of about a megabyte, after the one that a page before ended with.
    /// The first page also says to which moments replies are pinned.
    ///
    /// # Errors
    /// `not_found`; `bad_request` if `after` is no [`ReplyPage::next`].
    pub async fn replies(
        &self,
        actor: &Actor,
        key: &ClipKey,
        after: Option<&str>,
        limit: u32,
    ) -> Result<ReplyPage, LibraryError> {
        let (actor, clip) = self.by_key(actor, key, Action::See).await?;
        let viewer = actor.viewer();
        if after.is_some_and(|after| {
            after.len() > LONGEST_PLACE || !after.bytes().all(|b| b.is_ascii_graphic())
        }) {
            return Err(LibraryError::NoSuchPage);
        }
        let limit = limit.clamp(1, MOST_OF_A_PAGE);
        let mut rows = self.store().replies(&viewer, clip.id, after, limit + 1).await?;
        let mut bytes = 0;
        let fit = rows.iter().take(limit as usize).take_while(|row| {
            bytes += row.body.as_str().len() + row.html.len();
            bytes <= PAGE_BYTES
        });
        let fit = fit.count().max(1);
        let more = rows.len() > fit;
        rows.truncate(fit);
        let moments = match after {
            None => Some(self.store().reply_moments(&viewer, clip.id).await?),
            Some(_) => None,
        };
        Ok(ReplyPage {
            next: rows.last().filter(|_| more).map(|row| row.place.clone()),
            replies: rows.into_iter().map(|row| shown::reply(&actor, row)).collect(),
            moments: moments
                .map(|all| all.into_iter().map(|(id, at_us)| ReplyMoment { id, at_us }).collect()),
        })
    }

    /// `after` of the page that begins with a reply; `None` if it stands on the first.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn page_of_reply(
        &self,
        actor: &Actor,
        key: &ClipKey,
        reply: ReplyId,
    ) -> Result<Option<String>, LibraryError> {
        let first = self.replies(actor, key, None, MOST_OF_A_PAGE).await?;
        if first.next.is_none() || first.replies.iter().any(|shown| shown.id == reply) {
            return Ok(None);
        }
        let (_, clip) = self.by_key(actor, key, Action::See).await?;
        let row = self.store().reply(clip.id, reply).await?.ok_or_else(no_reply)?;
        // Only this place begins so: it ends with the reply's own id.
        Ok(Some(row.place[..row.place.len() - 1].to_owned()))
    }

    /// Adds a reply. A guest gets a secret with which to change or delete it.
    ///
    /// # Errors
    /// `not_found`; `sign_in_needed` if the clip takes no replies of guests; `bad_request` if a guest gives no name or a member's,
    /// the anchor is no range or lies behind what has arrived of the clip, or the parent is no reply to
    /// this clip or is itself a follow-up; `too_large` if it becomes too much HTML;
    /// `too_many_requests` if the clip has as many replies as it may have.
    pub async fn post_reply(
        &self,
        actor: &Actor,
        key: &ClipKey,
        new: NewReply,
    ) -> Result<PostedReply, LibraryError> {
        let (actor, clip) = self.by_key(actor, key, Action::Reply).await?;
        if let Some(anchor) = &new.anchor {
            within(anchor, clip.recording.duration)?;
        }
        let parent = match new.parent {
            Some(parent) => {
                let parent = self.store().reply(clip.id, parent).await?;
                Some(parent.ok_or(LibraryError::ParentGone)?)
            }
            None => None,
        };
        if parent.as_ref().is_some_and(|parent| parent.parent.is_some()) {
            return Err(LibraryError::ParentIsFollowUp);
        }
        let (person, name, secret) = match (actor.person(), new.name) {
            (Some(person), _) => (Some(person.id), person.name.to_string(), None),
            (None, Some(name)) => {
                self.no_members_name(&name).await?;
                (None, name.to_string(), Some(Secret::random("reply")))
            }
            (None, None) => return Err(LibraryError::GuestNameMissing),
        };
        let rendered = rendered(&new.body).await?;
        let (id, created_at) = (ReplyId::new(), self.now());
        let start = new.anchor.as_ref().map(|anchor| anchor.start_us);
        let row = ReplyRow {
            id,
            clip: clip.id,
            parent: new.parent,
            person,
            name,
            login: None,
            secret: secret.as_ref().map(Secret::hash),
            body: new.body,
            html: rendered.html,
            place: place(parent.as_ref(), start, created_at, id),
            anchor: new.anchor,
            created_at,
            edited_at: None,
        };
        match self.store().add_reply(&row, &rendered.text, &self.room()).await? {
            Kept::Gone => return Err(LibraryError::NotFound(Missing::Clip)),
            other => kept(other)?,
        }
        tracing::info!(clip.id = %clip.id, reply.id = %row.id, "A reply was written");
        self.announce(News::Reply(clip.id, row.id));
        // The clip counts its replies.
        self.announce(News::Clip(clip.id));
        Ok(PostedReply { reply: Reply { mine: true, ..shown::reply(&actor, row) }, secret })
    }

    /// New words for a reply, from its writer.
    ///
    /// # Errors
    /// `not_found`, `not_allowed`; `sign_in_needed`, `too_large` and `too_many_requests` as for a new one.
    pub async fn change_reply(
        &self,
        actor: &Actor,
        key: &ClipKey,
        reply: ReplyId,
        change: ReplyChange,
    ) -> Result<Reply, LibraryError> {
        let mut row = self.reply_for(actor, key, reply, Action::ChangeReply).await?;
        let rendered = rendered(&change.body).await?;
        let now = self.now();
        kept(self.store().change_reply(reply, &change.body, &rendered, now, &self.room()).await?)?;
        (row.body, row.html, row.edited_at) = (change.body, rendered.html, Some(now));
        self.announce(News::Reply(row.clip, row.id));
        Ok(shown::reply(actor, row))
    }

    /// Deletes a reply and its follow-ups: its writer or the clip's author.
    ///
    /// # Errors
    /// `not_found`, `not_allowed`.
    pub async fn delete_reply(
        &self,
        actor: &Actor,
        key: &ClipKey,
        reply: ReplyId,
    ) -> Result<(), LibraryError> {
        let row = self.reply_for(actor, key, reply, Action::DeleteReply).await?;
        if !self.store().delete_reply(reply).await? {
            return Err(no_reply());
        }
        self.announce(News::ReplyDeleted(row.clip, reply));
        self.announce(News::Clip(row.clip));
        Ok(())
    }

    /// Whether `actor` may do `action` to a reply: asked before anything else of a request is read.
    ///
    /// # Errors
    /// `not_found`, `not_allowed`.
    pub async fn allow_reply(
        &self,
        actor: &Actor,
        key: &ClipKey,
        reply: ReplyId,
        action: Action,
    ) -> Result<(), LibraryError> {
        self.reply_for(actor, key, reply, action).await.map(drop)
    }

    /// The reply, if the actor may do `action` to it.
    async fn reply_for(
        &self,
        actor: &Actor,
        key: &ClipKey,
        reply: ReplyId,
        action: Action,
    ) -> Result<ReplyRow, LibraryError> {
        let (actor, clip) = self.by_key(actor, key, Action::See).await?;
        let row = self.store().reply(clip.id, reply).await?.ok_or_else(no_reply)?;
        may(&actor, action, Resource::Reply(&clip, &row))?;
        Ok(row)
    }

    /// Refuses a guest the name of somebody with an account, and names that look like one.
    async fn no_members_name(&self, name: &PersonName) -> Result<(), LibraryError> {
        if self.store().is_like_a_name(name).await? {
            return Err(LibraryError::GuestNameTaken);
        }
        Ok(())
    }

    /// How many replies a clip takes: guests leave half of them to members.
    fn room(&self) -> ReplyQuota {
        let (replies, bytes) = (self.settings().max_replies, self.settings().max_replies_bytes);
        ReplyQuota { replies, bytes, guest_replies: replies / 2, guest_bytes: bytes / 2 }
    }
}

/// Refuses an anchor that is no range, or lies behind `duration`: what has arrived of the clip.
pub(crate) fn within(anchor: &Anchor, duration: Span) -> Result<(), LibraryError> {
    if anchor.end_us.is_some_and(|end| end <= anchor.start_us) {
        return Err(LibraryError::RangeEndsTooEarly);
    }
    if anchor.last() > LATEST {
        return Err(LibraryError::MomentTooLate);
    }
    if anchor.last().since_start() > duration + PLAYER_SLACK {
        return Err(LibraryError::BehindTheClip { duration });
    }
    Ok(())
}

/// Renders on a thread of its own, before any lock is taken: nothing else waits for Markdown.
async fn rendered(body: &ReplyBody) -> Result<Rendered, LibraryError> {
    let body = body.clone();
    let work = task::spawn_blocking(move || markdown::reply(body.as_str()));
    let rendered =
        work.await.map_err(|source| LibraryError::Task { doing: "render a reply", source })?;
    let limit = SizeLimit::ReplyHtml;
    rendered.map_err(|error| LibraryError::TooLarge { limit, most_bytes: error.most_bytes as u64 })
}

/// What a writer is told of room that there is not.
fn kept(kept: Kept) -> Result<(), LibraryError> {
    match kept {
        Kept::Yes => Ok(()),
        Kept::Full => Err(LibraryError::RepliesFull),
        Kept::GuestsFull => Err(LibraryError::GuestRepliesFull),
        Kept::Gone => Err(no_reply()),
    }
}

fn no_reply() -> LibraryError {
    LibraryError::NotFound(Missing::Reply)
}
