//! Uploads: bytes of a stream arrive at an offset and are acknowledged once they are durable.
//!
//! ```text
//! Append ─▶ digest ─▶ cut ─▶ media: write, fsync ─▶ store: one transaction {extent, fragments, offset if still so} ─▶ status
//! ```
//!
//! All of an append or none of it. Whatever goes wrong before the transaction leaves the offset where it was; bytes that were
//! written without a row are written over by the next append.

use bytes::Bytes;
use tokio::task;
use vignette_fmp4::{Fragment, Piece};
use vignette_model::{PersonId, Secret, Sha256};

use crate::error::{LibraryError, Missing, SizeLimit};
use crate::events::News;
use crate::library::Library;
use crate::store::{Appended, PendingDeletion, PendingPart, SealState, StoreError, StreamHead, UploadRow};
use crate::stream_state::{StreamState, TakenIn};

/// Bytes to be added to a stream.
#[derive(Clone, Debug)]
pub struct Append {
    /// Where in the stream they belong: must be the acknowledged offset.
    pub offset_bytes: u64,
    /// The bytes; may be empty to say `complete`.
    pub bytes: Bytes,
    /// Their SHA-256 as the sender says.
    pub digest: Option<Sha256>,
    /// How long the whole stream will be, if the sender says so now: stored with the bytes, or not at all.
    pub length_bytes: Option<u64>,
    /// Whether the stream ends with them.
    pub complete: bool,
    /// SHA-256 of the whole stream as the sender says; asked for with `complete`.
    pub repr_digest: Option<Sha256>,
}

/// How far an upload has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadStatus {
    /// Bytes that are durable here: where to go on.
    pub offset_bytes: u64,
    /// How long the whole stream is, or will be as its sender says.
    pub length_bytes: Option<u64>,
    /// Whether nothing follows.
    pub complete: bool,
    /// SHA-256 of the whole stream, once it is sealed and has been read back.
    pub sealed_sha256: Option<Sha256>,
    /// Whether the media gave back other bytes than were acknowledged: the sender does well to keep its copy.
    pub damaged: bool,
}

impl From<&UploadRow> for UploadStatus {
    fn from(row: &UploadRow) -> Self {
        let complete = row.phase.complete();
        Self {
            offset_bytes: row.offset_bytes,
            length_bytes: if complete.is_some() { Some(row.offset_bytes) } else { row.length_bytes },
            complete: complete.is_some(),
            // An interrupted clip is sealed too, but as less than the sender has.
            sealed_sha256: complete.and(row.seal.sealed()).map(|sealed| sealed.sha256),
            damaged: row.seal == SealState::Damaged,
        }
    }
}

/// An append that changed nothing.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct AppendRefused {
    /// Why.
    pub error: LibraryError,
    /// Bytes that are durable here; `None` if the secret opens no upload, or the rows could not be read.
    pub offset_bytes: Option<u64>,
}

impl AppendRefused {
    fn at(offset_bytes: u64, error: LibraryError) -> Self {
        Self { error, offset_bytes: Some(offset_bytes) }
    }

    fn wrong_offset(offset_bytes: u64) -> Self {
        Self::at(offset_bytes, LibraryError::OffsetMismatch { offset_bytes })
    }
}

/// No offset is known where only an error is.
impl From<LibraryError> for AppendRefused {
    fn from(error: LibraryError) -> Self {
        Self { error, offset_bytes: None }
    }
}

impl From<StoreError> for AppendRefused {
    fn from(error: StoreError) -> Self {
        LibraryError::from(error).into()
    }
}

impl Library {
    /// How far the upload has come.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn upload_status(&self, upload: &Secret) -> Result<UploadStatus, LibraryError> {
        Ok(UploadStatus::from(&self.upload_row(upload.hash()).await?))
    }

    /// What the sender of an upload of its own said of it as it began: [`NewUpload::metadata`](crate::NewUpload::metadata).
    ///
    /// # Errors
    /// `not_found`.
    pub async fn upload_metadata(&self, upload: &Secret) -> Result<Option<String>, LibraryError> {
        let row = self.upload_row(upload.hash()).await?;
        Ok(self.store().upload_metadata(row.clip).await?)
    }

    /// Whose upload it is.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn uploader(&self, upload: &Secret) -> Result<PersonId, LibraryError> {
        self.store().uploader(upload.hash()).await?.ok_or(LibraryError::NotFound(Missing::Upload))
    }

    /// Makes bytes durable and acknowledges them: all of them or none. Goes on to the end even if the caller stops waiting.
    /// Sealing begins in the background once the stream is complete.
    ///
    /// # Errors
    /// [`AppendRefused`] with `not_found`, `offset_mismatch`, `digest_mismatch`, `not_a_stream`, `too_large`, `bad_request` (it does
    /// not end where it was said to), `conflict` (it is complete), `no_space` or `internal`; the offset has not moved then.
    pub async fn append(&self, upload: &Secret, append: Append) -> Result<UploadStatus, AppendRefused> {
        let (library, upload) = (self.clone(), upload.hash());
        // The inner result travels as a value: an append that is refused is no work that failed.
        self.run_detached(async move { Ok(library.append_locked(upload, append).await) }).await?
    }

    /// The sender gives up, and the secret opens nothing any more. A clip that the upload alone made is deleted; of any other
    /// clip what has arrived is sealed.
    ///
    /// # Errors
    /// `not_found`; `conflict` if the stream is complete.
    pub async fn end_upload(&self, upload: &Secret) -> Result<(), LibraryError> {
        let (library, upload) = (self.clone(), upload.hash());
        self.run_detached(async move {
            let id = library.upload_row(upload).await?.clip;
            let lock = library.lock_clip(id).await;
            let row = library.upload_row(upload).await?;
            if row.by_upload && row.phase.complete().is_none() {
                let clip = library.store().clip(id).await?.ok_or(LibraryError::NotFound(Missing::Upload))?;
                library.delete_rows(&clip).await?;
                drop(lock);
                library.delete_pending(PendingDeletion { clip: id, part: PendingPart::All }).await;
                return Ok(());
            }
            if !library.store().interrupt(id, row.heard_at, true).await? {
                return Err(LibraryError::UploadComplete);
            }
            drop(lock);
            tracing::info!(clip.id = %id, size_bytes = row.offset_bytes, "An upload was given up");
            library.announce(News::Clip(id));
            library.seal_in_background(id);
            Ok(())
        })
        .await
    }

    pub(crate) async fn upload_row(&self, secret: Sha256) -> Result<UploadRow, LibraryError> {
        self.store().upload(secret).await?.ok_or(LibraryError::NotFound(Missing::Upload))
    }

    async fn append_locked(&self, secret: Sha256, append: Append) -> Result<UploadStatus, AppendRefused> {
        let row = self.upload_row(secret).await?;
        if let Some(sha256) = row.phase.complete() {
            return repeated(&row, sha256, &append);
        }
        let mut lock = self.lock_clip(row.clip).await;
        // Another append may have changed it while this one waited for the lock.
        let row = self.upload_row(secret).await?;
        if let Some(sha256) = row.phase.complete() {
            return repeated(&row, sha256, &append);
        }
        if append.offset_bytes != row.offset_bytes {
            return Err(AppendRefused::wrong_offset(row.offset_bytes));
        }
        let at = |error| AppendRefused::at(row.offset_bytes, error);
        self.check_size(&row, &append).map_err(at)?;
        let length_bytes = self.check_end(&row, &append).map_err(at)?;
        self.unseal(&row).await.map_err(at)?;
        let known = lock.take().filter(|known| known.offset_bytes() == row.offset_bytes);
        let before = match known {
            Some(known) => known,
            None => self.resume(row.clip, row.offset_bytes).await.map_err(at)?,
        };
        let complete = append.complete;
        let taken = take_in(before.clone(), &append).await.and_then(|taken| {
            let whole = complete.then(|| taken.after.digest());
            check_whole(&row, &append, &taken.pieces, whole).map(|()| (taken, whole))
        });
        let (TakenIn { after, pieces, sha256 }, whole) = match taken {
            Ok(taken) => taken,
            Err(error) => {
                *lock = Some(before);
                return Err(at(error));
            }
        };
        // After an error here only rows and bytes say how far the stream has come, so no state is kept.
        let offset_bytes = self.commit(&row, &append, &pieces, sha256, whole).await?;
        *lock = (!complete).then_some(after);
        drop(lock);
        if complete {
            tracing::info!(clip.id = %row.clip, size_bytes = offset_bytes, "A stream is complete");
            self.seal_in_background(row.clip);
        }
        self.announce(News::Clip(row.clip));
        let length_bytes = if complete { Some(offset_bytes) } else { length_bytes };
        Ok(UploadStatus { offset_bytes, length_bytes, complete, sealed_sha256: None, damaged: false })
    }

    fn check_size(&self, row: &UploadRow, append: &Append) -> Result<(), LibraryError> {
        let (size, settings) = (append.bytes.len() as u64, self.settings());
        let (limit, most_bytes) = if size > settings.max_append_bytes {
            (SizeLimit::Append, settings.max_append_bytes)
        } else if row.offset_bytes.saturating_add(size) > settings.max_clip_bytes {
            (SizeLimit::Clip, settings.max_clip_bytes)
        } else {
            return Ok(());
        };
        Err(LibraryError::TooLarge { limit, most_bytes })
    }

    /// Checks that the stream ends where its sender says, now or before; gives the length that it has then, if one is known.
    fn check_end(&self, row: &UploadRow, append: &Append) -> Result<Option<u64>, LibraryError> {
        if let Some(declared) = append.length_bytes {
            self.check_declared(&UploadStatus::from(row), declared)?;
        }
        let length_bytes = append.length_bytes.or(row.length_bytes);
        let end = row.offset_bytes.saturating_add(append.bytes.len() as u64);
        let fits = match length_bytes {
            Some(length) if append.complete => end == length,
            Some(length) => end <= length,
            None => true,
        };
        if fits { Ok(length_bytes) } else { Err(LibraryError::AnotherLength) }
    }

    /// Makes the bytes durable, then the rows that tell of them; gives the offset behind them.
    async fn commit(
        &self,
        row: &UploadRow,
        append: &Append,
        pieces: &[Piece],
        sha256: Sha256,
        complete: Option<Sha256>,
    ) -> Result<u64, AppendRefused> {
        if !append.bytes.is_empty() {
            let written = self.media_store().append(row.clip, row.offset_bytes, append.bytes.clone()).await;
            written.map_err(|error| AppendRefused::at(row.offset_bytes, error.into()))?;
        }
        let fragments: Vec<Fragment> = fragments(pieces).copied().collect();
        let appended = Appended {
            clip: row.clip,
            from_bytes: row.offset_bytes,
            to_bytes: row.offset_bytes + append.bytes.len() as u64,
            sha256,
            length_bytes: append.length_bytes,
            at: self.now(),
            head: pieces.iter().find_map(stream_head),
            fragments: &fragments,
            complete,
        };
        if self.store().append(&appended).await? {
            return Ok(appended.to_bytes);
        }
        // Another process was first, or the clip was deleted.
        match self.store().clip(row.clip).await? {
            Some(now) => Err(AppendRefused::wrong_offset(now.offset_bytes)),
            None => Err(LibraryError::NotFound(Missing::Clip).into()),
        }
    }

    /// An interrupted clip whose sender came back: its stream becomes a file of its own again.
    async fn unseal(&self, row: &UploadRow) -> Result<(), LibraryError> {
        let Some(sealed) = row.seal.sealed() else { return Ok(()) };
        self.media_store().unseal(row.clip, sealed.header_bytes).await?;
        if self.store().unseal(row.clip).await? {
            tracing::info!(clip.id = %row.clip, "An interrupted upload goes on");
            self.delete_pending_locked(PendingDeletion { clip: row.clip, part: PendingPart::Sealed }).await?;
        }
        Ok(())
    }
}

/// Holds the bytes against their digest, then cuts and hashes them, where it holds nobody up.
pub(crate) async fn take_in(before: StreamState, append: &Append) -> Result<TakenIn, LibraryError> {
    let (bytes, digest) = (append.bytes.clone(), append.digest);
    let work = move || {
        let sha256 = Sha256::of(&bytes);
        if digest.is_some_and(|said| said != sha256) {
            return Err(LibraryError::DigestMismatch);
        }
        before.with(&bytes, sha256).map_err(LibraryError::NotAStream)
    };
    let done = task::spawn_blocking(work).await;
    done.unwrap_or_else(|source| Err(LibraryError::Task { doing: "cut a stream", source }))
}

/// What only the whole stream can show: that its digest is right, and that there is something to play.
fn check_whole(row: &UploadRow, append: &Append, pieces: &[Piece], whole: Option<Sha256>) -> Result<(), LibraryError> {
    let Some(whole) = whole else { return Ok(()) };
    if append.repr_digest.is_some_and(|said| said != whole) {
        return Err(LibraryError::StreamDigestMismatch);
    }
    if !row.plays && fragments(pieces).next().is_none() {
        return Err(LibraryError::NothingToPlay);
    }
    Ok(())
}

/// The answer to an append after the end of a stream with the digest `sha256`. A sender that did not get the last answer asks
/// again, with nothing more to send.
fn repeated(row: &UploadRow, sha256: Sha256, append: &Append) -> Result<UploadStatus, AppendRefused> {
    if append.offset_bytes != row.offset_bytes {
        return Err(AppendRefused::wrong_offset(row.offset_bytes));
    }
    let same = append.repr_digest.is_none_or(|said| said == sha256);
    if append.bytes.is_empty() && append.complete && same {
        return Ok(row.into());
    }
    Err(AppendRefused::at(row.offset_bytes, LibraryError::UploadComplete))
}

fn fragments(pieces: &[Piece]) -> impl Iterator<Item = &Fragment> {
    pieces.iter().filter_map(|piece| match piece {
        Piece::Fragment(fragment) => Some(fragment),
        Piece::Init(_) => None,
    })
}

fn stream_head(piece: &Piece) -> Option<StreamHead> {
    match piece {
        Piece::Init(init) => {
            let (width, height) = init.picture();
            Some(StreamHead { size_bytes: init.size_bytes, width, height })
        }
        Piece::Fragment(_) => None,
    }
}
