//! [`Init`]: the init segment (ftyp and moov) at the head of a stream, and the [`Track`]s it declares.

use crate::{FormatError, Limits};

/// What a stream says of itself before its first fragment: exactly one H.264 video track, and AAC sound if any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Init {
    /// Bytes from the start of the stream to the end of moov.
    pub size_bytes: u64,
    /// The tracks, in the order of the file.
    pub tracks: Vec<Track>,
}

/// One track of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Track {
    /// Its id within the stream, never 0.
    pub id: u32,
    /// Ticks a second of its times, never 0.
    pub timescale: u32,
    /// Picture or sound.
    pub kind: TrackKind,
    /// Its codec as browsers and playlists name it (RFC 6381): `avc1.640028`, `mp4a.40.2`.
    pub codec: String,
}

/// Picture or sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrackKind {
    /// Pictures.
    Video {
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
    },
    /// Sound.
    Audio {
        /// How many channels.
        channels: u16,
        /// Samples a second.
        rate_hz: u32,
    },
}

impl Init {
    /// Reads a whole init segment: the first `size_bytes` of a stream, nothing more.
    ///
    /// # Errors
    /// [`FormatError`] if the bytes are anything but one whole init segment.
    pub fn read(bytes: &[u8], limits: &Limits) -> Result<Self, FormatError> {
        let _ = (bytes, limits);
        unimplemented!()
    }

    /// The one video track. A stream without one is refused.
    #[must_use]
    pub fn video(&self) -> &Track {
        unimplemented!()
    }
}
