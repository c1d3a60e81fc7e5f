//! The [`Dialect`] of uploads that a client speaks: a draft of the IETF's resumable uploads, its newest text as our recorder does,
//! or tus 1.0. They say the same things in other words; `docs/protocol.md` has the table of what each text asks for.

use axum::http::{HeaderMap, HeaderValue, StatusCode};
use vignette_model::api::header;

use crate::headers::{BadHead, INTEROP_VERSION, UPLOAD_LENGTH, bad, interop_version, name, one};

/// The version of tus that is spoken; a client names it with every request.
pub const TUS_RESUMABLE: &str = "tus-resumable";
/// The one there is.
pub const TUS_VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
/// `Upload-Complete` the other way round, in interop version 3.
pub const UPLOAD_INCOMPLETE: &str = "upload-incomplete";
/// Media types of an append.
pub const ACCEPT_PATCH: HeaderValue = HeaderValue::from_static("application/partial-upload, application/offset+octet-stream");

const PARTIAL_UPLOAD: &str = "application/partial-upload";
const OFFSET_OCTET_STREAM: &str = "application/offset+octet-stream";

/// How a client speaks of uploads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// tus 1.0.
    Tus,
    /// A draft of resumable uploads, by its interop version, 3 to 9.
    Draft(u8),
    /// The newest text of it without a version, as our recorder.
    Plain,
}

impl Dialect {
    /// What a request's headers speak.
    ///
    /// # Errors
    /// `412` for another version of tus, as tus wants it.
    pub fn of(headers: &HeaderMap) -> Result<Self, BadHead> {
        match one(headers, TUS_RESUMABLE)? {
            None => Ok(interop_version(headers).map_or(Self::Plain, Self::Draft)),
            Some(version) if TUS_VERSION == version => Ok(Self::Tus),
            Some(_) => Err(BadHead {
                problem: bad("This library speaks tus 1.0.0, and no other version of it.".to_owned()),
                status: Some(StatusCode::PRECONDITION_FAILED),
                header: Some(("tus-version", TUS_VERSION)),
            }),
        }
    }

    /// Checks the `Content-Type` of an append. Drafts before -04 (interop version 6) name none.
    ///
    /// # Errors
    /// `415` with `Accept-Patch` (RFC 5789 §2.2).
    pub fn check_content_type(self, headers: &HeaderMap) -> Result<(), BadHead> {
        let wanted = match self {
            Self::Tus => OFFSET_OCTET_STREAM,
            Self::Draft(..6) => return Ok(()),
            Self::Draft(_) | Self::Plain => PARTIAL_UPLOAD,
        };
        let kind = one(headers, "content-type")?.unwrap_or_default();
        if kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(wanted) {
            return Ok(());
        }
        Err(BadHead {
            problem: bad(format!("The Content-Type of an append is {wanted}.")),
            status: Some(StatusCode::UNSUPPORTED_MEDIA_TYPE),
            header: Some(("accept-patch", ACCEPT_PATCH)),
        })
    }

    /// Refuses a `HEAD` that says itself how far the upload is: drafts -01 to -05 ask for that, -05 also of `Upload-Length`.
    ///
    /// # Errors
    /// `400`.
    pub fn check_head(self, headers: &HeaderMap) -> Result<(), BadHead> {
        self.check_delete(headers)?;
        if self == Self::Draft(6) { without(headers, UPLOAD_LENGTH) } else { Ok(()) }
    }

    /// The same of a `DELETE`.
    ///
    /// # Errors
    /// `400`.
    pub fn check_delete(self, headers: &HeaderMap) -> Result<(), BadHead> {
        match self {
            Self::Draft(..=6) => [header::UPLOAD_OFFSET, header::UPLOAD_COMPLETE, UPLOAD_INCOMPLETE]
                .iter()
                .try_for_each(|name| without(headers, name)),
            _ => Ok(()),
        }
    }

    /// The status of an append that was taken.
    #[must_use]
    pub const fn appended(self) -> StatusCode {
        match self {
            Self::Draft(..=6) => StatusCode::CREATED,
            Self::Tus | Self::Draft(_) | Self::Plain => StatusCode::NO_CONTENT,
        }
    }

    /// The status of the answer to `HEAD`.
    #[must_use]
    pub const fn stands(self) -> StatusCode {
        match self {
            Self::Tus => StatusCode::OK,
            Self::Draft(_) | Self::Plain => StatusCode::NO_CONTENT,
        }
    }

    /// The header that says whether an upload is complete, and its value.
    #[must_use]
    pub const fn completeness(self, complete: bool) -> Option<(&'static str, HeaderValue)> {
        let (name, yes) = match self {
            Self::Tus => return None,
            Self::Draft(..=3) => (UPLOAD_INCOMPLETE, !complete),
            Self::Draft(_) | Self::Plain => (header::UPLOAD_COMPLETE, complete),
        };
        Some((name, HeaderValue::from_static(if yes { "?1" } else { "?0" })))
    }

    /// Whether the bytes of one request may be more than are held at once: these texts have no `Upload-Limit` that would tell a
    /// client to send less.
    #[must_use]
    pub const fn has_no_limits(self) -> bool {
        matches!(self, Self::Tus | Self::Draft(..=5))
    }

    /// Whether an append after the end is refused with `400` even if it brings nothing.
    #[must_use]
    pub const fn ends_for_good(self) -> bool {
        matches!(self, Self::Draft(6..))
    }

    /// Whether the end of the content says how long the stream is, where nothing follows it.
    #[must_use]
    pub const fn length_from_content(self) -> bool {
        matches!(self, Self::Draft(4..))
    }

    /// Whether an upload ends with an append that goes beyond its length (-09 and later).
    #[must_use]
    pub const fn ends_beyond_length(self) -> bool {
        matches!(self, Self::Draft(8..))
    }

    /// Whether refusals of an append say that the upload is incomplete (-06 to -09).
    #[must_use]
    pub const fn refusals_say_incomplete(self) -> bool {
        matches!(self, Self::Draft(7..))
    }

    /// Marks an answer as one of this dialect.
    pub fn mark(self, headers: &mut HeaderMap) {
        match self {
            Self::Tus => drop(headers.insert(name(TUS_RESUMABLE), TUS_VERSION)),
            Self::Draft(version) => drop(headers.insert(name(INTEROP_VERSION), u64::from(version).into())),
            Self::Plain => {}
        }
    }
}

fn without(headers: &HeaderMap, name: &str) -> Result<(), BadHead> {
    if headers.contains_key(name) { Err(bad(format!("This request may not have {name}.")).into()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_speaks_what() {
        for (header, value, dialect) in [
            (TUS_RESUMABLE, "1.0.0", Some(Dialect::Tus)),
            (TUS_RESUMABLE, "0.2.2", None),
            (INTEROP_VERSION, "2", Some(Dialect::Plain)),
            (INTEROP_VERSION, "3", Some(Dialect::Draft(3))),
            (INTEROP_VERSION, "9", Some(Dialect::Draft(9))),
            (INTEROP_VERSION, "10", Some(Dialect::Plain)),
            ("accept", "*/*", Some(Dialect::Plain)),
        ] {
            let headers = HeaderMap::from_iter([(name(header), HeaderValue::from_static(value))]);
            assert_eq!(Dialect::of(&headers).ok(), dialect, "{header}: {value}");
        }
    }
}
