//! The words of a clip: what was said in it, and what was made of that.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use vignette_library::WordsFile;
use vignette_model::words::{MachineWords, WordsChange, WordsView};
use vignette_model::{ClipId, ClipKey, Problem};

use crate::allowed::{Allowed, ById, ByLink, Change, Play};
use crate::app::Shared;
use crate::payload::FromJson;
use crate::range::{Described, respond_bytes};
use crate::refusal::Refusal;

/// The most bytes of words: of a clip of ten hours, several times over.
pub const MAX_WORDS_BYTES: usize = 16 << 20;
/// Words change: asked for again, and mostly answered with `304`.
const ASK_AGAIN: &str = "private, no-cache";
const VTT: &str = "text/vtt; charset=utf-8";

/// What was said in the clip, chapters and tasks. Empty while nothing is known; `conflict` while it may not be watched yet.
/// Ask again when `words` of the clip is another.
#[utoipa::path(get, path = "/api/v1/c/{key}/words", tag = "by link", operation_id = "get_words", params(("key" = ClipKey, Path)), responses(
    (status = 200, description = "The words", body = WordsView),
    (status = "4XX", description = "Refused", body = Problem, content_type = "application/problem+json"),
))]
pub async fn view(
    Allowed { asker, of: key }: Allowed<ByLink<Play>>,
    State(app): State<Shared>,
) -> Result<Json<WordsView>, Refusal> {
    Ok(Json(app.library.words(&asker.actor, &key).await?))
}

/// Takes all that a machine has made of the clip so far, in place of what a machine made before; what a person wrote stays.
///
/// A `revision` that is not higher than the last is passed over, with `204` too.
#[utoipa::path(put, path = "/api/v1/clips/{id}/words", tag = "clips", operation_id = "put_words", security(("token" = [])), params(("id" = ClipId, Path)),
    request_body = MachineWords, responses(
    (status = 204, description = "The library has these words, or newer ones"),
    (status = "4XX", description = "Refused", body = Problem, content_type = "application/problem+json"),
))]
pub async fn put(
    Allowed { asker, of: id }: Allowed<ById<Change>>,
    State(app): State<Shared>,
    FromJson(words): FromJson<MachineWords, MAX_WORDS_BYTES>,
) -> Result<StatusCode, Refusal> {
    app.library.put_words(&asker.actor, id, words).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Writes what a person says in place of what a machine made: all of the change or nothing. What is left out stays.
///
/// `conflict` if no cue begins at one of the given instants any more.
#[utoipa::path(patch, path = "/api/v1/clips/{id}/words", tag = "clips", operation_id = "change_words", security(("token" = [])), params(("id" = ClipId, Path)),
    request_body = WordsChange, responses(
    (status = 200, description = "The words as they are now", body = WordsView),
    (status = "4XX", description = "Refused", body = Problem, content_type = "application/problem+json"),
))]
pub async fn change(
    Allowed { asker, of: id }: Allowed<ById<Change>>,
    State(app): State<Shared>,
    FromJson(change): FromJson<WordsChange, MAX_WORDS_BYTES>,
) -> Result<Json<WordsView>, Refusal> {
    Ok(Json(app.library.change_words(&asker.actor, id, change).await?))
}

/// `GET /c/{key}/captions.vtt`.
pub async fn captions(
    Allowed { asker, of: key }: Allowed<ByLink<Play>>,
    State(app): State<Shared>,
    method: Method,
    asked: HeaderMap,
) -> Result<Response, Refusal> {
    send(app.library.captions(&asker.actor, &key).await?, VTT, &method, &asked).await
}

/// `GET /c/{key}/chapters.vtt`.
pub async fn chapters(
    Allowed { asker, of: key }: Allowed<ByLink<Play>>,
    State(app): State<Shared>,
    method: Method,
    asked: HeaderMap,
) -> Result<Response, Refusal> {
    send(app.library.chapters(&asker.actor, &key).await?, VTT, &method, &asked).await
}

/// `GET /c/{key}/transcript.txt`.
pub async fn transcript(
    Allowed { asker, of: key }: Allowed<ByLink<Play>>,
    State(app): State<Shared>,
    method: Method,
    asked: HeaderMap,
) -> Result<Response, Refusal> {
    send(app.library.transcript(&asker.actor, &key).await?, "text/plain; charset=utf-8", &method, &asked).await
}

async fn send(file: WordsFile, content_type: &'static str, method: &Method, asked: &HeaderMap) -> Result<Response, Refusal> {
    let bytes = Bytes::from(file.text);
    let described = Described { size_bytes: bytes.len() as u64, etag: &file.etag, content_type, cache_control: ASK_AGAIN };
    respond_bytes(method, asked, described, &bytes).await
}
