//! Rows of reactions.

use async_trait::async_trait;
use vignette_model::{ClipId, Micros, PersonId, ReactionId, ReactionKind, Sha256, UtcMicros};

use crate::actor::Viewer;
use crate::store::StoreError;

/// A reaction as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReactionRow {
    /// Which.
    pub id: ReactionId,
    /// To which clip.
    pub clip: ClipId,
    /// What it says.
    pub kind: ReactionKind,
    /// The moment: a whole second.
    pub at: Micros,
    /// Whose it is.
    pub by: Reactor,
    /// A member's present name. Read with the reaction and never kept with it.
    pub name: Option<String>,
    /// When it was made.
    pub created_at: UtcMicros,
}

/// Who reacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reactor {
    /// Somebody with an account.
    Person(PersonId),
    /// A guest, by the hash of the secret they got with their first reaction to the clip.
    Guest(Sha256),
}

/// How many reactions a clip takes: of all, of guests alone, and of one person or guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReactionQuota {
    /// Of all.
    pub all: u32,
    /// Of guests.
    pub guests: u32,
    /// Of one person or guest.
    pub each: u32,
}

/// What came of a reaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reacted {
    /// It is kept, or there was the same one already: this one.
    As(ReactionId),
    /// The clip takes no more.
    Full,
    /// The clip takes no more of guests.
    GuestsFull,
    /// The clip takes no more of this one.
    EachFull,
    /// The clip is not there.
    Gone,
}

/// The rows of reactions.
#[async_trait]
pub trait ReactionRows {
    /// All reactions to a clip that the viewer may see, by moment, kind and age. A clip has at most as many as its
    /// [`ReactionQuota`] says.
    async fn reactions(
        &self,
        viewer: &Viewer,
        clip: ClipId,
    ) -> Result<Vec<ReactionRow>, StoreError>;

    /// One reaction to a clip.
    async fn reaction(
        &self,
        clip: ClipId,
        id: ReactionId,
    ) -> Result<Option<ReactionRow>, StoreError>;

    /// Whether a guest of this secret has reacted to a clip.
    async fn has_reacted(&self, clip: ClipId, guest: Sha256) -> Result<bool, StoreError>;

    /// Adds a reaction, unless whose it is has one of its kind at its moment, if there is room.
    async fn add_reaction(
        &self,
        reaction: &ReactionRow,
        room: &ReactionQuota,
    ) -> Result<Reacted, StoreError>;

    /// Takes a reaction away; `false` if there is no such reaction.
    async fn delete_reaction(&self, id: ReactionId) -> Result<bool, StoreError>;
}
