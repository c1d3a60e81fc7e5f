//! Request headers, read strictly and without any input or output: where an append belongs, which digests it claims, which
//! part of a file is wanted, who is asking. Every reader here takes any bytes and never panics.

use std::ops::Range;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use data_encoding::BASE64;
use vignette_model::api::header;
use vignette_model::{ErrorCode, Problem, Secret, Sha256, fields};

use crate::dialect::{Dialect, UPLOAD_INCOMPLETE};

/// Says which draft of resumable uploads the client speaks.
pub const INTEROP_VERSION: &str = "upload-draft-interop-version";
/// Bytes of the whole stream.
pub const UPLOAD_LENGTH: &str = "upload-length";

/// What a client of tus says of its upload.
pub const METADATA: &str = "upload-metadata";

const INTEROP_VERSIONS: Range<u8> = 3..10;
const BYTES: &str = "a whole number of bytes";

/// What the headers of an append say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppendHead {
    /// Offset of the first byte of the content.
    pub offset: u64,
    /// Whether nothing follows this content; in tus the length of the whole stream says it.
    pub complete: Option<bool>,
    /// Bytes of the whole stream, if told.
    pub whole: Option<u64>,
    /// SHA-256 of the content, if claimed.
    pub digest: Option<Sha256>,
    /// SHA-1 of the content, if claimed: every server of tus that checks anything checks it.
    pub sha1: Option<[u8; 20]>,
    /// SHA-256 of the whole stream, if claimed.
    pub repr_digest: Option<Sha256>,
    /// `Content-Length`, if told.
    pub length: Option<u64>,
}

/// Why the headers of an append were refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadHead {
    /// What is wrong with which header.
    pub problem: Problem,
    /// Where a protocol has another status for it than `400`.
    pub status: Option<StatusCode>,
    /// A header that says what would be right.
    pub header: Option<(&'static str, HeaderValue)>,
}

/// The digests that are checked, as `Want-Content-Digest` and `Want-Repr-Digest` say it (RFC 9530 §4).
const WANTED: HeaderValue = HeaderValue::from_static("sha-256=10");

impl From<Problem> for BadHead {
    fn from(problem: Problem) -> Self {
        Self { problem, status: None, header: None }
    }
}

impl AppendHead {
    /// Reads the headers of an append.
    ///
    /// # Errors
    /// [`ErrorCode::BadRequest`] that names the header which is missing, doubled or malformed.
    pub fn read(headers: &HeaderMap, dialect: Dialect) -> Result<Self, BadHead> {
        dialect.check_content_type(headers)?;
        let offset = needed(headers, header::UPLOAD_OFFSET, integer, BYTES)?;
        let complete = match dialect {
            // An example of -02 to -05 leaves it out and "does not indicate that the upload is then completed".
            Dialect::Draft(4..=6) => complete(headers, header::UPLOAD_COMPLETE)?.or(Some(false)),
            _ => completeness(headers, dialect)?,
        };
        Self::at(headers, dialect, offset, complete)
    }

    /// Reads the headers of a request that begins an upload and may bring the first bytes of it.
    ///
    /// # Errors
    /// As [`AppendHead::read`].
    pub fn begin(headers: &HeaderMap, dialect: Dialect) -> Result<Self, BadHead> {
        let complete = completeness(headers, dialect)?;
        Self::at(headers, dialect, 0, complete)
    }

    fn at(headers: &HeaderMap, dialect: Dialect, offset: u64, complete: Option<bool>) -> Result<Self, BadHead> {
        let (sha1, sha256) = if dialect == Dialect::Tus { checksum(headers)? } else { (None, None) };
        Ok(Self {
            offset,
            complete,
            whole: optional(headers, UPLOAD_LENGTH, if dialect == Dialect::Tus { decimal } else { integer }, BYTES)?,
            digest: digest(headers, header::CONTENT_DIGEST, "want-content-digest")?.or(sha256),
            sha1,
            repr_digest: digest(headers, header::REPR_DIGEST, "want-repr-digest")?,
            length: optional(headers, "content-length", integer, BYTES)?,
        })
    }

    /// Where the content ends in the stream, if its length is told.
    #[must_use]
    pub fn end(&self) -> Option<u64> {
        self.length.map(|length| self.offset.saturating_add(length))
    }

    /// Whether a digest of the content is claimed, so that it is taken whole or not at all.
    #[must_use]
    pub const fn is_checked(&self) -> bool {
        self.digest.is_some() || self.sha1.is_some()
    }
}

/// What a request says of the end of its upload.
fn completeness(headers: &HeaderMap, dialect: Dialect) -> Result<Option<bool>, BadHead> {
    match dialect {
        Dialect::Tus => Ok(None),
        // -01 lets it be left out where the content is all there is.
        Dialect::Draft(..=3) => Ok(Some(!complete(headers, UPLOAD_INCOMPLETE)?.unwrap_or(false))),
        Dialect::Draft(_) | Dialect::Plain => Ok(Some(needed(headers, header::UPLOAD_COMPLETE, boolean, "?0 or ?1")?)),
    }
}

fn complete(headers: &HeaderMap, name: &str) -> Result<Option<bool>, Problem> {
    optional(headers, name, boolean, "?0 or ?1")
}

/// The SHA-1 or the SHA-256 of the checksum extension of tus: `sha1 …` or `sha256 …`, in base64.
fn checksum(headers: &HeaderMap) -> Result<(Option<[u8; 20]>, Option<Sha256>), BadHead> {
    let Some(text) = one(headers, "upload-checksum")? else { return Ok((None, None)) };
    let (algorithm, value) = text.split_once(' ').unwrap_or((text, ""));
    let value = BASE64.decode(value.as_bytes()).unwrap_or_default();
    let sums = match algorithm {
        "sha1" => (value.try_into().ok(), None),
        "sha256" => (None, value.try_into().ok().map(Sha256)),
        _ => return Err(bad("The library checks sha1 and sha256, and no other checksum.".to_owned()).into()),
    };
    if sums == (None, None) {
        return Err(bad("The header Upload-Checksum should be sha1 or sha256, a space, and base64.".to_owned()).into());
    }
    Ok(sums)
}

/// The draft version to echo, if the client named one that is spoken here.
#[must_use]
pub fn interop_version(headers: &HeaderMap) -> Option<u8> {
    let version = integer(one(headers, INTEROP_VERSION).ok()??)?;
    u8::try_from(version).ok().filter(|v| INTEROP_VERSIONS.contains(v))
}

fn boolean(text: &str) -> Option<bool> {
    fields::boolean(text.as_bytes())
}

/// A number in digits, however many: tus sets no limit. What is too large for us is as large as can be.
fn decimal(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

fn integer(text: &str) -> Option<u64> {
    fields::integer(text.as_bytes())
}

/// The SHA-256 of a header of digests, if it is there.
fn digest(headers: &HeaderMap, name: &str, wanted: &'static str) -> Result<Option<Sha256>, BadHead> {
    let lines = headers.get_all(name);
    if lines.iter().next().is_none() {
        return Ok(None);
    }
    let refused = |error| {
        let problem = bad(format!("The header {} {error}.", title(name)));
        let problem = problem.with_help("Send one sha-256 of the bytes, as sha-256=:…: with 32 bytes in base64.");
        BadHead { header: Some((wanted, WANTED)), ..problem.into() }
    };
    fields::sha256(lines.iter().map(HeaderValue::as_bytes)).map(Some).map_err(refused)
}

/// One byte range of a `Range` header (RFC 9110 §14.1.2), before the size of the file is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteRange {
    /// `first-` or `first-last`; `last` is included.
    From {
        /// First byte.
        first: u64,
        /// Last byte, or the end of the file.
        last: Option<u64>,
    },
    /// `-length`: the last bytes of the file.
    Suffix {
        /// How many.
        length: u64,
    },
}

impl ByteRange {
    /// Reads a `Range` header. `None` where it is to be passed over: another unit, several ranges (the whole file is a
    /// right answer to those, and no player asks for them), or not a range at all.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (unit, range) = text.split_once('=')?;
        if !unit.trim().eq_ignore_ascii_case("bytes") {
            return None;
        }
        let (first, last) = range.trim_matches([' ', '\t']).split_once('-')?;
        match (position(first), position(last)) {
            (Some(first), Some(last)) if first <= last => Some(Self::From { first, last: Some(last) }),
            (Some(first), None) if last.is_empty() => Some(Self::From { first, last: None }),
            (None, Some(length)) if first.is_empty() => Some(Self::Suffix { length }),
            _ => None,
        }
    }

    /// The bytes of a file of `size` bytes that are meant, or `None` if there are none.
    #[must_use]
    pub fn within(self, size: u64) -> Option<Range<u64>> {
        let range = match self {
            Self::From { first, last } => first..last.map_or(size, |last| last.saturating_add(1).min(size)),
            Self::Suffix { length } => size.saturating_sub(length)..size,
        };
        (range.start < range.end).then_some(range)
    }
}

/// Digits only; a number too large for any file is the end of every file.
fn position(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.len() <= 64 && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

/// The token of `Authorization: Bearer …` (RFC 6750 §2.1).
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<Secret> {
    let (scheme, token) = one(headers, "authorization").ok()??.split_once(' ')?;
    secret(scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())?)
}

/// The values of all cookies of a name (RFC 6265 §4.2). There may be several: over plain http cookies are shared by all ports
/// of a host, so another program there may have set one of ours, and the browser does not say which is whose (§8.5, §8.6).
pub fn cookies<'h>(headers: &'h HeaderMap, name: &'h str) -> impl Iterator<Item = Secret> + 'h {
    let lines = headers.get_all("cookie").iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(move |(n, _)| *n == name).filter_map(|(_, value)| secret(value))
}

/// A guest's right to change their reply.
#[must_use]
pub fn reply_secret(headers: &HeaderMap) -> Option<Secret> {
    secret(one(headers, header::REPLY_SECRET).ok()??)
}

/// Text that may be a secret: short and plain enough to be worth a look.
#[must_use]
pub fn secret(text: &str) -> Option<Secret> {
    let plain = (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    plain.then(|| Secret::presented(text))
}

/// The only value of a header, or none; twice is an error since nobody could say which one counts.
///
/// # Errors
/// [`ErrorCode::BadRequest`] if it stands there twice, or is no plain text.
pub fn one<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, Problem> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => {
            value.to_str().map(Some).map_err(|_| bad(format!("The header {} is not plain text.", title(name))))
        }
        (Some(_), Some(_)) => Err(bad(format!("The header {} stands there twice.", title(name)))),
    }
}

fn optional<T>(headers: &HeaderMap, name: &str, read: fn(&str) -> Option<T>, shape: &str) -> Result<Option<T>, Problem> {
    let read = |text| read(text).ok_or_else(|| bad(format!("The header {} should be {shape}.", title(name))));
    one(headers, name)?.map(read).transpose()
}

fn needed<T>(headers: &HeaderMap, name: &str, read: fn(&str) -> Option<T>, shape: &str) -> Result<T, Problem> {
    optional(headers, name, read, shape)?
        .ok_or_else(|| bad(format!("The header {} is missing; it should be {shape}.", title(name))))
}

/// Headers that are not what they should be.
#[must_use]
pub fn bad(message: String) -> Problem {
    Problem::new(ErrorCode::BadRequest, message)
}

/// `upload-offset` as people write it: `Upload-Offset`.
fn title(name: &str) -> String {
    let word = |w: &str| w.get(..1).map(str::to_ascii_uppercase).unwrap_or_default() + w.get(1..).unwrap_or_default();
    name.split('-').map(word).collect::<Vec<_>>().join("-")
}

/// A header's name as the router and CORS want it.
#[must_use]
pub const fn name(lower_case: &'static str) -> HeaderName {
    HeaderName::from_static(lower_case)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        lines.iter().map(|(n, v)| (name(n), HeaderValue::from_str(v).unwrap())).collect()
    }

    const APPEND: [(&str, &str); 3] =
        [("content-type", "application/partial-upload"), ("upload-offset", "7"), ("upload-complete", "?0")];

    #[test]
    fn an_append_says_where_it_belongs() {
        let head = AppendHead::read(&headers(&APPEND), Dialect::Plain).unwrap();
        let rest =
            AppendHead { offset: 0, complete: None, whole: None, digest: None, sha1: None, repr_digest: None, length: None };
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
            all.insert(super::name(name), HeaderValue::from_str(value).unwrap());
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
        assert!(AppendHead::read(&missing, Dialect::Plain).unwrap_err().problem.message.contains("Upload-Complete is missing"));
    }

    #[test]
    fn only_known_drafts_are_echoed() {
        for (value, known) in [("2", None), ("3", Some(3)), ("9", Some(9)), ("10", None), ("x", None)] {
            assert_eq!(interop_version(&headers(&[(INTEROP_VERSION, value)])), known);
        }
    }

    #[test]
    fn ranges() {
        let from = |first, last| Some(ByteRange::From { first, last });
        for (text, range) in [
            ("bytes=0-0", from(0, Some(0))),
            ("Bytes=5-", from(5, None)),
            ("bytes=-5", Some(ByteRange::Suffix { length: 5 })),
            ("bytes= 1-2 ", from(1, Some(2))),
            ("bytes=0-99999999999999999999999", from(0, Some(u64::MAX))),
            ("bytes=2-1", None),
            ("bytes=-", None),
            ("bytes=", None),
            ("bytes", None),
            ("bytes=0-1,3-4", None),
            ("bytes=a-b", None),
            ("bytes=+1-2", None),
            ("items=0-1", None),
        ] {
            assert_eq!(ByteRange::parse(text), range, "{text}");
        }
    }

    #[test]
    fn who_is_asking() {
        let all = headers(&[("authorization", "bearer lib_abc"), ("cookie", "a=b; session=ses_x; session=ses_y")]);
        assert_eq!(bearer(&all), Some(Secret::presented("lib_abc")));
        let sessions: Vec<_> = cookies(&all, "session").collect();
        assert_eq!(sessions, ["ses_x", "ses_y"].map(Secret::presented), "nobody knows which is ours");
        assert_eq!(cookies(&all, "ession").next(), None, "a name is matched whole");
        assert_eq!(bearer(&headers(&[("authorization", "Basic bGliOg==")])), None);
        assert_eq!(secret("lib_../x"), None);
    }

    proptest! {
        #[test]
        fn a_range_lies_within_its_file(text in "bytes=[0-9]{0,21}-[0-9]{0,21}", size: u64) {
            if let Some(part) = ByteRange::parse(&text).and_then(|range| range.within(size)) {
                prop_assert!(part.start < part.end && part.end <= size);
            }
        }

        #[test]
        fn any_text_is_read_without_panic(text in "\\PC*") {
            let _ = (ByteRange::parse(&text), secret(&text));
        }
    }
}
