//! A [`ByteRange`]: the part of a file that a `Range` header asks for (RFC 9110 §14.1.2).

use std::ops::Range;

/// One byte range of a `Range` header (RFC 9110 §14.1.2), before the size of the file is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByteRange {
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
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (unit, range) = text.split_once('=')?;
        if !unit.trim().eq_ignore_ascii_case("bytes") {
            return None;
        }
        let (first, last) = range.trim_matches([' ', '\t']).split_once('-')?;
        match (position(first), position(last)) {
            (Some(first), Some(last)) if first <= last => {
                Some(Self::From { first, last: Some(last) })
            }
            (Some(first), None) if last.is_empty() => Some(Self::From { first, last: None }),
            (None, Some(length)) if first.is_empty() => Some(Self::Suffix { length }),
            _ => None,
        }
    }

    /// The bytes of a file of `size` bytes that are meant, or `None` if there are none.
    #[must_use]
    pub(crate) fn within(self, size: u64) -> Option<Range<u64>> {
        let range = match self {
            Self::From { first, last } => {
                first..last.map_or(size, |last| last.saturating_add(1).min(size))
            }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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

    proptest! {
        #[test]
        fn a_range_lies_within_its_file(text in "bytes=[0-9]{0,21}-[0-9]{0,21}", size: u64) {
            if let Some(part) = ByteRange::parse(&text).and_then(|range| range.within(size)) {
                prop_assert!(part.start < part.end && part.end <= size);
            }
        }

        #[test]
        fn any_text_is_read_without_panic(text in "\\PC*") {
            let _ = ByteRange::parse(&text);
        }
    }
}
