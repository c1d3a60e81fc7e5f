//! [`StartOptions`]: how a source captures, decided when it is started.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use serde::{Deserialize, Serialize};
use vignette_model::{Rect, Span};

use crate::CaptureError;

/// How a source captures. A source honours every option that concerns its kind, or refuses to start
/// with [`CaptureError::NotSupported`]; options of other kinds are not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartOptions {
    /// Pictures a second at most, 1 to 120.
    pub fps: u32,
    /// Whether the pointer is in the picture. Screens only.
    pub cursor: bool,
    /// What of the screen is captured. Screens only.
    pub target: CaptureTarget,
    /// Whether the windows of this program are left out of the picture. Screens only.
    pub exclude_own_windows: bool,
}

impl StartOptions {
    /// The least time between two pictures.
    #[must_use]
    pub(crate) fn frame_interval(&self) -> Span {
        Span(1_000_000 / u64::from(self.fps.clamp(1, 120)))
    }
}

impl Default for StartOptions {
    /// The whole display with its pointer, at 30 pictures a second.
    fn default() -> Self {
        Self { fps: 30, cursor: true, target: CaptureTarget::Display, exclude_own_windows: false }
    }
}

/// What of a screen is captured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "target", rename_all = "snake_case")]
pub enum CaptureTarget {
    /// The display that the source was opened for.
    #[default]
    Display,
    /// One window.
    Window {
        /// The system's number of it, see [`crate::windows`].
        id: u64,
    },
    /// A part of the display that the source was opened for.
    Region {
        /// In pixels of that display. What lies outside of it is left out.
        rect: Rect,
    },
    /// What the person chooses in a dialog of the system's, see [`crate::Source::choose`].
    Portal {
        /// What the last choice gave; with it the system need not ask again.
        #[ts(as = "Option<String>", optional)]
        restore_token: Option<RestoreToken>,
    },
}

impl CaptureTarget {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> TargetKind {
        match self {
            Self::Display => TargetKind::Display,
            Self::Window { .. } => TargetKind::Window,
            Self::Region { .. } => TargetKind::Region,
            Self::Portal { .. } => TargetKind::Portal,
        }
    }
}

/// The kinds of [`CaptureTarget`]. Settings remember the kind alone: another window has the number
/// after the next start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// A display.
    #[default]
    Display,
    /// One window.
    Window,
    /// A part of a display.
    Region,
    /// What the person chooses in a dialog of the system's.
    Portal,
}

/// Lets a choice of the person be repeated without asking. It is valid once: each choice gives a
/// new one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RestoreToken(pub String);

impl fmt::Debug for RestoreToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The token gives access to a screen, so it is never logged.
        f.write_str("RestoreToken(…)")
    }
}

/// What a person chose to capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its name, for a person.
    pub name: String,
    /// Repeats the choice at the next start; `None` where the system does not ask.
    pub restore_token: Option<RestoreToken>,
}

/// A choice that the person may still be making.
pub type ChooseFuture<'a> = Pin<Box<dyn Future<Output = Result<Choice, CaptureError>> + Send + 'a>>;
