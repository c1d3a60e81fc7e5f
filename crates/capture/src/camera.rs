//! The camera.

use crate::{CaptureError, Device, Kind, Pick, Source, synthetic};

pub(crate) fn list() -> Vec<Device> {
    vec![]
}

/// A source of one webcam.
///
/// # Errors
/// [`CaptureError`] if there is no such camera.
pub fn camera(pick: &Pick) -> Result<Box<dyn Source>, CaptureError> {
    match pick {
        Pick::Synthetic => Ok(Box::new(synthetic::Camera::default())),
        pick => Err(pick.find(Kind::Camera, &list()).map(|_| CaptureError::None(Kind::Camera)).unwrap_or_else(|e| e)),
    }
}
