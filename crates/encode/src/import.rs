//! [`remux_to_stream`]: a finished video file becomes pieces of a stream.

use std::path::Path;

use vignette_model::Micros;

use crate::{EncodeError, Output};

/// What a file became.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imported {
    /// How long it plays.
    pub duration: Micros,
    /// Size of the stream.
    pub size_bytes: u64,
    /// Whether the pictures are those of the file, or were encoded anew.
    pub copied: bool,
}

/// Reads a video file (MP4, MOV, WebM, MKV) and hands the pieces of a stream to `sink`: the same as a take would have made.
/// H.264 with AAC or without sound is copied where it can be; everything else is encoded anew.
///
/// # Errors
/// [`EncodeError::File`] if it cannot be read, [`EncodeError::NotAVideo`] if it is none. Pieces handed out before are good.
pub fn remux_to_stream(input: &Path, sink: impl FnMut(Output)) -> Result<Imported, EncodeError> {
    let _ = (input, sink);
    unimplemented!()
}
