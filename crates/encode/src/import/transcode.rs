//! Decodes the pictures and the sound of a file and encodes them with an [`Encoder`].

use std::ops::DerefMut;
use std::path::Path;
use std::sync::mpsc;

use ff::format::Sample;
use ff::{Packet, Rational, decoder, frame};
use ffmpeg_next as ff;
use vignette_model::{Micros, Samples, SourceRole, Span};

use super::channels::channels_of;
use super::input_file::{InputFile, PacketKind, micros};
use super::pictures::{BY_TABLE, PictureConverter};
use super::probe::Probe;
use super::{Copied, ImportProgress};
use crate::poster::PosterPicker;
use crate::{EncodeError, EncodedPiece, Encoder, EncoderSettings, Profile};

/// Pictures a second at most.
const FPS_MAX: u32 = 60;
/// How far sound may be ahead of the pictures in memory; beyond that the last picture is repeated
/// until then.
const AHEAD: Span = Span::from_secs(10 * 60);
/// The interval of ticks where the file has no pictures for long.
const TICK: Span = Span::from_millis(500);
/// How many packets are decoded for a poster.
const POSTER_PACKETS: usize = 400;

/// Decodes the file and encodes it like a take.
pub(super) fn transcode(
    path: &Path,
    probe: &Probe,
    by_table: &'static str,
    sink: &mut impl FnMut(EncodedPiece),
    progress: &mut impl FnMut(ImportProgress),
) -> Result<Copied, EncodeError> {
    let mut source = InputFile::open(path)?;
    let (pieces, ready) = mpsc::channel();
    let orientation = source.orientation();
    let profile = if probe.channels >= 2 { Profile::STEREO } else { Profile::NATIVE };
    let size = orientation.rotated(orientation.laid_down(probe.size));
    // Which sound of a file is a voice is not known; it has one track anyway.
    let sound: &[SourceRole] = if source.sound.is_some() { &[SourceRole::Voice] } else { &[] };
    let settings = EncoderSettings {
        bubble: None,
        profile,
        ..EncoderSettings::for_take(size, FPS_MAX, true, sound)
    };
    // The receiver lives as long as the encoder, so no piece is lost.
    let encoder = Encoder::for_file(settings, move |piece| drop(pieces.send(piece)))?;
    let end = Micros::ZERO + probe.duration;
    let until = probe.sound_until_us.map_or(end, |us| since(us, probe.start_us));
    let mut playing = Playing {
        encoder,
        now: Micros::ZERO,
        end,
        start_us: probe.start_us,
        sound_until: until.min(end),
        waiting: probe.sound_edited.then_some(None),
    };
    let mut pictures =
        PictureConverter::new(orientation, source.video.base, source.is_interlaced(), by_table);

    let mut video = Decoding::new(
        source
            .decoder(source.video)?
            .video()
            .map_err(EncodeError::at("opening the file's pictures"))?
            .0,
        source.video.base,
    );
    let mut sound = match source.sound {
        Some(part) => Some(Decoding::new(
            source.decoder(part)?.audio().map_err(EncodeError::at("opening the file's sound"))?.0,
            part.base,
        )),
        None => None,
    };
    let mut hand_out = |playing: &Playing| {
        ready.try_iter().for_each(&mut *sink);
        progress(ImportProgress { done: playing.now.min(end), of: probe.duration });
    };
    while let Some((kind, packet)) = source.next() {
        match (kind, &mut sound) {
            (PacketKind::Video, _) => video.decode(Some(&packet), |frame, _| {
                pictures.take(frame, |frame, at, base| playing.picture(frame, at, base))
            })?,
            (PacketKind::Sound, Some(sound)) => {
                sound.decode(Some(&packet), |frame, base| playing.sound(&frame, base))?
            }
            (PacketKind::Sound, None) | (PacketKind::Captions, _) => {}
        }
        hand_out(&playing);
    }
    video.decode(None, |frame, _| {
        pictures.take(frame, |frame, at, base| playing.picture(frame, at, base))
    })?;
    pictures.finish(|frame, at, base| playing.picture(frame, at, base))?;
    if let Some(sound) = &mut sound {
        sound.decode(None, |frame, base| playing.sound(&frame, base))?;
        playing.last_sound()?;
    }
    if video.frames == 0 {
        return Err(EncodeError::NotAVideo { what: "none of its pictures can be decoded" });
    }
    let poster = playing.encoder.poster();
    playing.wait_until(playing.end)?;
    hand_out(&playing);
    let totals = playing.encoder.finish(playing.end)?;
    ready.try_iter().for_each(sink);
    Ok(Copied {
        duration: totals.duration,
        size_bytes: totals.size_bytes,
        poster,
        hdr_unconverted: pictures.hdr_unconverted(),
    })
}

/// The poster of a file that is copied; it may have none.
pub(super) fn poster(path: &Path, probe: &Probe) -> Option<Vec<u8>> {
    let mut source = InputFile::open(path).ok()?;
    (source.sound, source.captions) = (None, None);
    let video = source.decoder(source.video).ok()?.video().ok()?;
    let mut video = Decoding::new(video.0, source.video.base);
    let (mut poster, mut at) = (PosterPicker::default(), Micros::ZERO);
    let mut pictures = PictureConverter::new(
        source.orientation(),
        source.video.base,
        source.is_interlaced(),
        BY_TABLE,
    );
    for _ in 0..POSTER_PACKETS {
        let Some((_, packet)) = source.next() else { break };
        let looked = video.decode(Some(&packet), |frame: frame::Video, _| {
            pictures.take(frame, |picture, time, base| {
                at = instant(time, base, probe.start_us);
                poster.look(picture, at);
                Ok(())
            })
        });
        if looked.is_err() || poster.is_decided() || at > Micros::from_secs(10) {
            break;
        }
    }
    poster.jpeg()?.ok()
}

/// A frame that a decoder fills.
pub(super) trait Empty: DerefMut<Target = ff::Frame> {
    fn empty() -> Self;
}

impl Empty for frame::Video {
    fn empty() -> Self {
        Self::empty()
    }
}

impl Empty for frame::Audio {
    fn empty() -> Self {
        Self::empty()
    }
}

/// A decoder with the time base of its stream.
pub(super) struct Decoding {
    decoder: decoder::Opened,
    base: Rational,
    frames: u64,
}

impl Decoding {
    pub(super) const fn new(decoder: decoder::Opened, base: Rational) -> Self {
        Self { decoder, base, frames: 0 }
    }

    /// Decodes a packet, or drains the decoder at the end, and calls `out` with the frames. Damaged
    /// packets are skipped.
    pub(super) fn decode<F: Empty>(
        &mut self,
        packet: Option<&Packet>,
        mut out: impl FnMut(F, Rational) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        // A damaged packet gives no frames; the decoder goes on with the next.
        let _ = match packet {
            Some(packet) => self.decoder.send_packet(packet),
            None => self.decoder.send_eof(),
        };
        loop {
            let mut frame = F::empty();
            if self.decoder.receive_frame(&mut frame).is_err() {
                return Ok(());
            }
            self.frames += 1;
            out(frame, self.base)?;
        }
    }
}

/// The encoding of a file in progress.
struct Playing {
    encoder: Encoder,
    now: Micros,
    end: Micros,
    start_us: i64,
    /// Where the sound ends.
    sound_until: Micros,
    /// If sound was cut out of the middle: the block that is held until the beginning of the next
    /// one is known, where the cut may lie.
    waiting: Option<Option<Samples>>,
}

impl Playing {
    fn picture(
        &mut self,
        picture: &frame::Video,
        time: i64,
        base: Rational,
    ) -> Result<(), EncodeError> {
        let at = instant(time, base, self.start_us);
        self.wait_until(at)?;
        self.encoder.picture_of_file(picture, at);
        self.encoder.tick(at)
    }

    /// Ticks through the time before the next picture, so that the encoder repeats pictures even if
    /// the file has none.
    fn wait_until(&mut self, at: Micros) -> Result<(), EncodeError> {
        // The probe limited the duration; what decodes to a later time is not shown.
        let at = at.min(self.end);
        while self.now + TICK < at {
            self.now += TICK;
            self.encoder.tick(self.now)?;
        }
        self.now = self.now.max(at);
        Ok(())
    }

    fn sound(&mut self, frame: &frame::Audio, base: Rational) -> Result<(), EncodeError> {
        let Some(at_us) =
            frame.timestamp().map(|at| micros(at, base).saturating_sub(self.start_us))
        else {
            return Ok(());
        };
        let Ok(at_us) = u64::try_from(at_us) else { return Ok(()) };
        let samples = Samples {
            at: Micros(at_us),
            rate_hz: frame.rate(),
            channels: channels_of(frame),
            interleaved: interleaved(frame),
        };
        match &mut self.waiting {
            None => self.hear(samples, self.sound_until),
            Some(waiting) => match waiting.replace(samples) {
                Some(before) => {
                    let next = waiting.as_ref().map_or(self.sound_until, |next| next.at);
                    self.hear(before, next.min(self.sound_until))
                }
                None => Ok(()),
            },
        }
    }

    /// Encodes the held block.
    fn last_sound(&mut self) -> Result<(), EncodeError> {
        match self.waiting.take().flatten() {
            Some(last) => self.hear(last, self.sound_until),
            None => Ok(()),
        }
    }

    /// Encodes what lies before `until`. What follows was cut off, or is padding.
    fn hear(&mut self, mut samples: Samples, until: Micros) -> Result<(), EncodeError> {
        // Saturates: nothing is left of a block that begins after `until`.
        let left = until.saturating_since(samples.at);
        let frames = usize::try_from(left.to_ticks(samples.rate_hz)).unwrap_or(usize::MAX);
        samples.interleaved.truncate(frames.saturating_mul(samples.channels.count().into()));
        if samples.interleaved.is_empty() {
            return Ok(());
        }
        self.wait_until(samples.at.saturating_sub(AHEAD))?;
        self.encoder.sound(0, &samples)
    }
}

/// When a picture is shown.
fn instant(time: i64, base: Rational, start_us: i64) -> Micros {
    since(micros(time, base), start_us)
}

fn since(us: i64, start_us: i64) -> Micros {
    Micros(u64::try_from(us.saturating_sub(start_us)).unwrap_or_default())
}

/// Converts samples of any format to interleaved `f32`.
pub(super) fn interleaved(frame: &frame::Audio) -> Vec<f32> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "samples are 32-bit here, whatever they were"
    )]
    let narrow = |sample: f64| sample as f32;
    let channels = usize::from(frame.channels());
    match frame.format() {
        Sample::F32(_) => gather(frame, channels, |sample: f32| sample),
        Sample::F64(_) => gather(frame, channels, narrow),
        Sample::I16(_) => gather(frame, channels, |sample: i16| f32::from(sample) / 32_768.0),
        Sample::I32(_) => {
            gather(frame, channels, |sample: i32| narrow(f64::from(sample) / 2_147_483_648.0))
        }
        Sample::U8(_) => gather(frame, channels, |sample: u8| (f32::from(sample) - 128.0) / 128.0),
        Sample::I64(_) | Sample::None => Vec::new(),
    }
}

fn gather<T: ff::frame::audio::Sample + Copy>(
    frame: &frame::Audio,
    channels: usize,
    as_f32: impl Fn(T) -> f32,
) -> Vec<f32> {
    if frame.is_planar() {
        (0..frame.samples())
            .flat_map(|n| (0..channels).map(move |channel| (n, channel)))
            .map(|(n, channel)| as_f32(frame.plane::<T>(channel)[n]))
            .collect()
    } else {
        frame.plane::<T>(0).iter().map(|&sample| as_f32(sample)).collect()
    }
}
