//! Reading request headers: each value at most once, with errors that name the header. Every reader
//! here takes any bytes and never panics.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use vignette_model::{ErrorCode, Problem};

/// The draft of resumable uploads that the client implements.
pub(crate) const INTEROP_VERSION: &str = "upload-draft-interop-version";
/// Bytes of the whole stream.
pub(crate) const UPLOAD_LENGTH: &str = "upload-length";
/// The metadata of an upload in tus.
pub(crate) const UPLOAD_METADATA: &str = "upload-metadata";
/// The version of tus; a client sends it with every request.
pub(crate) const TUS_RESUMABLE: &str = "tus-resumable";
/// `Upload-Complete` with the opposite meaning, in interop version 3.
pub(crate) const UPLOAD_INCOMPLETE: &str = "upload-incomplete";

/// Why a request's headers were refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InvalidHeader {
    /// Which header is wrong, and how.
    pub problem: Problem,
    /// The status, if the protocol asks for another one than `400`.
    pub status: Option<StatusCode>,
    /// A header of the response that says what would be right.
    pub header: Option<(&'static str, HeaderValue)>,
}

impl From<Problem> for InvalidHeader {
    fn from(problem: Problem) -> Self {
        Self { problem, status: None, header: None }
    }
}

/// The only value of a header, if it is present.
///
/// # Errors
/// [`ErrorCode::BadRequest`] if there are two, or if it is not visible ASCII.
pub(crate) fn one<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, Problem> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value
            .to_str()
            .map(Some)
            .map_err(|_| bad(format!("The header {} is not plain text.", title(name)))),
        (Some(_), Some(_)) => Err(bad(format!("The header {} is there twice.", title(name)))),
    }
}

/// The parsed value of a header, if it is present. `shape` describes a valid one in the error.
///
/// # Errors
/// [`ErrorCode::BadRequest`] that names the header.
pub(crate) fn optional<T>(
    headers: &HeaderMap,
    name: &str,
    read: fn(&str) -> Option<T>,
    shape: &str,
) -> Result<Option<T>, Problem> {
    let read = |text| {
        read(text).ok_or_else(|| bad(format!("The header {} should be {shape}.", title(name))))
    };
    one(headers, name)?.map(read).transpose()
}

/// The parsed value of a header that must be present.
///
/// # Errors
/// [`ErrorCode::BadRequest`] that names the header.
pub(crate) fn required<T>(
    headers: &HeaderMap,
    name: &str,
    read: fn(&str) -> Option<T>,
    shape: &str,
) -> Result<T, Problem> {
    optional(headers, name, read, shape)?
        .ok_or_else(|| bad(format!("The header {} is missing; it should be {shape}.", title(name))))
}

/// A `bad_request` about a header.
#[must_use]
pub(crate) fn bad(message: String) -> Problem {
    Problem::new(ErrorCode::BadRequest, message)
}

/// `upload-offset` as people write it: `Upload-Offset`.
#[must_use]
pub(crate) fn title(name: &str) -> String {
    let word = |w: &str| {
        w.get(..1).map(str::to_ascii_uppercase).unwrap_or_default() + w.get(1..).unwrap_or_default()
    };
    name.split('-').map(word).collect::<Vec<_>>().join("-")
}

/// A header's name as axum takes it.
#[must_use]
pub(crate) const fn name(lower_case: &'static str) -> HeaderName {
    HeaderName::from_static(lower_case)
}
