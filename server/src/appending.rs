//! Appending a request's body to an upload: all of it at once, or piece by piece where the client cannot know that there are limits.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode};
use bytes::Bytes;
use sha1::{Digest as _, Sha1};
use tokio::task;
use tokio_util::sync::CancellationToken;
use vignette_library::{Append, AppendRefused, UploadStatus, length_mismatch};
use vignette_model::api::header;
use vignette_model::{ErrorCode, Problem};

use crate::allowed::Upload;
use crate::app::{App, Shared};
use crate::body::{Ended, Received, receive};
use crate::dialect::Dialect;
use crate::headers::{AppendHead, name};
use crate::payload::Who;
use crate::places::Place;
use crate::refusal::Refusal;

/// Bytes of a body that are made durable at once where it is taken piece by piece.
const PIECE_BYTES: u64 = 8 << 20;

/// What is here of a body, and its part of the budget.
pub struct Held {
    /// The bytes.
    pub received: Received,
    share: Place<Who>,
}

/// How a body is taken.
#[derive(Clone, Copy, Debug)]
pub struct Taking {
    in_pieces: bool,
    most: u64,
}

impl Taking {
    /// Of a body with this head. A digest is of the whole body, so that one with a digest is taken at once.
    ///
    /// # Errors
    /// `413` where more is told to come than is taken at once.
    pub fn of(app: &App, dialect: Dialect, head: &AppendHead) -> Result<Self, Refusal> {
        let most = app.library.settings().max_append_bytes;
        let in_pieces = dialect.has_no_limits() && !head.is_checked();
        if !in_pieces && head.length.is_some_and(|length| length > most) {
            return Err(too_large(app));
        }
        Ok(Self { in_pieces, most })
    }

    /// Takes the next part of a body out of `share`.
    ///
    /// # Errors
    /// `413` where more came than is taken at once.
    pub async fn next(
        self,
        app: &App,
        body: &mut Body,
        mut share: Place<Who>,
        taken_over: &CancellationToken,
    ) -> Result<Held, Refusal> {
        let enough = if self.in_pieces { PIECE_BYTES.min(self.most / 2) } else { u64::MAX };
        let received = receive(body, self.most, enough, app.stall, &mut share, taken_over).await;
        if received.ended == Ended::TooLarge { Err(too_large(app)) } else { Ok(Held { received, share }) }
    }
}

/// Appends a body, of which `first` is here already.
///
/// # Errors
/// Whatever is refused; what was made durable before stays.
pub async fn append_body(
    app: &Shared,
    upload: &Upload,
    dialect: Dialect,
    mut head: AppendHead,
    body: &mut Body,
    mut first: Option<Held>,
) -> Result<UploadStatus, Refusal> {
    let taking = Taking::of(app, dialect, &head)?;
    let (sender, upload) = (Upload::sender_of(upload.author), &upload.secret);
    // Held until the last bytes are durable, even if the client does not wait for it.
    let turn = Arc::new(app.turns.take(upload).await);
    let before = app.library.upload_status(upload).await?;
    if before.offset_bytes != head.offset {
        return Err(elsewhere(before.offset_bytes));
    }
    if before.complete && dialect.ends_for_good() {
        return Err(Refusal::new(ErrorCode::Conflict, "The upload is complete.").with_status(StatusCode::BAD_REQUEST));
    }
    let of_content = head.end().filter(|_| head.complete == Some(true) && dialect.length_from_content());
    // Checked now and kept with the first bytes that are taken: an append that is refused changes nothing.
    for length in [head.whole, of_content].into_iter().flatten() {
        app.library.check_declared(&before, length)?;
    }
    if head.whole.zip(of_content).is_some_and(|(said, sent)| said != sent) {
        return Err(length_mismatch().into());
    }
    let declared = head.whole.or(of_content);
    let whole = before.length_bytes.or(declared);
    if head.end().zip(whole).is_some_and(|(end, whole)| end > whole || (head.complete == Some(true) && end != whole)) {
        return Err(length_mismatch().into());
    }
    loop {
        let held = match first.take() {
            Some(first) => first,
            None => taking.next(app, body, app.bodies.share(sender), turn.taken_over()).await?,
        };
        let Held { received, share } = held;
        let ended = received.ended;
        let end = head.offset + received.bytes.len() as u64;
        if whole.is_some_and(|whole| end > whole) {
            if dialect.ends_beyond_length() {
                app.library.end_upload(upload).await?;
            }
            return Err(length_mismatch().into());
        }
        let Some(append) = accepted(dialect, head, received, whole, declared) else { return Err(cut_short(ended)) };
        let (library, secret, turn, sha1) = (app.library.clone(), upload.clone(), turn.clone(), head.sha1);
        let appended = tokio::spawn(async move {
            let appended = match check_sha1(sha1, append.bytes.clone()).await {
                Ok(()) => library.append(&secret, append).await,
                Err(problem) => Err(problem.into()),
            };
            drop((turn, share));
            appended
        });
        let status = appended.await.map_err(|_| Refusal::new(ErrorCode::Internal, "The bytes could not be kept."))?;
        let status = status.map_err(|refused| refusal(dialect, refused))?;
        match ended {
            Ended::Whole => return Ok(status),
            // Nothing can follow, so that nothing is waited for.
            Ended::Enough if status.complete => return Ok(status),
            Ended::Enough => head.offset = status.offset_bytes,
            Ended::TooLarge | Ended::Stalled | Ended::Broken | Ended::TakenOver => return Err(cut_short(ended)),
        }
    }
}

/// What may be kept of a body: all of it, or, where nobody said what it should be, what there is.
fn accepted(dialect: Dialect, head: AppendHead, received: Received, whole: Option<u64>, declared: Option<u64>) -> Option<Append> {
    let all = received.ended == Ended::Whole;
    let worth_it = all || (!head.is_checked() && !received.bytes.is_empty());
    // The end of a stream is said by the client, or by its length in tus.
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

/// Holds bytes against a SHA-1, where it holds nobody up.
///
/// # Errors
/// `digest_mismatch`.
pub async fn check_sha1(sha1: Option<[u8; 20]>, bytes: Bytes) -> Result<(), Problem> {
    let Some(sha1) = sha1 else { return Ok(()) };
    match task::spawn_blocking(move || Sha1::digest(&bytes)[..] == sha1).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(Problem::new(ErrorCode::DigestMismatch, "The bytes are not those that their checksum was made of.")),
        Err(_) => Err(Problem::new(ErrorCode::Internal, "The bytes could not be checked.")),
    }
}

/// A refusal of the library as a dialect gives it.
pub fn refusal(dialect: Dialect, refused: AppendRefused) -> Refusal {
    let status = match (dialect, refused.problem.code) {
        // "460 Checksum Mismatch" is tus's own.
        (Dialect::Tus, ErrorCode::DigestMismatch) => StatusCode::from_u16(460).ok(),
        (_, ErrorCode::Conflict) if dialect.ends_for_good() => Some(StatusCode::BAD_REQUEST),
        _ => None,
    };
    let refusal = Refusal::from(refused.problem);
    match status {
        Some(status) => refusal.with_status(status),
        None => refusal,
    }
}

/// `Upload-Limit`.
#[must_use]
pub fn limits(app: &App) -> HeaderValue {
    let settings = app.library.settings();
    let text = format!("max-size={}, max-append-size={}", settings.max_clip_bytes, settings.max_append_bytes);
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

fn too_large(app: &App) -> Refusal {
    let most = app.library.settings().max_append_bytes;
    let refusal = Refusal::new(ErrorCode::TooLarge, format!("One append may bring {most} bytes at most."));
    refusal.with_header(name(header::UPLOAD_LIMIT), limits(app))
}

fn elsewhere(offset_bytes: u64) -> Refusal {
    Refusal::new(ErrorCode::OffsetMismatch, format!("The upload goes on at byte {offset_bytes}."))
}

/// A body that did not come to its end. The client goes on from the offset.
#[must_use]
pub fn cut_short(ended: Ended) -> Refusal {
    let message = match ended {
        Ended::TakenOver => "A newer request for this upload took over.",
        Ended::Stalled => "Nothing came for too long.",
        Ended::Whole | Ended::Enough | Ended::TooLarge | Ended::Broken => "The connection broke.",
    };
    let problem = Problem::new(ErrorCode::Conflict, message).with_help("Go on from the offset in the Upload-Offset header.");
    problem.into()
}
