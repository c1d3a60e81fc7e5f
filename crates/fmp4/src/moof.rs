//! [`Moof`]: the header of a fragment, as runs of samples with all defaults filled in. (ISO/IEC
//! 14496-12 §8.8)

use crate::boxes::BoxView;
use crate::track::SampleDefaults;
use crate::{Fault, FormatError, Limits, Track};

/// The latest time that is believed, in ticks: far beyond any clip, and small enough that sums of
/// times fit 64 bits.
pub(crate) const MAX_TICKS: u64 = 1 << 56;

/// The header of a fragment.
#[derive(Debug)]
pub(crate) struct Moof {
    /// Where it begins in the stream.
    pub(crate) offset: u64,
    /// What it has of each track, at most once each; tracks without samples are left out.
    pub(crate) parts: Vec<TrackPart>,
}

/// A fragment's samples of one track (traf), never none.
#[derive(Debug)]
pub(crate) struct TrackPart {
    /// Index in the init segment's tracks.
    pub(crate) track: usize,
    /// Decode time of the first sample, in ticks (tfdt).
    pub(crate) decode_time: u64,
    /// The samples, in decode order.
    pub(crate) runs: Vec<Run>,
}

/// Samples that lie in the stream one behind the other (trun), never none.
#[derive(Debug)]
pub(crate) struct Run {
    /// Where the first begins in the stream.
    pub(crate) offset: u64,
    /// All their bytes.
    pub(crate) size: u64,
    pub(crate) samples: Vec<Sample>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sample {
    /// In ticks.
    pub(crate) duration: u32,
    /// In bytes, never none: so the samples of a fragment are no more than the bytes of its mdat.
    pub(crate) size: u32,
    /// Whether it can be decoded without others.
    pub(crate) key: bool,
    /// How much later than decoded it is shown, in ticks; within ±`i32::MAX`.
    pub(crate) composition_offset: i64,
}

impl TrackPart {
    pub(crate) fn samples(&self) -> impl Iterator<Item = &Sample> {
        self.runs.iter().flat_map(|run| &run.samples)
    }

    /// The decode time of the last sample and its end.
    pub(crate) fn last_and_end(&self) -> (u64, u64) {
        self.samples().fold((self.decode_time, self.decode_time), |(_, end), sample| {
            (end, end + u64::from(sample.duration))
        })
    }
}

impl Moof {
    /// How many samples it has of all tracks.
    pub(crate) fn samples(&self) -> u64 {
        self.parts.iter().flat_map(|part| &part.runs).map(|run| run.samples.len() as u64).sum()
    }

    /// Reads the moof box `bytes`, which lies at `offset` of the stream.
    pub(crate) fn read(
        bytes: &[u8],
        offset: u64,
        tracks: &[Track],
        limits: &Limits,
    ) -> Result<Self, FormatError> {
        if offset > limits.stream_bytes {
            return Err(Fault::TooMuch {
                what: "the size of the stream",
                value: offset,
                most: limits.stream_bytes,
            }
            .at(offset));
        }
        let moof = BoxView::only(bytes, offset)?;
        if !moof.is("moof") {
            return Err(
                Fault::Unexpected { found: moof.name.to_string(), expected: "moof" }.at(offset)
            );
        }
        let mut reader = Reader {
            moof: offset,
            previous_end: offset,
            samples_left: limits.fragment_samples,
            limits,
        };
        let mut parts: Vec<TrackPart> = Vec::new();
        for child in moof.children() {
            let child = child?;
            if !child.is("traf") {
                continue;
            }
            let Some(part) = reader.traf(&child, tracks)? else { continue };
            if parts.iter().any(|other| other.track == part.track) {
                return Err(Fault::Twice { twice: "traf", inside: "moof" }.at(child.offset));
            }
            parts.push(part);
        }
        Ok(Self { offset, parts })
    }
}

/// What reading one moof has to remember from traf to traf.
struct Reader<'l> {
    moof: u64,
    /// Where the samples of the traf before end: the base of a traf that names none.
    previous_end: u64,
    /// How many more samples are believed.
    samples_left: u32,
    limits: &'l Limits,
}

/// What tfhd says of a traf.
struct Header {
    track: usize,
    base: u64,
    defaults: SampleDefaults,
}

impl Reader<'_> {
    fn traf(
        &mut self,
        traf: &BoxView<'_>,
        tracks: &[Track],
    ) -> Result<Option<TrackPart>, FormatError> {
        let header = self.tfhd(&traf.need("tfhd")?, tracks)?;
        let tfdt = traf.need("tfdt")?;
        let mut fields = tfdt.fields();
        let (version, _) = fields.version_flags(1)?;
        let decode_time = fields.time(version)?;

        let mut runs = Vec::new();
        let mut end = decode_time;
        let mut position = header.base;
        for child in traf.children() {
            let child = child?;
            if !child.is("trun") {
                continue;
            }
            let Some(run) = self.trun(&child, &header, position)? else { continue };
            position = run.offset + run.size;
            for sample in &run.samples {
                end = end.saturating_add(u64::from(sample.duration));
            }
            runs.push(run);
        }
        self.previous_end = position;
        if end > MAX_TICKS {
            return Err(Fault::TooMuch { what: "a decode time", value: end, most: MAX_TICKS }
                .at(tfdt.offset));
        }
        Ok((!runs.is_empty()).then_some(TrackPart { track: header.track, decode_time, runs }))
    }

    fn tfhd(&self, tfhd: &BoxView<'_>, tracks: &[Track]) -> Result<Header, FormatError> {
        const BASE_DATA_OFFSET: u32 = 0x1;
        const SAMPLE_DESCRIPTION: u32 = 0x2;
        const DEFAULT_DURATION: u32 = 0x8;
        const DEFAULT_SIZE: u32 = 0x10;
        const DEFAULT_FLAGS: u32 = 0x20;
        const DEFAULT_BASE_IS_MOOF: u32 = 0x2_0000;

        let mut fields = tfhd.fields();
        let (_, flags) = fields.version_flags(0)?;
        let id = fields.u32()?;
        let Some(track) = tracks.iter().position(|track| track.id == id) else {
            return Err(fields.bad("the track of a fragment", u64::from(id)));
        };
        let base = if flags & BASE_DATA_OFFSET != 0 {
            fields.u64()?
        } else if flags & DEFAULT_BASE_IS_MOOF != 0 {
            self.moof
        } else {
            self.previous_end
        };
        if flags & SAMPLE_DESCRIPTION != 0 {
            let description = fields.u32()?;
            if description != 1 {
                return Err(
                    fields.bad("the sample description of a fragment", u64::from(description))
                );
            }
        }
        let mut defaults = tracks[track].defaults;
        if flags & DEFAULT_DURATION != 0 {
            defaults.duration = fields.u32()?;
        }
        if flags & DEFAULT_SIZE != 0 {
            defaults.size = fields.u32()?;
        }
        if flags & DEFAULT_FLAGS != 0 {
            defaults.flags = fields.u32()?;
        }
        Ok(Header { track, base, defaults })
    }

    fn trun(
        &mut self,
        trun: &BoxView<'_>,
        header: &Header,
        position: u64,
    ) -> Result<Option<Run>, FormatError> {
        const DATA_OFFSET: u32 = 0x1;
        const FIRST_SAMPLE_FLAGS: u32 = 0x4;
        const DURATION: u32 = 0x100;
        const SIZE: u32 = 0x200;
        const FLAGS: u32 = 0x400;
        const COMPOSITION_OFFSET: u32 = 0x800;
        const NON_SYNC: u32 = 0x1_0000;

        let mut fields = trun.fields();
        let (version, flags) = fields.version_flags(1)?;
        let count = fields.u32()?;
        // Before any loop: without fields per sample, 20 bytes can claim four billion.
        if count > self.samples_left {
            let most = u64::from(self.limits.fragment_samples);
            return Err(Fault::TooMuch {
                what: "the number of samples in a fragment",
                value: u64::from(count),
                most,
            }
            .at(trun.offset));
        }
        self.samples_left -= count;
        let mut offset = position;
        if flags & DATA_OFFSET != 0 {
            let relative = fields.i32()?;
            offset = header
                .base
                .checked_add_signed(i64::from(relative))
                .ok_or_else(|| Fault::Overflow { what: "the place of samples" }.at(trun.offset))?;
        }
        let first_flags = if flags & FIRST_SAMPLE_FLAGS != 0 { Some(fields.u32()?) } else { None };

        let mut samples = Vec::with_capacity(usize::try_from(count).unwrap_or(0));
        let mut size = 0_u64;
        for index in 0..count {
            let duration =
                if flags & DURATION != 0 { fields.u32()? } else { header.defaults.duration };
            let bytes = if flags & SIZE != 0 { fields.u32()? } else { header.defaults.size };
            if bytes == 0 {
                return Err(fields.bad("the size of a sample", 0));
            }
            let sample_flags = match first_flags {
                _ if flags & FLAGS != 0 => fields.u32()?,
                Some(first) if index == 0 => first,
                _ => header.defaults.flags,
            };
            let composition_offset = match (flags & COMPOSITION_OFFSET != 0, version) {
                (false, _) => 0,
                (true, 0) => i64::from(fields.u32()?),
                (true, _) => i64::from(fields.i32()?),
            };
            if composition_offset.unsigned_abs() > i64::from(i32::MAX).unsigned_abs() {
                return Err(fields.bad("a composition offset", composition_offset.unsigned_abs()));
            }
            size += u64::from(bytes);
            samples.push(Sample {
                duration,
                size: bytes,
                key: sample_flags & NON_SYNC == 0,
                composition_offset,
            });
        }
        let (end, most) = (offset.saturating_add(size), self.limits.stream_bytes);
        if end > most {
            return Err(
                Fault::TooMuch { what: "the size of the stream", value: end, most }.at(trun.offset)
            );
        }
        Ok((count > 0).then_some(Run { offset, size, samples }))
    }
}
