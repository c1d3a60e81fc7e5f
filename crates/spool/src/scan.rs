//! [`Scan`]: what a stream on disk really holds. Only box headers are read, never the media, and
//! never any journal.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;

use vignette_fmp4::{Cutter, FormatError, Limits, Piece};
use vignette_model::Sha256;
use vignette_model::digest::Hasher;
use vignette_model::{Micros, Span};

/// How much is read at once between pieces: more than most moofs have.
const READ_BYTES: usize = 16 << 10;

/// The whole pieces of a stream.
#[derive(Clone, Debug)]
pub(crate) struct Scan {
    pub(crate) index: Index,
    pub(crate) ending: Ending,
}

/// How the file ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With the last whole piece (and an mfra, perhaps).
    Whole,
    /// Within a piece.
    Short,
    /// With bytes that cannot become a piece.
    Bad(FormatError),
}

/// Where the whole pieces of a stream lie and how long they last together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Index {
    pub(crate) pieces: Vec<Range<u64>>,
    /// When the first fragment begins.
    begin: Option<Micros>,
    pub(crate) duration: Span,
}

impl Index {
    pub(crate) fn add(&mut self, piece: &Piece) {
        let size = self.size_bytes();
        match piece {
            Piece::Init(init) => self.pieces.push(size..init.size_bytes),
            Piece::Fragment(fragment) => {
                self.pieces.push(size..fragment.end_bytes());
                let begin = *self.begin.get_or_insert(fragment.start);
                // Each fragment starts no earlier than the one before: `Cutter` refuses others.
                self.duration = fragment.end().saturating_since(begin);
            }
        }
    }

    /// Where the last whole piece ends.
    pub(crate) fn size_bytes(&self) -> u64 {
        self.pieces.last().map_or(0, |piece| piece.end)
    }

    /// Whether there is anything to see.
    pub(crate) fn has_fragments(&self) -> bool {
        self.begin.is_some()
    }
}

/// Finds the whole pieces of a stream.
pub(crate) fn scan(file: &mut File) -> io::Result<Scan> {
    let end = file.seek(SeekFrom::End(0))?;
    let mut cutter = Cutter::new(Limits::DEFAULT);
    let mut index = Index::default();
    let mut buffer = vec![0; READ_BYTES];
    let mut found = Vec::new();
    let ending = loop {
        let at = cutter.offset_bytes();
        found.extend(cutter.skip(cutter.skippable_bytes().min(end.saturating_sub(at))));
        if cutter.offset_bytes() >= end {
            break if cutter.whole_bytes() == end { Ending::Whole } else { Ending::Short };
        }
        file.seek(SeekFrom::Start(cutter.offset_bytes()))?;
        let count = file.read(&mut buffer)?;
        if count == 0 {
            break Ending::Short; // it became shorter meanwhile
        }
        if let Err(error) = cutter.push_into(&buffer[..count], &mut found) {
            break Ending::Bad(error);
        }
        found.drain(..).for_each(|piece| index.add(&piece));
    };
    found.drain(..).for_each(|piece| index.add(&piece));
    Ok(Scan { index, ending })
}

/// The digest of the first `size_bytes` of a file.
pub(crate) fn digest(file: &mut File, size_bytes: u64) -> io::Result<Sha256> {
    file.seek(SeekFrom::Start(0))?;
    let mut hasher = Hasher::default();
    let mut left = file.take(size_bytes);
    let mut buffer = vec![0; 1 << 18];
    loop {
        match left.read(&mut buffer)? {
            0 if left.limit() > 0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            0 => return Ok(hasher.digest()),
            count => hasher.update(&buffer[..count]),
        }
    }
}
