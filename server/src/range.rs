//! The range responder: a file or a part of it (RFC 9110 §13 conditions, §14 ranges), for anything that knows its size and
//! its strong entity tag. `ServeDir` knows no `If-Range`, without which a download of a file that changed would be spliced.

use std::ops::Range;

use axum::body::{Body, Bytes};
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH, IF_RANGE, RANGE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use vignette_model::ErrorCode;

use crate::headers::ByteRange;
use crate::refusal::Refusal;

/// What a request for a file is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// `200`: all of it.
    Whole,
    /// `206`: these bytes.
    Part(Range<u64>),
    /// `304`: the asker has it.
    NotModified,
    /// `416`: there are no such bytes.
    Unsatisfiable,
}

/// A file as its headers describe it.
#[derive(Clone, Copy, Debug)]
pub struct Described<'a> {
    /// Its size.
    pub size_bytes: u64,
    /// Its strong entity tag, in quotes.
    pub etag: &'a str,
    /// Its media type.
    pub content_type: &'static str,
    /// How long it may be kept.
    pub cache_control: &'static str,
}

/// Decides what a request for a file of this size and entity tag is answered with. Several ranges at once are answered
/// with the whole file, and so is a range that is none (RFC 9110 §14.2 allows both).
#[must_use]
pub fn answer(method: &Method, headers: &HeaderMap, size_bytes: u64, etag: &str) -> Answer {
    if matches(headers, &IF_NONE_MATCH, etag) {
        return Answer::NotModified;
    }
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    // A range for another version would be spliced into it; a date or a weak tag proves nothing (RFC 9110 §13.1.5).
    let same_version = !headers.contains_key(IF_RANGE) || text(IF_RANGE).is_some_and(|tag| tag.trim() == etag);
    let range = text(RANGE).filter(|_| method == Method::GET && same_version).and_then(ByteRange::parse);
    match range.map(|range| range.within(size_bytes)) {
        None => Answer::Whole,
        Some(Some(part)) => Answer::Part(part),
        Some(None) => Answer::Unsatisfiable,
    }
}

/// Whether a list of entity tags names this one, by weak comparison (RFC 9110 §13.1.2).
fn matches(headers: &HeaderMap, name: &HeaderName, etag: &str) -> bool {
    let lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

/// Writes the answer; `read` is asked for exactly the bytes that are sent.
///
/// # Errors
/// [`ErrorCode::RangeNotSatisfiable`] with the file's size in `Content-Range`.
pub async fn respond<F: Future<Output = Result<Body, Refusal>>>(
    method: &Method,
    asked: &HeaderMap,
    file: Described<'_>,
    read: impl FnOnce(Range<u64>) -> F,
) -> Result<Response, Refusal> {
    let Described { size_bytes, etag, content_type, cache_control } = file;
    let number = |n: u64| HeaderValue::from(n);
    let content_range = |range: String| HeaderValue::from_str(&format!("bytes {range}/{size_bytes}"));
    let (status, part) = match answer(method, asked, size_bytes, etag) {
        Answer::Whole => (StatusCode::OK, 0..size_bytes),
        Answer::Part(part) => (StatusCode::PARTIAL_CONTENT, part),
        Answer::NotModified => (StatusCode::NOT_MODIFIED, 0..0),
        Answer::Unsatisfiable => {
            let refusal = Refusal::new(ErrorCode::RangeNotSatisfiable, format!("The file has {size_bytes} bytes."));
            return Err(match content_range("*".to_owned()) {
                Ok(value) => refusal.with_header(CONTENT_RANGE, value),
                Err(_) => refusal,
            });
        }
    };
    let mut headers = HeaderMap::new();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache_control));
    headers.insert(ETAG, HeaderValue::from_str(etag).map_err(|_| Refusal::new(ErrorCode::Internal, "The file has no tag."))?);
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
    let body = if method == Method::HEAD || part.is_empty() { Body::empty() } else { read(part).await? };
    Ok((status, headers, body).into_response())
}

/// The same of a file that is at hand; `file` describes it.
///
/// # Errors
/// As [`respond`].
pub async fn respond_bytes(method: &Method, asked: &HeaderMap, file: Described<'_>, bytes: &Bytes) -> Result<Response, Refusal> {
    respond(method, asked, file, async |part| {
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

    fn asked(lines: &[(&'static str, &str)]) -> HeaderMap {
        lines.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_str(v).unwrap())).collect()
    }

    #[test]
    fn the_table_of_answers() {
        let part = |range| Answer::Part(range);
        for (lines, expected) in [
            (&[][..], Answer::Whole),
            (&[("range", "bytes=0-3")], part(0..4)),
            (&[("range", "bytes=8-")], part(8..10)),
            (&[("range", "bytes=-3")], part(7..10)),
            (&[("range", "bytes=-30")], part(0..10)),
            (&[("range", "bytes=5-500")], part(5..10)),
            (&[("range", "bytes=10-")], Answer::Unsatisfiable),
            (&[("range", "bytes=-0")], Answer::Unsatisfiable),
            (&[("range", "bytes=0-1,4-5")], Answer::Whole),
            (&[("range", "bytes=3-1")], Answer::Whole),
            (&[("range", "lines=0-1")], Answer::Whole),
            (&[("range", "bytes=0-3"), ("if-range", "\"v1\"")], part(0..4)),
            (&[("range", "bytes=0-3"), ("if-range", "\"v0\"")], Answer::Whole),
            (&[("range", "bytes=0-3"), ("if-range", "W/\"v1\"")], Answer::Whole),
            (&[("range", "bytes=0-3"), ("if-range", "Sat, 07 Nov 2026 09:05:03 GMT")], Answer::Whole),
            (&[("range", "bytes=10-"), ("if-range", "\"v0\"")], Answer::Whole),
            (&[("if-none-match", "\"v1\"")], Answer::NotModified),
            (&[("if-none-match", "\"v0\", W/\"v1\"")], Answer::NotModified),
            (&[("if-none-match", "*")], Answer::NotModified),
            (&[("if-none-match", "\"v0\"")], Answer::Whole),
            (&[("if-none-match", "\"v1\""), ("range", "bytes=0-3")], Answer::NotModified),
        ] {
            assert_eq!(answer(&Method::GET, &asked(lines), 10, TAG), expected, "{lines:?}");
        }
        assert_eq!(answer(&Method::HEAD, &asked(&[("range", "bytes=0-3")]), 10, TAG), Answer::Whole, "ranges are for GET alone");
        assert_eq!(answer(&Method::GET, &asked(&[("range", "bytes=0-")]), 0, TAG), Answer::Unsatisfiable);
    }

    proptest! {
        #[test]
        fn the_body_is_what_the_headers_say(range in "(bytes=[0-9]{0,4}-[0-9]{0,4})|\\PC{0,20}", size in 0..2000u64) {
            let Ok(value) = HeaderValue::from_str(&range) else { return Ok(()) };
            let headers = HeaderMap::from_iter([(RANGE, value)]);
            let file = Described { size_bytes: size, etag: TAG, content_type: "video/mp4", cache_control: "no-store" };
            let mut sent = 0..0;
            let response = respond(&Method::GET, &headers, file, |part| {
                sent = part;
                std::future::ready(Ok(Body::empty()))
            });
            match response.now_or_never().expect("nothing to wait for") {
                Err(refusal) => prop_assert_eq!(refusal.problem().code, ErrorCode::RangeNotSatisfiable),
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
