//! [`EncoderSettings`]: what a take is to look like, decided before its first frame.

use std::str::FromStr;

use thiserror::Error;
use vignette_model::SourceRole;

use crate::Profile;

/// Sound sources of one take at most, since a stream has eight tracks: the picture, the mix and these.
pub const MAX_SOUND_SOURCES: usize = 6;

/// A size in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Canvas {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

impl Canvas {
    /// The picture that is encoded for a source of this size: never larger than `most`, same shape, both sides even (H.264
    /// 4:2:0 knows nothing else). An odd last column or row is left out; a source that is too large is scaled down.
    #[must_use]
    pub fn fitted(self, most: Self) -> Self {
        let (width, height) = (even(self.width), even(self.height));
        let (most_width, most_height) = (even(most.width), even(most.height));
        if width <= most_width && height <= most_height {
            return Self { width, height };
        }
        let scaled = |side: u32, by: u32, of: u32| {
            let exact = u64::from(side) * u64::from(by) + u64::from(of);
            // To the nearest even number.
            even(u32::try_from(exact / u64::from(of)).unwrap_or(u32::MAX))
        };
        if u64::from(width) * u64::from(most_height) >= u64::from(height) * u64::from(most_width) {
            Self { width: most_width, height: scaled(height, most_width, width).min(most_height) }
        } else {
            Self { width: scaled(width, most_height, height).min(most_width), height: most_height }
        }
    }
}

/// The largest even number that is not larger, but at least 2.
const fn even(side: u32) -> u32 {
    if side < 2 { 2 } else { side & !1 }
}

/// A corner of the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Corner {
    /// Top left.
    TopLeft,
    /// Top right.
    TopRight,
    /// Bottom left.
    #[default]
    BottomLeft,
    /// Bottom right.
    BottomRight,
}

/// No corner has this name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("there is no corner {0:?}; there are top-left, top-right, bottom-left and bottom-right")]
pub struct UnknownCorner(String);

impl FromStr for Corner {
    type Err = UnknownCorner;

    fn from_str(name: &str) -> Result<Self, UnknownCorner> {
        match name {
            "top-left" => Ok(Self::TopLeft),
            "top-right" => Ok(Self::TopRight),
            "bottom-left" => Ok(Self::BottomLeft),
            "bottom-right" => Ok(Self::BottomRight),
            other => Err(UnknownCorner(other.to_owned())),
        }
    }
}

/// How the camera lies in the picture of the screen: round, in a corner, with a border.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bubble {
    /// Where it lies.
    pub corner: Corner,
    /// Its diameter in hundredths of the picture's shorter side, 5 to 80.
    pub diameter_percent: u8,
    /// Whether people see themselves as in a mirror.
    pub mirrored: bool,
}

impl Default for Bubble {
    fn default() -> Self {
        Self { corner: Corner::default(), diameter_percent: 22, mirrored: true }
    }
}

/// What a take is to look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncoderSettings {
    /// Size of the screen as it is captured, or of the camera if there is no screen. See [`Canvas::fitted`].
    pub canvas: Canvas,
    /// Pictures a second at most, 1 to 120.
    pub fps_max: u32,
    /// Where the camera lies once there is a screen. Without a screen the camera is the whole picture, whatever stands here.
    pub bubble: Option<Bubble>,
    /// What each source of sound is for, [`MAX_SOUND_SOURCES`] at most. None: the stream has no sound track. One: its
    /// track is that source. Several: the first track is all of them together, and each has a track of its own after
    /// it. A track is silent where no sound arrives.
    pub sound: Vec<SourceRole>,
    /// Which row of the table of profiles.
    pub profile: Profile,
    /// Whether to try the computer's video hardware before libx264.
    pub hardware: bool,
}

impl EncoderSettings {
    /// The usual settings of a take: native size, bubble in the corner if there is a `screen`, no video hardware.
    #[must_use]
    pub fn for_take(canvas: Canvas, fps_max: u32, screen: bool, sound: &[SourceRole]) -> Self {
        Self {
            canvas,
            fps_max,
            bubble: screen.then(Bubble::default),
            sound: sound.to_vec(),
            profile: Profile::NATIVE,
            hardware: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_fit_and_are_even() {
        let uhd = Canvas { width: 4096, height: 2304 };
        let hd = Canvas { width: 1920, height: 1080 };
        for (from, most, to) in [
            ((1920, 1080), uhd, (1920, 1080)),
            ((1367, 769), uhd, (1366, 768)),
            ((1, 1), uhd, (2, 2)),
            ((0, 0), uhd, (2, 2)),
            ((3840, 2160), hd, (1920, 1080)),
            ((2560, 1600), hd, (1728, 1080)),
            ((3440, 1440), hd, (1920, 804)),
            ((1080, 1920), hd, (608, 1080)),
            ((8192, 2), uhd, (4096, 2)),
            ((u32::MAX, u32::MAX), uhd, (2304, 2304)),
        ] {
            let fitted = Canvas { width: from.0, height: from.1 }.fitted(most);
            assert_eq!((fitted.width, fitted.height), to, "{from:?} within {most:?}");
        }
    }
}
