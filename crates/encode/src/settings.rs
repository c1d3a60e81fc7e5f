//! [`EncoderSettings`]: what a take is to look like, decided before its first frame.

use std::str::FromStr;

use thiserror::Error;
use vignette_model::SourceRole;

use crate::Profile;
use crate::canvas_size::Canvas;

/// Sound sources of one take at most, since a stream has eight tracks: the picture, the mix and
/// these.
pub const MAX_SOUND_SOURCES: usize = 6;

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

/// How the camera lies in the picture of the screen: round, with a border.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bubble {
    /// Where its centre lies, as a fraction of the picture's width from the left.
    pub x: f32,
    /// Where its centre lies, as a fraction of the picture's height from the top.
    pub y: f32,
    /// Its diameter as a fraction of the picture's shorter side, 0.05 to 0.8. It is moved so that
    /// all of it lies in the picture.
    pub size: f32,
    /// Whether it is mirrored.
    pub mirrored: bool,
}

impl Bubble {
    /// The usual one in a corner of a picture, a fortieth of the shorter side away from its edges.
    #[must_use]
    pub const fn in_corner(corner: Corner) -> Self {
        let (left, right) = (0.0, 1.0);
        let (x, y) = match corner {
            Corner::TopLeft => (left, left),
            Corner::TopRight => (right, left),
            Corner::BottomLeft => (left, right),
            Corner::BottomRight => (right, right),
        };
        Self { x, y, size: 0.22, mirrored: true }
    }
}

impl Default for Bubble {
    fn default() -> Self {
        Self::in_corner(Corner::default())
    }
}

/// What a take is to look like.
#[derive(Clone, Debug, PartialEq)]
pub struct EncoderSettings {
    /// Size of the screen as it is captured, or of the camera if there is no screen. See
    /// [`Canvas::fitted`].
    pub canvas: Canvas,
    /// Pictures a second at most, 1 to 120.
    pub fps_max: u32,
    /// Where the camera lies once there is a screen. Without a screen the camera is the whole
    /// picture, and this is ignored.
    pub bubble: Option<Bubble>,
    /// What each source of sound is for, [`MAX_SOUND_SOURCES`] at most. None: the stream has no
    /// sound track. One: its track is that source. Several: the first track is all of them
    /// together, and each has a track of its own after it. A track is silent where no sound
    /// arrives.
    pub sound: Vec<SourceRole>,
    /// Which row of the table of profiles.
    pub profile: Profile,
    /// Whether to try the computer's video hardware before libx264.
    pub hardware: bool,
}

impl EncoderSettings {
    /// The usual settings of a take: native size, bubble in the corner if there is a `screen`, no
    /// video hardware.
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
