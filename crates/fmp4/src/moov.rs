//! [`Moov`]: the movie box of an init segment as views into its bytes, so that what is not
//! understood can be copied as it is. Sections are those of ISO/IEC 14496-12.

use std::collections::HashMap;

use crate::boxes::{BoxView, Fields};
use crate::track::{Edit, SampleDefaults};
use crate::{Fault, FormatError, Limits, Track, codec};

/// A movie box.
pub(crate) struct Moov<'a> {
    pub(crate) whole: BoxView<'a>,
    pub(crate) mvhd: Mvhd<'a>,
    pub(crate) tracks: Vec<Trak<'a>>,
}

/// The header of the movie (§8.2.2). Times are in seconds since 1904.
#[derive(Clone, Copy)]
pub(crate) struct Mvhd<'a> {
    pub(crate) created: u64,
    timescale: u32,
    /// Rate, volume, matrix, next track id.
    pub(crate) tail: &'a [u8],
}

/// The header of a track (§8.3.2).
#[derive(Clone, Copy)]
pub(crate) struct Tkhd<'a> {
    pub(crate) flags: u32,
    pub(crate) created: u64,
    id: u32,
    /// Layer, volume, matrix, width and height.
    pub(crate) tail: &'a [u8],
}

/// The header of a track's media (§8.4.2).
#[derive(Clone, Copy)]
pub(crate) struct Mdhd {
    timescale: u32,
    pub(crate) language: u16,
}

/// One track of it.
pub(crate) struct Trak<'a> {
    pub(crate) track: Track,
    pub(crate) tkhd: Tkhd<'a>,
    pub(crate) mdhd: Mdhd,
    pub(crate) hdlr: BoxView<'a>,
    pub(crate) minf: BoxView<'a>,
    pub(crate) stsd: BoxView<'a>,
}

impl<'a> Moov<'a> {
    /// Reads the moov of a whole init segment.
    pub(crate) fn find(init: &'a [u8], limits: &Limits) -> Result<Self, FormatError> {
        if init.len() as u64 > limits.header_box_bytes {
            let fault = Fault::TooMuch {
                what: "the size of the init segment",
                value: init.len() as u64,
                most: limits.header_box_bytes,
            };
            return Err(fault.at(0));
        }
        let whole = find_box(init)?;
        let mvhd = mvhd(&whole.need("mvhd")?)?;
        let defaults = defaults(&whole)?;
        let mut tracks: Vec<Trak<'a>> = Vec::new();
        for child in whole.children() {
            let child = child?;
            if !child.is("trak") {
                continue;
            }
            let trak = trak(&child, mvhd.timescale, &defaults)?;
            if tracks.iter().any(|other| other.track.id == trak.track.id) {
                return Err(Fault::Bad {
                    what: "the id of a second track",
                    value: u64::from(trak.track.id),
                }
                .at(child.offset));
            }
            tracks.push(trak);
            if tracks.len() > limits.tracks {
                let fault = Fault::TooMuch {
                    what: "the number of tracks",
                    value: tracks.len() as u64,
                    most: limits.tracks as u64,
                };
                return Err(fault.at(child.offset));
            }
        }
        Ok(Self { whole, mvhd, tracks })
    }
}

/// The defaults of every track that may have fragments (mvex/trex).
fn defaults(moov: &BoxView<'_>) -> Result<HashMap<u32, SampleDefaults>, FormatError> {
    let mut defaults = HashMap::new();
    for child in moov.need("mvex")?.children() {
        let child = child?;
        if !child.is("trex") {
            continue;
        }
        let mut trex = child.fields();
        trex.version_flags(0)?;
        let id = trex.u32()?;
        let description = trex.u32()?;
        if description != 1 {
            return Err(trex.bad("the sample description of a track", u64::from(description)));
        }
        defaults.insert(
            id,
            SampleDefaults { duration: trex.u32()?, size: trex.u32()?, flags: trex.u32()? },
        );
    }
    Ok(defaults)
}

fn trak<'a>(
    trak: &BoxView<'a>,
    movie_timescale: u32,
    defaults: &HashMap<u32, SampleDefaults>,
) -> Result<Trak<'a>, FormatError> {
    let tkhd = tkhd(&trak.need("tkhd")?)?;
    let id = tkhd.id;
    let Some(&defaults) = defaults.get(&id) else {
        return Err(Fault::Missing { missing: "trex", inside: "mvex" }.at(trak.offset));
    };

    let mdia = trak.need("mdia")?;
    let mdhd = mdhd(&mdia.need("mdhd")?)?;
    let timescale = mdhd.timescale;
    let hdlr = mdia.need("hdlr")?;
    let mut fields = hdlr.fields();
    fields.version_flags(0)?;
    fields.u32()?;
    let handler = fields.four_cc()?;
    let video = match &handler.0 {
        b"vide" => true,
        b"soun" => false,
        _ => {
            return Err(Fault::Unsupported { what: "track kind", name: handler.to_string() }
                .at(hdlr.offset));
        }
    };

    let minf = mdia.need("minf")?;
    own_data_only(&minf)?;
    let stsd = minf.need("stbl")?.need("stsd")?;
    let (kind, codec) = codec::read(&stsd, timescale)?;
    if kind.is_video() != video {
        return Err(
            Fault::Unsupported { what: "codec for such a track", name: codec }.at(stsd.offset)
        );
    }
    let edit = edit(trak, timescale, movie_timescale)?;
    Ok(Trak {
        track: Track { id, timescale, kind, codec, defaults, edit },
        tkhd,
        mdhd,
        hdlr,
        minf,
        stsd,
    })
}

fn mvhd<'a>(mvhd: &BoxView<'a>) -> Result<Mvhd<'a>, FormatError> {
    let mut fields = mvhd.fields();
    let (created, timescale) = created_and_timescale(&mut fields)?;
    Ok(Mvhd { created, timescale, tail: fields.take(80)? })
}

fn mdhd(mdhd: &BoxView<'_>) -> Result<Mdhd, FormatError> {
    let mut fields = mdhd.fields();
    let (_, timescale) = created_and_timescale(&mut fields)?;
    Ok(Mdhd { timescale, language: fields.u16()? })
}

/// The times at the beginning of mvhd and mdhd, which begin alike.
fn created_and_timescale(fields: &mut Fields<'_>) -> Result<(u64, u32), FormatError> {
    let (version, _) = fields.version_flags(1)?;
    let created = fields.time(version)?;
    fields.time(version)?;
    let timescale = fields.u32()?;
    if timescale == 0 {
        return Err(fields.bad("a timescale", 0));
    }
    fields.time(version)?;
    Ok((created, timescale))
}

fn tkhd<'a>(tkhd: &BoxView<'a>) -> Result<Tkhd<'a>, FormatError> {
    let mut fields = tkhd.fields();
    let (version, flags) = fields.version_flags(1)?;
    let created = fields.time(version)?;
    fields.time(version)?;
    let id = fields.u32()?;
    if id == 0 {
        return Err(fields.bad("the id of a track", 0));
    }
    fields.u32()?;
    fields.time(version)?;
    Ok(Tkhd { flags, created, id, tail: fields.take(60)? })
}

/// Refuses media in other files: a library or a player must not be made to open them (dinf/dref).
fn own_data_only(minf: &BoxView<'_>) -> Result<(), FormatError> {
    let Some(dinf) = minf.child("dinf")? else { return Ok(()) };
    let Some(dref) = dinf.child("dref")? else { return Ok(()) };
    for entry in dref.children_after(8)? {
        let mut fields = entry?.fields();
        let (_, flags) = fields.version_flags(0)?;
        if flags & 1 == 0 {
            return Err(fields.bad("the flags of a data reference", u64::from(flags)));
        }
    }
    Ok(())
}

/// Reads edts/elst. Fragmented files leave the durations open, so only the pause and the media time
/// count.
fn edit(trak: &BoxView<'_>, timescale: u32, movie_timescale: u32) -> Result<Edit, FormatError> {
    let Some(edts) = trak.child("edts")? else { return Ok(Edit::default()) };
    let Some(elst) = edts.child("elst")? else { return Ok(Edit::default()) };
    let mut fields = elst.fields();
    let (version, _) = fields.version_flags(1)?;
    let count = fields.u32()?;
    if count > 2 {
        return Err(fields.bad("the number of edits", u64::from(count)));
    }
    let (mut edit, mut media_seen) = (Edit::default(), count == 0);
    for _ in 0..count {
        let duration = fields.time(version)?;
        let media_time = if version == 0 { i64::from(fields.i32()?) } else { fields.i64()? };
        let rate = fields.u32()?;
        if rate != 0x0001_0000 {
            return Err(fields.bad("the rate of an edit", u64::from(rate)));
        }
        match u64::try_from(media_time) {
            Ok(media_time) if !media_seen => {
                edit.media_time = media_time;
                media_seen = true;
            }
            Err(_) if media_time == -1 && !media_seen => {
                let ticks =
                    u128::from(duration) * u128::from(timescale) / u128::from(movie_timescale);
                let ticks = u64::try_from(ticks)
                    .map_err(|_| fields.bad("the duration of an edit", duration))?;
                edit.empty = edit.empty.saturating_add(ticks);
            }
            _ => return Err(fields.bad("the order of edits", u64::from(count))),
        }
    }
    if !media_seen {
        return Err(fields.bad("the number of edits that show media", 0));
    }
    Ok(edit)
}

/// The moov box of an init segment: ftyp, then moov, with nothing but free space between them.
fn find_box(bytes: &[u8]) -> Result<BoxView<'_>, FormatError> {
    let (ftyp, mut rest) = BoxView::split(bytes, 0)?;
    if !ftyp.is("ftyp") {
        return Err(Fault::Unexpected { found: ftyp.name.to_string(), expected: "ftyp" }.at(0));
    }
    let mut offset = ftyp.whole.len() as u64;
    loop {
        let (next, after) = BoxView::split(rest, offset)?;
        if next.is("moov") {
            return BoxView::only(rest, offset);
        }
        if !next.is("free") {
            return Err(
                Fault::Unexpected { found: next.name.to_string(), expected: "moov" }.at(offset)
            );
        }
        offset += next.whole.len() as u64;
        rest = after;
    }
}
