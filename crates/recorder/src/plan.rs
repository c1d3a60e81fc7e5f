//! [`Plan`]: what a person chose before pressing record.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use vignette_capture::DeviceSelector;
use vignette_model::text::{Summary, Title};

/// Which device for each kind of source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sources {
    /// The display.
    pub screen: DeviceSelector,
    /// The webcam: a bubble over the screen, or the whole picture if the screen is off.
    pub camera: DeviceSelector,
    /// The microphone.
    pub microphone: DeviceSelector,
}

/// Everything that is decided before a take begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Plan {
    /// What to record.
    pub sources: Sources,
    /// Seconds between pressing record and the first picture that is kept: 0 to 10.
    pub countdown_s: u8,
    /// Stops by itself after this much has been kept.
    pub duration: Option<Duration>,
    /// May be empty, and changed at any time.
    pub title: Title,
    /// Markdown; may be empty, and changed at any time.
    pub summary: Summary,
    /// Whether those with the link may watch while it is being recorded.
    pub live: bool,
    /// Pictures a second at most.
    pub fps_max: u32,
    /// Whether what is said is transcribed, if there is a speech model.
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
            transcribe: true,
        }
    }
}
