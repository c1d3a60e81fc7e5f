//! [`Cutter`]: bytes in any split become whole [`Piece`]s.

use crate::{FormatError, Fragment, Init, Limits};

/// A part of a stream that means something by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// ftyp and moov: the first piece of every stream.
    Init(Init),
    /// One moof and its mdat, starting with a key frame.
    Fragment(Fragment),
}

/// Cuts a stream, `ftyp moov (moof mdat)*`, into pieces as its bytes arrive. It keeps only what it has to read (moov and
/// moof), never the media. Cloning it is cheap between pieces.
#[derive(Clone, Debug)]
pub struct Cutter {
    limits: Limits,
}

impl Cutter {
    /// At the beginning of a stream.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits }
    }

    /// Behind the piece that ends at `offset_bytes` of a stream that began with `init`. Times are checked against earlier
    /// fragments only from the next fragment on; use [`Cutter::resume_after`] to check the next one too.
    #[must_use]
    pub fn resume(limits: Limits, init: &Init, offset_bytes: u64) -> Self {
        let _ = (init, offset_bytes);
        Self { limits }
    }

    /// Behind `last`, whose moof box is given (`last.moof_size_bytes` bytes from `last.moof_offset_bytes` of the stream), so
    /// that the next fragment is known to go on where it ended.
    ///
    /// # Errors
    /// [`FormatError`] if the moof is not one of this stream.
    pub fn resume_after(limits: Limits, init: &Init, last: &Fragment, last_moof: &[u8]) -> Result<Self, FormatError> {
        let _ = (init, last, last_moof);
        Ok(Self { limits })
    }

    /// Takes the next bytes of the stream and gives the pieces that they complete. However the bytes are split, the pieces
    /// are the same. The piece boundaries that were found before an error stay true.
    ///
    /// # Errors
    /// [`FormatError`] as soon as the bytes cannot become a stream that we take; every later call gives the same error.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Piece>, FormatError> {
        let _ = bytes;
        let _ = self.limits;
        unimplemented!()
    }

    /// Like [`Cutter::push`], but pieces that were completed before an error are given too.
    ///
    /// # Errors
    /// As [`Cutter::push`].
    pub fn push_into(&mut self, bytes: &[u8], pieces: &mut Vec<Piece>) -> Result<(), FormatError> {
        let _ = (bytes, pieces);
        unimplemented!()
    }

    /// Offset in the stream behind the last whole piece. A whole mfra box at the end counts as part of the last piece.
    #[must_use]
    pub fn whole_bytes(&self) -> u64 {
        unimplemented!()
    }

    /// Offset in the stream of the next byte to push.
    #[must_use]
    pub fn offset_bytes(&self) -> u64 {
        unimplemented!()
    }

    /// How many of the next bytes are media that need not be pushed: [`Cutter::skip`] may pass over up to as many.
    #[must_use]
    pub fn skippable_bytes(&self) -> u64 {
        unimplemented!()
    }

    /// Passes over bytes that are in the stream but were not read. Gives the piece that ends with them, if one does.
    ///
    /// # Panics
    /// If `count_bytes` is more than [`Cutter::skippable_bytes`].
    pub fn skip(&mut self, count_bytes: u64) -> Option<Piece> {
        let _ = count_bytes;
        unimplemented!()
    }
}
