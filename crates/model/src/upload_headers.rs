//! [`UploadHeaders`]: how far an upload has come, as the headers of a response say it. One codec for
//! the library, which writes them, and its client, which reads them.

use crate::api::header;
use crate::fields;
use crate::{ErrorCode, Sha256};

const MAX_SIZE: &str = "max-size";
const MAX_APPEND_SIZE: &str = "max-append-size";

/// How far an upload has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UploadHeaders {
    /// `Upload-Offset`: bytes that are durable.
    pub offset_bytes: u64,
    /// `Upload-Complete`: whether nothing follows. tus does not say it.
    pub complete: Option<bool>,
    /// `Upload-Limit`: the most bytes of a whole stream.
    pub max_clip_bytes: Option<u64>,
    /// `Upload-Limit`: the most bytes of one append.
    pub max_append_bytes: Option<u64>,
    /// `Repr-Digest`: SHA-256 of the stream, once it is sealed.
    pub sealed_sha256: Option<Sha256>,
    /// `Vignette-Upload-Problem`: whether the stored bytes are damaged, so that the stream is never
    /// sealed.
    pub damaged: bool,
}

impl UploadHeaders {
    /// The headers: lower-case names and values.
    #[must_use]
    pub fn to_lines(&self) -> Vec<(&'static str, String)> {
        let mut lines = vec![(header::UPLOAD_OFFSET, self.offset_bytes.to_string())];
        if let Some(complete) = self.complete {
            lines.push((header::UPLOAD_COMPLETE, fields::boolean_text(complete).to_owned()));
        }
        if let Some(limit) = self.limit() {
            lines.push((header::UPLOAD_LIMIT, limit));
        }
        if let Some(digest) = self.sealed_sha256 {
            lines.push((header::REPR_DIGEST, digest.to_header()));
        }
        if self.damaged {
            lines.push((header::UPLOAD_PROBLEM, ErrorCode::Damaged.as_str().to_owned()));
        }
        lines
    }

    /// The value of `Upload-Limit`, if there is a limit.
    #[must_use]
    pub fn limit(&self) -> Option<String> {
        let limits = [(MAX_SIZE, self.max_clip_bytes), (MAX_APPEND_SIZE, self.max_append_bytes)];
        let members = limits.iter().filter_map(|(key, bytes)| Some(format!("{key}={}", (*bytes)?)));
        let text = members.collect::<Vec<_>>().join(", ");
        (!text.is_empty()).then_some(text)
    }

    /// Reads the headers; `lines` gives all values of a lower-case name. `None` without a valid offset.
    /// Other headers that are not valid count as absent.
    pub fn read<'h>(lines: impl Fn(&'static str) -> Vec<&'h [u8]>) -> Option<Self> {
        let line = |name| lines(name).first().copied();
        let limit = line(header::UPLOAD_LIMIT).unwrap_or_default();
        Some(Self {
            offset_bytes: fields::integer(line(header::UPLOAD_OFFSET)?)?,
            complete: line(header::UPLOAD_COMPLETE).and_then(fields::boolean),
            max_clip_bytes: fields::integer_member(limit, MAX_SIZE),
            max_append_bytes: fields::integer_member(limit, MAX_APPEND_SIZE),
            sealed_sha256: fields::sha256(lines(header::REPR_DIGEST)).ok(),
            damaged: line(header::UPLOAD_PROBLEM) == Some(ErrorCode::Damaged.as_str().as_bytes()),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::option;
    use proptest::prelude::*;

    use super::*;

    fn read(lines: &[(&'static str, String)]) -> Option<UploadHeaders> {
        UploadHeaders::read(|name| {
            let values = lines.iter().filter(|(one, _)| *one == name);
            values.map(|(_, value)| value.as_bytes()).collect()
        })
    }

    #[test]
    fn of_two_digests_neither_counts() {
        let sealed = UploadHeaders {
            offset_bytes: 7,
            sealed_sha256: Some(Sha256::of(b"one")),
            ..Default::default()
        };
        let mut lines = sealed.to_lines();
        assert_eq!(read(&lines), Some(sealed));
        lines.push((header::REPR_DIGEST, Sha256::of(b"other").to_header()));
        assert_eq!(read(&lines), Some(UploadHeaders { sealed_sha256: None, ..sealed }));
        assert_eq!(read(&lines[1..]), None, "without an offset nothing is known");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            offset_bytes in 0..1_u64 << 49,
            complete: Option<bool>,
            max_clip_bytes in option::of(0..1_u64 << 49),
            max_append_bytes in option::of(0..1_u64 << 49),
            sealed in option::of(any::<[u8; 32]>()),
            damaged: bool,
        ) {
            let sealed_sha256 = sealed.map(Sha256);
            let headers = UploadHeaders { offset_bytes, complete, max_clip_bytes, max_append_bytes, sealed_sha256, damaged };
            prop_assert_eq!(read(&headers.to_lines()), Some(headers));
        }
    }
}
