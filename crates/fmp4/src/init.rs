//! [`Init`]: the init segment (ftyp and moov) at the head of a stream, and the [`Track`]s it declares.

use crate::boxes::BoxView;
use crate::moov::Moov;
use crate::{Fault, FormatError, Limits};

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
    /// What its samples are where fragments say nothing (trex).
    pub(crate) defaults: SampleDefaults,
    /// How its media is laid on the time line (elst).
    pub(crate) edit: Edit,
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

/// What a sample is if nothing nearer to it says otherwise (ISO/IEC 14496-12 §8.8.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SampleDefaults {
    pub(crate) duration: u32,
    pub(crate) size: u32,
    pub(crate) flags: u32,
}

/// An edit list of at most a pause and then the media (ISO/IEC 14496-12 §8.6.6), in the track's ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Edit {
    /// How long nothing is shown first.
    pub(crate) empty: u64,
    /// The time within the media that is shown then: what lies before it is decoded and not shown.
    pub(crate) media_time: u64,
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
            return Err(Fault::Bad { what: "the number of video tracks", value: videos as u64 }.at(moov.whole.offset));
        }
        Ok(Self { size_bytes: bytes.len() as u64, tracks })
    }

    /// The one video track. A stream without one is refused.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "an Init cannot be made without one")]
    #[expect(clippy::expect_used, reason = "an Init cannot be made without one")]
    pub fn video(&self) -> &Track {
        self.tracks.iter().find(|track| track.kind.is_video()).expect("an init segment has a video track")
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

impl TrackKind {
    /// Whether it is pictures.
    #[must_use]
    pub const fn is_video(self) -> bool {
        matches!(self, Self::Video { .. })
    }
}

/// The boxes of an init segment: ftyp, then moov, with free space between them at most.
pub(crate) fn boxes(bytes: &[u8]) -> Result<BoxView<'_>, FormatError> {
    let (ftyp, mut rest) = BoxView::split(bytes, 0)?;
    if !ftyp.is("ftyp") {
        return Err(Fault::Unexpected { found: ftyp.name.to_string(), expected: "ftyp" }.at(0));
    }
    let mut offset = ftyp.whole.len() as u64;
    loop {
        let (next, after) = BoxView::split(rest, offset)?;
        if next.is("moov") {
            return BoxView::only(rest, offset);
        }
        if !next.is("free") {
            return Err(Fault::Unexpected { found: next.name.to_string(), expected: "moov" }.at(offset));
        }
        offset += next.whole.len() as u64;
        rest = after;
    }
}
