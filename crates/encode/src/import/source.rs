//! [`Source`]: a video file that was opened, with the two streams of it that we take.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::path::Path;

use ff::codec::packet::side_data::Type as SideData;
use ff::format::context::{Input, StreamIo};
use ff::format::stream::Disposition;
use ff::{Dictionary, Packet, Rational, codec, decoder, format, media};
use ffmpeg_next as ff;
use vignette_model::Micros;

use crate::EncodeError;

/// Names of the containers that we take, as FFmpeg calls them. Playlists and the like, which name other files, are not here.
const CONTAINERS: &str = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm";
/// The most streams that a file may have.
const MOST_STREAMS: usize = 64;
/// The most pixels of a picture: what is larger is not decoded.
const MOST_PIXELS: &str = "67108864";
/// Damaged packets in a row after which the rest of a file is given up.
const MOST_DAMAGED: usize = 1000;
/// How many packets are read to find out when the first picture is decoded.
const MOST_AHEAD: usize = 256;
/// The longest file.
pub(super) const LONGEST: Micros = Micros::from_secs(24 * 60 * 60);

/// One stream of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) index: usize,
    pub(super) base: Rational,
    /// When its first packet is shown, in `base`, if the file says so.
    start: Option<i64>,
}

/// A file that was opened.
pub(super) struct Source {
    input: Input,
    pub(super) video: Part,
    pub(super) sound: Option<Part>,
    /// Packets that were read to find out when the first picture is decoded.
    ahead: VecDeque<(Kind, Packet)>,
    dated: bool,
}

/// Which of the two streams a packet belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Video,
    Sound,
}

impl Source {
    pub(super) fn open(path: &Path) -> Result<Self, EncodeError> {
        // Asked before it is opened: opening a pipe waits for whoever writes to it.
        if !fs::metadata(path)?.is_file() {
            return Err(EncodeError::NotAVideo { what: "it is not a file" });
        }
        let io = StreamIo::from_read_seek(File::open(path)?).map_err(EncodeError::at("reading the file"))?;
        let options = Dictionary::from_iter([("format_whitelist", CONTAINERS)]);
        let input = format::input_from_stream(io, None, Some(options))
            .map_err(|_| EncodeError::NotAVideo { what: "it is not an MP4, MOV, WebM or MKV file, or it is cut short" })?;
        if input.nb_streams() as usize > MOST_STREAMS {
            return Err(EncodeError::NotAVideo { what: "it has more than 64 streams" });
        }
        let part = |kind| {
            let stream = input.streams().best(kind)?;
            let start = Some(stream.start_time()).filter(|&start| start != ff::ffi::AV_NOPTS_VALUE);
            let base = stream.time_base();
            let usable =
                base.numerator() > 0 && base.denominator() > 0 && !stream.disposition().contains(Disposition::ATTACHED_PIC);
            usable.then_some(Part { index: stream.index(), base, start })
        };
        let video = part(media::Type::Video).ok_or(EncodeError::NotAVideo { what: "it has no pictures" })?;
        let sound = part(media::Type::Audio);
        Ok(Self { input, video, sound, ahead: VecDeque::new(), dated: false })
    }

    /// What the file says of a stream.
    pub(super) fn context(&self, part: Part) -> Result<codec::Context, EncodeError> {
        let stream = self.input.stream(part.index).ok_or(EncodeError::NotAVideo { what: "it has no pictures" })?;
        let mut context = codec::Context::from_parameters(stream.parameters()).map_err(EncodeError::at("reading the file"))?;
        context.set_time_base(part.base);
        Ok(context)
    }

    /// A decoder for a stream.
    pub(super) fn decoder(&self, part: Part) -> Result<decoder::Opened, EncodeError> {
        let unknown = EncodeError::NotAVideo { what: "it is in a format that cannot be decoded here" };
        let mut context = self.context(part)?;
        let codec = decoder::find(context.id()).ok_or(unknown)?;
        context.set_threading(codec::threading::Config::count(2));
        let mut decoder = context.decoder();
        decoder.set_packet_time_base(part.base);
        let options = Dictionary::from_iter([("max_pixels", MOST_PIXELS)]);
        decoder
            .open_as_with(codec, options)
            .map_err(|_| EncodeError::NotAVideo { what: "it is in a format that cannot be decoded here" })
    }

    /// By how many quarter turns to the right the pictures are to be shown, or `None` if they are mirrored or askew.
    pub(super) fn quarter_turns(&self) -> Option<u8> {
        let stream = self.input.stream(self.video.index)?;
        let Some(matrix) = stream.side_data().find(|data| data.kind() == SideData::DisplayMatrix) else { return Some(0) };
        // ISO/IEC 14496-12, tkhd: a 3×3 matrix in 16.16, of which only the turn matters here.
        let (numbers, _) = matrix.data().as_chunks::<4>();
        let number = |at: usize| numbers.get(at).map(|bytes| i32::from_ne_bytes(*bytes).signum());
        match (number(0)?, number(1)?, number(3)?, number(4)?) {
            (1, 0, 0, 1) => Some(0),
            (0, 1, -1, 0) => Some(1),
            (-1, 0, 0, -1) => Some(2),
            (0, -1, 1, 0) => Some(3),
            _ => None,
        }
    }

    /// When the earlier of the two streams begins.
    pub(super) fn start_us(&self) -> i64 {
        let starts = [Some(self.video), self.sound].into_iter().flatten().filter_map(|part| Some(micros(part.start?, part.base)));
        starts.min().unwrap_or(0)
    }

    /// When the sound begins; never, if there is none.
    pub(super) fn sound_start_us(&self) -> i64 {
        self.sound.and_then(|part| Some(micros(part.start?, part.base))).unwrap_or(i64::MAX)
    }

    /// The next packet of either stream, or `None` at the end. Damaged ones are passed over.
    pub(super) fn next(&mut self) -> Option<(Kind, Packet)> {
        if !self.dated {
            self.dated = true;
            self.date();
        }
        self.ahead.pop_front().or_else(|| self.read())
    }

    /// Matroska does not store when a picture is decoded, and FFmpeg knows it only after as many pictures as may wait for
    /// another. Those before are decoded one picture's time apart.
    fn date(&mut self) {
        while self.ahead.len() < MOST_AHEAD {
            let Some((kind, packet)) = self.read() else { break };
            let known = if kind == Kind::Video { packet.dts() } else { None };
            self.ahead.push_back((kind, packet));
            if let Some(mut dts) = known {
                for (_, packet) in
                    self.ahead.iter_mut().rev().filter(|(kind, packet)| *kind == Kind::Video && packet.dts().is_none())
                {
                    dts = dts.saturating_sub(packet.duration().max(1));
                    packet.set_dts(Some(dts));
                }
                break;
            }
        }
    }

    fn read(&mut self) -> Option<(Kind, Packet)> {
        let mut damaged = 0;
        loop {
            let mut packet = Packet::empty();
            match packet.read(&mut self.input) {
                Ok(()) if packet.stream() == self.video.index => return Some((Kind::Video, packet)),
                Ok(()) if self.sound.is_some_and(|sound| sound.index == packet.stream()) => return Some((Kind::Sound, packet)),
                Ok(()) => {}
                Err(ff::Error::InvalidData) if damaged < MOST_DAMAGED => damaged += 1,
                // The end, or a file that cannot be read any further: what came so far is good.
                Err(_) => return None,
            }
        }
    }
}

/// A time of a stream in microseconds, saturating.
pub(super) fn micros(time: i64, base: Rational) -> i64 {
    let exact = i128::from(time) * 1_000_000 * i128::from(base.numerator()) / i128::from(base.denominator().max(1));
    i64::try_from(exact).unwrap_or(if exact < 0 { i64::MIN } else { i64::MAX })
}
