//! `/api/v1/uploads/{upload}`: bytes of a stream, in the shape of draft-ietf-httpbis-resumable-upload.
//!
//! ```text
//! PATCH ─▶ is it an upload? ─▶ headers ─▶ too large? ─▶ take the turn ─▶ right offset? ─▶ body ─▶ durable ─▶ 204
//! ```
//! Everything that can be refused is refused before the body is read. Whoever has the address may append: it is a secret.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use tracing::info;
use vignette_library::{Append, AppendRefused, UploadStatus};
use vignette_model::api::header;
use vignette_model::{ErrorCode, Problem, Secret};

use crate::allowed::{Allowed, ByUpload};
use crate::app::{App, Shared};
use crate::body::{Ended, Received, receive};
use crate::headers::{AppendHead, BadHead, INTEROP_VERSION, WANTED, interop_version, name};
use crate::refusal::Refusal;

/// How far the upload has come. A request for the same upload that still waits for bytes is ended first.
#[utoipa::path(head, path = "/api/v1/uploads/{upload}", tag = "uploads", operation_id = "upload_status", params(("upload" = String, Path)), responses(
    (status = 204, description = "Where it stands", headers(
        ("Upload-Offset" = u64, description = "Bytes that are durable: where to go on"),
        ("Upload-Complete" = String, description = "`?1` once nothing follows"),
        ("Upload-Limit" = String, description = "`max-size=…, max-append-size=…`"),
        ("Repr-Digest" = String, description = "SHA-256 of the stream, once it is sealed"),
        ("Vignette-Upload-Problem" = String, description = "`damaged` if what is here is not what was sent: keep the recording"),
    )),
    (status = "4XX", description = "Refused", body = Problem, content_type = "application/problem+json"),
))]
pub async fn status(
    Allowed { of: upload, .. }: Allowed<ByUpload>,
    State(app): State<Shared>,
    asked: HeaderMap,
) -> Result<Response, Refusal> {
    let _turn = app.turns.take(&upload).await;
    let status = app.library.upload_status(&upload).await?;
    Ok((StatusCode::NO_CONTENT, where_it_stands(&app, &status, &asked)).into_response())
}

/// Adds bytes at an offset and acknowledges them once they are durable: all of them, or none if a digest is sent. Without
/// a digest, what arrived of a broken body is kept.
#[utoipa::path(patch, path = "/api/v1/uploads/{upload}", tag = "uploads", operation_id = "append_upload", params(
    ("upload" = String, Path),
    ("Upload-Offset" = u64, Header, description = "Offset of the first byte"),
    ("Upload-Complete" = String, Header, description = "`?1` if nothing follows, else `?0`"),
    ("Content-Digest" = Option<String>, Header, description = "`sha-256=:…:` of this content"),
    ("Repr-Digest" = Option<String>, Header, description = "`sha-256=:…:` of the whole stream, with `Upload-Complete: ?1`"),
), request_body(content = Vec<u8>, content_type = "application/partial-upload"), responses(
    (status = 204, description = "The bytes are durable", headers(
        ("Upload-Offset" = u64, description = "Where to go on"),
        ("Upload-Complete" = String, description = "`?1` once nothing follows"),
    )),
    (status = 409, description = "Another offset is the right one: it is in `Upload-Offset`", body = Problem,
        content_type = "application/problem+json"),
    (status = "4XX", description = "Refused", body = Problem, content_type = "application/problem+json"),
))]
pub async fn append(
    Allowed { of: upload, .. }: Allowed<ByUpload>,
    State(app): State<Shared>,
    asked: HeaderMap,
    mut body: Body,
) -> Result<Response, Refusal> {
    let status = append_body(&app, &upload, &asked, &mut body).await?;
    Ok((StatusCode::NO_CONTENT, where_it_stands(&app, &status, &asked)).into_response())
}

async fn append_body(app: &Shared, upload: &Secret, asked: &HeaderMap, body: &mut Body) -> Result<UploadStatus, Refusal> {
    let head = AppendHead::read(asked).map_err(misread)?;
    let most = app.library.settings().max_append_bytes;
    if head.length.is_some_and(|length| length > most) {
        return Err(too_large(app));
    }
    let turn = app.turns.take(upload).await;
    let before = app.library.upload_status(upload).await?;
    if before.offset_bytes != head.offset {
        return Err(elsewhere(before.offset_bytes));
    }
    let mut share = app.bodies.share(ByUpload::sender_of(upload));
    let received = receive(body, most, app.stall, &mut share, turn.taken_over()).await;
    let ended = received.ended;
    if ended == Ended::TooLarge {
        return Err(too_large(app));
    }
    let Some(append) = accepted(head, received) else { return Err(cut_short(ended, before.offset_bytes)) };
    // In a task of its own: the turn is held until the bytes are durable, even if the client does not wait for it.
    let (library, upload) = (app.library.clone(), upload.clone());
    let appended = tokio::spawn(async move {
        let appended = library.append(&upload, append).await;
        drop((turn, share));
        appended
    });
    let status = appended.await.map_err(|_| Refusal::new(ErrorCode::Internal, "The bytes could not be kept."))?;
    let status = status.map_err(refused)?;
    if ended == Ended::Whole { Ok(status) } else { Err(cut_short(ended, status.offset_bytes)) }
}

/// What may be kept of a body: all of it, or, where nobody said what it should be, what there is.
fn accepted(head: AppendHead, received: Received) -> Option<Append> {
    let whole = received.ended == Ended::Whole;
    let worth_it = whole || (head.digest.is_none() && !received.bytes.is_empty());
    worth_it.then_some(Append {
        offset_bytes: head.offset,
        bytes: received.bytes,
        digest: head.digest,
        complete: head.complete && whole,
        repr_digest: head.repr_digest.filter(|_| whole),
    })
}

/// Gives up: what has arrived is sealed, and the address ends. Deletes nothing.
#[utoipa::path(delete, path = "/api/v1/uploads/{upload}", tag = "uploads", operation_id = "end_upload", params(("upload" = String, Path)), responses(
    (status = 204, description = "The address opens nothing any more"),
    (status = "4XX", description = "Refused", body = Problem, content_type = "application/problem+json"),
))]
pub async fn end(Allowed { of: upload, .. }: Allowed<ByUpload>, State(app): State<Shared>) -> Result<StatusCode, Refusal> {
    let _turn = app.turns.take(&upload).await;
    app.library.end_upload(&upload).await?;
    info!("An upload was given up by its sender");
    Ok(StatusCode::NO_CONTENT)
}

/// `Upload-Limit`.
#[must_use]
pub fn limits(app: &App) -> HeaderValue {
    let settings = app.library.settings();
    let text = format!("max-size={}, max-append-size={}", settings.max_clip_bytes, settings.max_append_bytes);
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

fn where_it_stands(app: &App, status: &UploadStatus, asked: &HeaderMap) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(name(header::UPLOAD_OFFSET), status.offset_bytes.into());
    headers.insert(name(header::UPLOAD_COMPLETE), HeaderValue::from_static(if status.complete { "?1" } else { "?0" }));
    headers.insert(name(header::UPLOAD_LIMIT), limits(app));
    if let Some(digest) = status.sealed_sha256.and_then(|sha| HeaderValue::from_str(&sha.to_header()).ok()) {
        headers.insert(name(header::REPR_DIGEST), digest);
    }
    if let Some(problem) = &status.problem {
        headers.insert(name(header::UPLOAD_PROBLEM), HeaderValue::from_static(problem.code.as_str()));
    }
    if let Some(version) = interop_version(asked) {
        headers.insert(name(INTEROP_VERSION), u64::from(version).into());
    }
    headers
}

fn at_offset(refusal: Refusal, offset_bytes: u64) -> Refusal {
    refusal.with_header(name(header::UPLOAD_OFFSET), offset_bytes.into())
}

fn elsewhere(offset_bytes: u64) -> Refusal {
    let message = format!("The upload goes on at byte {offset_bytes}.");
    at_offset(Refusal::new(ErrorCode::OffsetMismatch, message), offset_bytes)
}

fn too_large(app: &App) -> Refusal {
    let most = app.library.settings().max_append_bytes;
    let refusal = Refusal::new(ErrorCode::TooLarge, format!("One append may bring {most} bytes at most."));
    refusal.with_header(name(header::UPLOAD_LIMIT), limits(app))
}

fn misread(bad: BadHead) -> Refusal {
    let refusal = Refusal::from(bad.problem);
    match bad.wanted {
        Some(header) => refusal.with_header(name(header), WANTED),
        None => refusal,
    }
}

fn refused(refused: AppendRefused) -> Refusal {
    let refusal = Refusal::from(refused.problem);
    match refused.offset_bytes {
        Some(offset_bytes) => at_offset(refusal, offset_bytes),
        None => refusal,
    }
}

/// A body that did not come to its end. The client goes on from the offset.
fn cut_short(ended: Ended, offset_bytes: u64) -> Refusal {
    let message = match ended {
        Ended::TakenOver => "A newer request for this upload took over.",
        Ended::Stalled => "Nothing came for too long.",
        Ended::Whole | Ended::TooLarge | Ended::Broken => "The connection broke.",
    };
    let problem = Problem::new(ErrorCode::Conflict, message).with_help("Go on from the offset in the Upload-Offset header.");
    at_offset(problem.into(), offset_bytes)
}
