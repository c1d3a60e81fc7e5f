//! Browser security: response headers (CSP and others), the check against forged forms, and CORS.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_http::cors::{AllowOrigin, CorsLayer};
use url::{Host, Url};
use vignette_model::api::header;
use vignette_model::{ErrorCode, paths};

use super::api_error::ApiError;
use super::headers::{
    INTEROP_VERSION, TUS_RESUMABLE, UPLOAD_INCOMPLETE, UPLOAD_LENGTH, UPLOAD_METADATA, name,
};

/// What a page may load and do. No inline script or style; `blob:` is for hls.js, whose media source
/// and worker are blobs. Only two Trusted Types policies may turn text into HTML: Svelte's, for its
/// compiled templates, and the one that parses foreign HTML into an inert document
/// (`ui/src/parts/markup.ts`).
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    media-src 'self' blob:; connect-src 'self'; worker-src 'self' blob:; font-src 'self'; base-uri 'none'; \
    form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html vignette-inert";
/// The same for `/authorize`: browsers apply `form-action` to redirects after a form too, and the
/// recorder receives its code on a port of its own. (A policy cannot name an IPv6 address, CSP3
/// §2.3.1.)
const AUTHORIZE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
    form-action 'self' http://127.0.0.1:*; require-trusted-types-for 'script'; trusted-types 'none'";

const PERMISSIONS: &str = "camera=(), microphone=(), geolocation=(), display-capture=(), usb=(), payment=(), \
    autoplay=(self), fullscreen=(self), picture-in-picture=(self)";

/// What the library's public address says about its security.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PublicOrigin {
    https: bool,
    /// Whether browsers treat it as a secure context (https or this computer). Elsewhere they ignore
    /// some headers, with a warning in the console.
    trustworthy: bool,
}

impl PublicOrigin {
    /// Of this address.
    #[must_use]
    pub(crate) fn at(url: &Url) -> Self {
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

/// Middleware that sets the security headers.
pub(crate) async fn set_security_headers(
    State(origin): State<PublicOrigin>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    let page = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let headers = response.headers_mut();
    set(headers, "x-content-type-options", "nosniff");
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    // No referrer for other sites, since the link is the secret. For this site it is needed: with
    // `no-referrer`, browsers send forms over plain http with `Origin: null`, which would make a
    // forged form look like one of this site. Pages whose address contains a secret send the origin
    // alone, since a proxy would log the referrer with each file of the page.
    let secret = path == paths::SETUP || path == paths::RESET;
    set(headers, "referrer-policy", if secret { "strict-origin" } else { "same-origin" });
    // The desktop window, which is another site to the browser, loads media too.
    let lent = path.starts_with(paths::LINK_PREFIX) || path == paths::OEMBED;
    set(headers, "cross-origin-resource-policy", if lent { "cross-origin" } else { "same-origin" });
    set(headers, "x-robots-tag", "noindex");
    if page {
        set(
            headers,
            "content-security-policy",
            if path == paths::AUTHORIZE { AUTHORIZE_POLICY } else { PAGE_POLICY },
        );
        if origin.trustworthy {
            set(headers, "cross-origin-opener-policy", "same-origin");
        }
        set(headers, "permissions-policy", PERMISSIONS);
        set(headers, "x-frame-options", "DENY");
    }
    if origin.https {
        set(headers, "strict-transport-security", "max-age=31536000");
    }
    response
}

fn set(headers: &mut HeaderMap, header: &'static str, value: &'static str) {
    headers.insert(name(header), HeaderValue::from_static(value));
}

/// The origins of the desktop window, which differ between systems.
#[must_use]
pub(crate) fn desktop_origins() -> Vec<&'static str> {
    let development = cfg!(debug_assertions).then_some("http://localhost:5173");
    ["tauri://localhost", "http://tauri.localhost", "https://tauri.localhost"]
        .into_iter()
        .chain(development)
        .collect()
}

/// Middleware against cross-site request forgery, by `Sec-Fetch-Site` and `Origin`. API requests
/// without cookies pass, since they carry their rights in a token, which another site does not have.
/// Forms of pages never do, cookie or not: a forged sign-in would sign somebody in as somebody else.
///
/// A proxy must forward `Host` and `Origin` unchanged.
pub(crate) async fn require_same_site(
    State(public): State<Url>,
    request: Request,
    next: Next,
) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let ambient = request.headers().contains_key("cookie")
        || !request.uri().path().starts_with(paths::API_PREFIX);
    if changes && ambient && !is_same_site(request.headers(), &public) {
        cross_site(request.uri().path())
    } else {
        next.run(request).await
    }
}

/// The refusal of a request that another site sent.
fn cross_site(path: &str) -> Response {
    let (message, help) = if path.starts_with(paths::API_PREFIX) {
        (
            "This request was sent by another site, with a cookie of this one.",
            "Send it with a token and without cookies.",
        )
    } else {
        (
            "This form was sent from another site.",
            "Open the library's own page and try again; behind a proxy, Host and Origin must be passed on unchanged.",
        )
    };
    ApiError::new(ErrorCode::NotAllowed, message).with_help(help).into_response()
}

fn is_same_site(headers: &HeaderMap, public: &Url) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, None) => true,
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            origin == public.origin().ascii_serialization()
                || (host.is_some() && host == text("host"))
        }
    }
}

/// CORS: the desktop window may use the API and media, and pages of any site may upload. Both with a
/// token and never with cookies, so a page can do only what its token allows.
pub(crate) fn cors() -> CorsLayer {
    let may_ask = |origin: &HeaderValue, request: &Parts| {
        let path = request.uri.path();
        if path == paths::UPLOADS || paths::secret_of_upload(path).is_some() {
            return true;
        }
        let lent =
            [paths::API_PREFIX, paths::LINK_PREFIX].iter().any(|start| path.starts_with(start));
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
        UPLOAD_METADATA,
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
    let standard =
        |names: &[&'static str]| names.iter().map(|n| name(n)).collect::<Vec<HeaderName>>();
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(may_ask))
        .allow_methods([
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
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
                standard(&[
                    "content-length",
                    "content-range",
                    "accept-ranges",
                    "etag",
                    "location",
                    "retry-after",
                ]),
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
            let headers =
                lines.iter().map(|(n, v)| (name(n), HeaderValue::from_static(v))).collect();
            assert_eq!(is_same_site(&headers, &public), ours, "{lines:?}");
        }
    }
}
