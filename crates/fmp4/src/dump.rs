//! A stream's boxes in words, one a line, for people.

use std::fmt::Write as _;

use crate::FormatError;
use crate::boxes::{BoxHeader, BoxView, Fields};

/// Boxes that hold boxes, and how many bytes come before those.
const CONTAINERS: &[(&str, usize)] = &[
    ("moov", 0),
    ("trak", 0),
    ("edts", 0),
    ("mdia", 0),
    ("minf", 0),
    ("dinf", 0),
    ("stbl", 0),
    ("stsd", 8),
    ("avc1", 78),
    ("mp4a", 28),
    ("mvex", 0),
    ("moof", 0),
    ("traf", 0),
];

/// How deep boxes are followed: moov/trak/mdia/minf/stbl/stsd/avc1/avcC and one to spare.
const MAX_DEPTH: usize = 9;

/// How many lines are written at most.
const MAX_LINES: usize = 100_000;

/// The boxes of a stream or a sealed file, one a line: offset, name, size and the fields that
/// matter.
#[must_use]
pub fn dump(bytes: &[u8]) -> String {
    let mut dump = Dump { text: String::new(), lines: 0 };
    dump.boxes(0, bytes, 0);
    if dump.lines >= MAX_LINES {
        dump.text.push_str("… and more\n");
    }
    dump.text
}

struct Dump {
    text: String,
    lines: usize,
}

impl Dump {
    fn boxes(&mut self, mut offset: u64, mut bytes: &[u8], depth: usize) {
        while !bytes.is_empty() && self.lines < MAX_LINES {
            let header = match BoxHeader::read(bytes, offset) {
                Ok(Some(header)) => header,
                Ok(None) => {
                    return self.line(
                        offset,
                        depth,
                        &format!("{} bytes that are no box", bytes.len()),
                    );
                }
                Err(error) => return self.line(offset, depth, &format!("no box: {}", error.fault)),
            };
            let title = format!("{} {}", header.name, header.size);
            let Ok((view, rest)) = BoxView::split(bytes, offset) else {
                let missing = header.size - bytes.len() as u64;
                return self.line(
                    offset,
                    depth,
                    &format!("{title}  ({missing} bytes of it are not at hand)"),
                );
            };
            let facts = facts(&view).unwrap_or_else(|error| format!("({})", error.fault));
            let gap = if facts.is_empty() { "" } else { "  " };
            self.line(offset, depth, &format!("{title}{gap}{facts}"));
            if let Some((_, skip)) = CONTAINERS.iter().find(|(name, _)| view.is(name))
                && depth < MAX_DEPTH
                && let Some(inner) = view.body.get(*skip..)
            {
                let inner_offset = offset + (view.whole.len() - inner.len()) as u64;
                self.boxes(inner_offset, inner, depth + 1);
            }
            offset = offset.saturating_add(header.size);
            bytes = rest;
        }
    }

    fn line(&mut self, offset: u64, depth: usize, text: &str) {
        let indent = depth * 2;
        let _ = writeln!(self.text, "{offset:>10} {:indent$}{text}", "");
        self.lines += 1;
    }
}

/// The fields of a box that matter, in words.
fn facts(view: &BoxView<'_>) -> Result<String, FormatError> {
    let fields = &mut view.fields();
    Ok(match &view.name.0 {
        b"ftyp" | b"styp" => brands(fields)?,
        b"mvhd" | b"mdhd" => {
            let (version, _) = fields.version_flags(1)?;
            fields.take(if version == 0 { 8 } else { 16 })?;
            let (timescale, duration) = (fields.u32()?, fields.time(version)?);
            format!("timescale {timescale}, duration {duration}")
        }
        b"tkhd" => {
            let (version, _) = fields.version_flags(1)?;
            fields.take(if version == 0 { 8 } else { 16 })?;
            format!("track {}", fields.u32()?)
        }
        b"hdlr" => {
            fields.version_flags(0)?;
            fields.u32()?;
            format!("{}", fields.four_cc()?)
        }
        b"elst" => edits(fields)?,
        b"avc1" => {
            fields.take(24)?;
            format!("{}x{}", fields.u16()?, fields.u16()?)
        }
        b"mp4a" => {
            fields.take(16)?;
            let channels = fields.u16()?;
            fields.take(6)?;
            format!("{channels} channels, {} Hz", fields.u32()? >> 16)
        }
        b"avcC" => {
            fields.u8()?;
            format!(
                "profile {}, constraints {:#04x}, level {}",
                fields.u8()?,
                fields.u8()?,
                fields.u8()?
            )
        }
        b"trex" => {
            fields.version_flags(0)?;
            let (track, _) = (fields.u32()?, fields.u32()?);
            format!(
                "track {track}, duration {}, size {}, flags {:#x}",
                fields.u32()?,
                fields.u32()?,
                fields.u32()?
            )
        }
        b"mfhd" => {
            fields.version_flags(0)?;
            format!("sequence {}", fields.u32()?)
        }
        b"tfhd" => tfhd(fields)?,
        b"tfdt" => {
            let (version, _) = fields.version_flags(1)?;
            format!("decode time {}", fields.time(version)?)
        }
        b"trun" => trun(fields)?,
        b"stts" | b"ctts" | b"stss" | b"stsc" | b"stco" | b"co64" => {
            fields.version_flags(1)?;
            format!("{} entries", fields.u32()?)
        }
        b"stsz" => {
            fields.version_flags(0)?;
            fields.u32()?;
            format!("{} samples", fields.u32()?)
        }
        _ => String::new(),
    })
}

fn brands(fields: &mut Fields<'_>) -> Result<String, FormatError> {
    let (major, minor) = (fields.four_cc()?, fields.u32()?);
    let mut text = format!("{major} {minor}:");
    // More brands than any file has are not worth reading.
    for _ in 0..(fields.left() / 4).min(16) {
        let _ = write!(text, " {}", fields.four_cc()?);
    }
    Ok(text)
}

fn edits(fields: &mut Fields<'_>) -> Result<String, FormatError> {
    let (version, _) = fields.version_flags(1)?;
    let count = fields.u32()?;
    let mut text = format!("{count} edits:");
    for _ in 0..count.min(4) {
        let duration = fields.time(version)?;
        let media_time = if version == 0 { i64::from(fields.i32()?) } else { fields.i64()? };
        fields.u32()?;
        let _ = write!(text, " {duration} from {media_time}");
    }
    Ok(text)
}

fn tfhd(fields: &mut Fields<'_>) -> Result<String, FormatError> {
    let (_, flags) = fields.version_flags(0)?;
    let mut text = format!("track {}", fields.u32()?);
    if flags & 0x1 != 0 {
        let _ = write!(text, ", base {}", fields.u64()?);
    }
    for (flag, what) in [(0x2, "description"), (0x8, "duration"), (0x10, "size"), (0x20, "flags")] {
        if flags & flag != 0 {
            let _ = match fields.u32()? {
                value if flag == 0x20 => write!(text, ", {what} {value:#x}"),
                value => write!(text, ", {what} {value}"),
            };
        }
    }
    if flags & 0x2_0000 != 0 {
        text.push_str(", from moof");
    }
    Ok(text)
}

fn trun(fields: &mut Fields<'_>) -> Result<String, FormatError> {
    let (_, flags) = fields.version_flags(1)?;
    let count = fields.u32()?;
    let mut text = format!("{count} samples");
    if flags & 0x1 != 0 {
        let _ = write!(text, ", data at {:+}", fields.i32()?);
    }
    if flags & 0x4 != 0 {
        let _ = write!(text, ", first flags {:#x}", fields.u32()?);
    }
    let has = [0x100, 0x200, 0x400, 0x800].map(|flag| flags & flag != 0);
    let (mut ticks, mut bytes) = (0_u64, 0_u64);
    // Samples without fields of their own are not looped over: a few bytes can claim any number of
    // them.
    if has.contains(&true) {
        for _ in 0..count {
            for (index, _) in has.iter().enumerate().filter(|(_, has)| **has) {
                let value = u64::from(fields.u32()?);
                match index {
                    0 => ticks += value,
                    1 => bytes += value,
                    _ => {}
                }
            }
        }
    }
    if has[0] {
        let _ = write!(text, ", {ticks} ticks");
    }
    if has[1] {
        let _ = write!(text, ", {bytes} bytes");
    }
    Ok(text)
}
