//! [`Plan`]: what a person chose before pressing record.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use vignette_capture::{CaptureTarget, StartOptions};
use vignette_encode::Profile;
use vignette_model::text::{Summary, Title};

use crate::bubble_view::BubbleView;
use crate::sources::Sources;

/// Everything that is decided before a take begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default, deny_unknown_fields)]
pub struct Plan {
    /// What to record.
    pub sources: Sources,
    /// Seconds between pressing record and the first picture that is kept: 0 to 10.
    pub countdown_s: u8,
    /// Stops by itself after this much has been kept.
    #[ts(skip)]
    pub duration: Option<Duration>,
    /// May be empty, and changed at any time.
    #[ts(as = "String")]
    pub title: Title,
    /// Markdown; may be empty, and changed at any time.
    #[ts(as = "String")]
    pub summary: Summary,
    /// Whether those with the link may watch while it is being recorded.
    pub live: bool,
    /// Pictures a second at most.
    pub fps_max: u32,
    /// How large and how good the stream is at most.
    #[ts(skip)]
    pub profile: Profile,
    /// Whether the pointer is in the picture.
    #[ts(skip)]
    pub cursor: bool,
    /// What of the screen is recorded.
    pub target: CaptureTarget,
    /// Whether the windows of this program are left out of the picture.
    pub exclude_own_windows: bool,
    /// Where the camera lies over the screen at first; none: it is hidden.
    // The window changes it by a command of its own.
    #[ts(skip)]
    pub bubble: Option<BubbleView>,
    /// Whether what is said is transcribed, if there is a speech model.
    #[ts(skip)]
    pub transcribe: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            sources: Sources::default(),
            countdown_s: 3,
            duration: None,
            title: Title::default(),
            summary: Summary::default(),
            live: false,
            fps_max: 30,
            profile: Profile::default(),
            cursor: true,
            target: CaptureTarget::Display,
            exclude_own_windows: false,
            bubble: Some(BubbleView::default()),
            transcribe: true,
        }
    }
}

impl Plan {
    /// How its sources are to capture.
    pub(crate) fn start_options(&self) -> StartOptions {
        let (fps, cursor) = (self.fps_max, self.cursor);
        let (target, exclude_own_windows) = (self.target.clone(), self.exclude_own_windows);
        StartOptions { fps, cursor, target, exclude_own_windows }
    }
}
