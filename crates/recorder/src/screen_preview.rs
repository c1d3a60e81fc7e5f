//! [`ScreenPicture`]: what would be recorded of the screen, small, before a take.

use serde::Serialize;
use tokio::sync::watch;
use vignette_capture::{CaptureTarget, DeviceSelector, SourceKind, StartOptions};
use vignette_encode::Thumbnails;
use vignette_model::{Captured, Notice, TakeClock};

use crate::RecorderError;
use crate::inputs::{FoundSources, Inputs};
use crate::picture_address::picture_address;
use crate::sources::Sources;

/// Pictures a second at most.
const FPS: u32 = 4;
/// Width and height in pixels at most.
const MOST_WIDTH: u32 = 480;

/// A small picture of exactly what would be recorded of the screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ScreenPicture {
    /// A JPEG as an address for an `<img>`, at most 480 pixels wide.
    pub address: String,
    /// Width in pixels of what is recorded.
    pub width: u32,
    /// Height in pixels of what is recorded.
    pub height: u32,
}

/// Opens a screen as a take of `target` would, without our own windows.
///
/// # Errors
/// As a take's.
pub(crate) fn open(
    screen: &DeviceSelector,
    target: &CaptureTarget,
    clock: &TakeClock,
) -> Result<Inputs, RecorderError> {
    let sources = Sources::new(screen.clone(), DeviceSelector::Off, DeviceSelector::Off);
    let options = StartOptions {
        fps: FPS,
        target: target.clone(),
        exclude_own_windows: true,
        ..StartOptions::default()
    };
    FoundSources::find(&sources)?.start(&options, clock)
}

/// What a screen's preview has to say.
pub(crate) enum Said {
    /// It gives nothing for now, and why.
    Lost(String),
    /// It gives again.
    Back,
}

/// Turns what the screen sends into small pictures.
pub(crate) struct ScreenPreview {
    thumbnails: Thumbnails,
}

impl ScreenPreview {
    pub(crate) fn new() -> Self {
        Self { thumbnails: Thumbnails::new(MOST_WIDTH) }
    }

    /// Shows a frame; tells what the screen says of itself.
    pub(crate) fn show(
        &mut self,
        captured: Option<Captured>,
        picture: &watch::Sender<Option<ScreenPicture>>,
    ) -> Option<Said> {
        match captured {
            Some(Captured::Frame(frame)) => {
                match self.thumbnails.show(&frame) {
                    Ok(jpeg) => drop(picture.send_replace(Some(ScreenPicture {
                        address: picture_address(&jpeg),
                        width: frame.width,
                        height: frame.height,
                    }))),
                    Err(error) => tracing::debug!(%error, "No preview of this frame"),
                }
                None
            }
            Some(Captured::Notice(Notice::Lost { why })) => {
                picture.send_replace(None);
                Some(Said::Lost(why))
            }
            Some(Captured::Notice(Notice::Back)) => Some(Said::Back),
            Some(Captured::Samples(_)) => None,
            None => {
                picture.send_replace(None);
                Some(Said::Lost(format!("The {} ended", SourceKind::Screen)))
            }
        }
    }
}
