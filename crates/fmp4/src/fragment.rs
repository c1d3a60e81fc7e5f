//! [`Fragment`]: one moof and its mdat, about two seconds, starting with a key frame.

use serde::{Deserialize, Serialize};
use vignette_model::{Micros, Span};

/// Where a fragment lies in its stream and when it plays. These are the rows of an index; they are
/// only ever computed from the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fragment {
    /// Where it begins in the stream; boxes like styp before the moof belong to it.
    pub offset_bytes: u64,
    /// Its size up to the end of its mdat.
    pub size_bytes: u64,
    /// Where its moof begins in the stream.
    pub moof_offset_bytes: u64,
    /// Size of its moof.
    pub moof_size_bytes: u64,
    /// When its first picture is shown, on the stream's own time line.
    pub start: Micros,
    /// How long its pictures are shown.
    pub duration: Span,
}

impl Fragment {
    /// Where the next piece begins in the stream.
    #[must_use]
    pub const fn end_bytes(&self) -> u64 {
        self.offset_bytes.saturating_add(self.size_bytes)
    }

    /// When its last picture ends.
    #[must_use]
    pub fn end(&self) -> Micros {
        self.start + self.duration
    }
}
