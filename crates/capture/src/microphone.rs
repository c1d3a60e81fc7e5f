//! The microphone.

use crate::{CaptureError, Device, Kind, Pick, Source, synthetic};

pub(crate) fn list() -> Vec<Device> {
    vec![]
}

/// A source of one microphone.
///
/// # Errors
/// [`CaptureError`] if there is no such microphone.
pub fn microphone(pick: &Pick) -> Result<Box<dyn Source>, CaptureError> {
    match pick {
        Pick::Synthetic => Ok(Box::new(synthetic::Microphone)),
        pick => Err(pick.find(Kind::Microphone, &list()).map(|_| CaptureError::None(Kind::Microphone)).unwrap_or_else(|e| e)),
    }
}
