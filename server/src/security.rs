//! Response headers that keep a browser from doing what a page of ours never asks for.

use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use std::time::Duration;
use tower_http::cors::CorsLayer;
use vignette_model::api::header;

use crate::headers::{INTEROP_VERSION, name};

/// What a page may load and do. No inline script or style; `blob:` is for hls.js, which feeds the player through one and
/// works in one.
const PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    media-src 'self' blob:; connect-src 'self'; worker-src 'self' blob:; font-src 'self'; base-uri 'none'; \
    form-action 'self'; frame-ancestors 'none'";
/// The same for the page that sends a recorder its code: browsers hold redirects after a form to `form-action` too, and
/// the recorder listens on a port of its own.
const AUTHORIZE: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
    form-action 'self' http://127.0.0.1:* http://localhost:* http://[::1]:*";

const PERMISSIONS: &str = "camera=(), microphone=(), geolocation=(), display-capture=(), usb=(), payment=(), \
    autoplay=(self), fullscreen=(self), picture-in-picture=(self)";

/// Whether people reach the library by https.
#[derive(Clone, Copy, Debug)]
pub struct Https(pub bool);

/// Middleware that sets them.
pub async fn headers(State(Https(https)): State<Https>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    let page = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let headers = response.headers_mut();
    set(headers, "x-content-type-options", "nosniff");
    // To other sites nothing, since the link is the secret; to ourselves the origin, without which browsers send forms
    // over plain http with `Origin: null`, and no forged form could be told from ours.
    set(headers, "referrer-policy", "same-origin");
    // Media is what the link grants, also to the desktop window, which is another site to the browser.
    let lent = path.starts_with("/c/") || path.starts_with("/oembed");
    set(headers, "cross-origin-resource-policy", if lent { "cross-origin" } else { "same-origin" });
    set(headers, "x-robots-tag", "noindex");
    if page {
        set(headers, "content-security-policy", if path == "/authorize" { AUTHORIZE } else { PAGE });
        set(headers, "cross-origin-opener-policy", "same-origin");
        set(headers, "permissions-policy", PERMISSIONS);
        set(headers, "x-frame-options", "DENY");
    }
    if https {
        set(headers, "strict-transport-security", "max-age=31536000");
    }
    response
}

fn set(headers: &mut HeaderMap, header: &'static str, value: &'static str) {
    headers.insert(name(header), HeaderValue::from_static(value));
}

/// The desktop window's origins: its pages come from inside the app, on each system under another name.
#[must_use]
pub fn desktop_origins() -> Vec<&'static str> {
    let development = cfg!(debug_assertions).then_some("http://localhost:5173");
    ["tauri://localhost", "http://tauri.localhost", "https://tauri.localhost"].into_iter().chain(development).collect()
}

/// Lets the desktop window use the API and the media, with a token and never with cookies.
#[must_use]
pub fn cors() -> CorsLayer {
    let own = [
        header::UPLOAD_OFFSET,
        header::UPLOAD_COMPLETE,
        header::UPLOAD_LIMIT,
        header::CONTENT_DIGEST,
        header::REPR_DIGEST,
        header::REPLY_SECRET,
        INTEROP_VERSION,
    ]
    .map(name);
    let standard = |names: &[&'static str]| names.iter().map(|n| name(n)).collect::<Vec<HeaderName>>();
    CorsLayer::new()
        .allow_origin(desktop_origins().into_iter().map(HeaderValue::from_static).collect::<Vec<_>>())
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers(
            [standard(&["authorization", "content-type", "range", "if-range", "if-none-match"]), own.to_vec()].concat(),
        )
        .expose_headers(
            [standard(&["content-length", "content-range", "accept-ranges", "etag", "location", "retry-after"]), own.to_vec()]
                .concat(),
        )
        .max_age(Duration::from_secs(3600))
}
