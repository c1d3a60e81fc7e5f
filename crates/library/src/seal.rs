//! Sealing: a stream that has ended becomes one plain MP4, header before stream.
//!
//! ```text
//! header ─▶ media: a new object (all or nothing) ─▶ read it back: each extent as it was? ─▶ store: sealed, the extents lie in it
//!                                                              ─▶ the next job: objects that no row names any more are removed
//! ```
//!
//! Each step can be done again, and is when a crash came between: only rows say which object counts. What the media give
//! back of the sealed object is what counts, since nothing else is left of the clip afterwards.

use std::ops::Range;

use bytes::Bytes;
use tokio::task;
use vignette_fmp4::Sealer;
use vignette_model::{RecordingId, Sha256};

use crate::error::{LibraryError, chain};
use crate::library::Library;
use crate::media::{Extent, ObjectName, Slice, read_whole};
use crate::store::{RecordingRow, SealState, Sealed};
use crate::stream_state::{limits, unreadable};

impl Library {
    /// Seals a recording if it has ended and is not sealed.
    pub(crate) async fn seal(&self, id: RecordingId) -> Result<(), LibraryError> {
        let Some(row) = self.store().recording(id).await? else { return Ok(()) };
        if !row.phase.has_ended() || !row.plays() || row.seal != SealState::Unsealed {
            return Ok(());
        }
        let extents = self.store().extents(id, 0..row.offset_bytes).await?;
        let header = match self.header(&row, &extents).await {
            Ok(header) => header,
            // Trying again gives the same: whoever sent it keeps its copy, and what is here goes on playing as a stream.
            Err(error @ LibraryError::Damaged { .. }) => {
                tracing::error!(recording.id = %id, error = chain(&error), "A recording is not sealed");
                self.store().mark_damaged(id, row.offset_bytes).await?;
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let sealed = Sealed {
            object: self.media_store().seal(id, header.clone(), &extents).await?,
            header_bytes: header.len() as u64,
            header_sha256: blocking(move || Sha256::of(&header)).await?,
            sha256: self.whole_digest(&row).await?,
        };
        if !self.is_as_it_was(&row, &sealed, &extents).await? {
            self.media_store().remove(id, &sealed.object).await?;
            return self.copy_went_wrong(&row, &extents).await;
        }
        if !self.store().seal(id, row.offset_bytes, &sealed, self.now()).await? {
            // More has arrived meanwhile, another process sealed it, or it was deleted.
            self.media_store().remove(id, &sealed.object).await?;
            return Ok(());
        }
        tracing::info!(recording.id = %id, size_bytes = row.offset_bytes, phase = ?row.phase, "Sealed a recording");
        self.announce_recording(id).await
    }

    /// SHA-256 of the stream as it was acknowledged.
    async fn whole_digest(&self, row: &RecordingRow) -> Result<Sha256, LibraryError> {
        if let Some(sha256) = row.phase.complete() {
            return Ok(sha256);
        }
        let stored = self.store().stream_state(row.id).await?;
        Ok(self.stream_state(row.id, row.offset_bytes, stored.as_deref()).await?.digest())
    }

    /// Whether a sealed object has, read back, the header that was made and the bytes that were acknowledged.
    async fn is_as_it_was(
        &self,
        row: &RecordingRow,
        sealed: &Sealed,
        extents: &[Extent],
    ) -> Result<bool, LibraryError> {
        let header = Slice { object: sealed.object.clone(), range: 0..sealed.header_bytes };
        if self.slice_digest(row.id, header).await? != Some(sealed.header_sha256) {
            return Ok(false);
        }
        let moved = extents_in(&sealed.object, sealed.header_bytes, extents);
        Ok(self.damaged_extents(row.id, &moved).await?.is_empty())
    }

    /// A sealed object is not what was acknowledged: either the stream is not either, or it is copied again.
    async fn copy_went_wrong(
        &self,
        row: &RecordingRow,
        extents: &[Extent],
    ) -> Result<(), LibraryError> {
        let damaged = self.damaged_extents(row.id, extents).await?;
        if damaged.is_empty() {
            return Err(LibraryError::BadCopy { recording: row.id });
        }
        for extent in damaged {
            tracing::error!(recording.id = %row.id, %extent, "The media gave back other bytes than were acknowledged");
        }
        Ok(self.store().mark_damaged(row.id, row.offset_bytes).await?)
    }

    /// The sealed object's header, made of the stream's init segment and every moof.
    async fn header(&self, row: &RecordingRow, extents: &[Extent]) -> Result<Bytes, LibraryError> {
        let init_bytes = row.head.map_or(0, |head| head.size_bytes);
        let init = self.part(row.id, extents, 0..init_bytes).await?;
        let mut sealer = Sealer::new(&init, limits(self.settings())).map_err(unreadable(row.id))?;
        for fragment in self.store().fragments(row.id).await? {
            let offset_bytes = fragment.moof_offset_bytes;
            let moof = self
                .part(row.id, extents, offset_bytes..offset_bytes + fragment.moof_size_bytes)
                .await?;
            sealer.add(offset_bytes, &moof).map_err(unreadable(row.id))?;
        }
        let offset_bytes = row.offset_bytes;
        let header =
            blocking(move || sealer.header(offset_bytes)).await?.map_err(unreadable(row.id))?;
        Ok(header.into())
    }

    async fn part(
        &self,
        id: RecordingId,
        extents: &[Extent],
        range: Range<u64>,
    ) -> Result<Bytes, LibraryError> {
        Ok(read_whole(id, self.media_store().read(id, extents, range).await?).await?)
    }

    /// Removes what the media have of a recording and no row names.
    ///
    /// The objects are listed before the cleaning begins in the rows: one that is made after the list is not removed, and an
    /// append that wrote to one before it is not stored afterwards, but begun again by its sender.
    pub(crate) async fn remove_superfluous(&self, id: RecordingId) -> Result<(), LibraryError> {
        let media = self.media_store();
        let objects = media.objects(id).await?;
        if self.store().recording(id).await?.is_none() {
            return Ok(media.delete(id).await?);
        }
        // One that goes on will be sealed again.
        let Some(sealed) = self.store().begin_cleaning(id).await? else { return Ok(()) };
        for object in objects.iter().filter(|object| **object != sealed) {
            media.remove(id, object).await?;
        }
        Ok(())
    }
}

/// Extents where they lie in a sealed object: behind its header, one after the other.
fn extents_in(object: &ObjectName, header_bytes: u64, extents: &[Extent]) -> Vec<Extent> {
    let moved = |extent: &Extent| Extent {
        object: object.clone(),
        position_bytes: header_bytes + extent.offset_bytes,
        ..extent.clone()
    };
    extents.iter().map(moved).collect()
}

/// Does what takes long on a thread that answers no requests.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, LibraryError> {
    task::spawn_blocking(work)
        .await
        .map_err(|source| LibraryError::Task { doing: "read or seal a clip", source })
}
