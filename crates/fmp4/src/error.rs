//! [`FormatError`]: where bytes stop being a stream we take, and why.

use thiserror::Error;
use vignette_model::{ErrorCode, Problem};

/// Bytes that are not a stream we take.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("at byte {offset_bytes}: {fault}")]
pub struct FormatError {
    /// Where in the stream.
    pub offset_bytes: u64,
    /// What is wrong there.
    pub fault: Fault,
}

/// What is wrong with a stream. Box names are four characters, as they stand in the file.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Fault {
    /// A box that may not stand there.
    #[error("a {found} box where {expected} should be")]
    Unexpected {
        /// The box that is there.
        found: String,
        /// What should be there.
        expected: &'static str,
    },
    /// A box that has to be there.
    #[error("{inside} has no {missing} box")]
    Missing {
        /// The box that is not there.
        missing: &'static str,
        /// The box it should be in.
        inside: &'static str,
    },
    /// A box that may stand there only once.
    #[error("{inside} has more than one {twice} box")]
    Twice {
        /// The box.
        twice: &'static str,
        /// The box it is in.
        inside: &'static str,
    },
    /// A box that ends before its fields do, or reaches beyond the box around it.
    #[error("the {name} box is cut short")]
    Short {
        /// The box.
        name: String,
    },
    /// A number larger than we take.
    #[error("{what} is {value}; the most is {most}")]
    TooMuch {
        /// What was counted.
        what: &'static str,
        /// How much it was.
        value: u64,
        /// How much it may be.
        most: u64,
    },
    /// A field whose value makes no sense, or that we do not know.
    #[error("{what} cannot be {value}")]
    Bad {
        /// Which field.
        what: &'static str,
        /// What stands there.
        value: u64,
    },
    /// A codec or kind of track that a clip cannot have.
    #[error("{what} {name} is not supported")]
    Unsupported {
        /// What is not supported: "codec" or "track kind".
        what: &'static str,
        /// Its four-character name.
        name: String,
    },
    /// A fragment whose first picture cannot be shown without those before.
    #[error("the fragment does not start with a video key frame")]
    NoKeyFrame,
    /// A fragment that begins before the one before it has ended, by more than its last sample.
    #[error("track {track} goes back in time: {found} after {last}")]
    TimeGoesBack {
        /// Which track.
        track: u32,
        /// The decode time at which the fragment begins, in the track's ticks.
        found: u64,
        /// The decode time of the last sample before it.
        last: u64,
    },
    /// Numbers that overflow when they are added up.
    #[error("{what} does not fit a number")]
    Overflow {
        /// What was added up.
        what: &'static str,
    },
    /// A sample that does not lie in the mdat box of its fragment.
    #[error("track {track} has samples outside its fragment's mdat box")]
    OutsideMdat {
        /// Which track.
        track: u32,
    },
    /// The bytes end within a piece.
    #[error("the stream ends within a piece")]
    NotWhole,
}

impl Fault {
    pub(crate) fn at(self, offset_bytes: u64) -> FormatError {
        FormatError { offset_bytes, fault: self }
    }
}

impl From<FormatError> for Problem {
    fn from(error: FormatError) -> Self {
        Self::new(
            ErrorCode::NotAStream,
            format!("This is not a stream that can be played: {error}."),
        )
    }
}
