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
use vignette_model::{ClipId, Sha256};

use crate::error::{LibraryError, chain};
use crate::events::News;
use crate::library::Library;
use crate::media::{Extent, ObjectName, Slice, read_whole};
use crate::store::{Clip, SealState, Sealed};
use crate::stream_state::{limits, unreadable};

impl Library {
    /// Seals a clip if it has ended and is not sealed.
    pub(crate) async fn seal(&self, id: ClipId) -> Result<(), LibraryError> {
        let Some(clip) = self.store().clip(id).await? else { return Ok(()) };
        if !clip.upload.has_ended() || !clip.plays() || clip.seal != SealState::Unsealed {
            return Ok(());
        }
        let extents = self.store().extents(id, 0..clip.offset_bytes).await?;
        let header = match self.header(&clip, &extents).await {
            Ok(header) => header,
            // Trying again gives the same: whoever sent it keeps its copy, and what is here goes on playing as a stream.
            Err(error @ LibraryError::Damaged { .. }) => {
                tracing::error!(clip.id = %id, error = chain(&error), "A clip is not sealed");
                self.store().mark_damaged(id).await?;
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let sealed = Sealed {
            object: self.media_store().seal(id, header.clone(), &extents).await?,
            header_bytes: header.len() as u64,
            header_sha256: blocking(move || Sha256::of(&header)).await?,
            sha256: self.whole_digest(&clip).await?,
        };
        if !self.is_as_it_was(&clip, &sealed, &extents).await? {
            self.media_store().remove(id, &sealed.object).await?;
            return self.copy_went_wrong(&clip, &extents).await;
        }
        if !self.store().seal(id, clip.offset_bytes, &sealed, self.now()).await? {
            // More has arrived meanwhile, another process sealed it, or it was deleted.
            self.media_store().remove(id, &sealed.object).await?;
            return Ok(());
        }
        tracing::info!(clip.id = %id, size_bytes = clip.offset_bytes, state = ?clip.state(), "Sealed a clip");
        self.announce(News::Clip(id));
        Ok(())
    }

    /// SHA-256 of the stream as it was acknowledged.
    async fn whole_digest(&self, clip: &Clip) -> Result<Sha256, LibraryError> {
        if let Some(sha256) = clip.upload.complete() {
            return Ok(sha256);
        }
        let stored = self.store().stream_state(clip.id).await?;
        Ok(self.stream_state(clip.id, clip.offset_bytes, stored.as_deref()).await?.digest())
    }

    /// Whether a sealed object has, read back, the header that was made and the bytes that were acknowledged.
    async fn is_as_it_was(
        &self,
        clip: &Clip,
        sealed: &Sealed,
        extents: &[Extent],
    ) -> Result<bool, LibraryError> {
        let header = Slice { object: sealed.object.clone(), range: 0..sealed.header_bytes };
        if self.slice_digest(clip.id, header).await? != Some(sealed.header_sha256) {
            return Ok(false);
        }
        let moved = extents_in(&sealed.object, sealed.header_bytes, extents);
        Ok(self.damaged_extents(clip.id, &moved).await?.is_empty())
    }

    /// A sealed object is not what was acknowledged: either the stream is not either, or it is copied again.
    async fn copy_went_wrong(&self, clip: &Clip, extents: &[Extent]) -> Result<(), LibraryError> {
        let damaged = self.damaged_extents(clip.id, extents).await?;
        if damaged.is_empty() {
            return Err(LibraryError::BadCopy { clip: clip.id });
        }
        for extent in damaged {
            tracing::error!(clip.id = %clip.id, %extent, "The media gave back other bytes than were acknowledged");
        }
        Ok(self.store().mark_damaged(clip.id).await?)
    }

    /// The sealed object's header, made of the stream's init segment and every moof.
    async fn header(&self, clip: &Clip, extents: &[Extent]) -> Result<Bytes, LibraryError> {
        let init_bytes = clip.head.map_or(0, |head| head.size_bytes);
        let init = self.part(clip.id, extents, 0..init_bytes).await?;
        let mut sealer =
            Sealer::new(&init, limits(self.settings())).map_err(unreadable(clip.id))?;
        for fragment in self.store().fragments(clip.id).await? {
            let offset_bytes = fragment.moof_offset_bytes;
            let moof = self
                .part(clip.id, extents, offset_bytes..offset_bytes + fragment.moof_size_bytes)
                .await?;
            sealer.add(offset_bytes, &moof).map_err(unreadable(clip.id))?;
        }
        let offset_bytes = clip.offset_bytes;
        let header =
            blocking(move || sealer.header(offset_bytes)).await?.map_err(unreadable(clip.id))?;
        Ok(header.into())
    }

    async fn part(
        &self,
        id: ClipId,
        extents: &[Extent],
        range: Range<u64>,
    ) -> Result<Bytes, LibraryError> {
        Ok(read_whole(id, self.media_store().read(id, extents, range).await?).await?)
    }

    /// Removes what the media have of a clip and no row names.
    ///
    /// The objects are listed before the row is read: one that an append or a seal makes meanwhile is not in the list.
    pub(crate) async fn remove_superfluous(&self, id: ClipId) -> Result<(), LibraryError> {
        let media = self.media_store();
        let objects = media.objects(id).await?;
        match self.store().clip(id).await?.map(|clip| clip.seal) {
            None => media.delete(id).await?,
            Some(SealState::Sealed(sealed)) => {
                for object in objects.iter().filter(|object| **object != sealed.object) {
                    media.remove(id, object).await?;
                }
            }
            // It goes on, and will be sealed again.
            Some(SealState::Unsealed | SealState::Damaged) => {}
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
