//! [`EncodedPiece`]: a whole piece of a stream; [`Totals`]: the sums of a finished stream.

use bytes::Bytes;
use vignette_model::{Micros, Span};

/// A whole piece of a stream. The pieces in order are the stream, byte for byte: `ftyp moov (moof
/// mdat)*`.
#[derive(Clone, Debug)]
pub enum EncodedPiece {
    /// ftyp and moov (ISO/IEC 14496-12): always the first piece, before any picture is there.
    Init(Bytes),
    /// One moof and its mdat. Starts with a video key frame, so every prefix of the stream plays.
    Fragment {
        /// Exactly one moof and one mdat.
        bytes: Bytes,
        /// When its first picture is shown.
        start: Micros,
        /// From its first picture to the first picture of the next fragment, or to the end.
        duration: Span,
    },
}

impl EncodedPiece {
    /// The bytes of the piece.
    #[must_use]
    pub const fn bytes(&self) -> &Bytes {
        match self {
            Self::Init(bytes) | Self::Fragment { bytes, .. } => bytes,
        }
    }
}

/// The sums of a finished stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// From the start to the end of the last picture.
    pub duration: Span,
    /// Pictures that were encoded.
    pub pictures: u64,
    /// Pictures of a source that were replaced by the next one before any picture of the stream
    /// showed them: the source delivered more than the frame rate, or the encoder was too slow.
    pub left_out: u64,
    /// Fragments that were handed out.
    pub fragments: u64,
    /// Size of the stream, init segment included.
    pub size_bytes: u64,
}
