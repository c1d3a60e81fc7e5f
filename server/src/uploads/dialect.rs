//! The [`Dialect`] of an upload: a draft of the IETF's resumable uploads, its newest text as our
//! recorder sends it, or tus 1.0. They differ in headers and status codes; `docs/protocol.md` has the
//! table.

use axum::http::{HeaderMap, HeaderValue, StatusCode};
use vignette_model::api::header;
use vignette_model::fields;

use crate::http::headers::{
    INTEROP_VERSION, InvalidHeader, TUS_RESUMABLE, UPLOAD_INCOMPLETE, UPLOAD_LENGTH, bad, name, one,
};

/// The supported version of tus.
pub(crate) const TUS_VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
/// Media types of an append.
pub(crate) const ACCEPT_PATCH: HeaderValue =
    HeaderValue::from_static("application/partial-upload, application/offset+octet-stream");

/// The supported drafts.
const INTEROP_VERSIONS: std::ops::Range<u8> = 3..10;
const PARTIAL_UPLOAD: &str = "application/partial-upload";
const OFFSET_OCTET_STREAM: &str = "application/offset+octet-stream";

/// The protocol of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// tus 1.0.
    Tus,
    /// A draft of resumable uploads, by its interop version, 3 to 9.
    Draft(u8),
    /// The newest draft without a version header, as our recorder sends it.
    Plain,
}

impl Dialect {
    /// The dialect of a request.
    ///
    /// # Errors
    /// `412` for another version of tus, as tus demands.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, InvalidHeader> {
        match one(headers, TUS_RESUMABLE)? {
            None => Ok(interop_version(headers).map_or(Self::Plain, Self::Draft)),
            Some(version) if TUS_VERSION == version => Ok(Self::Tus),
            Some(_) => Err(InvalidHeader {
                problem: bad("This library supports tus 1.0.0 and no other version.".to_owned()),
                status: Some(StatusCode::PRECONDITION_FAILED),
                header: Some(("tus-version", TUS_VERSION)),
            }),
        }
    }

    /// Checks the `Content-Type` of an append. Drafts before -04 (interop version 6) name none.
    ///
    /// # Errors
    /// `415` with `Accept-Patch` (RFC 5789 §2.2).
    pub(crate) fn check_content_type(self, headers: &HeaderMap) -> Result<(), InvalidHeader> {
        let wanted = match self {
            Self::Tus => OFFSET_OCTET_STREAM,
            Self::Draft(..6) => return Ok(()),
            Self::Draft(_) | Self::Plain => PARTIAL_UPLOAD,
        };
        let kind = one(headers, "content-type")?.unwrap_or_default();
        if kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(wanted) {
            return Ok(());
        }
        Err(InvalidHeader {
            problem: bad(format!("The Content-Type of an append is {wanted}.")),
            status: Some(StatusCode::UNSUPPORTED_MEDIA_TYPE),
            header: Some(("accept-patch", ACCEPT_PATCH)),
        })
    }

    /// Refuses a `HEAD` with an offset of its own: drafts -01 to -05 demand that, -05 also for
    /// `Upload-Length`.
    ///
    /// # Errors
    /// `400`.
    pub(crate) fn check_head(self, headers: &HeaderMap) -> Result<(), InvalidHeader> {
        self.check_delete(headers)?;
        if self == Self::Draft(6) { without(headers, UPLOAD_LENGTH) } else { Ok(()) }
    }

    /// The same for a `DELETE`.
    ///
    /// # Errors
    /// `400`.
    pub(crate) fn check_delete(self, headers: &HeaderMap) -> Result<(), InvalidHeader> {
        match self {
            Self::Draft(..=6) => {
                [header::UPLOAD_OFFSET, header::UPLOAD_COMPLETE, UPLOAD_INCOMPLETE]
                    .iter()
                    .try_for_each(|name| without(headers, name))
            }
            _ => Ok(()),
        }
    }

    /// The status of a successful append.
    #[must_use]
    pub(crate) const fn append_status(self) -> StatusCode {
        match self {
            Self::Draft(..=6) => StatusCode::CREATED,
            Self::Tus | Self::Draft(_) | Self::Plain => StatusCode::NO_CONTENT,
        }
    }

    /// The status of the response to `HEAD`.
    #[must_use]
    pub(crate) const fn head_status(self) -> StatusCode {
        match self {
            Self::Tus => StatusCode::OK,
            Self::Draft(_) | Self::Plain => StatusCode::NO_CONTENT,
        }
    }

    /// The header that tells whether an upload is complete, and its value.
    #[must_use]
    pub(crate) const fn completeness(self, complete: bool) -> Option<(&'static str, HeaderValue)> {
        let (name, yes) = match self {
            Self::Tus => return None,
            Self::Draft(..=3) => (UPLOAD_INCOMPLETE, !complete),
            Self::Draft(_) | Self::Plain => (header::UPLOAD_COMPLETE, complete),
        };
        Some((name, HeaderValue::from_static(fields::boolean_text(yes))))
    }

    /// Whether one request may have more bytes than one append: these versions have no `Upload-Limit`
    /// that would tell a client to send less.
    #[must_use]
    pub(crate) const fn has_no_limits(self) -> bool {
        matches!(self, Self::Tus | Self::Draft(..=5))
    }

    /// Whether an append to a complete upload is refused with `400`, even an empty one.
    #[must_use]
    pub(crate) const fn ends_for_good(self) -> bool {
        matches!(self, Self::Draft(6..))
    }

    /// Whether the content of a completing append implies the length of the stream.
    #[must_use]
    pub(crate) const fn length_from_content(self) -> bool {
        matches!(self, Self::Draft(4..))
    }

    /// Whether an append beyond the length ends the upload (-09 and later).
    #[must_use]
    pub(crate) const fn ends_beyond_length(self) -> bool {
        matches!(self, Self::Draft(8..))
    }

    /// Whether refused appends say that the upload is incomplete (-06 to -09).
    #[must_use]
    pub(crate) const fn refusals_say_incomplete(self) -> bool {
        matches!(self, Self::Draft(7..))
    }

    /// Sets the version header of a response.
    pub(crate) fn set_version(self, headers: &mut HeaderMap) {
        match self {
            Self::Tus => drop(headers.insert(name(TUS_RESUMABLE), TUS_VERSION)),
            Self::Draft(version) => {
                drop(headers.insert(name(INTEROP_VERSION), u64::from(version).into()))
            }
            Self::Plain => {}
        }
    }
}

/// The draft version that the client names, if it is supported.
#[must_use]
pub(crate) fn interop_version(headers: &HeaderMap) -> Option<u8> {
    let version = fields::integer(one(headers, INTEROP_VERSION).ok()??.as_bytes())?;
    u8::try_from(version).ok().filter(|v| INTEROP_VERSIONS.contains(v))
}

fn without(headers: &HeaderMap, name: &str) -> Result<(), InvalidHeader> {
    if headers.contains_key(name) {
        Err(bad(format!("This request must not have {name}.")).into())
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dialect_of_a_request() {
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

    #[test]
    fn only_known_drafts_are_echoed() {
        for (value, known) in
            [("2", None), ("3", Some(3)), ("9", Some(9)), ("10", None), ("x", None)]
        {
            assert_eq!(
                interop_version(&HeaderMap::from_iter([(
                    name(INTEROP_VERSION),
                    HeaderValue::from_static(value)
                )])),
                known
            );
        }
    }
}
