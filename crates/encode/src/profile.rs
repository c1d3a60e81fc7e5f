//! [`Profile`]: a row of the table of quality and cost of a stream.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

use crate::canvas_size::Canvas;

/// Quality and cost of a stream. The rows are [`Profile::ALL`]; nothing else in this crate depends
/// on their names. Serialised as its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its name in settings.
    pub name: &'static str,
    /// The largest picture; larger sources are scaled down.
    pub most: Canvas,
    /// libx264's constant rate factor: lower is better, 23 is usual for films. Text on screens
    /// needs less loss.
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
    pub(crate) const HD: Self = Self { name: "1080p", most: HD, ..Self::NATIVE };
    /// At most 1280×720, for thin lines and old computers.
    pub(crate) const SMALL: Self = Self {
        name: "720p",
        most: Canvas { width: 1280, height: 720 },
        preset: "superfast",
        video_bits_per_second: 5_000_000,
        ..Self::NATIVE
    };
    /// As the screen is, with sound in stereo.
    pub const STEREO: Self =
        Self { name: "stereo", sound_channels: 2, sound_bits_per_second: 160_000, ..Self::NATIVE };

    /// The table.
    pub(crate) const ALL: &'static [Self] = &[Self::NATIVE, Self::HD, Self::SMALL, Self::STEREO];
}

/// No profile has this name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("there is no profile {0:?}; there are native, 1080p, 720p and stereo")]
pub struct UnknownProfile(String);

impl Default for Profile {
    fn default() -> Self {
        Self::NATIVE
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(name: &str) -> Result<Self, UnknownProfile> {
        let row = Self::ALL.iter().find(|row| row.name == name).copied();
        row.ok_or_else(|| UnknownProfile(name.to_owned()))
    }
}

impl Serialize for Profile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

impl<'de> Deserialize<'de> for Profile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_is_found_by_the_name_it_is_written_as() {
        for profile in Profile::ALL {
            let written = serde_json::to_string(profile).unwrap();
            assert_eq!(serde_json::from_str::<Profile>(&written).unwrap(), *profile, "{written}");
        }
        let unknown = "4k".parse::<Profile>().unwrap_err().to_string();
        assert!(
            Profile::ALL.iter().all(|profile| unknown.contains(profile.name)),
            "all are offered: {unknown}"
        );
    }
}
