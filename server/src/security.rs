//! Response headers that keep a browser from doing what a page of ours never asks for.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::cors::{AllowOrigin, CorsLayer};
use url::{Host, Url};
use vignette_model::api::header;

use crate::dialect::{TUS_RESUMABLE, UPLOAD_INCOMPLETE};
use crate::headers::{INTEROP_VERSION, UPLOAD_LENGTH, name};
use crate::refusal::cross_site;

/// What a page may load and do. No inline script or style; `blob:` is for hls.js, which feeds the player through one and
/// works in one. Text becomes HTML by two policies of the page alone: Svelte's, for the templates it was built from, and the
/// one that reads foreign HTML into an inert document (`ui/src/parts/markup.ts`).
const PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    media-src 'self' blob:; connect-src 'self'; worker-src 'self' blob:; font-src 'self'; base-uri 'none'; \
    form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html vignette-inert";
/// The same for the page that sends a recorder its code: browsers hold redirects after a form to `form-action` too, and
/// the recorder listens on a port of its own. (A policy cannot name an IPv6 address, CSP3 §2.3.1.)
const AUTHORIZE: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
    form-action 'self' http://127.0.0.1:*; require-trusted-types-for 'script'; trusted-types 'none'";

const PERMISSIONS: &str = "camera=(), microphone=(), geolocation=(), display-capture=(), usb=(), payment=(), \
    autoplay=(self), fullscreen=(self), picture-in-picture=(self)";

/// How people reach the library.
#[derive(Clone, Copy, Debug)]
pub struct Reached {
    https: bool,
    /// By https or on this computer: elsewhere browsers pass over some headers, loudly.
    trustworthy: bool,
}

impl Reached {
    /// By this address.
    #[must_use]
    pub fn at(url: &Url) -> Self {
        let https = url.scheme() == "https";
        let here = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        };
        Self { https, trustworthy: https || here }
    }
}

/// Middleware that sets them.
pub async fn headers(State(reached): State<Reached>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    let page = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let headers = response.headers_mut();
    set(headers, "x-content-type-options", "nosniff");
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    // To other sites nothing, since the link is the secret; to ourselves the origin, without which browsers send forms
    // over plain http with `Origin: null`, and no forged form could be told from ours.
    // Of pages whose own address carries a secret, as links in mail have to without JavaScript, nothing but the origin is told
    // to anybody: a proxy would log the whole of it with each file of the page.
    let secret = path == "/setup" || path == "/reset";
    set(headers, "referrer-policy", if secret { "strict-origin" } else { "same-origin" });
    // Media is what the link grants, also to the desktop window, which is another site to the browser.
    let lent = path.starts_with("/c/") || path.starts_with("/oembed");
    set(headers, "cross-origin-resource-policy", if lent { "cross-origin" } else { "same-origin" });
    set(headers, "x-robots-tag", "noindex");
    if page {
        set(headers, "content-security-policy", if path == "/authorize" { AUTHORIZE } else { PAGE });
        if reached.trustworthy {
            set(headers, "cross-origin-opener-policy", "same-origin");
        }
        set(headers, "permissions-policy", PERMISSIONS);
        set(headers, "x-frame-options", "DENY");
    }
    if reached.https {
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

/// Middleware against forged forms, by what every browser says of where a request comes from. A request without cookies
/// has no rights of its own to be abused, so programs and the desktop window (which send tokens) may come from anywhere;
/// pages' forms may not, or somebody could be signed in as somebody else.
///
/// A proxy must pass on `Host` and `Origin` unchanged.
pub async fn same_site(State(public): State<Url>, request: Request, next: Next) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let ambient = request.headers().contains_key("cookie") || !request.uri().path().starts_with("/api/");
    if changes && ambient && !is_ours(request.headers(), &public) { cross_site() } else { next.run(request).await }
}

fn is_ours(headers: &HeaderMap, public: &Url) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, None) => true,
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            origin == public.origin().ascii_serialization() || (host.is_some() && host == text("host"))
        }
    }
}

/// Lets the desktop window use the API and the media, and any site's page the upload addresses, with a token and never with
/// cookies: such a page can do what its user's token lets it, and nothing without one.
pub fn cors() -> CorsLayer {
    let may_ask = |origin: &HeaderValue, request: &Parts| {
        if request.uri.path() == "/api/v1/uploads" || request.uri.path().starts_with("/api/v1/uploads/") {
            return true;
        }
        let lent = ["/api/", "/c/"].iter().any(|start| request.uri.path().starts_with(start));
        lent && desktop_origins().iter().any(|known| origin == known)
    };
    let own = [
        header::UPLOAD_OFFSET,
        header::UPLOAD_COMPLETE,
        header::UPLOAD_LIMIT,
        header::CONTENT_DIGEST,
        header::REPR_DIGEST,
        header::UPLOAD_PROBLEM,
        header::REPLY_SECRET,
        INTEROP_VERSION,
        UPLOAD_LENGTH,
        UPLOAD_INCOMPLETE,
        TUS_RESUMABLE,
        "upload-defer-length",
        "upload-metadata",
        "upload-checksum",
        "upload-concat",
    ]
    .map(name);
    let asked_alone = ["x-http-method-override", "x-request-id"];
    let told_alone = [
        "tus-version",
        "tus-extension",
        "tus-max-size",
        "tus-checksum-algorithm",
        "accept-patch",
        "want-content-digest",
        "want-repr-digest",
    ];
    let standard = |names: &[&'static str]| names.iter().map(|n| name(n)).collect::<Vec<HeaderName>>();
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(may_ask))
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers(
            [
                standard(&["authorization", "content-type", "range", "if-range", "if-none-match"]),
                standard(&asked_alone),
                own.to_vec(),
            ]
            .concat(),
        )
        .expose_headers(
            [
                standard(&["content-length", "content-range", "accept-ranges", "etag", "location", "retry-after"]),
                standard(&told_alone),
                own.to_vec(),
            ]
            .concat(),
        )
        .max_age(Duration::from_secs(3600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_comes_from_our_own_page() {
        let public = Url::parse("https://clips.example.org").unwrap();
        for (lines, ours) in [
            (&[][..], true),
            (&[("sec-fetch-site", "same-origin"), ("origin", "null")], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "same-site"), ("origin", "https://clips.example.org")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("origin", "https://clips.example.org"), ("host", "inner:8455")], true),
            (&[("origin", "http://192.0.2.7:8455"), ("host", "192.0.2.7:8455")], true),
            (&[("origin", "http://192.0.2.7:9"), ("host", "192.0.2.7:8455")], false),
            (&[("origin", "null"), ("host", "null")], false),
            (&[("origin", "https://evil.example")], false),
        ] {
            let headers = lines.iter().map(|(n, v)| (name(n), HeaderValue::from_static(v))).collect();
            assert_eq!(is_ours(&headers, &public), ours, "{lines:?}");
        }
    }
}
