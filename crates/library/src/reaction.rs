//! Reactions: what somebody felt at a moment of a clip, by whoever has its link.

use vignette_model::api::{NewReaction, PostedReaction, Reaction, ReactionList};
use vignette_model::{Anchor, ClipKey, Micros, ReactionId, Secret};

use crate::actor::Actor;
use crate::error::{LibraryError, Missing};
use crate::events::News;
use crate::library::Library;
use crate::reply::within;
use crate::rules::{Action, Resource, may};
use crate::shown;
use crate::store::{Reacted, ReactionQuota, ReactionRow, Reactor};

const SECOND_US: u64 = 1_000_000;

impl Library {
    /// All reactions to a clip, by moment.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn reactions(
        &self,
        actor: &Actor,
        key: &ClipKey,
    ) -> Result<ReactionList, LibraryError> {
        let (actor, clip) = self.by_key(actor, key, Action::See).await?;
        let rows = self.store().reactions(&actor.viewer(), clip.id).await?;
        let reactions = rows.into_iter().map(|row| shown::reaction(&actor, row)).collect();
        Ok(ReactionList { reactions })
    }

    /// Reacts at a moment, to whole seconds. Whoever reacts twice in the same way at one moment has reacted once. A guest
    /// gets a secret with their first reaction to the clip, by which they react further and take back what they made.
    ///
    /// # Errors
    /// `not_found`; `sign_in_needed` if the clip takes nothing of guests; `bad_request` if the moment lies behind what has
    /// arrived of the clip; `too_many_requests` if the clip has as many reactions as it may have, or as one may make.
    pub async fn react(
        &self,
        actor: &Actor,
        key: &ClipKey,
        new: NewReaction,
    ) -> Result<PostedReaction, LibraryError> {
        let (actor, clip) = self.by_key(actor, key, Action::React).await?;
        within(&Anchor::moment(new.at_us), clip.recording.duration)?;
        let (by, secret) = match (actor.person(), actor.reply_secret()) {
            (Some(person), _) => (Reactor::Person(person.id), None),
            (None, Some(known)) if self.store().has_reacted(clip.id, known.hash()).await? => {
                (Reactor::Guest(known.hash()), None)
            }
            (None, _) => {
                let secret = Secret::random("reaction");
                (Reactor::Guest(secret.hash()), Some(secret))
            }
        };
        let row = ReactionRow {
            id: ReactionId::new(),
            clip: clip.id,
            kind: new.kind,
            at: Micros(new.at_us.0 / SECOND_US * SECOND_US),
            by,
            name: actor.person().map(|person| person.name.to_string()),
            created_at: self.now(),
        };
        let id = match self.store().add_reaction(&row, &self.reaction_room()).await? {
            Reacted::As(id) => id,
            Reacted::Full => return Err(LibraryError::ReactionsFull),
            Reacted::GuestsFull => return Err(LibraryError::GuestReactionsFull),
            Reacted::EachFull => return Err(LibraryError::EnoughReactions),
            Reacted::Gone => return Err(LibraryError::NotFound(Missing::Clip)),
        };
        self.announce(News::Reaction(clip.id, id));
        let shown = shown::reaction(&actor, ReactionRow { id, ..row });
        Ok(PostedReaction { reaction: Reaction { mine: true, ..shown }, secret })
    }

    /// Takes a reaction away: whoever made it, or the clip's author.
    ///
    /// # Errors
    /// `not_found`, `not_allowed`.
    pub async fn delete_reaction(
        &self,
        actor: &Actor,
        key: &ClipKey,
        reaction: ReactionId,
    ) -> Result<(), LibraryError> {
        let row = self.reaction_for(actor, key, reaction).await?;
        if !self.store().delete_reaction(reaction).await? {
            return Err(LibraryError::NotFound(Missing::Reaction));
        }
        self.announce(News::ReactionDeleted(row.clip, reaction));
        Ok(())
    }

    /// Whether `actor` may take a reaction away: asked before anything else of a request is read.
    ///
    /// # Errors
    /// `not_found`, `not_allowed`.
    pub async fn allow_reaction(
        &self,
        actor: &Actor,
        key: &ClipKey,
        reaction: ReactionId,
    ) -> Result<(), LibraryError> {
        self.reaction_for(actor, key, reaction).await.map(drop)
    }

    async fn reaction_for(
        &self,
        actor: &Actor,
        key: &ClipKey,
        reaction: ReactionId,
    ) -> Result<ReactionRow, LibraryError> {
        let (actor, clip) = self.by_key(actor, key, Action::See).await?;
        let row = self.store().reaction(clip.id, reaction).await?;
        let row = row.ok_or(LibraryError::NotFound(Missing::Reaction))?;
        may(&actor, Action::DeleteReaction, Resource::Reaction(&clip, &row))?;
        Ok(row)
    }

    /// How many reactions a clip takes: guests leave half of them to members.
    fn reaction_room(&self) -> ReactionQuota {
        let all = self.settings().max_reactions;
        ReactionQuota { all, guests: all / 2, each: all / 10 }
    }
}
