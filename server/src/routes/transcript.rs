//! The transcript of a clip: what was said in it, and what was made of that.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use vignette_library::TranscriptFile;
use vignette_model::transcript::{TranscriptChange, TranscriptSnapshot, TranscriptView};
use vignette_model::{ClipId, ClipKey, paths};

use crate::access::allowed::{Allowed, ById, ByLink, Change, Play};
use crate::access::payload::FromJson;
use crate::app::SharedApp;
use crate::http::api_error::{ApiError, ApiErrors};
use crate::http::ranges::send_bytes;

/// The most bytes of a transcript: that of a clip of ten hours, several times over.
pub(crate) const MAX_TRANSCRIPT_BYTES: usize = 16 << 20;
const VTT: &str = "text/vtt; charset=utf-8";

/// What was said in the clip, chapters and tasks. Empty while nothing is known; `conflict` while it may not be watched yet.
/// Ask again when `transcript` of the clip has another version.
#[utoipa::path(get, path = paths::LINK_TRANSCRIPT, tag = "by link", operation_id = "get_transcript", params(("key" = ClipKey, Path)), responses(
    (status = 200, description = "The transcript", body = TranscriptView),
    ApiErrors,
))]
pub(crate) async fn get_transcript(
    Allowed { requester, target: key }: Allowed<ByLink<Play>>,
    State(app): State<SharedApp>,
) -> Result<Json<TranscriptView>, ApiError> {
    Ok(Json(app.library.transcript(&requester.actor, &key).await?))
}

/// Takes all that a machine has made of the clip so far, in place of what a machine made before; what a person wrote stays.
///
/// A `revision` that is not higher than the last is passed over, with `204` too.
#[utoipa::path(put, path = paths::CLIP_TRANSCRIPT, tag = "clips", operation_id = "put_transcript", security(("token" = [])), params(("id" = ClipId, Path)),
    request_body = TranscriptSnapshot, responses(
    (status = 204, description = "The library has this transcript, or a newer one"),
    ApiErrors,
))]
pub(crate) async fn put_transcript(
    Allowed { requester, target: id }: Allowed<ById<Change>>,
    State(app): State<SharedApp>,
    FromJson(transcript): FromJson<TranscriptSnapshot, MAX_TRANSCRIPT_BYTES>,
) -> Result<StatusCode, ApiError> {
    app.library.put_transcript(&requester.actor, id, transcript).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Writes what a person says in place of what a machine made: all of the change or nothing. What is left out stays.
///
/// `conflict` if no cue begins at one of the given instants any more.
#[utoipa::path(patch, path = paths::CLIP_TRANSCRIPT, tag = "clips", operation_id = "edit_transcript", security(("token" = [])), params(("id" = ClipId, Path)),
    request_body = TranscriptChange, responses(
    (status = 200, description = "The transcript as it is now", body = TranscriptView),
    ApiErrors,
))]
pub(crate) async fn edit_transcript(
    Allowed { requester, target: id }: Allowed<ById<Change>>,
    State(app): State<SharedApp>,
    FromJson(change): FromJson<TranscriptChange, MAX_TRANSCRIPT_BYTES>,
) -> Result<Json<TranscriptView>, ApiError> {
    Ok(Json(app.library.edit_transcript(&requester.actor, id, change).await?))
}

/// `GET /c/{key}/captions.vtt`.
pub(crate) async fn get_captions(
    Allowed { requester, target: key }: Allowed<ByLink<Play>>,
    State(app): State<SharedApp>,
    method: Method,
    request_headers: HeaderMap,
) -> Result<Response, ApiError> {
    send(app.library.captions(&requester.actor, &key).await?, VTT, &method, &request_headers).await
}

/// `GET /c/{key}/chapters.vtt`.
pub(crate) async fn get_chapters(
    Allowed { requester, target: key }: Allowed<ByLink<Play>>,
    State(app): State<SharedApp>,
    method: Method,
    request_headers: HeaderMap,
) -> Result<Response, ApiError> {
    send(app.library.chapters(&requester.actor, &key).await?, VTT, &method, &request_headers).await
}

/// `GET /c/{key}/transcript.txt`.
pub(crate) async fn get_transcript_text(
    Allowed { requester, target: key }: Allowed<ByLink<Play>>,
    State(app): State<SharedApp>,
    method: Method,
    request_headers: HeaderMap,
) -> Result<Response, ApiError> {
    send(
        app.library.transcript_text(&requester.actor, &key).await?,
        "text/plain; charset=utf-8",
        &method,
        &request_headers,
    )
    .await
}

async fn send(
    file: TranscriptFile,
    content_type: &'static str,
    method: &Method,
    request_headers: &HeaderMap,
) -> Result<Response, ApiError> {
    send_bytes(method, request_headers, &file.etag, content_type, file.text.into()).await
}
