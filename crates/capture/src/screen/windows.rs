//! The screen of Windows: not yet. It will be Windows.Graphics.Capture.

use crate::{CaptureError, Device, DeviceSelector, ShownWindow, Source};

const NOT_YET: CaptureError = CaptureError::NotOnThisSystem {
    what: "The screen of Windows",
    help: "Record the camera and the microphone without the screen, or record the screen on Linux \
        with an X11 session.",
};

pub(super) fn list() -> Result<Vec<Device>, CaptureError> {
    Err(NOT_YET)
}

pub(super) fn windows(_pictures: bool) -> Result<Vec<ShownWindow>, CaptureError> {
    Err(NOT_YET)
}

pub(super) fn open(_selector: &DeviceSelector) -> Result<Box<dyn Source>, CaptureError> {
    Err(NOT_YET)
}
