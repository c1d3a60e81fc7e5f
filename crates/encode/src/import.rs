//! [`remux_to_stream`]: a finished video file becomes pieces of a stream.
//!
//! ```text
//! file ─ source ─ survey ─┬─ H.264 and AAC, a key frame every 4 s ─▶ copy: packets as they are ─┐
//!                         └─ anything else ─▶ anew: decode ─▶ Encoder ──────────────────────────┴─▶ Output
//! ```
//!
//! The file comes from outside: its container is one of two that we name, it cannot make FFmpeg open anything else, and
//! whatever it claims is held against limits.

mod anew;
mod channels;
mod copy;
mod hearing;
mod source;
mod survey;

use std::path::Path;

pub use hearing::sound_of;
use tracing::{debug, info};
use vignette_model::Micros;

use crate::encoder::begin_ffmpeg;
use crate::{EncodeError, Output};

/// What a file became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// How long it plays.
    pub duration: Micros,
    /// Size of the stream.
    pub size_bytes: u64,
    /// Whether the pictures are those of the file, or were encoded anew.
    pub copied: bool,
    /// A JPEG of about the first second, at most 1280 wide and 300 kB.
    pub poster: Option<Vec<u8>>,
}

/// Reads a video file (MP4, MOV, WebM, MKV) and hands the pieces of a stream to `sink`: the same as a take would have made.
/// H.264 with AAC or without sound is copied where it can be; everything else is encoded anew, which may take about as long
/// as it plays.
///
/// # Errors
/// [`EncodeError::File`] if it cannot be read, [`EncodeError::NotAVideo`] if it is none. Pieces handed out before are good.
pub fn remux_to_stream(input: &Path, mut sink: impl FnMut(Output)) -> Result<Imported, EncodeError> {
    begin_ffmpeg()?;
    let survey = survey::survey(input)?;
    if let Some(why) = survey.not_copied {
        info!(why, "The file is encoded anew");
        return anew::encode(input, &survey, &mut sink);
    }
    match copy::copy(input, &survey, &mut sink) {
        Err(copy::Failed { error, begun: false }) => {
            debug!(%error, "The file cannot be copied after all");
            anew::encode(input, &survey, &mut sink)
        }
        copied => copied.map_err(|failed| failed.error),
    }
}
