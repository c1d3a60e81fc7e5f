//! [`Tracks`]: the streams of a file that a player would play; [`LeftOut`]: those that are not
//! imported.

use std::fmt;

use ff::codec::{self, Id};
use ff::format::context::Input;
use ff::format::stream::{Disposition, Stream};
use ff::media;
use ffmpeg_next as ff;

use super::input_file::open_decoder;
use super::metadata::value;
use crate::EncodeError;

/// Streams that a player plays only if it is asked to.
const SECONDARY: Disposition = Disposition::DUB
    .union(Disposition::COMMENT)
    .union(Disposition::KARAOKE)
    .union(Disposition::HEARING_IMPAIRED)
    .union(Disposition::VISUAL_IMPAIRED)
    .union(Disposition::CLEAN_EFFECTS)
    .union(Disposition::FORCED);
/// Subtitles that are text.
const TEXTS: &[Id] = &[Id::SUBRIP, Id::SRT, Id::MOV_TEXT, Id::WEBVTT, Id::ASS, Id::SSA, Id::TEXT];

/// Something of a file that is not in the stream made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// What it is.
    pub what: LeftOutKind,
    /// FFmpeg's name of its format, such as `ac3`; empty if FFmpeg does not know it.
    pub codec: String,
    /// Its language as the file says it, such as `deu`; may be empty.
    pub language: String,
    /// Whether it could not be decoded here; otherwise a player would have chosen another one.
    pub unknown: bool,
}

/// Which kind of track was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOutKind {
    /// Pictures.
    Pictures,
    /// Sound.
    Sound,
    /// Subtitles.
    Subtitles,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.what {
            LeftOutKind::Pictures => "a picture track",
            LeftOutKind::Sound => "a sound track",
            LeftOutKind::Subtitles => "a subtitle track",
        };
        let what = if self.unknown {
            format!("{what} in a format not known here")
        } else {
            format!("another {}", &what[2..])
        };
        let details: Vec<&str> =
            [&*self.codec, &*self.language].into_iter().filter(|text| !text.is_empty()).collect();
        if details.is_empty() {
            f.write_str(&what)
        } else {
            write!(f, "{what} ({})", details.join(", "))
        }
    }
}

/// The indexes of the streams that a player would play, and the others.
#[derive(Clone, Debug)]
pub(super) struct Tracks {
    pub(super) video: usize,
    pub(super) sound: Option<usize>,
    pub(super) captions: Option<usize>,
    pub(super) left_out: Vec<LeftOut>,
}

impl Tracks {
    /// Of each kind the first that can be decoded, is marked as the default (in MP4: is enabled)
    /// and has no special purpose.
    pub(super) fn choose(input: &Input) -> Result<Self, EncodeError> {
        let mut of_kind: [Vec<(Stream<'_>, bool)>; 3] = Default::default();
        for stream in input.streams() {
            let kind = match stream.parameters().medium() {
                media::Type::Video if !stream.disposition().contains(Disposition::ATTACHED_PIC) => {
                    0
                }
                media::Type::Audio => 1,
                media::Type::Subtitle => 2,
                _ => continue,
            };
            let known = is_known(&stream);
            of_kind[kind].push((stream, known));
        }
        let [video, sound, captions] = of_kind.each_ref().map(|streams| {
            let known = streams.iter().filter(|(_, known)| *known).map(|(stream, _)| stream);
            known.min_by_key(|stream| place(stream)).map(Stream::index)
        });
        let nothing = match of_kind[0].is_empty() {
            true if !of_kind[1].is_empty() => "it is sound without pictures",
            true => "it has no pictures",
            false => "its pictures are in a format that cannot be decoded here",
        };
        let video = video.ok_or(EncodeError::NotAVideo { what: nothing })?;
        let kinds = [LeftOutKind::Pictures, LeftOutKind::Sound, LeftOutKind::Subtitles];
        let mut left_out = Vec::new();
        for (streams, what) in of_kind.iter().zip(kinds) {
            for (stream, known) in streams {
                if ![Some(video), sound, captions].contains(&Some(stream.index())) {
                    left_out.push(described(stream, what, !known));
                }
            }
        }
        Ok(Self { video, sound, captions, left_out })
    }
}

/// Where a stream comes among those of its kind: the least is played.
fn place(stream: &Stream<'_>) -> (bool, bool, usize) {
    let disposition = stream.disposition();
    (!disposition.contains(Disposition::DEFAULT), disposition.intersects(SECONDARY), stream.index())
}

/// Whether a stream can be decoded here; of subtitles, whether they are text.
fn is_known(stream: &Stream<'_>) -> bool {
    let parameters = stream.parameters();
    let (id, medium) = (parameters.id(), parameters.medium());
    if medium == media::Type::Subtitle {
        return TEXTS.contains(&id);
    }
    let opened = codec::Context::from_parameters(parameters)
        .ok()
        .map(|context| open_decoder(context, stream.time_base()));
    match (medium, opened) {
        (media::Type::Video, Some(Ok(opened))) => {
            opened.video().is_ok_and(|video| video.width() > 0 && video.height() > 0)
        }
        (media::Type::Audio, Some(Ok(opened))) => {
            opened.audio().is_ok_and(|sound| sound.channels() > 0 && sound.rate() > 0)
        }
        _ => false,
    }
}

fn described(stream: &Stream<'_>, what: LeftOutKind, unknown: bool) -> LeftOut {
    let id = stream.parameters().id();
    let codec = if id == Id::None { "" } else { id.name() };
    LeftOut {
        what,
        codec: codec.to_owned(),
        language: language_of(stream).unwrap_or_default(),
        unknown,
    }
}

/// A stream's language, such as `deu` or `pt-BR`.
pub(super) fn language_of(stream: &Stream<'_>) -> Option<String> {
    let tag = value(&stream.metadata(), "language")?;
    let fits = tag != "und"
        && tag.len() <= 16
        && tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    fits.then_some(tag)
}
