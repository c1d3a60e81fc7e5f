//! Uploads: bytes of a stream arrive at an offset and are acknowledged once they are durable.
//!
//! ```text
//! lock ─▶ row ─▶ digest ─▶ cut ─▶ media: extent, fsync ─▶ store: one transaction {extent, fragments, offset if still so} ─▶ status
//! ```
//!
//! All of an append or none of it, by one task. Whatever goes wrong before the transaction leaves the offset where it was; an extent
//! without a row is read by nobody, and removed at the latest when the clip is sealed.

use std::sync::Arc;

use bytes::Bytes;
use tokio::task;
use tokio_util::sync::CancellationToken;
use vignette_fmp4::{Fragment, Piece};
use vignette_model::{PersonId, Secret, Sha256};

use crate::error::{LibraryError, Missing, SizeLimit};
use crate::events::News;
use crate::library::Library;
use crate::locks::UploadLock;
use crate::media::Extent;
use crate::store::{Appended, SealState, StoreError, StreamHead, UploadPhase, UploadRow};
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
            length_bytes: if complete.is_some() {
                Some(row.offset_bytes)
            } else {
                row.length_bytes
            },
            complete: complete.is_some(),
            // An interrupted clip is sealed too, but as less than the sender has.
            sealed_sha256: complete.and_then(|_| row.seal.sealed()).map(|sealed| sealed.sha256),
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

/// An upload under its lock: no other request of this library appends to it until this is dropped.
pub struct LockedUpload {
    library: Library,
    /// Shared with the append that goes on after its request has gone.
    lock: Arc<UploadLock>,
    row: UploadRow,
}

impl LockedUpload {
    /// How far the upload has come.
    #[must_use]
    pub fn status(&self) -> UploadStatus {
        UploadStatus::from(&self.row)
    }

    /// Cancelled when another request wants the upload: whoever waits for bytes stops, and drops this.
    #[must_use]
    pub fn superseded(&self) -> &CancellationToken {
        self.lock.superseded()
    }

    /// Makes bytes durable and acknowledges them, as [`Library::append`].
    ///
    /// # Errors
    /// As [`Library::append`].
    pub async fn append(&mut self, append: Append) -> Result<UploadStatus, AppendRefused> {
        let (library, lock, row) = (self.library.clone(), self.lock.clone(), self.row.clone());
        // The inner result travels as a value: an append that is refused is no work that failed.
        let done = self.library.run_detached(async move {
            let done = library.append_locked(row, append).await;
            drop(lock);
            Ok(done)
        });
        self.row = done.await??;
        Ok(self.status())
    }

    /// The sender gives up, as [`Library::end_upload`].
    ///
    /// # Errors
    /// `conflict` if the stream is complete.
    pub async fn end(self) -> Result<(), LibraryError> {
        let library = self.library.clone();
        library.run_detached(async move { self.library.end_locked(&self.row).await }).await
    }
}

impl Library {
    /// Waits for the lock of an upload, which ends the waiting for bytes of the request that holds it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn lock_upload(&self, upload: &Secret) -> Result<LockedUpload, LibraryError> {
        let lock = self.locks().lock(upload.hash()).await;
        let row = self.upload_row(upload.hash()).await?;
        Ok(LockedUpload { library: self.clone(), lock: Arc::new(lock), row })
    }

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
        Ok(self.store().upload_metadata(row.recording).await?)
    }

    /// Whose upload it is.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn uploader(&self, upload: &Secret) -> Result<PersonId, LibraryError> {
        self.store().uploader(upload.hash()).await?.ok_or(LibraryError::NotFound(Missing::Upload))
    }

    /// Makes bytes durable and acknowledges them: all of them or none. Goes on to the end even if the caller stops waiting.
    /// Once the stream is complete, a job seals it.
    ///
    /// # Errors
    /// [`AppendRefused`] with `not_found`, `offset_mismatch`, `digest_mismatch`, `not_a_stream`, `too_large`, `bad_request` (it does
    /// not end where it was said to), `conflict` (it is complete), `no_space` or `internal`; the offset has not moved then.
    pub async fn append(
        &self,
        upload: &Secret,
        append: Append,
    ) -> Result<UploadStatus, AppendRefused> {
        let (library, upload) = (self.clone(), upload.clone());
        let done = self.run_detached(async move {
            let LockedUpload { row, lock, .. } = library.lock_upload(&upload).await?;
            let done = library.append_locked(row, append).await;
            drop(lock);
            Ok(done)
        });
        Ok(UploadStatus::from(&done.await??))
    }

    /// The sender gives up, and the secret opens nothing any more. A clip that the upload alone made is deleted; of any other
    /// clip what has arrived is sealed.
    ///
    /// # Errors
    /// `not_found`; `conflict` if the stream is complete.
    pub async fn end_upload(&self, upload: &Secret) -> Result<(), LibraryError> {
        let (library, upload) = (self.clone(), upload.clone());
        self.run_detached(async move { library.lock_upload(&upload).await?.end().await }).await
    }

    async fn end_locked(&self, row: &UploadRow) -> Result<(), LibraryError> {
        let id = row.clip;
        if row.by_upload && row.phase.complete().is_none() {
            let clip =
                self.store().clip(id).await?.ok_or(LibraryError::NotFound(Missing::Upload))?;
            return self.delete_rows(&clip).await;
        }
        if !self.store().interrupt(row.recording, row.heard_at, true, self.now()).await? {
            return Err(LibraryError::UploadComplete);
        }
        tracing::info!(clip.id = %id, size_bytes = row.offset_bytes, "An upload was given up");
        self.job_enqueued().notify_one();
        self.announce(News::Clip(id));
        Ok(())
    }

    async fn upload_row(&self, secret: Sha256) -> Result<UploadRow, LibraryError> {
        self.store().upload(secret).await?.ok_or(LibraryError::NotFound(Missing::Upload))
    }

    /// Appends to the upload of a row that was read under its lock; gives the row as it is then.
    async fn append_locked(
        &self,
        row: UploadRow,
        append: Append,
    ) -> Result<UploadRow, AppendRefused> {
        if let Some(sha256) = row.phase.complete() {
            return repeated(row, sha256, &append);
        }
        if append.offset_bytes != row.offset_bytes {
            return Err(AppendRefused::wrong_offset(row.offset_bytes));
        }
        let at = |error| AppendRefused::at(row.offset_bytes, error);
        self.check_size(&row, &append).map_err(at)?;
        let length_bytes = self.check_end(&row, &append).map_err(at)?;
        let before = self
            .stream_state(row.recording, row.offset_bytes, row.stream_state.as_deref())
            .await
            .map_err(at)?;
        let taken = take_in(before, &append).await.map_err(at)?;
        let whole = append.complete.then(|| taken.after.digest());
        check_whole(&row, &append, &taken.pieces, whole).map_err(at)?;
        let after = self.commit(row, &append, &taken, whole, length_bytes).await?;
        if append.complete {
            tracing::info!(clip.id = %after.clip, size_bytes = after.offset_bytes, "A stream is complete");
            self.job_enqueued().notify_one();
        }
        self.announce(News::Clip(after.clip));
        Ok(after)
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

    /// Makes the bytes durable, then the rows that tell of them; gives the upload as it is then.
    async fn commit(
        &self,
        row: UploadRow,
        append: &Append,
        taken: &TakenIn,
        whole: Option<Sha256>,
        length_bytes: Option<u64>,
    ) -> Result<UploadRow, AppendRefused> {
        let extent = self.write(&row, append, taken.sha256).await?;
        let fragments: Vec<Fragment> = fragments(&taken.pieces).copied().collect();
        let stream_state = taken.after.stored();
        let appended = Appended {
            recording: row.recording,
            from_bytes: row.offset_bytes,
            cleanings: row.cleanings,
            extent: extent.clone(),
            length_bytes: append.length_bytes,
            at: self.now(),
            head: taken.pieces.iter().find_map(stream_head),
            fragments: &fragments,
            stream_state: stream_state.as_deref(),
            complete: whole,
        };
        if self.store().append(&appended).await? {
            let plays = row.plays || !fragments.is_empty();
            return Ok(UploadRow {
                // An interruption is over; whether the recording still goes on makes no difference to an append.
                phase: whole
                    .map_or(UploadPhase::Arriving, |sha256| UploadPhase::Complete { sha256 }),
                heard_at: appended.at,
                offset_bytes: appended.to_bytes(),
                length_bytes,
                plays,
                seal: if row.seal == SealState::Damaged { row.seal } else { SealState::Unsealed },
                last: extent.or(row.last),
                stream_state: stream_state.or(row.stream_state),
                ..row
            });
        }
        if let Some(extent) = &extent {
            self.media_store().discard(row.recording, extent).await;
        }
        // Another process was first, a cleaning may have removed what was written, or the clip was deleted. The sender
        // begins again at the offset that is true then.
        match self.store().recording(row.recording).await? {
            Some(now) => Err(AppendRefused::wrong_offset(now.offset_bytes)),
            None => Err(LibraryError::NotFound(Missing::Clip).into()),
        }
    }

    async fn write(
        &self,
        row: &UploadRow,
        append: &Append,
        sha256: Sha256,
    ) -> Result<Option<Extent>, AppendRefused> {
        if append.bytes.is_empty() {
            return Ok(None);
        }
        let written = self
            .media_store()
            .append(row.recording, row.last.as_ref(), append.bytes.clone(), sha256)
            .await;
        written.map(Some).map_err(|error| AppendRefused::at(row.offset_bytes, error.into()))
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
fn check_whole(
    row: &UploadRow,
    append: &Append,
    pieces: &[Piece],
    whole: Option<Sha256>,
) -> Result<(), LibraryError> {
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
fn repeated(row: UploadRow, sha256: Sha256, append: &Append) -> Result<UploadRow, AppendRefused> {
    if append.offset_bytes != row.offset_bytes {
        return Err(AppendRefused::wrong_offset(row.offset_bytes));
    }
    let same = append.repr_digest.is_none_or(|said| said == sha256);
    if append.bytes.is_empty() && append.complete && same {
        return Ok(row);
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
