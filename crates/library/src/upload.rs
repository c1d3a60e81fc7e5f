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
use vignette_model::{ErrorCode, PersonId, Problem, Secret, Sha256};

use crate::events::News;
use crate::library::Library;
use crate::new_upload::{length_mismatch, nothing_to_play};
use crate::rules::{Action, Actor, may};
use crate::store::{Appended, Clip, PendingDeletion, PendingPart, StoreError, StreamHead};
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
    /// What is wrong with what is here, if anything: the sender does well to keep its copy.
    pub problem: Option<Problem>,
}

impl From<&Clip> for UploadStatus {
    fn from(clip: &Clip) -> Self {
        let damaged = || Problem::new(ErrorCode::Damaged, "The library's disk gave back other bytes than it was given.");
        Self {
            offset_bytes: clip.offset_bytes,
            length_bytes: if clip.complete.is_some() { Some(clip.offset_bytes) } else { clip.length_bytes },
            complete: clip.complete.is_some(),
            // An interrupted clip is sealed too, but as less than the sender has.
            sealed_sha256: clip.complete.and(clip.sealed).map(|sealed| sealed.sha256),
            problem: clip.damaged.then(damaged),
        }
    }
}

/// An append that changed nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct AppendRefused {
    /// Why.
    pub problem: Problem,
    /// Bytes that are durable here; `None` if the secret opens no upload, or the rows could not be read.
    pub offset_bytes: Option<u64>,
}

impl AppendRefused {
    fn at(clip: &Clip, problem: Problem) -> Self {
        Self { problem, offset_bytes: Some(clip.offset_bytes) }
    }

    fn wrong_offset(clip: &Clip) -> Self {
        let message = format!("The upload has {} bytes.", clip.offset_bytes);
        Self::at(clip, Problem::new(ErrorCode::OffsetMismatch, message))
    }
}

/// No offset is known where only a problem is.
impl From<Problem> for AppendRefused {
    fn from(problem: Problem) -> Self {
        Self { problem, offset_bytes: None }
    }
}

impl From<StoreError> for AppendRefused {
    fn from(error: StoreError) -> Self {
        Problem::from(error).into()
    }
}

impl Library {
    /// How far the upload has come.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn upload_status(&self, upload: &Secret) -> Result<UploadStatus, Problem> {
        Ok(UploadStatus::from(&self.by_upload(upload.hash()).await?))
    }

    /// What the sender of an upload of its own said of it as it began: [`NewUpload::metadata`](crate::NewUpload::metadata).
    ///
    /// # Errors
    /// `not_found`.
    pub async fn upload_metadata(&self, upload: &Secret) -> Result<Option<String>, Problem> {
        let clip = self.by_upload(upload.hash()).await?;
        Ok(self.store().upload_metadata(clip.id).await?)
    }

    /// Whose upload it is.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn uploader(&self, upload: &Secret) -> Result<PersonId, Problem> {
        Ok(self.by_upload(upload.hash()).await?.author)
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
    pub async fn end_upload(&self, upload: &Secret) -> Result<(), Problem> {
        let (library, upload) = (self.clone(), upload.hash());
        self.run_detached(async move {
            let id = library.by_upload(upload).await?.id;
            let lock = library.lock_clip(id).await;
            let clip = library.by_upload(upload).await?;
            if clip.by_upload && clip.complete.is_none() {
                library.delete_rows(&clip).await?;
                drop(lock);
                library.delete_pending(PendingDeletion { clip: id, part: PendingPart::All }).await;
                return Ok(());
            }
            if !library.store().interrupt(id, clip.heard_at, true).await? {
                return Err(Problem::new(ErrorCode::Conflict, "The upload is complete."));
            }
            drop(lock);
            tracing::info!(clip.id = %id, size_bytes = clip.offset_bytes, "An upload was given up");
            library.announce(News::Clip(id));
            library.seal_in_background(id);
            Ok(())
        })
        .await
    }

    pub(crate) async fn by_upload(&self, upload: Sha256) -> Result<Clip, Problem> {
        let missing =
            || Problem::new(ErrorCode::NotFound, "There is no such upload.").with_help("Ask the library for the clip again.");
        let clip = self.store().clip_by_upload(upload).await?.ok_or_else(missing)?;
        may(&Actor::uploader(clip.id), Action::Append, Some(&clip))?;
        Ok(clip)
    }

    async fn append_locked(&self, upload: Sha256, append: Append) -> Result<UploadStatus, AppendRefused> {
        let clip = self.by_upload(upload).await?;
        if clip.complete.is_some() {
            return repeated(&clip, &append);
        }
        let mut lock = self.lock_clip(clip.id).await;
        // What was true before the wait need not be true now.
        let clip = self.by_upload(upload).await?;
        if clip.complete.is_some() {
            return repeated(&clip, &append);
        }
        if append.offset_bytes != clip.offset_bytes {
            return Err(AppendRefused::wrong_offset(&clip));
        }
        self.check_size(&clip, &append)?;
        check_end(&clip, &append)?;
        let at = |problem| AppendRefused::at(&clip, problem);
        self.unseal(&clip).await.map_err(at)?;
        let known = lock.take().filter(|known| known.offset_bytes() == clip.offset_bytes);
        let before = match known {
            Some(known) => known,
            None => self.resume(&clip).await.map_err(at)?,
        };
        let complete = append.complete;
        let taken = take_in(before.clone(), &append).await.and_then(|taken| {
            let whole = complete.then(|| taken.after.digest());
            check_whole(&clip, &append, &taken.pieces, whole).map(|()| (taken, whole))
        });
        let (TakenIn { after, pieces, sha256 }, whole) = match taken {
            Ok(taken) => taken,
            Err(problem) => {
                *lock = Some(before);
                return Err(at(problem));
            }
        };
        // From here on an error leaves nothing known but what rows and bytes say, so nothing is kept in memory.
        self.commit(&clip, &append, &pieces, sha256, whole).await?;
        *lock = (!complete).then_some(after);
        drop(lock);
        if complete {
            tracing::info!(clip.id = %clip.id, size_bytes = clip.offset_bytes + append.bytes.len() as u64, "A stream is complete");
            self.seal_in_background(clip.id);
        }
        self.announce(News::Clip(clip.id));
        let offset_bytes = clip.offset_bytes + append.bytes.len() as u64;
        let length_bytes = if complete { Some(offset_bytes) } else { clip.length_bytes };
        Ok(UploadStatus { offset_bytes, length_bytes, complete, sealed_sha256: None, problem: None })
    }

    fn check_size(&self, clip: &Clip, append: &Append) -> Result<(), AppendRefused> {
        let (size, settings) = (append.bytes.len() as u64, self.settings());
        let (most, of) = if size > settings.max_append_bytes {
            (settings.max_append_bytes, "at once")
        } else if clip.offset_bytes.saturating_add(size) > settings.max_clip_bytes {
            (settings.max_clip_bytes, "for one clip")
        } else {
            return Ok(());
        };
        let message = format!("The library takes at most {most} bytes {of}.");
        Err(AppendRefused::at(clip, Problem::new(ErrorCode::TooLarge, message)))
    }

    /// Bytes, then rows.
    async fn commit(
        &self,
        clip: &Clip,
        append: &Append,
        pieces: &[Piece],
        sha256: Sha256,
        complete: Option<Sha256>,
    ) -> Result<(), AppendRefused> {
        if !append.bytes.is_empty() {
            let written = self.media_store().append(clip.id, clip.offset_bytes, append.bytes.clone()).await;
            written.map_err(|error| AppendRefused::at(clip, error.into()))?;
        }
        let fragments: Vec<Fragment> = fragments(pieces).copied().collect();
        let appended = Appended {
            clip: clip.id,
            from_bytes: clip.offset_bytes,
            to_bytes: clip.offset_bytes + append.bytes.len() as u64,
            sha256,
            at: self.now(),
            head: pieces.iter().find_map(stream_head),
            fragments: &fragments,
            complete,
        };
        if self.store().append(&appended).await? {
            return Ok(());
        }
        // Another replica was first, or the clip was deleted.
        match self.store().clip(clip.id).await? {
            Some(now) => Err(AppendRefused::wrong_offset(&now)),
            None => Err(crate::library::gone().into()),
        }
    }

    /// An interrupted clip whose sender came back: its stream becomes a file of its own again.
    async fn unseal(&self, clip: &Clip) -> Result<(), Problem> {
        let Some(sealed) = clip.sealed else { return Ok(()) };
        self.media_store().unseal(clip.id, sealed.header_bytes).await?;
        if self.store().unseal(clip.id).await? {
            tracing::info!(clip.id = %clip.id, "An interrupted upload goes on");
            self.delete_pending_locked(PendingDeletion { clip: clip.id, part: PendingPart::Sealed }).await?;
        }
        Ok(())
    }
}

/// A stream ends where its sender said that it would.
fn check_end(clip: &Clip, append: &Append) -> Result<(), AppendRefused> {
    let Some(length) = clip.length_bytes else { return Ok(()) };
    let end = clip.offset_bytes.saturating_add(append.bytes.len() as u64);
    let fits = if append.complete { end == length } else { end <= length };
    if fits { Ok(()) } else { Err(AppendRefused::at(clip, length_mismatch())) }
}

/// Holds the bytes against their digest, then cuts and hashes them, where it holds nobody up.
pub(crate) async fn take_in(before: StreamState, append: &Append) -> Result<TakenIn, Problem> {
    let (bytes, digest) = (append.bytes.clone(), append.digest);
    let work = move || {
        let sha256 = Sha256::of(&bytes);
        if digest.is_some_and(|said| said != sha256) {
            return Err(Problem::new(ErrorCode::DigestMismatch, "The bytes are not those that their digest was made of."));
        }
        before.with(&bytes, sha256).map_err(|error| {
            Problem::new(ErrorCode::NotAStream, format!("This is not a stream that the library takes: {error}."))
        })
    };
    task::spawn_blocking(work).await.unwrap_or_else(|error| {
        tracing::error!(%error, "Cutting a stream failed");
        Err(Problem::new(ErrorCode::Internal, "The library could not read these bytes."))
    })
}

/// What only the whole stream can show: that its digest is right, and that there is something to play.
fn check_whole(clip: &Clip, append: &Append, pieces: &[Piece], whole: Option<Sha256>) -> Result<(), Problem> {
    let Some(whole) = whole else { return Ok(()) };
    if append.repr_digest.is_some_and(|said| said != whole) {
        return Err(Problem::new(ErrorCode::DigestMismatch, "The stream as a whole is not the one that its digest was made of.")
            .with_help("What the library has differs from what is on the sender's disk; keep it."));
    }
    if !clip.plays() && fragments(pieces).next().is_none() {
        return Err(nothing_to_play());
    }
    Ok(())
}

/// The answer to an append after the end. A sender that did not get the last answer asks again, with nothing more to send.
fn repeated(clip: &Clip, append: &Append) -> Result<UploadStatus, AppendRefused> {
    let same = append.repr_digest.is_none_or(|said| Some(said) == clip.complete);
    match () {
        () if append.offset_bytes != clip.offset_bytes => Err(AppendRefused::wrong_offset(clip)),
        () if append.bytes.is_empty() && append.complete && same => Ok(clip.into()),
        () => Err(AppendRefused::at(clip, Problem::new(ErrorCode::Conflict, "The upload is complete."))),
    }
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
