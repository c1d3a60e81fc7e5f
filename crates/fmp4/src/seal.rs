//! [`Sealer`] makes the header: the bytes that, put before a complete stream, make it one plain
//! MP4.
//!
//! ```text
//! sealed file   ┌──────┬───────────────────────┬──────────────┬──────────────── mdat ────────────────┐
//!               │ ftyp │ moov (full tables)    │ mdat header  │ ftyp moov moof mdat moof mdat …      │
//!               └──────┴───────────────────────┴──────────────┴──────────────────────────────────────┘
//!                └──────────── the header ────────────────────┘└──── the stream, untouched ──────────┘
//! ```
//!
//! Sample descriptions, handlers and media headers are copied as they are. Offsets are always 64
//! bits, so that the size of moov does not depend on them. The clip begins where its first sample
//! to be shown begins, as players of the fragments do; tracks that begin later get an empty edit,
//! and gaps between fragments become longer samples, so that picture and sound never drift apart.

use crate::moof::Moof;
use crate::moov::{Moov, Trak};
use crate::tables::Tables;
use crate::write::{boxed, full_box, put_u16, put_u32, put_u64};
use crate::{Fault, FormatError, Limits, Track};

/// The movie's ticks a second in a sealed file: it counts microseconds.
const MOVIE_TIMESCALE: u32 = 1_000_000;

/// Collects the sample tables of a stream, one moof after another.
#[derive(Clone, Debug)]
pub struct Sealer {
    limits: Limits,
    movie: Movie,
    /// The tracks as moofs are read by them, in the order of `sealed`.
    tracks: Vec<Track>,
    sealed: Vec<SealedTrack>,
    samples: u64,
}

/// What is kept of mvhd.
#[derive(Clone, Debug)]
struct Movie {
    created: u64,
    /// Rate, volume, matrix, next track id.
    tail: Vec<u8>,
}

/// What is kept of a trak, and its tables so far.
#[derive(Clone, Debug)]
struct SealedTrack {
    track: Track,
    tkhd_flags: u32,
    created: u64,
    /// Layer, volume, matrix, width and height.
    tkhd_tail: Vec<u8>,
    language: u16,
    hdlr: Vec<u8>,
    /// Media header and data information: all of minf but the tables.
    minf: Vec<u8>,
    stsd: Vec<u8>,
    tables: Tables,
}

impl Sealer {
    /// Begins with the whole init segment of the stream. `limits` are those that the stream was
    /// taken in with, or what was taken may not be sealed.
    ///
    /// # Errors
    /// [`FormatError`] if the bytes are not one.
    pub fn new(init: &[u8], limits: Limits) -> Result<Self, FormatError> {
        let moov = Moov::find(init, &limits)?;
        let movie = Movie { created: moov.mvhd.created, tail: moov.mvhd.tail.to_vec() };
        let sealed: Vec<SealedTrack> =
            moov.tracks.iter().map(SealedTrack::new).collect::<Result<_, _>>()?;
        Ok(Self {
            limits,
            movie,
            tracks: sealed.iter().map(|sealed| sealed.track.clone()).collect(),
            sealed,
            samples: 0,
        })
    }

    /// Adds the samples of the moof box that lies at `offset_bytes` of the stream. Moofs come in
    /// the order of the stream.
    ///
    /// # Errors
    /// [`FormatError`] if it is not a moof that follows those before.
    pub fn add(&mut self, offset_bytes: u64, moof: &[u8]) -> Result<(), FormatError> {
        let moof = Moof::read(moof, offset_bytes, &self.tracks, &self.limits)?;
        self.samples += moof.samples();
        self.limits.check_samples(self.samples).map_err(|fault| fault.at(offset_bytes))?;
        for part in &moof.parts {
            let SealedTrack { track, tables, .. } = &mut self.sealed[part.track];
            tables.add(part, moof.offset, track.id)?;
        }
        Ok(())
    }

    /// `ftyp`, `moov` with full sample tables, and a 64-bit `mdat` header for a stream of
    /// `stream_size_bytes`. The sealed file is this header followed by the whole untouched stream,
    /// init segment included: its boxes lie inside the mdat.
    ///
    /// # Errors
    /// [`FormatError`] if there are no samples, or samples outside the stream.
    pub fn header(&self, stream_size_bytes: u64) -> Result<Vec<u8>, FormatError> {
        if self.with_samples().next().is_none() {
            return Err(
                Fault::Missing { missing: "moof", inside: "the stream" }.at(stream_size_bytes)
            );
        }
        for sealed in self.with_samples() {
            sealed.check_within(stream_size_bytes)?;
        }
        let mut header = ftyp();
        let moov_begin = header.len();
        // The size of moov does not depend on the offsets in it, so the first one only tells where
        // the stream will begin.
        self.write_moov(&mut header, 0);
        let header_size = header.len() + 16;
        if u32::try_from(header.len() - moov_begin).is_err() {
            return Err(Fault::Overflow { what: "the size of moov" }.at(stream_size_bytes));
        }
        header.truncate(moov_begin);
        self.write_moov(&mut header, header_size as u64);
        put_u32(&mut header, 1);
        header.extend(b"mdat");
        let mdat_size = stream_size_bytes
            .checked_add(16)
            .ok_or_else(|| Fault::Overflow { what: "the size of mdat" }.at(stream_size_bytes))?;
        put_u64(&mut header, mdat_size);
        Ok(header)
    }

    fn with_samples(&self) -> impl Iterator<Item = &SealedTrack> {
        self.sealed.iter().filter(|sealed| !sealed.tables.sizes.is_empty())
    }

    /// The movie box, with `shift` added to every place in the stream.
    fn write_moov(&self, out: &mut Vec<u8>, shift: u64) {
        let mut shown: Vec<Shown> =
            self.with_samples().map(|sealed| Shown::of(&sealed.track, &sealed.tables)).collect();
        let begin = shown.iter().map(|shown| shown.empty_us).min().unwrap_or(0);
        for shown in &mut shown {
            shown.empty_us -= begin;
        }
        let movie_duration = shown.iter().map(Shown::end_us).max().unwrap_or(0);
        boxed(out, b"moov", |out| {
            full_box(out, b"mvhd", 1, 0, |out| {
                put_u64(out, self.movie.created);
                put_u64(out, self.movie.created);
                put_u32(out, MOVIE_TIMESCALE);
                put_u64(out, movie_duration);
                out.extend(&self.movie.tail);
            });
            for (sealed, shown) in self.with_samples().zip(&shown) {
                sealed.write(out, *shown, shift);
            }
        });
    }
}

/// How a track is laid on the movie's time line: a pause, then its media from some time on.
#[derive(Clone, Copy, Debug)]
struct Shown {
    /// The pause, in microseconds.
    empty_us: u64,
    /// Where in the media it begins then, in the track's ticks.
    media_time: u64,
    /// How long the media is shown, in microseconds.
    media_us: u64,
}

impl Shown {
    /// The stream's edit says: first nothing for `edit.empty`, then the media from
    /// `edit.media_time` on. The tables' media begins at zero, the stream's at its first decode
    /// time.
    fn of(track: &Track, tables: &Tables) -> Self {
        let first_decode_time = tables.first_decode_time.unwrap_or(0);
        let first_shown = first_decode_time.saturating_add(tables.shown_first);
        let (empty, media_time) = if track.edit.media_time > first_shown {
            // What lies before the media time is decoded and not shown: the encoder's priming.
            (track.edit.empty, track.edit.media_time - first_decode_time)
        } else {
            (
                track.edit.empty.saturating_add(first_shown - track.edit.media_time),
                tables.shown_first,
            )
        };
        // To the end of the last sample shown; the sum of durations would cut off reordered
        // pictures.
        let media = tables.shown_end().saturating_sub(media_time);
        Self {
            empty_us: micros(empty, track.timescale),
            media_time,
            media_us: micros(media, track.timescale),
        }
    }

    fn end_us(&self) -> u64 {
        self.empty_us.saturating_add(self.media_us)
    }
}

/// Ticks in microseconds, rounded to the nearest, saturating.
fn micros(ticks: u64, timescale: u32) -> u64 {
    let (ticks, timescale) = (u128::from(ticks), u128::from(timescale.max(1)));
    u64::try_from((ticks * u128::from(MOVIE_TIMESCALE) + timescale / 2) / timescale)
        .unwrap_or(u64::MAX)
}

fn ftyp() -> Vec<u8> {
    let mut out = Vec::new();
    boxed(&mut out, b"ftyp", |out| {
        out.extend(b"isom");
        put_u32(out, 0x200);
        out.extend(b"isomiso2avc1mp41");
    });
    out
}

impl SealedTrack {
    fn new(trak: &Trak<'_>) -> Result<Self, FormatError> {
        let mut minf = Vec::new();
        for child in trak.minf.children() {
            let child = child?;
            if !child.is("stbl") {
                minf.extend(child.whole);
            }
        }
        Ok(Self {
            track: trak.track.clone(),
            tkhd_flags: trak.tkhd.flags,
            created: trak.tkhd.created,
            tkhd_tail: trak.tkhd.tail.to_vec(),
            language: trak.mdhd.language,
            hdlr: trak.hdlr.whole.to_vec(),
            minf,
            stsd: trak.stsd.whole.to_vec(),
            tables: Tables::default(),
        })
    }

    fn check_within(&self, stream_size: u64) -> Result<(), FormatError> {
        let mut sizes = self.tables.sizes.iter();
        for &(offset, count) in &self.tables.chunks {
            let bytes: u64 = sizes
                .by_ref()
                .take(usize::try_from(count).unwrap_or(usize::MAX))
                .map(|&size| u64::from(size))
                .sum();
            if offset.checked_add(bytes).is_none_or(|end| end > stream_size) {
                return Err(Fault::OutsideMdat { track: self.track.id }.at(offset));
            }
        }
        Ok(())
    }

    fn write(&self, out: &mut Vec<u8>, shown: Shown, shift: u64) {
        boxed(out, b"trak", |out| {
            full_box(out, b"tkhd", 1, self.tkhd_flags, |out| {
                put_u64(out, self.created);
                put_u64(out, self.created);
                put_u32(out, self.track.id);
                put_u32(out, 0);
                put_u64(out, shown.end_us());
                out.extend(&self.tkhd_tail);
            });
            write_edits(out, shown);
            boxed(out, b"mdia", |out| {
                full_box(out, b"mdhd", 1, 0, |out| {
                    put_u64(out, self.created);
                    put_u64(out, self.created);
                    put_u32(out, self.track.timescale);
                    put_u64(out, self.tables.duration());
                    put_u16(out, self.language);
                    put_u16(out, 0);
                });
                out.extend(&self.hdlr);
                boxed(out, b"minf", |out| {
                    out.extend(&self.minf);
                    boxed(out, b"stbl", |out| {
                        out.extend(&self.stsd);
                        write_tables(out, &self.tables, shift);
                    });
                });
            });
        });
    }
}

/// elst, if there is anything to say that is not so by itself.
fn write_edits(out: &mut Vec<u8>, shown: Shown) {
    if shown.empty_us == 0 && shown.media_time == 0 {
        return;
    }
    boxed(out, b"edts", |out| {
        full_box(out, b"elst", 1, 0, |out| {
            let mut edits = Vec::new();
            if shown.empty_us > 0 {
                edits.push((shown.empty_us, u64::MAX)); // -1: nothing
            }
            edits.push((shown.media_us, shown.media_time));
            put_count(out, edits.len());
            for (duration, media_time) in edits {
                put_u64(out, duration);
                put_u64(out, media_time);
                put_u32(out, 0x0001_0000);
            }
        });
    });
}

fn write_tables(out: &mut Vec<u8>, tables: &Tables, shift: u64) {
    full_box(out, b"stts", 0, 0, |out| {
        put_count(out, tables.durations.len());
        for &(count, ticks) in &tables.durations {
            put_u32(out, count);
            put_u32(out, ticks);
        }
    });
    let offsets = &tables.composition_offsets;
    if offsets.iter().any(|&(_, offset)| offset != 0) {
        let version = u8::from(offsets.iter().any(|&(_, offset)| offset < 0));
        full_box(out, b"ctts", version, 0, |out| {
            put_count(out, offsets.len());
            for &(count, offset) in offsets {
                put_u32(out, count);
                // Offsets were held to ±i32::MAX where they were read, so both versions of the box
                // can say them.
                out.extend(offset.to_be_bytes());
            }
        });
    }
    if tables.keys.len() != tables.sizes.len() {
        full_box(out, b"stss", 0, 0, |out| {
            put_count(out, tables.keys.len());
            tables.keys.iter().for_each(|&number| put_u32(out, number));
        });
    }
    full_box(out, b"stsc", 0, 0, |out| {
        let mut entries: Vec<(usize, u32)> = Vec::new();
        for (index, &(_, count)) in tables.chunks.iter().enumerate() {
            if entries.last().is_none_or(|&(_, same)| same != count) {
                entries.push((index + 1, count));
            }
        }
        put_count(out, entries.len());
        for (first_chunk, count) in entries {
            put_count(out, first_chunk);
            put_u32(out, count);
            put_u32(out, 1);
        }
    });
    full_box(out, b"stsz", 0, 0, |out| {
        put_u32(out, 0);
        put_count(out, tables.sizes.len());
        tables.sizes.iter().for_each(|&size| put_u32(out, size));
    });
    full_box(out, b"co64", 0, 0, |out| {
        put_count(out, tables.chunks.len());
        tables.chunks.iter().for_each(|&(offset, _)| put_u64(out, offset.saturating_add(shift)));
    });
}

/// How many entries follow. Tables whose count does not fit 32 bits make a moov that does not fit
/// either, which is refused.
fn put_count(out: &mut Vec<u8>, count: usize) {
    put_u32(out, u32::try_from(count).unwrap_or(u32::MAX));
}
