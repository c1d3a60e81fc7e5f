//! [`remux_to_stream`]: converts a finished video file to pieces of a stream.
//!
//! ```text
//! file ─ probe ─┬─ H.264 and AAC, key frames near enough ─▶ copy ────┐
//!               └─ anything else ─▶ decode ─▶ pictures ─▶ Encoder ───┴─▶ EncodedPiece
//! ```
//!
//! The file is untrusted: its container must be one of two, it cannot make FFmpeg open another
//! file, and all it declares is checked against limits. What the file marks as not to be shown
//! (edit lists, samples to skip) may have been cut off because it is private, so it is left out of
//! the stream however that is made.

mod captions;
mod channels;
mod copy;
mod coverage;
mod cuts;
mod decode_sound;
mod input_file;
mod last_sound;
mod metadata;
mod pictures;
mod probe;
mod rotation;
mod silence;
mod tracks;
mod transcode;
mod unlike;
mod wide;

use std::path::Path;

pub use decode_sound::sound_of;
use tracing::{debug, info};
pub use tracks::{LeftOut, LeftOutKind};
use vignette_model::transcript::{Chapter, Cue};
use vignette_model::{Micros, Span, UtcMicros};

use crate::encoder::begin_ffmpeg;
use crate::{EncodeError, EncodedPiece};

/// The result of an import, with the metadata of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// How long it plays.
    pub duration: Span,
    /// Size of the stream.
    pub size_bytes: u64,
    /// Whether the pictures are those of the file, or were encoded anew.
    pub copied: bool,
    /// A JPEG of about the first second, at most 1280 wide and 300 kB.
    pub poster: Option<Vec<u8>>,
    /// Whether the file is truncated or damaged; then this is what could be read of it.
    pub short: bool,
    /// Whether its colours are of high dynamic range and look pale, since this FFmpeg cannot
    /// convert them.
    pub hdr_unconverted: bool,
    /// When it was recorded, if the file says so.
    pub recorded_at: Option<UtcMicros>,
    /// Its text subtitles, in the time of the stream.
    pub captions: Vec<Cue>,
    /// The language of these as the file says it, such as `deu`.
    pub language: Option<String>,
    /// Its chapters, in time of the stream.
    pub chapters: Vec<Chapter>,
    /// Tracks that are not in the stream.
    pub left_out: Vec<LeftOut>,
}

/// The progress of an import, in the time of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportProgress {
    /// Up to where it is done.
    pub done: Micros,
    /// How long it is.
    pub of: Span,
}

impl ImportProgress {
    /// How far that is in hundredths; 0 until the length is known.
    #[must_use]
    pub fn percent(self) -> u64 {
        self.done.0.saturating_mul(100).checked_div(self.of.0).unwrap_or(0).min(100)
    }
}

/// The result of copying or encoding pictures and sound.
struct Copied {
    duration: Span,
    size_bytes: u64,
    poster: Option<Vec<u8>>,
    hdr_unconverted: bool,
}

/// Reads a video file (MP4, MOV, WebM, MKV) and sends the pieces of a stream to `sink`, as a take
/// would. H.264 with AAC or without sound is copied where possible; everything else is encoded
/// again, which may take about as long as it plays. `progress` is called for every picture, after
/// the file was probed.
///
/// # Errors
/// [`EncodeError::File`] if it cannot be read, [`EncodeError::NotAVideo`] if it is not a video.
/// Pieces sent before stay valid.
pub fn remux_to_stream(
    input: &Path,
    sink: impl FnMut(EncodedPiece),
    progress: impl FnMut(ImportProgress),
) -> Result<Imported, EncodeError> {
    remux(input, pictures::BY_TABLE, sink, progress)
}

/// The same with the name of the filter that converts colours of high dynamic range.
fn remux(
    input: &Path,
    by_table: &'static str,
    mut sink: impl FnMut(EncodedPiece),
    mut progress: impl FnMut(ImportProgress),
) -> Result<Imported, EncodeError> {
    begin_ffmpeg()?;
    let probe = probe::probe(input)?;
    let copied = match &probe.copy {
        Ok(cuts) => match copy::copy(input, &probe, cuts, &mut sink, &mut progress) {
            Err(copy::Failed { error, begun: false }) => {
                debug!(%error, "The file cannot be copied after all");
                None
            }
            copied => Some(copied.map_err(|failed| failed.error)?),
        },
        Err(why) => {
            info!(why, "The file is encoded anew");
            None
        }
    };
    let was_copied = copied.is_some();
    let Copied { duration, size_bytes, poster, hdr_unconverted } = match copied {
        Some(copied) => copied,
        None => transcode::transcode(input, &probe, by_table, &mut sink, &mut progress)?,
    };
    let probe::Probe { short, recorded_at, captions, language, chapters, left_out, .. } = probe;
    Ok(Imported {
        duration,
        size_bytes,
        copied: was_copied,
        poster,
        short,
        hdr_unconverted,
        recorded_at,
        captions,
        language,
        chapters,
        left_out,
    })
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn that_colours_look_pale_is_told_where_they_cannot_be_converted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hdr.mkv");
        let mut made = Command::new("ffmpeg");
        made.args([
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            "color=white:s=64x64:r=10:d=0.5",
            "-pix_fmt",
            "yuv420p10le",
            "-c:v",
            "ffv1",
        ]);
        made.args([
            "-color_primaries",
            "bt2020",
            "-color_trc",
            "smpte2084",
            "-colorspace",
            "bt2020nc",
        ]);
        assert!(made.arg(&path).status().unwrap().success(), "ffmpeg makes a film");
        for (filter, hdr_unconverted) in
            [(pictures::BY_TABLE, false), ("a filter that is not there", true)]
        {
            let mut pieces = 0;
            let imported = remux(&path, filter, |_| pieces += 1, |_| ()).unwrap();
            assert_eq!(imported.hdr_unconverted, hdr_unconverted, "by {filter}");
            assert!(
                pieces > 1 && imported.duration >= Span::from_millis(500),
                "it is taken either way"
            );
        }
    }
}
