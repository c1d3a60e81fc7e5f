//! Appending a request's body to an upload: as a whole, or in pieces where the client's protocol cannot
//! tell it the largest append.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode};
use bytes::Bytes;
use sha1::{Digest as _, Sha1};
use tokio::task;
use tokio_util::sync::CancellationToken;
use vignette_library::error::LibraryError;
use vignette_library::{Append, UploadStatus};
use vignette_model::api::header;
use vignette_model::{ErrorCode, Problem, UploadHeaders};

use super::dialect::Dialect;
use super::headers::AppendHead;
use crate::access::allowed::UploadAccess;
use crate::app::{App, SharedApp};
use crate::http::api_error::ApiError;
use crate::http::body::{BodyEnd, ReceiveLimits, ReceivedBody, receive};
use crate::http::body_budget::BodyOwner;
use crate::http::headers::name;
use crate::http::keyed_limit::Permit;

/// How many bytes are made durable at once where a body is taken in pieces.
const PIECE_BYTES: u64 = 8 << 20;

/// A part of a body in memory, with its permit of the budget.
pub(crate) struct ReceivedPart {
    /// The bytes.
    pub received: ReceivedBody,
    permit: Permit<BodyOwner>,
}

/// How a body is read: whole or in pieces.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyReader {
    in_pieces: bool,
    most: u64,
}

impl BodyReader {
    /// The reader for a body with this head. A digest is of the whole body, so a body with one is read
    /// whole.
    ///
    /// # Errors
    /// `413` if the body is longer than one append may be.
    pub(crate) fn new(app: &App, dialect: Dialect, head: &AppendHead) -> Result<Self, ApiError> {
        let most = app.library.settings().max_append_bytes;
        let in_pieces = dialect.has_no_limits() && !head.is_checked();
        if !in_pieces && head.length.is_some_and(|length| length > most) {
            return Err(too_large(app));
        }
        Ok(Self { in_pieces, most })
    }

    /// Reads the next part of a body, or the whole.
    ///
    /// # Errors
    /// `413` if it is longer than one append may be.
    pub(crate) async fn next_part(
        self,
        app: &App,
        body: &mut Body,
        mut permit: Permit<BodyOwner>,
        superseded: &CancellationToken,
    ) -> Result<ReceivedPart, ApiError> {
        let enough = if self.in_pieces { PIECE_BYTES.min(self.most / 2) } else { u64::MAX };
        let idle_timeout = app.upload_idle_timeout;
        let limits = ReceiveLimits { most: self.most, enough, idle_timeout };
        let received = receive(body, limits, &mut permit, superseded).await;
        match received.end {
            BodyEnd::TooLarge => Err(too_large(app)),
            _ => Ok(ReceivedPart { received, permit }),
        }
    }
}

/// Appends a body to an upload. `first` is what was already read of it.
///
/// # Errors
/// What the library or the protocol refuses. Bytes that were made durable before stay.
pub(crate) async fn append_body(
    app: &SharedApp,
    upload: &UploadAccess,
    dialect: Dialect,
    mut head: AppendHead,
    body: &mut Body,
    mut first: Option<ReceivedPart>,
) -> Result<UploadStatus, ApiError> {
    let reader = BodyReader::new(app, dialect, &head)?;
    let sender = UploadAccess::body_sender_of(upload.author);
    // Held until the last bytes are durable, even if the client does not wait for that.
    let mut upload = app.library.lock_upload(&upload.secret).await?;
    let before = upload.status();
    if before.offset_bytes != head.offset {
        return Err(offset_mismatch(before.offset_bytes));
    }
    if before.complete && dialect.ends_for_good() {
        let error = ApiError::new(ErrorCode::Conflict, "The upload is complete.");
        return Err(error.with_status(StatusCode::BAD_REQUEST));
    }
    let of_content =
        head.end().filter(|_| head.complete == Some(true) && dialect.length_from_content());
    // Checked now and stored with the first bytes: a refused append changes nothing.
    for length in [head.whole, of_content].into_iter().flatten() {
        app.library.check_declared(&before, length)?;
    }
    if head.whole.zip(of_content).is_some_and(|(said, sent)| said != sent) {
        return Err(LibraryError::AnotherLength.into());
    }
    let declared = head.whole.or(of_content);
    let whole = before.length_bytes.or(declared);
    let contradicts = |(end, whole)| end > whole || (head.complete == Some(true) && end != whole);
    if head.end().zip(whole).is_some_and(contradicts) {
        return Err(LibraryError::AnotherLength.into());
    }
    loop {
        let part = match first.take() {
            Some(first) => first,
            None => {
                let permit = app.body_budget.empty_permit(sender);
                reader.next_part(app, body, permit, upload.superseded()).await?
            }
        };
        let ReceivedPart { received, permit } = part;
        let body_end = received.end;
        let end = head.offset + received.bytes.len() as u64;
        if whole.is_some_and(|whole| end > whole) {
            if dialect.ends_beyond_length() {
                upload.end().await?;
            }
            return Err(LibraryError::AnotherLength.into());
        }
        let Some(mut append) = append_of(dialect, head, received, whole, declared) else {
            return Err(incomplete_body(body_end));
        };
        check_sha1(dialect, head.sha1, append.bytes.clone()).await?;
        append.bytes = Bytes::from_owner(BudgetedBytes { bytes: append.bytes, _permit: permit });
        let appended = upload.append(append).await;
        let status = appended.map_err(|refused| append_error(dialect, refused.error))?;
        match body_end {
            BodyEnd::Complete => return Ok(status),
            // Nothing may follow, so the rest of the body is not read.
            BodyEnd::Enough if status.complete => return Ok(status),
            BodyEnd::Enough => head.offset = status.offset_bytes,
            BodyEnd::TooLarge | BodyEnd::Stalled | BodyEnd::Broken | BodyEnd::Superseded => {
                return Err(incomplete_body(body_end));
            }
        }
    }
}

/// Bytes that return their permit of the budget when they are dropped. An append goes on after its request
/// is gone, and holds them until it is done.
struct BudgetedBytes {
    bytes: Bytes,
    _permit: Permit<BodyOwner>,
}

impl AsRef<[u8]> for BudgetedBytes {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// The append that a received body gives: all of it, or, without a digest, what arrived of it.
fn append_of(
    dialect: Dialect,
    head: AppendHead,
    received: ReceivedBody,
    whole: Option<u64>,
    declared: Option<u64>,
) -> Option<Append> {
    let all = received.end == BodyEnd::Complete;
    let worth_it = all || (!head.is_checked() && !received.bytes.is_empty());
    // The client says whether the stream ends here; in tus its length does.
    let complete = match dialect {
        Dialect::Tus => whole == Some(head.offset + received.bytes.len() as u64),
        Dialect::Draft(_) | Dialect::Plain => all && head.complete == Some(true),
    };
    worth_it.then_some(Append {
        offset_bytes: head.offset,
        bytes: received.bytes,
        digest: head.digest,
        length_bytes: declared,
        complete,
        repr_digest: head.repr_digest.filter(|_| complete),
    })
}

/// Compares bytes with their SHA-1, on a blocking thread.
///
/// # Errors
/// `digest_mismatch`.
pub(crate) async fn check_sha1(
    dialect: Dialect,
    sha1: Option<[u8; 20]>,
    bytes: Bytes,
) -> Result<(), ApiError> {
    let Some(sha1) = sha1 else { return Ok(()) };
    match task::spawn_blocking(move || Sha1::digest(&bytes)[..] == sha1).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(append_error(dialect, LibraryError::DigestMismatch)),
        Err(_) => Err(ApiError::new(ErrorCode::Internal, "The bytes could not be checked.")),
    }
}

/// What the library refused, with the status that the dialect has for it.
pub(crate) fn append_error(dialect: Dialect, refused: LibraryError) -> ApiError {
    let status = match (dialect, &refused) {
        // "460 Checksum Mismatch" is tus's own.
        (Dialect::Tus, LibraryError::DigestMismatch | LibraryError::StreamDigestMismatch) => {
            StatusCode::from_u16(460).ok()
        }
        (_, LibraryError::UploadComplete) if dialect.ends_for_good() => {
            Some(StatusCode::BAD_REQUEST)
        }
        _ => None,
    };
    let error = ApiError::from(refused);
    match status {
        Some(status) => error.with_status(status),
        None => error,
    }
}

/// The value of `Upload-Limit`.
#[must_use]
pub(crate) fn upload_limit(app: &App) -> HeaderValue {
    let settings = app.library.settings();
    let limits = UploadHeaders {
        max_clip_bytes: Some(settings.max_clip_bytes),
        max_append_bytes: Some(settings.max_append_bytes),
        ..UploadHeaders::default()
    };
    let value = limits.limit().and_then(|text| HeaderValue::from_str(&text).ok());
    value.unwrap_or_else(|| HeaderValue::from_static(""))
}

fn too_large(app: &App) -> ApiError {
    let most = app.library.settings().max_append_bytes;
    ApiError::new(ErrorCode::TooLarge, format!("One append may have at most {most} bytes."))
        .with_header(name(header::UPLOAD_LIMIT), upload_limit(app))
}

fn offset_mismatch(offset_bytes: u64) -> ApiError {
    let message = format!("The upload continues at byte {offset_bytes}.");
    ApiError::new(ErrorCode::OffsetMismatch, message)
}

/// The error for a body that did not come to its end. The client continues from the offset.
#[must_use]
pub(crate) fn incomplete_body(end: BodyEnd) -> ApiError {
    let message = match end {
        BodyEnd::Superseded => "A newer request for this upload took over.",
        BodyEnd::Stalled => "No bytes arrived for too long.",
        BodyEnd::Complete | BodyEnd::Enough | BodyEnd::TooLarge | BodyEnd::Broken => {
            "The connection broke."
        }
    };
    let problem = Problem::new(ErrorCode::Conflict, message)
        .with_help("Go on from the offset in the Upload-Offset header.");
    problem.into()
}
