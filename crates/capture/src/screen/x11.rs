//! The screen of an X server.

use crate::{CaptureError, Device, Kind, Pick, Source};

pub(super) fn list() -> Result<Vec<Device>, CaptureError> {
    Ok(vec![])
}

pub(super) fn open(_pick: &Pick) -> Result<Box<dyn Source>, CaptureError> {
    Err(CaptureError::None(Kind::Screen))
}
