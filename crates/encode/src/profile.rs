//! [`Profile`]: a row of the table that says how good a stream is and what it may cost.

use crate::Canvas;

/// How good a stream is and what it may cost. The rows are [`Profile::ALL`]; nothing else in this room knows their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its name in settings.
    pub name: &'static str,
    /// The largest picture; larger sources are scaled down.
    pub most: Canvas,
    /// libx264's constant rate factor: lower is better, 23 is usual for films. Text on screens needs less loss.
    pub crf: u8,
    /// libx264's preset.
    pub preset: &'static str,
    /// The most video bits a second, at 1920×1080; other sizes in proportion.
    pub video_bits_per_second: u32,
    /// Sound channels, 1 or 2.
    pub sound_channels: u16,
    /// Sound bits a second, all channels together.
    pub sound_bits_per_second: u32,
}

const UHD: Canvas = Canvas { width: 4096, height: 2304 };
const HD: Canvas = Canvas { width: 1920, height: 1080 };

impl Profile {
    /// As the screen is, up to 4K.
    pub const NATIVE: Self = Self {
        name: "native",
        most: UHD,
        crf: 23,
        preset: "veryfast",
        video_bits_per_second: 8_000_000,
        sound_channels: 1,
        sound_bits_per_second: 96_000,
    };
    /// At most 1920×1080.
    pub const HD: Self = Self { name: "1080p", most: HD, ..Self::NATIVE };
    /// At most 1280×720, for thin lines and old computers.
    pub const SMALL: Self = Self {
        name: "720p",
        most: Canvas { width: 1280, height: 720 },
        preset: "superfast",
        video_bits_per_second: 5_000_000,
        ..Self::NATIVE
    };
    /// As the screen is, with sound in stereo.
    pub const STEREO: Self = Self { name: "stereo", sound_channels: 2, sound_bits_per_second: 160_000, ..Self::NATIVE };

    /// The table.
    pub const ALL: &'static [Self] = &[Self::NATIVE, Self::HD, Self::SMALL, Self::STEREO];

    /// The row of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|row| row.name == name).copied()
    }
}
