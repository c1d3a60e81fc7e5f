//! [`WindowView`]: another program's window that can be recorded alone.

use serde::Serialize;
use vignette_capture::{CaptureError, ShownWindow};
use vignette_encode::Thumbnails;

use crate::picture_address::picture_address;

/// The most pixels of a window's picture, in width and in height.
const MOST_WIDTH: u32 = 240;

/// A window of another program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct WindowView {
    /// The system's number of it: what [`vignette_capture::CaptureTarget::Window`] takes.
    pub id: u64,
    /// Its title; may be empty.
    pub title: String,
    /// The program that it belongs to; may be empty.
    pub program: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// A JPEG as an address for an `<img>`, at most 240 pixels wide.
    pub picture: Option<String>,
}

impl From<ShownWindow> for WindowView {
    fn from(window: ShownWindow) -> Self {
        let picture = window.picture.and_then(|frame| {
            let jpeg = Thumbnails::new(MOST_WIDTH).show(&frame);
            jpeg.inspect_err(|error| tracing::debug!(%error, "No picture of a window")).ok()
        });
        // Another program's text may end up in a terminal.
        let plain = |text: String| text.chars().filter(|c| !c.is_control()).collect();
        Self {
            id: window.id,
            title: plain(window.title),
            program: plain(window.program),
            width: window.width,
            height: window.height,
            picture: picture.map(|jpeg| picture_address(&jpeg)),
        }
    }
}

/// The windows of other programs that can be recorded, the one in front first; with a small picture
/// of each if `pictures` says so.
///
/// # Errors
/// [`CaptureError`] if this system's windows cannot be recorded.
pub fn windows(pictures: bool) -> Result<Vec<WindowView>, CaptureError> {
    Ok(vignette_capture::windows(pictures)?.into_iter().map(WindowView::from).collect())
}
