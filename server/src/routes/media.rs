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

use crate::access::allowed::{Allowed, ByLink, Change, Play};
use crate::access::requester::Requester;
use crate::app::SharedApp;
use crate::http::api_error::ApiError;
use crate::http::ranges::{FileHeaders, send_bytes, send_file};
use crate::pages;

/// The bytes of a stream or a sealed clip never change. Shared caches must not keep them, since a link
/// can end.
const CACHE: &str = "private, max-age=3600";
const NO_STORE: &str = "no-store";
/// The most characters of an attachment's name.
const MAX_NAME_CHARS: usize = 80;
/// Characters that are not escaped in `filename*` (a subset of `attr-char`, RFC 8187).
const ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// `GET /c/{key}/poster.jpg`.
pub(crate) async fn get_poster(
    Allowed { requester, target: key }: Allowed<ByLink<Play>>,
    State(app): State<SharedApp>,
    method: Method,
    request_headers: HeaderMap,
) -> Result<Response, ApiError> {
    let poster = app.library.poster(&requester.actor, &key).await?;
    send_bytes(&method, &request_headers, &poster.etag, "image/jpeg", poster.jpeg).await
}

/// `GET /c/{key}/stream.m3u8`.
pub(crate) async fn get_multivariant_playlist(
    allowed: Allowed<ByLink<Play>>,
    State(app): State<SharedApp>,
) -> Result<Response, ApiError> {
    send_playlist(&app, &allowed, Playlist::Multivariant).await
}

/// `GET /c/{key}/media.m3u8`.
pub(crate) async fn get_media_playlist(
    allowed: Allowed<ByLink<Play>>,
    State(app): State<SharedApp>,
) -> Result<Response, ApiError> {
    send_playlist(&app, &allowed, Playlist::Media).await
}

async fn send_playlist(
    app: &SharedApp,
    allowed: &Allowed<ByLink<Play>>,
    which: Playlist,
) -> Result<Response, ApiError> {
    let text = app.library.playlist(&allowed.requester.actor, &allowed.target, which).await?;
    Ok(([(CONTENT_TYPE, "application/vnd.apple.mpegurl"), (CACHE_CONTROL, NO_STORE)], text)
        .into_response())
}

/// `GET /c/{key}/stream.mp4`: byte ranges of the stream, as the playlist names them.
pub(crate) async fn get_stream(
    Allowed { requester, target: key }: Allowed<ByLink<Play>>,
    State(app): State<SharedApp>,
    method: Method,
    request_headers: HeaderMap,
) -> Result<Response, ApiError> {
    send_media(&app, &requester, &key, MediaPart::Stream, &method, &request_headers).await
}

/// Whether to play or to save it.
#[derive(Deserialize)]
pub(crate) struct Mp4Query {
    download: Option<String>,
}

/// `GET /c/{key}/clip.mp4`: the sealed clip. With `?download` browsers save it under the clip's title.
pub(crate) async fn get_mp4(
    Allowed { requester, target: key }: Allowed<ByLink<Play>>,
    State(app): State<SharedApp>,
    Query(query): Query<Mp4Query>,
    method: Method,
    request_headers: HeaderMap,
) -> Result<Response, ApiError> {
    let mut response =
        send_media(&app, &requester, &key, MediaPart::Mp4, &method, &request_headers).await?;
    if query.download.is_some() {
        let clip = app.library.watch(&requester.actor, &key).await?;
        response.headers_mut().insert(CONTENT_DISPOSITION, attachment(&clip));
    }
    Ok(response)
}

/// `GET /c/{key}/stream.mp4.txt`: a readable dump of the stream's boxes, for its author.
pub(crate) async fn get_stream_dump(
    Allowed { requester, target: key }: Allowed<ByLink<Change>>,
    State(app): State<SharedApp>,
) -> Result<Response, ApiError> {
    let text = app.library.dump(&requester.actor, &key).await?;
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8"), (CACHE_CONTROL, NO_STORE)], text)
        .into_response())
}

async fn send_media(
    app: &SharedApp,
    requester: &Requester,
    key: &ClipKey,
    part: MediaPart,
    method: &Method,
    request_headers: &HeaderMap,
) -> Result<Response, ApiError> {
    let file = app.library.media(&requester.actor, key, part).await?;
    let described = FileHeaders {
        size_bytes: file.size_bytes,
        etag: &file.etag,
        content_type: file.content_type,
        // While it grows its tag changes: a cached part would be continued with `If-Range`, which then
        // returns the whole.
        cache_control: if file.growing { NO_STORE } else { CACHE },
    };
    send_file(method, request_headers, described, async |range| {
        Ok(Body::from_stream(file.read(range).await?))
    })
    .await
}

/// `Content-Disposition` with the clip's title as a name without path characters (RFC 6266 §4.3).
fn attachment(clip: &ClipView) -> HeaderValue {
    let title = pages::heading(clip);
    let safe = |c: char| if c.is_control() || "/\\:*?\"<>|".contains(c) { '-' } else { c };
    let name: String = title.chars().map(safe).take(MAX_NAME_CHARS).collect();
    let name = name.trim_matches(['.', ' ', '-']);
    let name = if name.is_empty() { "clip" } else { name };
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || " -_.".contains(c) { c } else { '_' })
        .collect();
    let encoded = utf8_percent_encode(name, ATTR_CHAR);
    HeaderValue::from_str(&format!(
        "attachment; filename=\"{plain}.mp4\"; filename*=UTF-8''{encoded}.mp4"
    ))
    .unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}
