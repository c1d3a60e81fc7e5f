//! [`Store`]: where a library keeps its rows.
//!
//! Every method is one statement or one transaction; a method that changes something has made it durable when it returns.
//! Rows never hold a secret, only its hash. The contract suite (feature `contract`) runs on every
//! implementation.

mod access;
mod clips;
mod jobs;
mod people;
mod reactions;
mod recordings;
mod replies;
mod search;
mod transcript;
mod watching;

pub use access::{AccessRows, CodeRow, NewSession, SessionRow, TokenId, TokenRow};
pub use clips::{Clip, ClipFilter, ClipRows, FreshClip, FreshUpload, RowChange, TranscriptState};
pub use jobs::{Claim, Job, JobId, JobRow, JobRows, LONGEST_DELAY, NotAJob};
pub use people::{
    AccountChange, AccountState, InvitationId, InvitationRow, Invite, Inviter, Joined, MemberRow,
    NewPassword, NewPerson, PeopleRows, PersonRow, Reset,
};
pub use reactions::{Reacted, ReactionQuota, ReactionRow, ReactionRows, Reactor};
pub use recordings::{
    Appended, RecordingRow, RecordingRows, SealState, Sealed, StreamHead, UploadPhase, UploadRow,
};
pub use replies::{Kept, ReplyQuota, ReplyRow, ReplyRows, place};
pub use search::{FoundPassage, SearchRows, Term};
pub use transcript::{CueRow, MachineTexts, TranscriptRow, TranscriptRows};
pub use watching::WatchRows;

pub use vignette_fmp4::Fragment;

use std::error::Error;

use async_trait::async_trait;
use vignette_model::text::LibraryName;

/// Rows, and the few transactions over them that a library needs.
#[async_trait]
pub trait Store:
    ClipRows
    + RecordingRows
    + JobRows
    + ReplyRows
    + ReactionRows
    + TranscriptRows
    + SearchRows
    + WatchRows
    + PeopleRows
    + AccessRows
    + Send
    + Sync
    + 'static
{
    /// What the library was named, if it was.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn library_name(&self) -> Result<Option<LibraryName>, StoreError>;

    /// Names the library, in place of the name before.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn name_library(&self, name: &LibraryName) -> Result<(), StoreError>;

    /// Whether rows can be written.
    ///
    /// # Errors
    /// [`StoreError`] if not.
    async fn ready(&self) -> Result<(), StoreError>;

    /// Tries to write again after the rows could only be opened for reading; `true` if that had been so and is over.
    ///
    /// # Errors
    /// [`StoreError`] if rows still cannot be written.
    async fn recover(&self) -> Result<bool, StoreError>;

    /// Gives the room of deleted rows back to the disk and removes what is left of them, a bounded part in each call.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn shrink(&self) -> Result<(), StoreError>;
}

/// Rows could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("could not {doing}")]
pub struct StoreError {
    /// What was tried: "append to a clip".
    pub doing: &'static str,
    /// What kind of error it is.
    pub kind: StoreErrorKind,
    /// What the store said.
    pub source: Box<dyn Error + Send + Sync>,
}

/// Kinds of [`StoreError`] that somebody acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreErrorKind {
    /// The disk is full.
    NoSpace,
    /// The disk takes no writes.
    CannotWrite,
    /// Anything else.
    Other,
}

impl StoreErrorKind {
    /// Whether the disk refuses writes; what lies on it can still be read then.
    #[must_use]
    pub const fn is_disk(self) -> bool {
        matches!(self, Self::NoSpace | Self::CannotWrite)
    }
}
