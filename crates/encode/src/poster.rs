//! JPEGs of pictures at hand: the poster of a take, the preview of a camera.

use vignette_model::Frame;

use crate::EncodeError;

/// A small JPEG of a whole frame (one patch that covers everything), at most `max_width` wide, mirrored as in a mirror.
///
/// # Errors
/// [`EncodeError::BadFrame`] if the frame is not whole or not what it says.
pub fn preview(frame: &Frame, max_width: u32) -> Result<Vec<u8>, EncodeError> {
    let _ = (frame, max_width);
    unimplemented!()
}
