//! [`Tables`]: the sample tables of one track, collected fragment by fragment. (ISO/IEC 14496-12
//! §8.6 and §8.7)

use crate::moof::{Sample, TrackPart};
use crate::times::last_duration;
use crate::{Fault, FormatError};

/// What stbl says of a track's samples. Times begin at zero with the first sample.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tables {
    /// Decode time of the first sample in the stream.
    pub(crate) first_decode_time: Option<u64>,
    /// Runs of equal durations (stts). The last sample's is what its fragment said, until the next
    /// one begins.
    pub(crate) durations: Vec<(u32, u32)>,
    /// Runs of equal composition offsets (ctts).
    pub(crate) composition_offsets: Vec<(u32, i32)>,
    /// Numbers of the samples that can be decoded alone, from 1 (stss).
    pub(crate) keys: Vec<u32>,
    /// Size of each sample (stsz).
    pub(crate) sizes: Vec<u32>,
    /// Where each run of samples begins in the stream and how many it has (co64, stsc).
    pub(crate) chunks: Vec<(u64, u32)>,
    /// When the first sample to be shown is shown.
    pub(crate) shown_first: u64,
    /// When the last sample to be shown ends, of all but the last one.
    shown_end: u64,
    last: Option<Last>,
}

/// The last sample so far: how long it lasts is known when the next one comes.
#[derive(Clone, Copy, Debug)]
struct Last {
    /// Decode time in the stream.
    decode_time: u64,
    sample: Sample,
}

impl Tables {
    /// Adds a fragment's samples. `offset` is where its moof lies, `id` the track's; both are for
    /// the error alone.
    pub(crate) fn add(
        &mut self,
        part: &TrackPart,
        offset: u64,
        id: u32,
    ) -> Result<(), FormatError> {
        let mut decode_time = part.decode_time;
        for run in &part.runs {
            for &sample in &run.samples {
                if let Some(last) = self.last {
                    let duration = last_duration(last.decode_time, decode_time, id)
                        .map_err(|fault| fault.at(offset))?;
                    self.end(last, duration);
                }
                let first_decode_time = *self.first_decode_time.get_or_insert(decode_time);
                let number = u32::try_from(self.sizes.len() + 1)
                    .map_err(|_| Fault::Overflow { what: "the number of samples" }.at(offset))?;
                self.sizes.push(sample.size);
                if sample.key {
                    self.keys.push(number);
                }
                // Larger ones were refused where they were read.
                extend_run(
                    &mut self.composition_offsets,
                    i32::try_from(sample.composition_offset).unwrap_or(0),
                );
                extend_run(&mut self.durations, sample.duration);
                let shown = (decode_time - first_decode_time)
                    .saturating_add_signed(sample.composition_offset);
                self.shown_first = if number == 1 { shown } else { self.shown_first.min(shown) };
                self.last = Some(Last { decode_time, sample });
                decode_time += u64::from(sample.duration);
            }
            let count = u32::try_from(run.samples.len())
                .map_err(|_| Fault::Overflow { what: "the number of samples" }.at(offset))?;
            self.chunks.push((run.offset, count));
        }
        Ok(())
    }

    /// When the last sample to be shown ends.
    pub(crate) fn shown_end(&self) -> u64 {
        self.last.map_or(0, |last| self.end_of(last, last.sample.duration)).max(self.shown_end)
    }

    /// The sum of all durations.
    pub(crate) fn duration(&self) -> u64 {
        self.durations.iter().map(|&(count, ticks)| u64::from(count) * u64::from(ticks)).sum()
    }

    /// The last sample ends where the next one begins, whatever its fragment said.
    fn end(&mut self, last: Last, duration: u32) {
        if duration != last.sample.duration {
            shorten_run(&mut self.durations);
            extend_run(&mut self.durations, duration);
        }
        self.shown_end = self.shown_end.max(self.end_of(last, duration));
    }

    fn end_of(&self, sample: Last, duration: u32) -> u64 {
        let begin = sample.decode_time - self.first_decode_time.unwrap_or(sample.decode_time);
        begin
            .saturating_add_signed(sample.sample.composition_offset)
            .saturating_add(u64::from(duration))
    }
}

/// Takes the last value from a run-length coded list.
fn shorten_run<T>(runs: &mut Vec<(u32, T)>) {
    match runs.last_mut() {
        Some((count, _)) if *count > 1 => *count -= 1,
        _ => drop(runs.pop()),
    }
}

/// Adds one value to a run-length coded list.
fn extend_run<T: PartialEq>(runs: &mut Vec<(u32, T)>, value: T) {
    match runs.last_mut() {
        Some((count, same)) if *same == value => *count += 1,
        _ => runs.push((1, value)),
    }
}
