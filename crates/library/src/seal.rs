//! Sealing: a stream that has ended becomes one plain MP4, header before stream.
//!
//! ```text
//! header ─▶ media: clip.mp4 (all or nothing) ─▶ read it back: same digest? ─▶ store: sealed ─▶ the separate stream is removed
//! ```
//!
//! Each step can be done again, and is when a crash came between: the row decides which file counts. What the media give
//! back of the sealed file is what counts, since nothing else is left of the clip afterwards.

use std::ops::Range;

use bytes::Bytes;
use futures_util::StreamExt as _;
use tokio::task;
use vignette_fmp4::Sealer;
use vignette_model::digest::Hasher;
use vignette_model::{ClipId, Sha256};

use crate::error::{LibraryError, chain};
use crate::events::News;
use crate::library::Library;
use crate::media::{MediaError, MediaName, read_whole};
use crate::store::{Clip, PendingDeletion, PendingPart, SealState, Sealed};
use crate::stream_state::{limits, unreadable};

impl Library {
    /// Seals a clip that has ended, some time soon. What goes wrong is tried again by the next sweep.
    pub(crate) fn seal_in_background(&self, id: ClipId) {
        let library = self.clone();
        self.spawn_background(async move {
            match library.seal(id).await {
                Ok(true) => library.announce(News::Clip(id)),
                Ok(false) => {}
                Err(error) => tracing::warn!(clip.id = %id, error = chain(&error), "Sealing is put off"),
            }
        });
    }

    /// Seals a clip if it has ended and is not sealed; says whether it did.
    pub(crate) async fn seal(&self, id: ClipId) -> Result<bool, LibraryError> {
        // Never closed.
        let _slot = self.sealing().acquire().await;
        let _lock = self.lock_clip(id).await;
        let Some(clip) = self.store().clip(id).await? else { return Ok(false) };
        if !clip.upload.has_ended() || !clip.plays() || clip.seal != SealState::Unsealed {
            return Ok(false);
        }
        let header = match self.header(&clip).await {
            Ok(header) => header,
            // Trying again gives the same: whoever sent it keeps its copy, and what is here goes on playing as a stream.
            Err(error @ LibraryError::Damaged { .. }) => {
                tracing::error!(clip.id = %id, error = chain(&error), "A clip is not sealed");
                self.store().mark_damaged(id).await?;
                return Ok(false);
            }
            Err(error) => return Err(error),
        };
        let header_bytes = header.len() as u64;
        let of_header = header.clone();
        let header_sha256 = blocking(move || Sha256::of(&of_header)).await?;
        self.media_store().seal(id, header, clip.offset_bytes).await?;
        let ends = header_bytes + clip.offset_bytes;
        let sha256 = self.digest(id, MediaName::Sealed, header_bytes..ends).await?;
        let expected = match clip.upload.complete() {
            Some(acknowledged) => acknowledged,
            None => self.digest(id, MediaName::Stream, 0..clip.offset_bytes).await?,
        };
        if sha256 != expected || self.digest(id, MediaName::Sealed, 0..header_bytes).await? != header_sha256 {
            self.media_store().remove(id, MediaName::Sealed).await?;
            return self.not_the_same(&clip, expected).await;
        }
        let sealed = Sealed { header_bytes, header_sha256, sha256 };
        if !self.store().seal(id, clip.offset_bytes, &sealed).await? {
            return Ok(false);
        }
        tracing::info!(clip.id = %id, size_bytes = clip.offset_bytes, state = ?clip.state(), "Sealed a clip");
        self.delete_pending_locked(PendingDeletion { clip: id, part: PendingPart::Stream }).await?;
        Ok(true)
    }

    /// The sealed file is not what was acknowledged: either the stream is not either, or the copy went wrong and is made again.
    async fn not_the_same(&self, clip: &Clip, expected: Sha256) -> Result<bool, LibraryError> {
        if self.digest(clip.id, MediaName::Stream, 0..clip.offset_bytes).await? == expected {
            return Err(LibraryError::BadCopy { clip: clip.id });
        }
        tracing::error!(clip.id = %clip.id, "The media gave back other bytes than were acknowledged; the clip is not sealed");
        self.store().mark_damaged(clip.id).await?;
        Ok(false)
    }

    /// The sealed file's header, made of the stream's init segment and every moof.
    async fn header(&self, clip: &Clip) -> Result<Bytes, LibraryError> {
        let init_bytes = clip.head.map_or(0, |head| head.size_bytes);
        let init = self.part(clip.id, 0..init_bytes).await?;
        let mut sealer = Sealer::new(&init, limits(self.settings())).map_err(unreadable(clip.id))?;
        for fragment in self.store().fragments(clip.id).await? {
            let offset_bytes = fragment.moof_offset_bytes;
            let moof = self.part(clip.id, offset_bytes..offset_bytes + fragment.moof_size_bytes).await?;
            sealer.add(offset_bytes, &moof).map_err(unreadable(clip.id))?;
        }
        let offset_bytes = clip.offset_bytes;
        let header = blocking(move || sealer.header(offset_bytes)).await?.map_err(unreadable(clip.id))?;
        Ok(header.into())
    }

    async fn part(&self, id: ClipId, range: Range<u64>) -> Result<Bytes, LibraryError> {
        let name = MediaName::Stream;
        Ok(read_whole(id, name, self.media_store().read(id, name, range).await?).await?)
    }

    async fn digest(&self, id: ClipId, name: MediaName, range: Range<u64>) -> Result<Sha256, LibraryError> {
        let mut hasher = Hasher::default();
        let mut pieces = self.media_store().read(id, name, range).await?;
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|source| MediaError::io(id, name, source))?;
            hasher = blocking(move || {
                hasher.update(&piece);
                hasher
            })
            .await?;
        }
        Ok(hasher.digest())
    }

    /// Removes bytes that are no longer needed. What cannot be removed now is left to the next sweep.
    pub(crate) async fn delete_pending(&self, pending: PendingDeletion) {
        let _lock = self.lock_clip(pending.clip).await;
        let cleared = match self.store().pending_deletions().await {
            // They may be needed again by now: only what is still written down goes.
            Ok(all) if !all.contains(&pending) => Ok(()),
            Ok(_) => self.delete_pending_locked(pending).await,
            Err(error) => Err(error.into()),
        };
        if let Err(error) = cleared {
            tracing::warn!(clip.id = %pending.clip, error = chain(&error), "Bytes that are not needed stay for now");
        }
    }

    /// The same, for callers that hold the clip's lock.
    pub(crate) async fn delete_pending_locked(&self, pending: PendingDeletion) -> Result<(), LibraryError> {
        let media = self.media_store();
        match pending.part {
            PendingPart::Stream => media.remove(pending.clip, MediaName::Stream).await?,
            PendingPart::Sealed => media.remove(pending.clip, MediaName::Sealed).await?,
            PendingPart::All => media.delete(pending.clip).await?,
        }
        Ok(self.store().finish_deletion(pending).await?)
    }
}

/// Does what takes long beside the threads that answer requests.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, LibraryError> {
    task::spawn_blocking(work).await.map_err(|source| LibraryError::Task { doing: "seal a clip", source })
}
