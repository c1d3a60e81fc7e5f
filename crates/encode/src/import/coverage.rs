//! [`Coverage`]: how much of a truncated file can be read.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// How much of a file can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Coverage {
    /// The end of its intact structure. FFmpeg would reject the whole file because of what follows.
    pub(super) readable_bytes: u64,
    /// Whether its last box declares a size beyond the end of the file.
    pub(super) short: bool,
}

impl Coverage {
    /// Reads the box headers of an MP4 or MOV (ISO/IEC 14496-12 §4.2). Any other file is read
    /// whole.
    pub(super) fn of(file: &mut (impl Read + Seek)) -> io::Result<Self> {
        let size = file.seek(SeekFrom::End(0))?;
        let whole = Self { readable_bytes: size, short: false };
        let mut at = 0;
        while at < size {
            let mut header = [0; 16];
            file.seek(SeekFrom::Start(at))?;
            let read = read_up_to(file, &mut header)?;
            if at == 0
                && !matches!(
                    &header[4..8],
                    b"ftyp" | b"moov" | b"mdat" | b"wide" | b"free" | b"skip" | b"pnot"
                )
            {
                return Ok(whole);
            }
            let number = |bytes: &[u8]| bytes.iter().fold(0, |n, &byte| n << 8 | u64::from(byte));
            let length =
                if number(&header[..4]) == 1 { number(&header[8..]) } else { number(&header[..4]) };
            // A size of zero extends to the end of the file. Bytes that are no box were appended by
            // another program.
            if read < 8 || length < 8 || !header[4..8].is_ascii() {
                return Ok(whole);
            }
            if length > size - at {
                // The packets in an incomplete mdat can be read.
                let readable_bytes = if &header[4..8] == b"mdat" { size } else { at };
                return Ok(Self { readable_bytes, short: true });
            }
            at += length;
        }
        Ok(whole)
    }
}

fn read_up_to(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while read < buffer.len() {
        match file.read(&mut buffer[read..])? {
            0 => break,
            count => read += count,
        }
    }
    Ok(read)
}

/// The first bytes of a file, as if it ended there.
pub(super) struct Head {
    file: File,
    size_bytes: u64,
    at: u64,
}

impl Head {
    pub(super) fn new(mut file: File, size_bytes: u64) -> io::Result<Self> {
        file.seek(SeekFrom::Start(0))?;
        Ok(Self { file, size_bytes, at: 0 })
    }
}

impl Read for Head {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.size_bytes.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let count = buffer.len().min(left);
        let read = self.file.read(&mut buffer[..count])?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Head {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::End(by) => SeekFrom::Start(self.size_bytes.saturating_add_signed(by)),
            other => other,
        };
        self.at = self.file.seek(to)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn a_box_that_is_not_whole_ends_what_is_read() {
        let of = |bytes: &[u8]| {
            let coverage = Coverage::of(&mut Cursor::new(bytes)).unwrap();
            (coverage.readable_bytes, coverage.short)
        };
        let ftyp = b"\0\0\0\x10ftypisom\0\0\0\0";
        let with = |rest: &[u8]| [&ftyp[..], rest].concat();
        for (rest, coverage) in [
            (&b""[..], (16, false)),
            (b"\0\0\0\x0cmoof....", (28, false)),
            (b"\0\0\0\x0dmoof....", (16, true)),
            (b"\0\0\0\x0dmdat....", (28, true)),
            (b"\0\0\0\0mdat....", (28, false)),
            (b"\0\0\0\x01mdat\0\0\0\0\0\0\0\x20....", (36, true)),
            (b"\0\0\0", (19, false)),
            (b"\xff\xff\xff\xff\xff\xff\xff\xff", (24, false)),
        ] {
            assert_eq!(of(&with(rest)), coverage, "{rest:?}");
        }
        assert_eq!(of(b"\x1aE\xdf\xa3 is Matroska"), (16, false));
    }
}
