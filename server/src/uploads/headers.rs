//! [`AppendHead`]: where the bytes of an append belong and what its headers claim about them. Every
//! reader here takes any bytes and never panics.

use axum::http::{HeaderMap, HeaderValue};
use data_encoding::BASE64;
use vignette_model::api::header;
use vignette_model::{Problem, Sha256, fields};

use super::dialect::Dialect;
use crate::http::headers::{
    InvalidHeader, UPLOAD_INCOMPLETE, UPLOAD_LENGTH, bad, one, optional, required, title,
};

const BYTES: &str = "a whole number of bytes";

/// The headers of an append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AppendHead {
    /// Offset of the first byte of the content.
    pub offset: u64,
    /// Whether the stream ends with this content. `None` in tus, where the length says so.
    pub complete: Option<bool>,
    /// Bytes of the whole stream, if known.
    pub whole: Option<u64>,
    /// SHA-256 of the content, if declared.
    pub digest: Option<Sha256>,
    /// SHA-1 of the content, if declared: the one checksum that every tus server supports.
    pub sha1: Option<[u8; 20]>,
    /// SHA-256 of the whole stream, if declared.
    pub repr_digest: Option<Sha256>,
    /// `Content-Length`, if known.
    pub length: Option<u64>,
}

/// The supported digests, for `Want-Content-Digest` and `Want-Repr-Digest` (RFC 9530 §4).
const WANTED: HeaderValue = HeaderValue::from_static("sha-256=10");

impl AppendHead {
    /// Reads the headers of an append.
    ///
    /// # Errors
    /// [`vignette_model::ErrorCode::BadRequest`] that names the header which is missing, doubled or malformed.
    pub(crate) fn read(headers: &HeaderMap, dialect: Dialect) -> Result<Self, InvalidHeader> {
        dialect.check_content_type(headers)?;
        let offset = required(headers, header::UPLOAD_OFFSET, integer, BYTES)?;
        let complete = match dialect {
            // An example of -02 to -05 leaves it out and "does not indicate that the upload is then completed".
            Dialect::Draft(4..=6) => complete(headers, header::UPLOAD_COMPLETE)?.or(Some(false)),
            _ => completeness(headers, dialect)?,
        };
        Self::at(headers, dialect, offset, complete)
    }

    /// Reads the headers of a request that begins an upload and may contain its first bytes.
    ///
    /// # Errors
    /// As [`AppendHead::read`].
    pub(crate) fn begin(headers: &HeaderMap, dialect: Dialect) -> Result<Self, InvalidHeader> {
        let complete = completeness(headers, dialect)?;
        Self::at(headers, dialect, 0, complete)
    }

    fn at(
        headers: &HeaderMap,
        dialect: Dialect,
        offset: u64,
        complete: Option<bool>,
    ) -> Result<Self, InvalidHeader> {
        let (sha1, sha256) =
            if dialect == Dialect::Tus { checksum(headers)? } else { (None, None) };
        Ok(Self {
            offset,
            complete,
            whole: optional(
                headers,
                UPLOAD_LENGTH,
                if dialect == Dialect::Tus { decimal } else { integer },
                BYTES,
            )?,
            digest: digest(headers, header::CONTENT_DIGEST, "want-content-digest")?.or(sha256),
            sha1,
            repr_digest: digest(headers, header::REPR_DIGEST, "want-repr-digest")?,
            length: optional(headers, "content-length", integer, BYTES)?,
        })
    }

    /// The offset after the content, if its length is known.
    #[must_use]
    pub(crate) fn end(&self) -> Option<u64> {
        self.length.map(|length| self.offset.saturating_add(length))
    }

    /// Whether a digest of the content is declared, so that it is appended whole or not at all.
    #[must_use]
    pub(crate) const fn is_checked(&self) -> bool {
        self.digest.is_some() || self.sha1.is_some()
    }
}

/// Whether the stream ends with this request's content.
fn completeness(headers: &HeaderMap, dialect: Dialect) -> Result<Option<bool>, InvalidHeader> {
    match dialect {
        Dialect::Tus => Ok(None),
        // -01 allows it to be left out if the content is the whole stream.
        Dialect::Draft(..=3) => Ok(Some(!complete(headers, UPLOAD_INCOMPLETE)?.unwrap_or(false))),
        Dialect::Draft(_) | Dialect::Plain => {
            Ok(Some(required(headers, header::UPLOAD_COMPLETE, boolean, "?0 or ?1")?))
        }
    }
}

fn complete(headers: &HeaderMap, name: &str) -> Result<Option<bool>, Problem> {
    optional(headers, name, boolean, "?0 or ?1")
}

/// The SHA-1 or the SHA-256 of the checksum extension of tus: `sha1 …` or `sha256 …`, in base64.
fn checksum(headers: &HeaderMap) -> Result<(Option<[u8; 20]>, Option<Sha256>), InvalidHeader> {
    let Some(text) = one(headers, "upload-checksum")? else { return Ok((None, None)) };
    let (algorithm, value) = text.split_once(' ').unwrap_or((text, ""));
    let value = BASE64.decode(value.as_bytes()).unwrap_or_default();
    let sums = match algorithm {
        "sha1" => (value.try_into().ok(), None),
        "sha256" => (None, value.try_into().ok().map(Sha256)),
        _ => {
            return Err(
                bad("The library supports the checksums sha1 and sha256.".to_owned()).into()
            );
        }
    };
    if sums == (None, None) {
        return Err(bad(
            "The header Upload-Checksum should be sha1 or sha256, a space, and base64.".to_owned(),
        )
        .into());
    }
    Ok(sums)
}

fn boolean(text: &str) -> Option<bool> {
    fields::boolean(text.as_bytes())
}

/// A number of any number of digits, as tus sets no limit; too large ones saturate.
fn decimal(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

fn integer(text: &str) -> Option<u64> {
    fields::integer(text.as_bytes())
}

/// The SHA-256 in a header of digests, if the header is present.
fn digest(
    headers: &HeaderMap,
    name: &str,
    wanted: &'static str,
) -> Result<Option<Sha256>, InvalidHeader> {
    let lines = headers.get_all(name);
    if lines.iter().next().is_none() {
        return Ok(None);
    }
    let invalid = |error| {
        let problem = bad(format!("The header {} {error}.", title(name)));
        let problem = problem
            .with_help("Send one sha-256 of the bytes, as sha-256=:…: with 32 bytes in base64.");
        InvalidHeader { header: Some((wanted, WANTED)), ..problem.into() }
    };
    fields::sha256(lines.iter().map(HeaderValue::as_bytes)).map(Some).map_err(invalid)
}

#[cfg(test)]
mod tests {
    use vignette_model::ErrorCode;

    use super::*;
    use crate::http::headers::name;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        lines.iter().map(|(n, v)| (name(n), HeaderValue::from_str(v).unwrap())).collect()
    }

    const APPEND: [(&str, &str); 3] = [
        ("content-type", "application/partial-upload"),
        ("upload-offset", "7"),
        ("upload-complete", "?0"),
    ];

    #[test]
    fn an_append_says_where_it_belongs() {
        let head = AppendHead::read(&headers(&APPEND), Dialect::Plain).unwrap();
        let rest = AppendHead {
            offset: 0,
            complete: None,
            whole: None,
            digest: None,
            sha1: None,
            repr_digest: None,
            length: None,
        };
        assert_eq!(head, AppendHead { offset: 7, complete: Some(false), ..rest });
    }

    #[test]
    fn what_is_wrong_with_an_append_is_named() {
        for (name, value, named) in [
            ("upload-offset", "-1", "Upload-Offset"),
            ("upload-offset", "1e3", "Upload-Offset"),
            ("upload-offset", "1000000000000000", "Upload-Offset"),
            ("upload-complete", "true", "Upload-Complete"),
            ("content-digest", "sha-256=:AAAA:", "Content-Digest"),
            ("repr-digest", "md5=:AAAA:", "Repr-Digest"),
            ("content-type", "video/mp4", "Content-Type"),
        ] {
            let mut all = headers(&APPEND);
            all.insert(crate::http::headers::name(name), HeaderValue::from_str(value).unwrap());
            let problem = AppendHead::read(&all, Dialect::Plain).unwrap_err().problem;
            assert_eq!(problem.code, ErrorCode::BadRequest);
            assert!(problem.message.contains(named), "{name}: {value} gave: {}", problem.message);
        }
        let mut twice = headers(&APPEND);
        twice.append("upload-offset", HeaderValue::from_static("8"));
        assert!(
            AppendHead::read(&twice, Dialect::Plain).unwrap_err().problem.message.contains("twice"),
            "two offsets name no place"
        );
        let missing = headers(&APPEND[..2]);
        assert!(
            AppendHead::read(&missing, Dialect::Plain)
                .unwrap_err()
                .problem
                .message
                .contains("Upload-Complete is missing")
        );
    }
}
