//! Rows that say how far members have watched clips: one for each member and clip at most.

use async_trait::async_trait;
use vignette_model::api::{WatchProgress, WatchedTo};
use vignette_model::{ClipId, PersonId};

use crate::store::StoreError;

/// The rows of what members have watched.
#[async_trait]
pub trait WatchRows {
    /// Notes that a person has a clip open and has watched it so far; the replies that there are count as read. Nothing is
    /// written if nothing changes by it. `false` if there is no such clip.
    async fn note_progress(
        &self,
        person: PersonId,
        clip: ClipId,
        watched: &WatchedTo,
    ) -> Result<bool, StoreError>;

    /// How far a person has watched each of these clips, in their order; the default for what is not there. What was there
    /// when they joined is not new to them.
    async fn progress(
        &self,
        person: PersonId,
        clips: &[ClipId],
    ) -> Result<Vec<WatchProgress>, StoreError>;
}
