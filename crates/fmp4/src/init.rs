//! [`Init`]: the init segment (ftyp and moov) at the head of a stream.

use crate::moov::Moov;
use crate::{Fault, FormatError, Limits, Track, TrackKind};

/// What a stream says of itself before its first fragment: exactly one H.264 video track, and AAC
/// sound if any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Init {
    /// Bytes from the start of the stream to the end of moov.
    pub size_bytes: u64,
    /// The tracks, in the order of the file.
    pub tracks: Vec<Track>,
}

impl Init {
    /// Reads a whole init segment: the first `size_bytes` of a stream, nothing more.
    ///
    /// # Errors
    /// [`FormatError`] if the bytes are anything but one whole init segment.
    pub fn read(bytes: &[u8], limits: &Limits) -> Result<Self, FormatError> {
        let moov = Moov::find(bytes, limits)?;
        let tracks: Vec<Track> = moov.tracks.into_iter().map(|trak| trak.track).collect();
        let videos = tracks.iter().filter(|track| track.kind.is_video()).count();
        if videos != 1 {
            return Err(Fault::Bad { what: "the number of video tracks", value: videos as u64 }
                .at(moov.whole.offset));
        }
        Ok(Self { size_bytes: bytes.len() as u64, tracks })
    }

    /// The one video track. A stream without one is refused.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "an Init cannot be made without one")]
    #[expect(clippy::expect_used, reason = "an Init cannot be made without one")]
    pub fn video(&self) -> &Track {
        self.tracks
            .iter()
            .find(|track| track.kind.is_video())
            .expect("an init segment has a video track")
    }

    /// Width and height of the picture in pixels.
    #[must_use]
    pub fn picture(&self) -> (u32, u32) {
        match self.video().kind {
            TrackKind::Video { width, height } => (width, height),
            TrackKind::Audio { .. } => (0, 0),
        }
    }

    /// All codecs, as a `CODECS` attribute or a media type lists them: `avc1.640028,mp4a.40.2`.
    #[must_use]
    pub fn codecs(&self) -> String {
        self.tracks.iter().map(|track| track.codec.as_str()).collect::<Vec<_>>().join(",")
    }
}
