//! Serving a file or a part of it (RFC 9110 §13 conditions, §14 ranges), for anything that knows its
//! size and its strong entity tag. `ServeDir` of tower-http does not evaluate `If-Range`, without
//! which a resumed download of a changed file would mix two versions.

use std::ops::Range;

use axum::body::{Body, Bytes};
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    IF_RANGE, RANGE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use vignette_model::ErrorCode;

use super::api_error::ApiError;
use super::byte_range::ByteRange;

/// The response to a request for a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RangeResponse {
    /// `200`: all of it.
    Full,
    /// `206`: these bytes.
    Partial(Range<u64>),
    /// `304`: the client has it.
    NotModified,
    /// `416`: there are no such bytes.
    Unsatisfiable,
}

/// For what may be replaced: asked for again, and mostly answered with `304`.
const REVALIDATE: &str = "private, no-cache";

/// What the headers say of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FileHeaders<'a> {
    /// Its size.
    pub size_bytes: u64,
    /// Its strong entity tag, in quotes.
    pub etag: &'a str,
    /// Its media type.
    pub content_type: &'static str,
    /// How long it may be kept.
    pub cache_control: &'static str,
}

/// Evaluates conditions and range of a request for a file. Several ranges, or an invalid one, get the
/// whole file (RFC 9110 §14.2 allows both).
#[must_use]
pub(crate) fn evaluate(
    method: &Method,
    headers: &HeaderMap,
    size_bytes: u64,
    etag: &str,
) -> RangeResponse {
    if matches(headers, &IF_NONE_MATCH, etag) {
        return RangeResponse::NotModified;
    }
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    // A date or a weak tag does not prove that the versions are equal (RFC 9110 §13.1.5).
    let same_version =
        !headers.contains_key(IF_RANGE) || text(IF_RANGE).is_some_and(|tag| tag.trim() == etag);
    let range =
        text(RANGE).filter(|_| method == Method::GET && same_version).and_then(ByteRange::parse);
    match range.map(|range| range.within(size_bytes)) {
        None => RangeResponse::Full,
        Some(Some(part)) => RangeResponse::Partial(part),
        Some(None) => RangeResponse::Unsatisfiable,
    }
}

/// Whether a list of entity tags names this one, by weak comparison (RFC 9110 §13.1.2).
fn matches(headers: &HeaderMap, name: &HeaderName, etag: &str) -> bool {
    let lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

/// Responds with the file; `read` is called with exactly the range that is sent.
///
/// # Errors
/// [`ErrorCode::RangeNotSatisfiable`] with the file's size in `Content-Range`.
pub(crate) async fn send_file<F: Future<Output = Result<Body, ApiError>>>(
    method: &Method,
    request: &HeaderMap,
    file: FileHeaders<'_>,
    read: impl FnOnce(Range<u64>) -> F,
) -> Result<Response, ApiError> {
    let FileHeaders { size_bytes, etag, content_type, cache_control } = file;
    let number = |n: u64| HeaderValue::from(n);
    let content_range =
        |range: String| HeaderValue::from_str(&format!("bytes {range}/{size_bytes}"));
    let (status, part) = match evaluate(method, request, size_bytes, etag) {
        RangeResponse::Full => (StatusCode::OK, 0..size_bytes),
        RangeResponse::Partial(part) => (StatusCode::PARTIAL_CONTENT, part),
        RangeResponse::NotModified => (StatusCode::NOT_MODIFIED, 0..0),
        RangeResponse::Unsatisfiable => {
            let error = ApiError::new(
                ErrorCode::RangeNotSatisfiable,
                format!("The file has {size_bytes} bytes."),
            );
            return Err(match content_range("*".to_owned()) {
                Ok(value) => error.with_header(CONTENT_RANGE, value),
                Err(_) => error,
            });
        }
    };
    let mut headers = HeaderMap::new();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache_control));
    headers.insert(
        ETAG,
        HeaderValue::from_str(etag)
            .map_err(|_| ApiError::new(ErrorCode::Internal, "The file has no tag."))?,
    );
    if status != StatusCode::NOT_MODIFIED {
        headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(CONTENT_LENGTH, number(part.end - part.start));
    }
    if status == StatusCode::PARTIAL_CONTENT
        && let Ok(value) = content_range(format!("{}-{}", part.start, part.end - 1))
    {
        headers.insert(CONTENT_RANGE, value);
    }
    let body =
        if method == Method::HEAD || part.is_empty() { Body::empty() } else { read(part).await? };
    Ok((status, headers, body).into_response())
}

/// Like [`send_file`], for a file that is in memory and may be replaced by another.
///
/// # Errors
/// As [`send_file`].
pub(crate) async fn send_bytes(
    method: &Method,
    request: &HeaderMap,
    etag: &str,
    content_type: &'static str,
    bytes: Bytes,
) -> Result<Response, ApiError> {
    let size_bytes = bytes.len() as u64;
    let file = FileHeaders { size_bytes, etag, content_type, cache_control: REVALIDATE };
    send_file(method, request, file, async |part| {
        let bounds = usize::try_from(part.start).ok().zip(usize::try_from(part.end).ok());
        Ok(bounds.map_or_else(Body::empty, |(start, end)| bytes.slice(start..end).into()))
    })
    .await
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use proptest::prelude::*;

    use super::*;

    const TAG: &str = "\"v1\"";

    fn request(lines: &[(&'static str, &str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_str(v).unwrap()))
            .collect()
    }

    #[test]
    fn the_table_of_answers() {
        let part = |range| RangeResponse::Partial(range);
        for (lines, expected) in [
            (&[][..], RangeResponse::Full),
            (&[("range", "bytes=0-3")], part(0..4)),
            (&[("range", "bytes=8-")], part(8..10)),
            (&[("range", "bytes=-3")], part(7..10)),
            (&[("range", "bytes=-30")], part(0..10)),
            (&[("range", "bytes=5-500")], part(5..10)),
            (&[("range", "bytes=10-")], RangeResponse::Unsatisfiable),
            (&[("range", "bytes=-0")], RangeResponse::Unsatisfiable),
            (&[("range", "bytes=0-1,4-5")], RangeResponse::Full),
            (&[("range", "bytes=3-1")], RangeResponse::Full),
            (&[("range", "lines=0-1")], RangeResponse::Full),
            (&[("range", "bytes=0-3"), ("if-range", "\"v1\"")], part(0..4)),
            (&[("range", "bytes=0-3"), ("if-range", "\"v0\"")], RangeResponse::Full),
            (&[("range", "bytes=0-3"), ("if-range", "W/\"v1\"")], RangeResponse::Full),
            (
                &[("range", "bytes=0-3"), ("if-range", "Sat, 07 Nov 2026 09:05:03 GMT")],
                RangeResponse::Full,
            ),
            (&[("range", "bytes=10-"), ("if-range", "\"v0\"")], RangeResponse::Full),
            (&[("if-none-match", "\"v1\"")], RangeResponse::NotModified),
            (&[("if-none-match", "\"v0\", W/\"v1\"")], RangeResponse::NotModified),
            (&[("if-none-match", "*")], RangeResponse::NotModified),
            (&[("if-none-match", "\"v0\"")], RangeResponse::Full),
            (&[("if-none-match", "\"v1\""), ("range", "bytes=0-3")], RangeResponse::NotModified),
        ] {
            assert_eq!(evaluate(&Method::GET, &request(lines), 10, TAG), expected, "{lines:?}");
        }
        assert_eq!(
            evaluate(&Method::HEAD, &request(&[("range", "bytes=0-3")]), 10, TAG),
            RangeResponse::Full,
            "ranges are for GET alone"
        );
        assert_eq!(
            evaluate(&Method::GET, &request(&[("range", "bytes=0-")]), 0, TAG),
            RangeResponse::Unsatisfiable
        );
    }

    proptest! {
        #[test]
        fn the_body_is_what_the_headers_say(range in "(bytes=[0-9]{0,4}-[0-9]{0,4})|\\PC{0,20}", size in 0..2000u64) {
            let Ok(value) = HeaderValue::from_str(&range) else { return Ok(()) };
            let headers = HeaderMap::from_iter([(RANGE, value)]);
            let file = FileHeaders { size_bytes: size, etag: TAG, content_type: "video/mp4", cache_control: "no-store" };
            let mut sent = 0..0;
            let response = send_file(&Method::GET, &headers, file, |part| {
                sent = part;
                std::future::ready(Ok(Body::empty()))
            });
            match response.now_or_never().expect("nothing to wait for") {
                Err(error) => prop_assert_eq!(error.problem().code, ErrorCode::RangeNotSatisfiable),
                Ok(response) => {
                    prop_assert!(sent.end <= size);
                    let length = response.headers()[CONTENT_LENGTH].to_str().unwrap().parse::<u64>().unwrap();
                    prop_assert_eq!(length, sent.end - sent.start);
                    if response.status() == StatusCode::PARTIAL_CONTENT {
                        let expected = format!("bytes {}-{}/{size}", sent.start, sent.end - 1);
                        prop_assert_eq!(response.headers()[CONTENT_RANGE].to_str().unwrap(), expected);
                    } else {
                        prop_assert_eq!(sent, 0..size);
                    }
                }
            }
        }
    }
}
