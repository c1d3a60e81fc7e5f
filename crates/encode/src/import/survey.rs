//! [`Survey`]: what is in a file, and whether its packets can be taken as they are.

use std::path::Path;

use ff::codec::Id;
use ff::format::Pixel;
use ffmpeg_next as ff;
use vignette_model::Micros;

use super::source::{Kind, LONGEST, Source, micros};
use crate::{Canvas, EncodeError, Profile};

/// The longest time between two key frames that are copied: a fragment begins with one.
const LONGEST_GROUP_US: i64 = 4_000_000;

/// What is in a file.
pub(super) struct Survey {
    /// The size of its pictures as they are stored.
    pub(super) size: Canvas,
    /// By how many quarter turns to the right they are shown.
    pub(super) turns: u8,
    /// Channels of its sound; 0 without sound.
    pub(super) channels: u16,
    /// When the first picture is decoded, which may be before anything is shown.
    pub(super) decodes_from_us: i64,
    /// Why it cannot be copied, if so.
    pub(super) not_copied: Option<&'static str>,
}

/// Reads all of a file's packets once, without decoding.
pub(super) fn survey(path: &Path) -> Result<Survey, EncodeError> {
    let mut source = Source::open(path)?;
    let video = source.decoder(source.video)?.video().map_err(EncodeError::at("opening the file's pictures"))?;
    let size = Canvas { width: video.width(), height: video.height() };
    if size.width < 2 || size.height < 2 || size.width > 16_384 || size.height > 16_384 {
        return Err(EncodeError::NotAVideo { what: "its pictures are not between 2 and 16384 pixels wide and high" });
    }
    // Sound that cannot be decoded is no reason to refuse the pictures.
    let sound = source.sound.and_then(|part| source.decoder(part).and_then(|d| d.audio().map_err(EncodeError::at("sound"))).ok());
    if sound.is_none() {
        source.sound = None;
    }
    let (channels, turns) = (sound.as_ref().map_or(0, |sound| sound.channels()), source.quarter_turns());

    let by_header = if video.id() != Id::H264 || !matches!(video.format(), Pixel::YUV420P | Pixel::YUVJ420P) {
        Some("its pictures are not 8-bit H.264")
    } else if size.fitted(Profile::NATIVE.most) != size {
        Some("its pictures are too large or odd")
    } else if turns != Some(0) {
        Some("its pictures are turned")
    } else if sound.as_ref().is_some_and(|sound| sound.id() != Id::AAC || !(1..=2).contains(&sound.channels())) {
        Some("its sound is not AAC in mono or stereo")
    } else {
        None
    };
    let mut survey =
        Survey { size, turns: turns.unwrap_or(0), channels, decodes_from_us: source.start_us(), not_copied: by_header };
    drop((video, sound));
    let by_packets = look_at_packets(&mut source, &mut survey)?;
    survey.not_copied = survey.not_copied.or(by_packets);
    Ok(survey)
}

/// Why the packets cannot be copied, if so.
fn look_at_packets(source: &mut Source, survey: &mut Survey) -> Result<Option<&'static str>, EncodeError> {
    let (base, start_us) = (source.video.base, source.start_us());
    let mut why = None;
    let (mut key_us, mut last_dts, mut any) = (None, i64::MIN, false);
    while let Some((kind, packet)) = source.next() {
        let part = if kind == Kind::Video { Some(source.video) } else { source.sound };
        let at_us = part.zip(packet.pts()).map(|(part, pts)| micros(pts, part.base).saturating_sub(start_us));
        if at_us.and_then(|us| u64::try_from(us).ok()).is_some_and(|us| Micros(us) > LONGEST) {
            return Err(EncodeError::NotAVideo { what: "it is longer than 24 hours" });
        }
        if kind == Kind::Sound {
            continue;
        }
        any = true;
        let (Some(pts), Some(dts)) = (packet.pts(), packet.dts()) else {
            why = why.or(Some("its pictures have no times"));
            continue;
        };
        if dts <= last_dts || pts < dts {
            why = why.or(Some("the times of its pictures are out of order"));
        }
        last_dts = dts;
        let (pts_us, began) = (micros(pts, base), key_us.is_some());
        if packet.is_key() {
            if !began {
                survey.decodes_from_us = micros(dts, base);
            }
            key_us = Some(pts_us);
        } else if !began {
            why = why.or(Some("it does not begin with a key frame"));
        }
        if key_us.is_some_and(|key_us| pts_us.saturating_sub(key_us) > LONGEST_GROUP_US) {
            why = why.or(Some("its key frames are more than four seconds apart"));
        }
    }
    if any { Ok(why) } else { Err(EncodeError::NotAVideo { what: "it has no pictures" }) }
}
