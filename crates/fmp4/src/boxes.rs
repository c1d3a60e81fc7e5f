//! [`BoxView`] and [`Fields`]: a box in memory and the numbers in it, read with bounds. (ISO/IEC
//! 14496-12 §4.2)

use std::fmt;

use crate::{Fault, FormatError};

/// The four characters that name a box.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct FourCc(pub(crate) [u8; 4]);

impl fmt::Display for FourCc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.escape_ascii().fmt(f)
    }
}

impl fmt::Debug for FourCc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The first 8 or 16 bytes of a box: `size type`, or `1 type largesize`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BoxHeader {
    pub(crate) name: FourCc,
    /// The whole box, header included.
    pub(crate) size: u64,
    /// The header alone: 8 or 16.
    pub(crate) header_size: u64,
}

impl BoxHeader {
    /// Reads the header at the start of `bytes`, which lie at `offset` of the stream. `None`: there
    /// are too few bytes to say.
    pub(crate) fn read(bytes: &[u8], offset: u64) -> Result<Option<Self>, FormatError> {
        let Some((&[s0, s1, s2, s3, n0, n1, n2, n3], rest)) = bytes.split_first_chunk::<8>() else {
            return Ok(None);
        };
        let name = FourCc([n0, n1, n2, n3]);
        let (size, header_size) = match u32::from_be_bytes([s0, s1, s2, s3]) {
            // 0 means "to the end of the file", which a stream that grows does not have.
            0 => return Err(Fault::Bad { what: "the size of a box", value: 0 }.at(offset)),
            1 => match rest.first_chunk::<8>() {
                Some(&large) => (u64::from_be_bytes(large), 16),
                None => return Ok(None),
            },
            size => (u64::from(size), 8),
        };
        if size < header_size {
            return Err(Fault::Bad { what: "the size of a box", value: size }.at(offset));
        }
        Ok(Some(Self { name, size, header_size }))
    }
}

/// A whole box in memory.
#[derive(Clone, Copy)]
pub(crate) struct BoxView<'a> {
    pub(crate) name: FourCc,
    /// Where it begins in the stream.
    pub(crate) offset: u64,
    /// All of it, header included.
    pub(crate) whole: &'a [u8],
    /// What follows its header.
    pub(crate) body: &'a [u8],
}

impl<'a> BoxView<'a> {
    /// Takes the box at the start of `bytes`, which lie at `offset` of the stream, and gives what
    /// follows it.
    pub(crate) fn split(bytes: &'a [u8], offset: u64) -> Result<(Self, &'a [u8]), FormatError> {
        let short = || Fault::Short {
            name: FourCc(*bytes[..].get(4..).and_then(<[u8]>::first_chunk).unwrap_or(b"????"))
                .to_string(),
        };
        let header = BoxHeader::read(bytes, offset)?.ok_or_else(|| short().at(offset))?;
        let size = usize::try_from(header.size).map_err(|_| short().at(offset))?;
        let (whole, rest) = bytes.split_at_checked(size).ok_or_else(|| short().at(offset))?;
        let body = if header.header_size == 16 { &whole[16..] } else { &whole[8..] };
        Ok((Self { name: header.name, offset, whole, body }, rest))
    }

    /// Exactly one box.
    pub(crate) fn only(bytes: &'a [u8], offset: u64) -> Result<Self, FormatError> {
        match Self::split(bytes, offset)? {
            (view, []) => Ok(view),
            (view, rest) => Err(Fault::Bad {
                what: "the number of bytes after a box",
                value: rest.len() as u64,
            }
            .at(offset + view.whole.len() as u64)),
        }
    }

    /// The boxes within this one, after the first `skip` bytes of its body.
    pub(crate) fn children_after(&self, skip: usize) -> Result<Children<'a>, FormatError> {
        let bytes = self.body.get(skip..).ok_or_else(|| self.short())?;
        Ok(Children { bytes, offset: self.body_offset() + skip as u64 })
    }

    /// The boxes within this one.
    pub(crate) fn children(&self) -> Children<'a> {
        Children { bytes: self.body, offset: self.body_offset() }
    }

    /// The one child of that name, if there is one.
    pub(crate) fn child(&self, name: &'static str) -> Result<Option<BoxView<'a>>, FormatError> {
        let mut found = None;
        for child in self.children() {
            let child = child?;
            if child.is(name) && found.replace(child).is_some() {
                return Err(
                    Fault::Twice { twice: name, inside: self.known_name() }.at(child.offset)
                );
            }
        }
        Ok(found)
    }

    /// The one child of that name.
    pub(crate) fn need(&self, name: &'static str) -> Result<BoxView<'a>, FormatError> {
        let missing = Fault::Missing { missing: name, inside: self.known_name() };
        self.child(name)?.ok_or_else(|| missing.at(self.offset))
    }

    /// Whether it has that name.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.0 == name.as_bytes()
    }

    /// Its numbers, from the first on.
    pub(crate) fn fields(&self) -> Fields<'a> {
        Fields { name: self.name, bytes: self.body, offset: self.body_offset() }
    }

    pub(crate) fn short(&self) -> FormatError {
        Fault::Short { name: self.name.to_string() }.at(self.offset)
    }

    fn body_offset(&self) -> u64 {
        self.offset + (self.whole.len() - self.body.len()) as u64
    }

    /// The name of a container, for messages.
    fn known_name(&self) -> &'static str {
        [
            "moov", "trak", "edts", "mdia", "minf", "dinf", "stbl", "mvex", "moof", "traf", "avc1",
            "mp4a",
        ]
        .into_iter()
        .find(|name| self.is(name))
        .unwrap_or("a box")
    }
}

/// The boxes of a container, one after another. It ends after the first that is cut short.
pub(crate) struct Children<'a> {
    bytes: &'a [u8],
    offset: u64,
}

impl<'a> Iterator for Children<'a> {
    type Item = Result<BoxView<'a>, FormatError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.bytes.is_empty() {
            return None;
        }
        let split = BoxView::split(self.bytes, self.offset);
        Some(split.map(|(view, rest)| {
            self.offset += view.whole.len() as u64;
            self.bytes = rest;
            view
        }))
        .inspect(|result| {
            if result.is_err() {
                self.bytes = &[];
            }
        })
    }
}

/// The fields of one box, read in their order. Every number is big-endian.
#[derive(Clone)]
pub(crate) struct Fields<'a> {
    name: FourCc,
    bytes: &'a [u8],
    offset: u64,
}

impl<'a> Fields<'a> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], FormatError> {
        let (&first, rest) = self.bytes.split_first_chunk::<N>().ok_or_else(|| self.short())?;
        self.bytes = rest;
        self.offset += N as u64;
        Ok(first)
    }

    /// The next `count` bytes.
    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], FormatError> {
        let (first, rest) = self.bytes.split_at_checked(count).ok_or_else(|| self.short())?;
        self.bytes = rest;
        self.offset += count as u64;
        Ok(first)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, FormatError> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, FormatError> {
        self.array().map(u16::from_be_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, FormatError> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn i32(&mut self) -> Result<i32, FormatError> {
        self.array().map(i32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, FormatError> {
        self.array().map(u64::from_be_bytes)
    }

    pub(crate) fn i64(&mut self) -> Result<i64, FormatError> {
        self.array().map(i64::from_be_bytes)
    }

    pub(crate) fn four_cc(&mut self) -> Result<FourCc, FormatError> {
        self.array().map(FourCc)
    }

    /// A time that has 64 bits in version 1 of a box and 32 in version 0.
    pub(crate) fn time(&mut self, version: u8) -> Result<u64, FormatError> {
        if version == 0 { self.u32().map(u64::from) } else { self.u64() }
    }

    /// The version and flags of a full box. Versions above `most` are refused.
    pub(crate) fn version_flags(&mut self, most: u8) -> Result<(u8, u32), FormatError> {
        let [version, f0, f1, f2] = self.array()?;
        if version > most {
            return Err(self.bad("the version of a box", u64::from(version)));
        }
        Ok((version, u32::from_be_bytes([0, f0, f1, f2])))
    }

    /// How many bytes are left.
    pub(crate) fn left(&self) -> usize {
        self.bytes.len()
    }

    /// The fault that a field just before this has a value that cannot be.
    pub(crate) fn bad(&self, what: &'static str, value: u64) -> FormatError {
        Fault::Bad { what, value }.at(self.offset)
    }

    fn short(&self) -> FormatError {
        Fault::Short { name: self.name.to_string() }.at(self.offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_both_sizes() {
        let small = BoxHeader::read(b"\0\0\0\x08free", 0).unwrap().unwrap();
        assert_eq!(
            (small.size, small.header_size, small.name.to_string().as_str()),
            (8, 8, "free")
        );
        let large = BoxHeader::read(b"\0\0\0\x01mdat\0\0\0\x01\0\0\0\0", 0).unwrap().unwrap();
        assert_eq!((large.size, large.header_size), (1 << 32, 16));
        assert!(
            BoxHeader::read(b"\0\0\0\x01mdat\0\0\0", 0).unwrap().is_none(),
            "15 of 16 bytes are not enough to say"
        );
    }

    #[test]
    fn sizes_that_cannot_be_are_refused() {
        for bytes in [
            b"\0\0\0\0mdat\0\0\0\0\0\0\0\0",
            b"\0\0\0\x07mdat\0\0\0\0\0\0\0\0",
            b"\0\0\0\x01mdat\0\0\0\0\0\0\0\x0f",
        ] {
            assert!(
                matches!(
                    BoxHeader::read(bytes, 9),
                    Err(FormatError { offset_bytes: 9, fault: Fault::Bad { .. } })
                ),
                "{bytes:?}"
            );
        }
    }

    #[test]
    fn a_child_may_not_reach_beyond_its_parent() {
        let bytes = b"\0\0\0\x18moov\0\0\0\x11trak\0\0\0\0\0\0\0\0";
        let moov = BoxView::only(bytes, 0).unwrap();
        assert_eq!(moov.child("trak").err(), Some(Fault::Short { name: "trak".to_owned() }.at(8)));
    }
}
