//! [`InputFile`]: an opened video file with the streams of it that are imported.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::path::Path;

use ff::codec::packet::Ref as _;
use ff::format::context::{Input, StreamIo};
use ff::{Dictionary, Packet, Rational, codec, decoder, format};
use ffmpeg_next as ff;
use vignette_model::Span;

use super::coverage::{Coverage, Head};
use super::metadata::value;
use super::tracks::Tracks;
use super::unlike::unlike_a_video;
use crate::EncodeError;

/// The accepted containers by FFmpeg's names. Playlists and other formats that refer to other files
/// are not among them.
const CONTAINERS: &str = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm";
/// The most streams that a file may have.
const MOST_STREAMS: usize = 64;
/// The maximum number of pixels of a picture; larger ones are not decoded.
const MOST_PIXELS: &str = "67108864";
/// After so many damaged packets in a row the rest of a file is skipped.
const MOST_DAMAGED: usize = 1000;
/// How many packets are read ahead to find the decode time of the first picture.
const MOST_AHEAD: usize = 256;
/// The maximum duration of a file.
pub(super) const LONGEST: Span = Span::from_secs(24 * 60 * 60);

/// The maximum distance of two time stamps; a larger one is damaged.
pub(super) const LONGEST_PAUSE_US: i64 = 60 * 60 * 1_000_000;

/// One stream of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct FileTrack {
    pub(super) index: usize,
    pub(super) base: Rational,
}

/// A file that was opened.
pub(super) struct InputFile {
    pub(super) input: Input,
    pub(super) tracks: Tracks,
    pub(super) video: FileTrack,
    pub(super) sound: Option<FileTrack>,
    /// Text subtitles.
    pub(super) captions: Option<FileTrack>,
    /// Whether a packet could not be read whole, or the end of the file is missing.
    pub(super) damaged: bool,
    /// Packets that were read ahead to find the decode time of the first picture.
    ahead: VecDeque<(PacketKind, Packet)>,
    dated: bool,
}

/// Which of the streams a packet belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PacketKind {
    Video,
    Sound,
    Captions,
}

impl InputFile {
    pub(super) fn open(path: &Path) -> Result<Self, EncodeError> {
        // Checked before it is opened: opening a pipe would block until something writes to it.
        if !fs::metadata(path)?.is_file() {
            return Err(EncodeError::NotAVideo { what: "it is not a file" });
        }
        let mut file = File::open(path)?;
        let coverage = Coverage::of(&mut file)?;
        let kind = unlike_a_video(&mut file)?;
        let input = container(file, coverage, &[])
            .map_err(|error| kind.map_or(error, |what| EncodeError::NotAVideo { what }))?;
        if input.nb_streams() as usize > MOST_STREAMS {
            return Err(EncodeError::NotAVideo { what: "it has more than 64 streams" });
        }
        let tracks = Tracks::choose(&input)?;
        let part = |index| {
            let base = input.stream(index)?.time_base();
            (base.numerator() > 0 && base.denominator() > 0).then_some(FileTrack { index, base })
        };
        let video =
            part(tracks.video).ok_or(EncodeError::NotAVideo { what: "it has no pictures" })?;
        let (sound, captions) = (tracks.sound.and_then(part), tracks.captions.and_then(part));
        Ok(Self {
            input,
            tracks,
            video,
            sound,
            captions,
            damaged: coverage.short,
            ahead: VecDeque::new(),
            dated: false,
        })
    }

    /// Selects the sound track with this name, if there is one, instead of the one that a player
    /// plays.
    pub(super) fn prefer_sound_called(&mut self, name: &str) {
        let called = |stream: &ff::Stream<'_>| {
            let is_sound = stream.parameters().medium() == ff::media::Type::Audio;
            is_sound && value(&stream.metadata(), "handler_name").as_deref() == Some(name)
        };
        if let Some(stream) = self.input.streams().find(called) {
            self.sound = Some(FileTrack { index: stream.index(), base: stream.time_base() });
        }
    }

    /// Opens the file without its edit lists, so with all of its contents.
    pub(super) fn unedited(path: &Path) -> Result<Input, EncodeError> {
        let mut file = File::open(path)?;
        let coverage = Coverage::of(&mut file)?;
        container(file, coverage, &[("ignore_editlist", "1")])
    }

    /// The codec parameters of a stream.
    pub(super) fn context(&self, part: FileTrack) -> Result<codec::Context, EncodeError> {
        let stream = self
            .input
            .stream(part.index)
            .ok_or(EncodeError::NotAVideo { what: "it has no pictures" })?;
        let mut context = codec::Context::from_parameters(stream.parameters())
            .map_err(EncodeError::at("reading the file"))?;
        context.set_time_base(part.base);
        Ok(context)
    }

    /// A decoder for a stream.
    pub(super) fn decoder(&self, part: FileTrack) -> Result<decoder::Opened, EncodeError> {
        open_decoder(self.context(part)?, part.base)
    }

    /// The next packet of any of the streams, `None` at the end. Damaged ones are skipped.
    pub(super) fn next(&mut self) -> Option<(PacketKind, Packet)> {
        if !self.dated {
            self.dated = true;
            self.date();
        }
        self.ahead.pop_front().or_else(|| self.read())
    }

    /// Sets missing decode times. Matroska does not store them, and FFmpeg knows them only after as
    /// many pictures as may be reordered. Earlier pictures are decoded at intervals of their
    /// duration.
    fn date(&mut self) {
        while self.ahead.len() < MOST_AHEAD {
            let Some((kind, packet)) = self.read() else { break };
            let known = if kind == PacketKind::Video { packet.dts() } else { None };
            self.ahead.push_back((kind, packet));
            if let Some(mut dts) = known {
                for (_, packet) in
                    self.ahead.iter_mut().rev().filter(|(kind, packet)| {
                        *kind == PacketKind::Video && packet.dts().is_none()
                    })
                {
                    dts = dts.saturating_sub(packet.duration().max(1));
                    packet.set_dts(Some(dts));
                }
                break;
            }
        }
    }

    fn read(&mut self) -> Option<(PacketKind, Packet)> {
        let mut in_a_row = 0;
        loop {
            let mut packet = Packet::empty();
            match packet.read(&mut self.input) {
                // An incomplete packet would be decoded to a picture with a grey rest.
                Ok(()) if packet.is_corrupt() => self.damaged = true,
                Ok(()) => {
                    let is = |part: Option<FileTrack>| {
                        part.is_some_and(|part| part.index == packet.stream())
                    };
                    if is(Some(self.video)) {
                        self.damaged |= mend(&mut packet, self.video.base);
                        return Some((PacketKind::Video, packet));
                    } else if is(self.sound) {
                        return Some((PacketKind::Sound, packet));
                    } else if is(self.captions) {
                        return Some((PacketKind::Captions, packet));
                    }
                }
                Err(ff::Error::InvalidData) if in_a_row < MOST_DAMAGED => {
                    (self.damaged, in_a_row) = (true, in_a_row + 1)
                }
                Err(ff::Error::Eof) => return None,
                // The file cannot be read any further: what was read before is used.
                Err(_) => {
                    self.damaged = true;
                    return None;
                }
            }
        }
    }
}

/// Repairs the time of a picture that would wait too long for its turn: the time is damaged, and
/// the picture is shown when it is decoded. Returns whether it was repaired.
fn mend(packet: &mut Packet, base: Rational) -> bool {
    let (Some(dts), Some(pts)) = (packet.dts(), packet.pts()) else { return false };
    let damaged = micros(pts, base).saturating_sub(micros(dts, base)) > LONGEST_PAUSE_US;
    if damaged {
        packet.set_pts(Some(dts));
    }
    damaged
}

/// Opens a container of an accepted format.
fn container(
    file: File,
    coverage: Coverage,
    options: &[(&str, &str)],
) -> Result<Input, EncodeError> {
    let io = StreamIo::from_read_seek(Head::new(file, coverage.readable_bytes)?)
        .map_err(EncodeError::at("reading the file"))?;
    let options =
        Dictionary::from_iter([("format_whitelist", CONTAINERS)].iter().chain(options).copied());
    format::input_from_stream(io, None, Some(options)).map_err(|_| EncodeError::NotAVideo {
        what: "it is not an MP4, MOV, WebM or MKV file, or its end is missing",
    })
}

/// Opens a decoder for the parameters of a stream.
pub(super) fn open_decoder(
    mut context: codec::Context,
    base: Rational,
) -> Result<decoder::Opened, EncodeError> {
    let unknown = EncodeError::NotAVideo { what: "it is in a format that cannot be decoded here" };
    let codec = decoder::find(context.id()).ok_or(unknown)?;
    context.set_threading(codec::threading::Config::count(2));
    let mut decoder = context.decoder();
    decoder.set_packet_time_base(base);
    let options = Dictionary::from_iter([("max_pixels", MOST_PIXELS)]);
    decoder.open_as_with(codec, options).map_err(|_| EncodeError::NotAVideo {
        what: "it is in a format that cannot be decoded here",
    })
}

/// Whether a packet is decoded but not shown, by the edit list of the file. Editors cut without
/// encoding that way, so such packets contain what a person removed.
pub(super) fn is_hidden(packet: &Packet) -> bool {
    // SAFETY: a packet always has its struct, of which a plain number is read; ffmpeg-next's flags
    // lack this one.
    let flags = unsafe { (*packet.as_ptr()).flags };
    flags & ff::ffi::AV_PKT_FLAG_DISCARD != 0
}

/// How many samples at the beginning and at the end of a decoded packet are skipped, if it says so:
/// priming and padding of the encoder, or sound that was cut off.
pub(super) fn samples_skipped(packet: &Packet) -> Option<[u32; 2]> {
    use ff::codec::packet::side_data::Type;
    let data = packet.side_data().find(|data| data.kind() == Type::SkipSamples)?;
    // libavcodec/packet.h, AV_PKT_DATA_SKIP_SAMPLES: two u32le; more follows that is not needed
    // here.
    let (numbers, _) = data.data().as_chunks::<4>();
    numbers.first_chunk::<2>().map(|numbers| numbers.map(u32::from_le_bytes))
}

/// A time of a stream in microseconds, saturating.
pub(super) fn micros(time: i64, base: Rational) -> i64 {
    let exact = i128::from(time) * 1_000_000 * i128::from(base.numerator())
        / i128::from(base.denominator().max(1));
    i64::try_from(exact).unwrap_or(if exact < 0 { i64::MIN } else { i64::MAX })
}
