//! [`sound_of`]: decodes the sound of a stream after it was recorded.

use std::ops::ControlFlow;
use std::path::Path;

use ff::{Rational, frame};
use ffmpeg_next as ff;
use vignette_model::{Micros, Samples, SourceRole, Span};

use super::channels::channels_of;
use super::input_file::{InputFile, PacketKind, micros};
use super::transcode::{Decoding, interleaved};
use crate::EncodeError;
use crate::encoder::begin_ffmpeg;
use crate::sound::track_name;

/// Decodes the sound of a stream, or of another file that [`super::remux_to_stream`] accepts, and
/// calls `each` with blocks of some milliseconds, stamped with the time at which a player plays
/// them. Blocks that end before `from` are skipped. Of a stream with a track for each source only
/// the voice is decoded. Ends early if `each` returns `Break`. Holds one block in memory at a time;
/// damaged packets are skipped.
///
/// Returns where the sound ends, or `None` if there is none.
///
/// # Errors
/// [`EncodeError::File`] if it cannot be read, [`EncodeError::NotAVideo`] if it is not a video or
/// its sound has an unknown format.
pub fn sound_of(
    stream: &Path,
    from: Micros,
    mut each: impl FnMut(Samples) -> ControlFlow<()>,
) -> Result<Option<Micros>, EncodeError> {
    begin_ffmpeg()?;
    let mut source = InputFile::open(stream)?;
    source.prefer_sound_called(track_name(SourceRole::Voice));
    let Some(part) = source.sound else { return Ok(None) };
    let decoder =
        source.decoder(part)?.audio().map_err(EncodeError::at("opening the file's sound"))?;
    let mut sound = Decoding::new(decoder.0, part.base);
    let mut until = None;
    let mut blocks = Vec::new();
    loop {
        let packet = match source.next() {
            Some((PacketKind::Video | PacketKind::Captions, _)) => continue,
            Some((PacketKind::Sound, packet)) => Some(packet),
            None => None,
        };
        sound.decode(packet.as_ref(), |frame: frame::Audio, base| {
            blocks.extend(block(&frame, base));
            Ok(())
        })?;
        for samples in blocks.drain(..) {
            let end = samples.at
                + Span::from_ticks(samples.frames() as u64, samples.rate_hz).unwrap_or_default();
            until = until.max(Some(end));
            if end > from && each(samples).is_break() {
                return Ok(until);
            }
        }
        if packet.is_none() {
            return Ok(until);
        }
    }
}

/// Converts a decoded frame. What lies before zero is priming of the encoder, which players skip.
fn block(frame: &frame::Audio, base: Rational) -> Option<Samples> {
    let at = Micros(u64::try_from(micros(frame.timestamp()?, base)).ok()?);
    Some(Samples {
        at,
        rate_hz: frame.rate(),
        channels: channels_of(frame),
        interleaved: interleaved(frame),
    })
}
