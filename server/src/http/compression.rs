//! [`compress`]: answers compressed for clients that accept it, by gzip or Brotli.
//!
//! A route is compressed only where the table of routes says so, since a compressed answer gives away by its
//! length whether something in it repeats something else (BREACH): who can put words of their own into an
//! answer again and again, and sees how long it is, guesses a secret in it letter by letter. So
//!
//! - pages that show a secret (a link to join or to choose a password, a new token, the address of an upload)
//!   and answers to anything but `GET` are never compressed. There is no CSRF token to be guessed: forged forms
//!   are refused by `Origin` and `Sec-Fetch-Site` ([`require_same_site`](super::security::require_same_site)).
//! - lists and searches have the keys of clips in them, beside the words of an address or what guests wrote.
//!   Asked for with a member's cookie by a page of another site, which could choose those words or the moment,
//!   they are not compressed.
//! - the page of a clip has in it what guests wrote, and one secret: its own key, which who writes a reply knows.
//!
//! Cost: at [`LEVEL`] a page of 70 kB takes about a millisecond. Whoever has no account is delayed by address
//! before anything is done for them ([`Throttle`](super::rate_limit::Throttle)), and requests under way are
//! bounded by address or person, so memory is too.

use std::convert::Infallible;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, COOKIE};
use axum::http::{Extensions, HeaderMap, Method, StatusCode, Version};
use axum::middleware::Next;
use axum::response::Response;
use tower::{Layer, ServiceExt, service_fn};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};
use vignette_model::paths;

/// Quick in both formats: for gzip four of nine, for Brotli four of eleven.
const LEVEL: CompressionLevel = CompressionLevel::Precise(4);
/// A smaller answer fits into one packet anyway.
const LEAST_BYTES: SizeAbove = SizeAbove::new(1_024);
/// What shrinks. Pictures, video and typefaces are compressed already, and an event would wait in the
/// compressor until enough of them have come.
const TYPES: &[&str] = &[
    "text/html",
    "text/plain",
    "text/css",
    "text/javascript",
    "text/vtt",
    "application/json",
    "application/vnd.apple.mpegurl",
    "image/svg+xml",
];

/// Middleware that compresses the answer to a `GET`.
pub(crate) async fn compress(request: Request, next: Next) -> Response {
    if *request.method() != Method::GET || is_chosen_elsewhere(&request) {
        return next.run(request).await;
    }
    let answer = service_fn(move |request| {
        let next = next.clone();
        async move { Ok::<_, Infallible>(next.run(request).await) }
    });
    let when = LEAST_BYTES.and(is_compressible);
    let compressing = CompressionLayer::new().quality(LEVEL).compress_when(when);
    match compressing.layer(answer).oneshot(request).await {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    }
}

/// What has the keys of clips in it.
const KEYS: [&str; 3] = [paths::HOME, paths::CLIPS, paths::SEARCH];

/// Whether another site may have asked for keys of clips with somebody's cookies.
fn is_chosen_elsewhere(request: &Request) -> bool {
    let headers = request.headers();
    let elsewhere = headers
        .get("sec-fetch-site")
        .is_none_or(|site| !matches!(site.as_bytes(), b"same-origin" | b"none"));
    KEYS.contains(&request.uri().path()) && headers.contains_key(COOKIE) && elsewhere
}

/// Whether an answer may shrink. Ranges of a file are left as they are by the layer itself.
fn is_compressible(status: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    status.is_success() && TYPES.contains(&kind)
}
