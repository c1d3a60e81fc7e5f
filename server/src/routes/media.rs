//! A clip's media: poster, playlists, the stream by byte ranges, the sealed MP4.

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use vignette_library::{MediaPart, Playlist};
use vignette_model::ClipKey;
use vignette_model::api::ClipView;

use crate::allowed::{Allowed, ByLink, Change, Play};
use crate::app::Shared;
use crate::asker::Asker;
use crate::pages;
use crate::range::{Described, respond, respond_bytes};
use crate::refusal::Refusal;

/// Bytes of a stream never change, and a finished clip's neither; but a link can end, so nobody in between keeps them.
const KEEP: &str = "private, max-age=3600";
/// A poster may be replaced: asked for again, and mostly answered with `304`.
const ASK_AGAIN: &str = "private, no-cache";
const NEVER_KEEP: &str = "no-store";
/// Largest piece that an attachment's name may have.
const MAX_NAME_CHARS: usize = 80;
/// What may stand unescaped in `filename*` (RFC 8187 `attr-char`, without the rarer signs).
const ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// `GET /c/{key}/poster.jpg`.
pub async fn poster(
    Allowed { asker, of: key }: Allowed<ByLink<Play>>,
    State(app): State<Shared>,
    method: Method,
    asked: HeaderMap,
) -> Result<Response, Refusal> {
    let poster = app.library.poster(&asker.actor, &key).await?;
    let size_bytes = poster.jpeg.len() as u64;
    let file = Described { size_bytes, etag: &poster.etag, content_type: "image/jpeg", cache_control: ASK_AGAIN };
    respond_bytes(&method, &asked, file, &poster.jpeg).await
}

/// `GET /c/{key}/stream.m3u8`.
pub async fn multivariant(by: Allowed<ByLink<Play>>, State(app): State<Shared>) -> Result<Response, Refusal> {
    playlist_of(&app, &by, Playlist::Multivariant).await
}

/// `GET /c/{key}/media.m3u8`.
pub async fn playlist(by: Allowed<ByLink<Play>>, State(app): State<Shared>) -> Result<Response, Refusal> {
    playlist_of(&app, &by, Playlist::Media).await
}

async fn playlist_of(app: &Shared, by: &Allowed<ByLink<Play>>, which: Playlist) -> Result<Response, Refusal> {
    let text = app.library.playlist(&by.asker.actor, &by.of, which).await?;
    Ok(([(CONTENT_TYPE, "application/vnd.apple.mpegurl"), (CACHE_CONTROL, NEVER_KEEP)], text).into_response())
}

/// `GET /c/{key}/stream.mp4`: byte ranges of the stream, as the playlist names them.
pub async fn stream(
    Allowed { asker, of: key }: Allowed<ByLink<Play>>,
    State(app): State<Shared>,
    method: Method,
    asked: HeaderMap,
) -> Result<Response, Refusal> {
    file(&app, &asker, &key, MediaPart::Stream, &method, &asked).await
}

/// Whether to play it or to keep it.
#[derive(Deserialize)]
pub struct Wanted {
    download: Option<String>,
}

/// `GET /c/{key}/clip.mp4`: the sealed clip. With `?download` browsers save it under the clip's title.
pub async fn clip(
    Allowed { asker, of: key }: Allowed<ByLink<Play>>,
    State(app): State<Shared>,
    Query(wanted): Query<Wanted>,
    method: Method,
    asked: HeaderMap,
) -> Result<Response, Refusal> {
    let mut response = file(&app, &asker, &key, MediaPart::Mp4, &method, &asked).await?;
    if wanted.download.is_some() {
        let clip = app.library.watch(&asker.actor, &key).await?;
        response.headers_mut().insert(CONTENT_DISPOSITION, attachment(&clip));
    }
    Ok(response)
}

/// `GET /c/{key}/stream.mp4.txt`: the stream's boxes in words, for its author.
pub async fn dump(Allowed { asker, of: key }: Allowed<ByLink<Change>>, State(app): State<Shared>) -> Result<Response, Refusal> {
    let text = app.library.dump(&asker.actor, &key).await?;
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8"), (CACHE_CONTROL, NEVER_KEEP)], text).into_response())
}

async fn file(
    app: &Shared,
    asker: &Asker,
    key: &ClipKey,
    part: MediaPart,
    method: &Method,
    asked: &HeaderMap,
) -> Result<Response, Refusal> {
    let file = app.library.media(&asker.actor, key, part).await?;
    let described = Described {
        size_bytes: file.size_bytes,
        etag: &file.etag,
        content_type: file.content_type,
        // While it grows its tag changes: a cache would ask for the next part with `If-Range` and be given the whole.
        cache_control: if file.growing { NEVER_KEEP } else { KEEP },
    };
    respond(method, asked, described, async |range| Ok(Body::from_stream(file.read(range).await?))).await
}

/// `Content-Disposition` with the clip's title as the name, of which nothing is a path (RFC 6266 §4.3).
fn attachment(clip: &ClipView) -> HeaderValue {
    let title = pages::heading(clip);
    let safe = |c: char| if c.is_control() || "/\\:*?\"<>|".contains(c) { '-' } else { c };
    let name: String = title.chars().map(safe).take(MAX_NAME_CHARS).collect();
    let name = name.trim_matches(['.', ' ', '-']);
    let name = if name.is_empty() { "clip" } else { name };
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || " -_.".contains(c) { c } else { '_' }).collect();
    let encoded = utf8_percent_encode(name, ATTR_CHAR);
    HeaderValue::from_str(&format!("attachment; filename=\"{plain}.mp4\"; filename*=UTF-8''{encoded}.mp4"))
        .unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}
