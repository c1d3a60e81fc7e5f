//! A file's pictures and sound, decoded and played into an [`Encoder`].

use std::ops::DerefMut;
use std::path::Path;
use std::sync::mpsc;

use ff::format::{Pixel, Sample};
use ff::software::scaling::{Context, Flags};
use ff::{Packet, Rational, color, decoder, frame};
use ffmpeg_next as ff;
use vignette_model::{Micros, Samples};

use super::Imported;
use super::channels::channels_of;
use super::source::{Kind, LONGEST, Source, micros};
use super::survey::Survey;
use crate::poster::Poster;
use crate::{Canvas, EncodeError, Encoder, Output, Profile, Settings};

/// Pictures a second at most.
const FPS_MAX: u32 = 60;
/// The longest time without a picture.
const LONGEST_GAP: Micros = Micros::from_secs(10 * 60);
/// Between two ticks where the file has no pictures for long.
const TICK: Micros = Micros::from_millis(500);
/// How many packets are looked at for a poster.
const POSTER_PACKETS: usize = 400;

/// Decodes the file and encodes it as a take would be.
pub(super) fn encode(path: &Path, survey: &Survey, sink: &mut impl FnMut(Output)) -> Result<Imported, EncodeError> {
    let mut source = Source::open(path)?;
    if survey.channels == 0 {
        source.sound = None;
    }
    let (pieces, ready) = mpsc::channel();
    let size = if survey.turns.is_multiple_of(2) {
        survey.size
    } else {
        Canvas { width: survey.size.height, height: survey.size.width }
    };
    let profile = if survey.channels >= 2 { Profile::STEREO } else { Profile::NATIVE };
    let settings = Settings { bubble: None, profile, ..Settings::for_take(size, FPS_MAX, true, source.sound.is_some()) };
    // The receiver lives as long as the encoder: nothing is lost.
    let encoder = Encoder::for_file(settings, move |piece| drop(pieces.send(piece)))?;
    let mut playing = Playing {
        encoder,
        pictures: Pictures::new(survey.turns),
        now: Micros::ZERO,
        end: Micros::ZERO,
        start_us: source.start_us(),
    };

    let mut video = Decoding::new(
        source.decoder(source.video)?.video().map_err(EncodeError::at("opening the file's pictures"))?.0,
        source.video.base,
    );
    let mut sound = match source.sound {
        Some(part) => {
            Some(Decoding::new(source.decoder(part)?.audio().map_err(EncodeError::at("opening the file's sound"))?.0, part.base))
        }
        None => None,
    };
    while let Some((kind, packet)) = source.next() {
        match (kind, &mut sound) {
            (Kind::Video, _) => video.decode(Some(&packet), |frame, base| playing.picture(&frame, base))?,
            (Kind::Sound, Some(sound)) => sound.decode(Some(&packet), |frame, base| playing.sound(&frame, base))?,
            (Kind::Sound, None) => {}
        }
        ready.try_iter().for_each(&mut *sink);
    }
    video.decode(None, |frame, base| playing.picture(&frame, base))?;
    if let Some(sound) = &mut sound {
        sound.decode(None, |frame, base| playing.sound(&frame, base))?;
    }
    if video.frames == 0 {
        return Err(EncodeError::NotAVideo { what: "none of its pictures can be decoded" });
    }
    let poster = playing.encoder.poster();
    playing.wait_until(playing.end)?;
    let totals = playing.encoder.finish(playing.end)?;
    ready.try_iter().for_each(sink);
    Ok(Imported { duration: totals.duration, size_bytes: totals.size_bytes, copied: false, poster })
}

/// The poster of a file that is copied. Without one it plays as well.
pub(super) fn poster(path: &Path) -> Option<Vec<u8>> {
    let mut source = Source::open(path).ok()?;
    source.sound = None;
    let video = source.decoder(source.video).ok()?.video().ok()?;
    let mut video = Decoding::new(video.0, source.video.base);
    let (mut poster, mut pictures, start_us) = (Poster::default(), Pictures::new(0), source.start_us());
    for _ in 0..POSTER_PACKETS {
        let Some((_, packet)) = source.next() else { break };
        let mut at = Micros::ZERO;
        let looked = video.decode(Some(&packet), |frame: frame::Video, base| {
            at = instant(&frame, base, start_us).unwrap_or_default();
            poster.look(pictures.as_ours(&frame)?, at);
            Ok(())
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

/// A decoder and the stream's clock.
pub(super) struct Decoding {
    decoder: decoder::Opened,
    base: Rational,
    frames: u64,
}

impl Decoding {
    pub(super) const fn new(decoder: decoder::Opened, base: Rational) -> Self {
        Self { decoder, base, frames: 0 }
    }

    /// Decodes a packet, or what is left at the end, and gives the frames that are ready. What is damaged is left out.
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

/// A file that is being played into an encoder.
struct Playing {
    encoder: Encoder,
    pictures: Pictures,
    now: Micros,
    end: Micros,
    start_us: i64,
}

impl Playing {
    fn picture(&mut self, frame: &frame::Video, base: Rational) -> Result<(), EncodeError> {
        let at = instant(frame, base, self.start_us).unwrap_or(self.now);
        self.wait_until(at)?;
        self.encoder.picture_of_file(self.pictures.as_ours(frame)?, at);
        self.encoder.tick(at)?;
        // How long the last one is shown is seldom told; this is what most files mean.
        self.end = self.end.max(at + Micros(33_333));
        Ok(())
    }

    /// Goes through the time before the next picture, so that there is one a second whatever the file has.
    fn wait_until(&mut self, at: Micros) -> Result<(), EncodeError> {
        if at > LONGEST || at - self.now > LONGEST_GAP {
            return Err(EncodeError::NotAVideo {
                what: "its pictures are more than ten minutes apart, or it is longer than 24 hours",
            });
        }
        while self.now + TICK < at {
            self.now += TICK;
            self.encoder.tick(self.now)?;
        }
        self.now = self.now.max(at);
        Ok(())
    }

    fn sound(&mut self, frame: &frame::Audio, base: Rational) -> Result<(), EncodeError> {
        let Some(at_us) = frame.timestamp().map(|at| micros(at, base).saturating_sub(self.start_us)) else { return Ok(()) };
        let Ok(at_us) = u64::try_from(at_us) else { return Ok(()) };
        if at_us > self.now.0 + LONGEST_GAP.0 {
            return Err(EncodeError::NotAVideo { what: "its sound is more than ten minutes away from its pictures" });
        }
        let samples =
            Samples { at: Micros(at_us), rate_hz: frame.rate(), channels: channels_of(frame), interleaved: interleaved(frame) };
        let length = Micros::from_ticks(samples.frames() as u64, samples.rate_hz).unwrap_or_default();
        self.end = self.end.max(samples.at + length);
        self.encoder.sound(&samples)
    }
}

/// When a picture is shown.
fn instant(frame: &frame::Video, base: Rational, start_us: i64) -> Option<Micros> {
    let at_us = micros(frame.timestamp()?, base).saturating_sub(start_us);
    Some(Micros(u64::try_from(at_us).unwrap_or_default()))
}

/// Decoded pictures of any format as ours: 8-bit 4:2:0, BT.709, limited range, even sides, upright.
struct Pictures {
    turns: u8,
    converter: Option<(Pixel, Canvas, Context)>,
    converted: frame::Video,
    turned: frame::Video,
}

impl Pictures {
    fn new(turns: u8) -> Self {
        Self { turns, converter: None, converted: frame::Video::empty(), turned: frame::Video::empty() }
    }

    fn as_ours(&mut self, frame: &frame::Video) -> Result<&frame::Video, EncodeError> {
        let (format, size) = (frame.format(), Canvas { width: frame.width(), height: frame.height() });
        let even = Canvas { width: size.width & !1, height: size.height & !1 };
        if even.width == 0 || even.height == 0 {
            return Err(EncodeError::NotAVideo { what: "its pictures are not between 2 and 16384 pixels wide and high" });
        }
        if self.converter.as_ref().is_none_or(|(from, of, _)| (*from, *of) != (format, size)) {
            let context = Context::get(format, size.width, size.height, Pixel::YUV420P, even.width, even.height, Flags::BICUBIC)
                .map_err(|_| EncodeError::NotAVideo { what: "its pictures have colours of a kind that is not known here" })?;
            self.converter = Some((format, size, context));
            self.converted = frame::Video::new(Pixel::YUV420P, even.width, even.height);
        }
        if let Some((.., context)) = &mut self.converter {
            context.run(frame, &mut self.converted).map_err(EncodeError::at("converting a picture"))?;
        }
        let sd = match frame.color_space() {
            color::Space::SMPTE170M | color::Space::BT470BG | color::Space::FCC => true,
            color::Space::Unspecified => size.height < 720,
            _ => false,
        };
        if sd {
            crate::convert::from_601(&mut self.converted);
        }
        if self.turns == 0 {
            return Ok(&self.converted);
        }
        turn(&self.converted, self.turns, &mut self.turned);
        Ok(&self.turned)
    }
}

/// Turns a picture to the right by quarter turns.
fn turn(from: &frame::Video, turns: u8, to: &mut frame::Video) {
    let (width, height) = if turns.is_multiple_of(2) { (from.width(), from.height()) } else { (from.height(), from.width()) };
    if (to.width(), to.height()) != (width, height) {
        *to = frame::Video::new(Pixel::YUV420P, width, height);
    }
    for plane in 0..3 {
        let (width, height) = (to.plane_width(plane) as usize, to.plane_height(plane) as usize);
        let (from_stride, to_stride) = (from.stride(plane), to.stride(plane));
        let (from, to) = (from.data(plane), to.data_mut(plane));
        for y in 0..height {
            for x in 0..width {
                let (from_x, from_y) = match turns {
                    1 => (y, width - 1 - x),
                    2 => (width - 1 - x, height - 1 - y),
                    _ => (height - 1 - y, x),
                };
                to[y * to_stride + x] = from[from_y * from_stride + from_x];
            }
        }
    }
}

/// Samples of any format as ours.
pub(super) fn interleaved(frame: &frame::Audio) -> Vec<f32> {
    #[expect(clippy::cast_possible_truncation, reason = "samples are 32-bit here, whatever they were")]
    let narrow = |sample: f64| sample as f32;
    let channels = usize::from(frame.channels());
    match frame.format() {
        Sample::F32(_) => gather(frame, channels, |sample: f32| sample),
        Sample::F64(_) => gather(frame, channels, narrow),
        Sample::I16(_) => gather(frame, channels, |sample: i16| f32::from(sample) / 32_768.0),
        Sample::I32(_) => gather(frame, channels, |sample: i32| narrow(f64::from(sample) / 2_147_483_648.0)),
        Sample::U8(_) => gather(frame, channels, |sample: u8| (f32::from(sample) - 128.0) / 128.0),
        Sample::I64(_) | Sample::None => Vec::new(),
    }
}

fn gather<T: ff::frame::audio::Sample + Copy>(frame: &frame::Audio, channels: usize, as_f32: impl Fn(T) -> f32) -> Vec<f32> {
    if frame.is_planar() {
        (0..frame.samples())
            .flat_map(|n| (0..channels).map(move |channel| (n, channel)))
            .map(|(n, channel)| as_f32(frame.plane::<T>(channel)[n]))
            .collect()
    } else {
        frame.plane::<T>(0).iter().map(|&sample| as_f32(sample)).collect()
    }
}
