//! Clips, replies, people; stores and media; who may see what.
//!
//! ```text
//! NewClip ─▶ clip + upload secret
//! bytes ──▶ append: media (durable) ─▶ store (one transaction) ─▶ acknowledged offset ─▶ events
//!                                                     complete ─▶ seal: header + stream = one plain MP4
//! key ────▶ watch, playlist, media, replies
//! ```
//!
//! Everything goes through [`Library`]. It asks [`may`] before it does anything, keeps rows in a [`Store`](store::Store) and
//! bytes in [`Media`](media::Media), and never trusts an index that it did not compute from the bytes.
//!
//! Invariants:
//! 1. Bytes are durable before the row that tells of them, and the row before the answer.
//! 2. An acknowledged offset is never taken back, and the bytes before it never change.
//! 3. Of two writers at one offset one wins, by compare-and-swap in the store; the other learns the true offset.
//! 4. Nothing is deleted but what a person deleted, or the upload that alone made it gave up: an upload that falls silent plays
//!    as far as it came, and goes on if its sender comes back.
//! 5. A secret is stored as its hash only.
#![forbid(unsafe_code)]

mod actor;
mod announce;
pub mod captions;
mod clip;
#[cfg(feature = "contract")]
pub mod contract;
pub mod error;
mod events;
mod jobs;
mod library;
mod library_settings;
pub mod locks;
pub mod markdown;
pub mod media;
mod new_upload;
mod passwords;
mod people;
mod problem;
mod reaction;
mod reply;
mod rules;
mod seal;
mod search;
mod shown;
pub mod store;
mod stream_state;
mod sweep;
mod transcript;
mod upload;
mod verify;
mod watch;

pub use actor::{Actor, Audience, Person, Role, SessionId, Standing, Viewer};
pub use error::LibraryError;
pub use events::{ClipEvents, LibraryEvents};
pub use library::Library;
pub use library_settings::LibrarySettings;
pub use new_upload::NewUpload;
pub use people::{Authorization, Newcomer, SessionView, SignedIn, TokenView, Visit};
pub use reply::MOST_OF_A_PAGE;
pub use rules::{Action, Resource, may};
pub use store::{InvitationId, Job, JobId, JobRow, TokenId};
pub use transcript::TranscriptFile;
pub use upload::{Append, AppendRefused, LockedUpload, UploadStatus};
pub use verify::{Damage, DamagedExtent, Verified};
pub use watch::{MediaFile, MediaPart, Playlist, Poster};
