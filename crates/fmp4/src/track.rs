//! [`Track`]: one track as the init segment declares it.

use serde::{Deserialize, Serialize};

/// One track of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SampleDefaults {
    pub(crate) duration: u32,
    pub(crate) size: u32,
    pub(crate) flags: u32,
}

/// An edit list of at most a pause and then the media (ISO/IEC 14496-12 §8.6.6), in the track's
/// ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Edit {
    /// How long nothing is shown first.
    pub(crate) empty: u64,
    /// The time within the media that is shown then: what lies before it is decoded and not shown.
    pub(crate) media_time: u64,
}

impl TrackKind {
    /// Whether it is pictures.
    #[must_use]
    pub(crate) const fn is_video(self) -> bool {
        matches!(self, Self::Video { .. })
    }
}
