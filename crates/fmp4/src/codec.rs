//! What a sample description (stsd) says: codec string, and size or channels.
//!
//! Sample entries: ISO/IEC 14496-12 §8.5.2 and §12; avcC: ISO/IEC 14496-15 §5.3.3; esds: ISO/IEC
//! 14496-1 §7.2.6; the strings: RFC 6381 §3.3 and §3.4.

use crate::boxes::{BoxView, Fields};
use crate::{Fault, FormatError, TrackKind};

/// Bytes of an avc1 entry before its boxes.
const VISUAL_ENTRY_BYTES: usize = 78;
/// Bytes of an mp4a entry of version 0 before its boxes.
const AUDIO_ENTRY_BYTES: usize = 28;

/// Reads the one sample entry of `stsd`. `timescale` is the track's.
pub(crate) fn read(stsd: &BoxView<'_>, timescale: u32) -> Result<(TrackKind, String), FormatError> {
    let mut fields = stsd.fields();
    fields.version_flags(0)?;
    let entries = fields.u32()?;
    if entries != 1 {
        return Err(fields.bad("the number of sample entries", u64::from(entries)));
    }
    let entry = stsd.children_after(8)?.next().ok_or_else(|| stsd.short())??;
    match &entry.name.0 {
        b"avc1" => avc1(&entry),
        b"mp4a" => mp4a(&entry, timescale),
        _ => {
            Err(Fault::Unsupported { what: "codec", name: entry.name.to_string() }.at(entry.offset))
        }
    }
}

fn one_child<'a>(
    entry: &BoxView<'a>,
    skip: usize,
    name: &'static str,
    inside: &'static str,
) -> Result<BoxView<'a>, FormatError> {
    for child in entry.children_after(skip)? {
        let child = child?;
        if child.is(name) {
            return Ok(child);
        }
    }
    Err(Fault::Missing { missing: name, inside }.at(entry.offset))
}

fn avc1(entry: &BoxView<'_>) -> Result<(TrackKind, String), FormatError> {
    let mut fields = entry.fields();
    fields.take(24)?;
    let (width, height) = (u32::from(fields.u16()?), u32::from(fields.u16()?));
    if width == 0 || height == 0 {
        return Err(fields.bad("the width or height of the picture", 0));
    }
    let mut avcc = one_child(entry, VISUAL_ENTRY_BYTES, "avcC", "avc1")?.fields();
    let version = avcc.u8()?;
    if version != 1 {
        return Err(avcc.bad("the version of avcC", u64::from(version)));
    }
    let (profile, constraints, level) = (avcc.u8()?, avcc.u8()?, avcc.u8()?);
    Ok((
        TrackKind::Video { width, height },
        format!("avc1.{profile:02x}{constraints:02x}{level:02x}"),
    ))
}

fn mp4a(entry: &BoxView<'_>, timescale: u32) -> Result<(TrackKind, String), FormatError> {
    let mut fields = entry.fields();
    fields.take(8)?;
    let version = fields.u16()?;
    if version != 0 {
        return Err(fields.bad("the version of an mp4a entry", u64::from(version)));
    }
    fields.take(6)?;
    let channels = fields.u16()?;
    fields.take(6)?;
    // 16.16 fixed point cannot hold rates from 65536 on; the timescale of an audio track is its
    // rate.
    let rate_hz = match fields.u32()? >> 16 {
        0 => timescale,
        rate => rate,
    };
    let (object, configured) =
        aac(&mut one_child(entry, AUDIO_ENTRY_BYTES, "esds", "mp4a")?.fields())?;
    // Many writers put 2 into the entry whatever the sound is; the decoder believes its own
    // configuration.
    let channels = configured.unwrap_or(channels);
    Ok((TrackKind::Audio { channels, rate_hz }, format!("mp4a.40.{object}")))
}

/// The audio object type in an esds box, if it is one of the AAC family, and the channels if they
/// are told there.
fn aac(esds: &mut Fields<'_>) -> Result<(u8, Option<u16>), FormatError> {
    const ES: u8 = 3;
    const DECODER_CONFIG: u8 = 4;
    const DECODER_SPECIFIC_INFO: u8 = 5;
    const MPEG4_AUDIO: u8 = 0x40;

    esds.version_flags(0)?;
    descriptor(esds, ES)?;
    esds.u16()?;
    let flags = esds.u8()?;
    if flags & 0x80 != 0 {
        esds.u16()?;
    }
    if flags & 0x40 != 0 {
        let url_bytes = esds.u8()?;
        esds.take(usize::from(url_bytes))?;
    }
    if flags & 0x20 != 0 {
        esds.u16()?;
    }
    descriptor(esds, DECODER_CONFIG)?;
    let coding = esds.u8()?;
    if coding != MPEG4_AUDIO {
        return Err(esds.bad("the coding of an mp4a track", u64::from(coding)));
    }
    esds.take(12)?;
    descriptor(esds, DECODER_SPECIFIC_INFO)?;
    // AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1): 5 bits of object type, 4 of sampling rate, 4
    // of channels.
    let config = esds.u16()?;
    let channels = match (config >> 7 & 15, config >> 3 & 15) {
        (15, _) => None, // a sampling rate of its own comes first
        (_, channels @ 1..=6) => Some(channels),
        (_, 7) => Some(8),
        _ => None,
    };
    match config >> 11 {
        // AAC-LC, and HE-AAC in its two versions: what browsers play.
        2 => Ok((2, channels)),
        5 => Ok((5, channels)),
        29 => Ok((29, channels)),
        object => Err(esds.bad("the audio object type", u64::from(object))),
    }
}

/// A descriptor's tag and its length, which has 7 bits a byte and at most 4 bytes.
fn descriptor(esds: &mut Fields<'_>, tag: u8) -> Result<(), FormatError> {
    let found = esds.u8()?;
    if found != tag {
        return Err(esds.bad("the tag of a descriptor", u64::from(found)));
    }
    for _ in 0..4 {
        if esds.u8()? & 0x80 == 0 {
            return Ok(());
        }
    }
    Err(esds.bad("the length of a descriptor", u64::MAX))
}
