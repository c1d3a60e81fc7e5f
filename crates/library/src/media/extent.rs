//! [`Extent`]: where the bytes of one append lie, and what they were.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use vignette_model::Sha256;

/// The most bytes of an object's name.
const MAX_NAME_BYTES: usize = 64;

/// The name of an object: a run of bytes in the media of one clip that never change once they are written. On disk it is the name
/// of a file, so it has nothing but small letters, digits, `-` and `.`, and begins with none of the last two.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectName(String);

impl ObjectName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Text that names no object.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not the name of an object")]
pub struct NotAnObjectName(String);

impl FromStr for ObjectName {
    type Err = NotAnObjectName;

    fn from_str(text: &str) -> Result<Self, NotAnObjectName> {
        let allowed = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.'
        };
        let plain = text.bytes().all(allowed) && !text.starts_with(['-', '.']);
        if plain && !text.is_empty() && text.len() <= MAX_NAME_BYTES {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAnObjectName(text.to_owned()))
        }
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The bytes of one append: which part of the stream they are, what they were, and where the media keep them. The extents of a
/// stream cover it from its first byte to its offset, in order and without gap or overlap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The object that holds them.
    pub object: ObjectName,
    /// Where in the object they begin.
    pub position_bytes: u64,
    /// Where in the stream they begin.
    pub offset_bytes: u64,
    /// How many they are; never 0.
    pub size_bytes: u64,
    /// Their SHA-256 as they were appended.
    pub sha256: Sha256,
}

impl Extent {
    /// Where in the stream they end.
    #[must_use]
    pub(crate) const fn end_bytes(&self) -> u64 {
        self.offset_bytes.saturating_add(self.size_bytes)
    }

    /// Where in the object they end.
    #[must_use]
    pub(crate) const fn end_position_bytes(&self) -> u64 {
        self.position_bytes.saturating_add(self.size_bytes)
    }
}

/// A part of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice {
    /// Which object.
    pub object: ObjectName,
    /// Which of its bytes.
    pub range: Range<u64>,
}

/// Where the bytes of `range` of a stream lie, in order; `None` if the extents do not hold all of them. Extents that follow one
/// another in an object are one slice.
#[must_use]
pub fn slices(extents: &[Extent], range: Range<u64>) -> Option<Vec<Slice>> {
    let mut found: Vec<Slice> = Vec::new();
    let mut next_bytes = range.start;
    for extent in extents
        .iter()
        .filter(|extent| extent.end_bytes() > range.start && extent.offset_bytes < range.end)
    {
        let within_bytes = next_bytes.checked_sub(extent.offset_bytes)?;
        let begin_bytes = extent.position_bytes + within_bytes;
        let end_bytes =
            extent.position_bytes + (range.end.min(extent.end_bytes()) - extent.offset_bytes);
        if begin_bytes > end_bytes {
            return None;
        }
        next_bytes += end_bytes - begin_bytes;
        match found.last_mut() {
            Some(last) if last.object == extent.object && last.range.end == begin_bytes => {
                last.range.end = end_bytes
            }
            _ => found.push(Slice { object: extent.object.clone(), range: begin_bytes..end_bytes }),
        }
    }
    (next_bytes >= range.end).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent(object: &str, position_bytes: u64, offset_bytes: u64, size_bytes: u64) -> Extent {
        Extent {
            object: object.parse().unwrap(),
            position_bytes,
            offset_bytes,
            size_bytes,
            sha256: Sha256::of(b""),
        }
    }

    #[test]
    fn names_are_no_paths() {
        for bad in
            ["", ".", "..", "../x", "a/b", "a\\b", "A", "-a", ".part", "a b", &"a".repeat(65)]
        {
            assert!(bad.parse::<ObjectName>().is_err(), "{bad:?} is refused");
        }
        for good in ["stream.mp4", "clip-0193.mp4", "a"] {
            assert_eq!(good.parse::<ObjectName>().unwrap().as_str(), good);
        }
    }

    #[test]
    fn a_range_is_found_wherever_its_extents_lie() {
        // 0..10 and 10..15 lie side by side, 15..20 in another object, 20..30 behind bytes that do not count.
        let extents = [
            extent("a", 0, 0, 10),
            extent("a", 10, 10, 5),
            extent("b", 0, 15, 5),
            extent("a", 99, 20, 10),
        ];
        let slice = |object: &str, range| Slice { object: object.parse().unwrap(), range };
        for (range, expected) in [
            (0..0, Some(vec![])),
            (0..15, Some(vec![slice("a", 0..15)])),
            (3..12, Some(vec![slice("a", 3..12)])),
            (14..21, Some(vec![slice("a", 14..15), slice("b", 0..5), slice("a", 99..100)])),
            (0..30, Some(vec![slice("a", 0..15), slice("b", 0..5), slice("a", 99..109)])),
            (29..31, None),
            (30..31, None),
        ] {
            assert_eq!(slices(&extents, range.clone()), expected, "{range:?}");
        }
        assert_eq!(
            slices(&extents[2..], 10..20),
            None,
            "what lies before the first extent is not there"
        );
        let gap = [extents[0].clone(), extents[2].clone()];
        assert_eq!(slices(&gap, 0..20), None, "a gap is not passed over");
    }
}
