//! [`Probe`]: the contents of a file, and whether its packets can be copied.

use std::ops::Range;
use std::path::Path;

use ff::codec::Id;
use ff::format::Pixel;
use ff::{Packet, Rational, Rescale, color};
use ffmpeg_next as ff;
use vignette_model::transcript::{Chapter, Cue};
use vignette_model::{Micros, Span, UtcMicros};

use super::captions::Captions;
use super::cuts::{Cuts, Keys};
use super::input_file::{
    FileTrack, InputFile, LONGEST, LONGEST_PAUSE_US, PacketKind, is_hidden, micros, samples_skipped,
};
use super::last_sound::LastSound;
use super::silence::Silence;
use super::{metadata, tracks};
use crate::{Canvas, EncodeError, Profile};

/// By how much the pictures of a copy may begin after the sound: the first one is shown earlier by
/// that.
const LATE_PICTURES_US: i64 = 500_000;
/// The longest gap of the sound that a copy keeps: players stall where sound is missing, so a longer one is
/// filled with silence.
const SOUNDLESS_US: i64 = 1_000_000;
/// By how much decoding and display order may differ over the file; the playlist uses the former.
const UNEVEN_US: i64 = 100_000;
/// How much of the declared duration may be missing.
const PROMISED_US: i64 = 1_000_000;

/// The contents of a file.
pub(super) struct Probe {
    /// The size of its pictures as they are stored.
    pub(super) size: Canvas,
    /// Channels of its sound; 0 without sound.
    pub(super) channels: u16,
    /// When the first picture or sound is shown, in the file's time.
    pub(super) start_us: i64,
    /// From then to the end of the last picture or sound.
    pub(super) duration: Span,
    /// Where the sound ends, in the file's time: what a decoder returns after it was cut off, or is
    /// padding. `None` if the last packet has no duration.
    pub(super) sound_until_us: Option<i64>,
    /// Whether sound was cut out of the middle.
    pub(super) sound_edited: bool,
    /// Where the sound is missing for so long that a copy fills it with silence, in the file's time and order.
    pub(super) silences_us: Vec<Range<i64>>,
    /// How it can be copied, or why it cannot.
    pub(super) copy: Result<Cuts, &'static str>,
    /// Whether it ends before it should: packets are damaged or missing.
    pub(super) short: bool,
    pub(super) recorded_at: Option<UtcMicros>,
    pub(super) captions: Vec<Cue>,
    pub(super) language: Option<String>,
    pub(super) chapters: Vec<Chapter>,
    pub(super) left_out: Vec<tracks::LeftOut>,
}

/// Reads all packets of a file once, without decoding.
pub(super) fn probe(path: &Path) -> Result<Probe, EncodeError> {
    let mut source = InputFile::open(path)?;
    let video = source
        .decoder(source.video)?
        .video()
        .map_err(EncodeError::at("opening the file's pictures"))?;
    let size = Canvas { width: video.width(), height: video.height() };
    if size.width < 2 || size.height < 2 || size.width > 16_384 || size.height > 16_384 {
        return Err(EncodeError::NotAVideo {
            what: "its pictures are not between 2 and 16384 pixels wide and high",
        });
    }
    let sound = match source.sound {
        Some(part) => Some(
            source.decoder(part)?.audio().map_err(EncodeError::at("opening the file's sound"))?,
        ),
        None => None,
    };
    let (channels, rate_hz) =
        sound.as_ref().map_or((0, 1), |sound| (sound.channels(), sound.rate().max(1)));
    let upright = source.orientation().is_plain();
    let by_header =
        if video.id() != Id::H264 || !matches!(video.format(), Pixel::YUV420P | Pixel::YUVJ420P) {
            Some("its pictures are not 8-bit H.264")
        } else if size.fitted(Profile::NATIVE.most) != size {
            Some("its pictures are too large or odd")
        } else if !upright {
            Some("its pictures are turned, mirrored or stretched")
        } else if source.is_interlaced() {
            Some("its pictures are interlaced")
        } else if matches!(
            video.color_transfer_characteristic(),
            color::TransferCharacteristic::SMPTE2084 | color::TransferCharacteristic::ARIB_STD_B67
        ) {
            Some("its colours are of high dynamic range")
        } else if sound
            .as_ref()
            .is_some_and(|sound| sound.id() != Id::AAC || !(1..=2).contains(&sound.channels()))
        {
            Some("its sound is not AAC in mono or stereo")
        } else {
            None
        };
    drop((video, sound));
    let sound = source.sound.map(|part| source.context(part)).transpose()?;
    let can_be_silent = sound.as_ref().is_none_or(|sound| Silence::of(sound).is_some());

    let mut packets = Packets::new(&source, rate_hz);
    while let Some((kind, packet)) = source.next() {
        packets.take(kind, &packet)?;
    }
    let start_us =
        packets.start_us().ok_or(EncodeError::NotAVideo { what: "it has no pictures" })?;
    let end_us = packets.end_us();
    let duration = Span(u64::try_from(end_us.saturating_sub(start_us)).unwrap_or_default());
    if duration > LONGEST {
        return Err(EncodeError::NotAVideo { what: "it is longer than 24 hours" });
    }
    let short = source.damaged
        || source
            .promised_us()
            .is_some_and(|promised_us| end_us < promised_us.saturating_sub(PROMISED_US));
    let language =
        source.captions.and_then(|part| tracks::language_of(&source.input.stream(part.index)?));
    let silences_us = packets.silences_us(start_us, end_us);
    let unfilled = !can_be_silent && !silences_us.is_empty();
    let by_sound = unfilled.then_some("it has no sound for a time");
    let copy = match by_header.or_else(|| packets.why_not_copied(start_us)).or(by_sound) {
        Some(why) => Err(why),
        None => packets.keys.cuts(start_us, end_us),
    };
    let copy = match (copy, packets.last_sound) {
        (Ok(cuts), Some(last)) => Ok(Cuts { sound_cut_us: last.cut_off_at(path)?, ..cuts }),
        (copy, _) => copy,
    };
    Ok(Probe {
        size,
        channels,
        start_us,
        duration,
        sound_until_us: packets.last_sound.filter(|last| last.heard_us > 0).map(|last| last.end_us),
        sound_edited: packets.sound_edited,
        silences_us,
        copy,
        short,
        recorded_at: metadata::recorded_at(&source.input),
        captions: packets.captions.cues(start_us, duration),
        language,
        chapters: metadata::chapters(&source.input, start_us, duration),
        left_out: source.tracks.left_out,
    })
}

/// The sums over the packets of a file.
struct Packets {
    video: FileTrack,
    sound: Option<FileTrack>,
    captions_in: Option<(FileTrack, Id)>,
    captions: Captions,
    rate_hz: u32,
    /// Where pictures and sound begin and end, in the file's time.
    video_span: TimeRange,
    sound_span: TimeRange,
    /// Samples at the beginning of the sound that remain to be skipped.
    skip: u64,
    /// The last audible packet of sound, and whether an inaudible one lies between two audible
    /// ones.
    last_sound: Option<LastSound>,
    hidden_since: bool,
    sound_edited: bool,
    /// The long gaps within the sound.
    gaps_us: Vec<Range<i64>>,
    keys: Keys,
    last_dts: i64,
    why: Option<&'static str>,
}

/// From the first to the last instant of something; empty if it ends before it begins.
#[derive(Clone, Copy)]
struct TimeRange {
    start_us: i64,
    end_us: i64,
}

impl TimeRange {
    const NOTHING: Self = Self { start_us: i64::MAX, end_us: i64::MIN };

    fn add(&mut self, start_us: i64, end_us: i64) {
        *self = Self { start_us: self.start_us.min(start_us), end_us: self.end_us.max(end_us) };
    }

    fn known(self) -> Option<Self> {
        (self.start_us <= self.end_us).then_some(self)
    }
}

impl Packets {
    fn new(source: &InputFile, rate_hz: u32) -> Self {
        let id = |part: FileTrack| {
            source.input.stream(part.index).map_or(Id::None, |stream| stream.parameters().id())
        };
        Self {
            video: source.video,
            sound: source.sound,
            captions_in: source.captions.map(|part| (part, id(part))),
            captions: Captions::default(),
            rate_hz,
            video_span: TimeRange::NOTHING,
            sound_span: TimeRange::NOTHING,
            skip: 0,
            last_sound: None,
            hidden_since: false,
            sound_edited: false,
            gaps_us: Vec::new(),
            keys: Keys::default(),
            last_dts: i64::MIN,
            why: None,
        }
    }

    fn take(&mut self, kind: PacketKind, packet: &Packet) -> Result<(), EncodeError> {
        let part = match kind {
            PacketKind::Video => Some(self.video),
            PacketKind::Sound => self.sound,
            PacketKind::Captions => self.captions_in.map(|(part, _)| part),
        };
        let (Some(part), Some(pts)) = (part, packet.pts()) else {
            if kind == PacketKind::Video {
                self.why = self.why.or(Some("its pictures have no times"));
            }
            return Ok(());
        };
        let (at_us, length_us) = (
            micros(pts, part.base),
            micros(packet.duration().max(0), part.base).min(LONGEST_PAUSE_US),
        );
        // Packets come in decoding order: a later one may be shown before all earlier ones.
        let pause_us = self.start_us().map_or(0, |start_us| {
            let before_us = start_us.saturating_sub(at_us.saturating_add(length_us));
            at_us.saturating_sub(self.end_us()).max(before_us)
        });
        if kind != PacketKind::Captions && pause_us > LONGEST_PAUSE_US {
            return Err(EncodeError::NotAVideo {
                what: "for more than an hour there is neither a picture nor sound in it",
            });
        }
        match kind {
            PacketKind::Video => self.picture(packet, pts, at_us, length_us),
            PacketKind::Sound => self.sound(part, packet, at_us, length_us),
            PacketKind::Captions => {
                if let Some((_, id)) = self.captions_in.filter(|_| !is_hidden(packet)) {
                    self.captions.take(packet, id, at_us, length_us);
                }
            }
        }
        // Checked before memory is allocated for each picture.
        match self.start_us() {
            Some(start_us)
                if self.end_us().saturating_sub(start_us)
                    > i64::try_from(LONGEST.0).unwrap_or(i64::MAX) =>
            {
                Err(EncodeError::NotAVideo { what: "it is longer than 24 hours" })
            }
            _ => Ok(()),
        }
    }

    fn picture(&mut self, packet: &Packet, pts: i64, at_us: i64, length_us: i64) {
        let hidden = is_hidden(packet);
        if !hidden {
            self.video_span.add(at_us, at_us.saturating_add(length_us));
        }
        let Some(dts) = packet.dts() else {
            self.why = self.why.or(Some("its pictures have no times"));
            return;
        };
        if dts <= self.last_dts || pts < dts {
            self.why = self.why.or(Some("the times of its pictures are out of order"));
        }
        self.last_dts = dts;
        let dts_us = micros(dts, self.video.base);
        self.why = self.why.or(self.keys.picture(packet, hidden, dts, at_us, dts_us).err());
    }

    fn sound(&mut self, part: FileTrack, packet: &Packet, at_us: i64, length_us: i64) {
        self.keys.sound(packet.size());
        let [skip, padding] = samples_skipped(packet).unwrap_or_default();
        if skip > 0 {
            self.skip = skip.into();
        }
        let us = |samples| {
            Micros::from_ticks(samples, self.rate_hz)
                .map_or(0, |us| i64::try_from(us.0).unwrap_or(i64::MAX))
        };
        let samples = packet
            .duration()
            .max(0)
            .rescale(part.base, Rational(1, self.rate_hz.cast_signed()))
            .unsigned_abs();
        // Hidden packets are skipped as well.
        let skipped = self.skip.min(samples);
        self.skip -= skipped;
        if is_hidden(packet) {
            self.hidden_since = self.last_sound.is_some();
            return;
        }
        if skipped == samples && samples > 0 {
            return;
        }
        let skipped_us = us(skipped).min(length_us);
        if let Some(before) = self.sound_span.known()
            && at_us.saturating_sub(before.end_us) > SOUNDLESS_US
        {
            self.gaps_us.push(before.end_us..at_us);
        }
        let end_us = at_us.saturating_add((length_us - us(padding.into())).max(skipped_us));
        self.sound_span.add(at_us.saturating_add(skipped_us), end_us);
        self.sound_edited |= self.hidden_since;
        self.last_sound = Some(LastSound::new(part, packet, (length_us, end_us), padding > 0));
    }

    fn start_us(&self) -> Option<i64> {
        self.video_span.known().map(|video| video.start_us.min(self.sound_span.start_us))
    }

    fn end_us(&self) -> i64 {
        self.video_span.end_us.max(self.sound_span.end_us)
    }

    /// Where a file that is shown from `start_us` to `end_us` has no sound for long. None if it has no sound
    /// at all.
    fn silences_us(&self, start_us: i64, end_us: i64) -> Vec<Range<i64>> {
        let (first, last) = match self.sound_span.known() {
            Some(sound) => (start_us..sound.start_us, sound.end_us..end_us),
            None => (start_us..end_us, end_us..end_us),
        };
        let all = [first].into_iter().chain(self.gaps_us.iter().cloned()).chain([last]);
        all.filter(|gap| self.sound.is_some() && gap.end.saturating_sub(gap.start) > SOUNDLESS_US)
            .collect()
    }

    /// Why the packets cannot be copied, as far as times tell.
    fn why_not_copied(&self, start_us: i64) -> Option<&'static str> {
        let apart =
            |one_us: i64, other_us: i64, most_us: i64| one_us.saturating_sub(other_us) > most_us;
        let uneven = |offset_us: i64| {
            apart(offset_us, self.keys.offset_us(), UNEVEN_US)
                || apart(self.keys.offset_us(), offset_us, UNEVEN_US)
        };
        self.why.or_else(|| {
            if apart(self.video_span.start_us, start_us, LATE_PICTURES_US) {
                Some("its pictures begin long after its sound")
            } else if self.keys.offsets_us().into_iter().any(uneven) {
                Some("its pictures are stored in another order over a long still picture")
            } else if self.sound_edited {
                Some("sound in its middle is not heard")
            } else {
                None
            }
        })
    }
}
