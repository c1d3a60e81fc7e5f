//! [`SourceSlot`]: one source of a take: what it is, what it is for, and where it goes in the stream.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What kind of device or screen a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// What a display shows.
    Screen,
    /// A webcam.
    Camera,
    /// A microphone, or anything else that the sound server records from.
    Microphone,
}

impl SourceKind {
    /// Whether it gives pictures; else it gives sound.
    #[must_use]
    pub const fn is_picture(self) -> bool {
        matches!(self, Self::Screen | Self::Camera)
    }
}

impl fmt::Display for SourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Screen => "screen",
            Self::Camera => "camera",
            Self::Microphone => "microphone",
        })
    }
}

/// What a source is for in a clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceRole {
    /// The picture.
    Picture,
    /// A round picture over the picture, or the whole picture if there is no other.
    Bubble,
    /// The voice of the person who records: it is metered and transcribed.
    Voice,
    /// Other sound, such as what the computer plays.
    Background,
}

/// One source of a take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SourceSlot {
    /// What it is.
    pub kind: SourceKind,
    /// What it is for.
    pub role: SourceRole,
    /// The track of the stream that is its own. Track 0 is the picture, which screen and camera share. Track 1 is what
    /// players play: the sound of all sources together, or of the only one. Of several each has a track from 2 on.
    pub track: u8,
}

/// The tracks of sound sources, by their number.
#[must_use]
pub fn sound_tracks(sources: u8) -> std::ops::RangeInclusive<u8> {
    // One source alone needs no mix.
    if sources == 1 { 1..=1 } else { 2..=sources.saturating_add(1) }
}
