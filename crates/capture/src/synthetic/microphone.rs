//! The synthetic microphone: something like a voice, and a beep on the second.

use std::f32::consts::TAU;

use crossbeam_channel::Sender;
use vignette_model::{Captured, Channels, Samples, TakeClock};

use super::{FLASH, latest, time_of, wait_until};
use crate::source::{CaptureOutput, RunningSource, Source};
use crate::{CaptureError, SourceKind, StartOptions};

const RATE_HZ: u32 = 48_000;
/// Blocks of 20 ms.
const BLOCKS_PER_SECOND: u32 = 50;
/// Blocks later than this are left out.
const LATE_BLOCKS: u64 = 100;

/// A microphone of 48 kHz mono in blocks of 20 ms: a soft, murmuring 120 Hz voice of four syllables
/// a second, and on every full second 100 ms of 1 kHz at half scale, whose first sample lies on the
/// second.
#[derive(Clone, Copy, Debug, Default)]
pub struct Microphone;

impl Source for Microphone {
    fn describe(&self) -> String {
        "Synthetic microphone".to_owned()
    }

    fn start(
        self: Box<Self>,
        _options: &StartOptions,
        clock: TakeClock,
        out: Sender<Captured>,
    ) -> Result<RunningSource, CaptureError> {
        give(RATE_HZ, sample, clock, out)
    }
}

/// Gives blocks of 20 ms at `rate_hz`, made of what `sample` says of each sample of the take.
pub(super) fn give(
    rate_hz: u32,
    sample: impl Fn(u64) -> f32 + Send + 'static,
    clock: TakeClock,
    out: Sender<Captured>,
) -> Result<RunningSource, CaptureError> {
    let block = u64::from(rate_hz / BLOCKS_PER_SECOND);
    RunningSource::spawn(SourceKind::Microphone, move |stop| {
        let output = CaptureOutput::new(out, stop.clone());
        let mut number = latest(clock.now(), BLOCKS_PER_SECOND);
        // A block is captured once its last sample is.
        while !wait_until(time_of(number + 1, BLOCKS_PER_SECOND), &clock, &stop) {
            // After the computer slept there is a gap, as there is with a real one.
            number = number.max(latest(clock.now(), BLOCKS_PER_SECOND).saturating_sub(LATE_BLOCKS));
            let first = number * block;
            let interleaved = (first..first + block).map(&sample).collect();
            let samples = Samples {
                at: time_of(number, BLOCKS_PER_SECOND),
                rate_hz,
                channels: Channels::MONO,
                interleaved,
            };
            if output.send(Captured::Samples(samples)).is_err() {
                return;
            }
            number += 1;
        }
    })
}

/// The `index`th sample of the take.
fn sample(index: u64) -> f32 {
    #[expect(clippy::cast_possible_truncation, reason = "less than 48 000")]
    let in_second = (index % u64::from(RATE_HZ)) as u32;
    let seconds = in_second as f32 / RATE_HZ as f32;
    if u64::from(in_second) < FLASH.to_ticks(RATE_HZ) {
        return 0.5 * (TAU * 1000.0 * seconds).sin();
    }
    // Whole numbers of waves in a second, so that it goes on smoothly from one to the next.
    let syllable = (TAU * 2.0 * seconds).sin().powi(2);
    let voice: f32 = [(120.0, 0.5), (240.0, 0.3), (480.0, 0.25), (720.0, 0.15), (1200.0, 0.08)]
        .iter()
        .map(|(hertz, amount)| amount * (TAU * hertz * seconds).sin())
        .sum();
    0.08 * syllable * voice
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beep_begins_on_the_second_and_ends_after_100_ms() {
        let loudest = |from: u64, to: u64| (from..to).map(|n| sample(n).abs()).fold(0.0, f32::max);
        for second in [0, 1, 3600] {
            let first = second * u64::from(RATE_HZ);
            assert!(
                loudest(first, first + 48) > 0.45,
                "one wave of the beep lies in its first millisecond"
            );
            assert!(loudest(first + 4752, first + 4800) > 0.45, "and one in its last");
            assert!(loudest(first + 4800, first + 48_000) < 0.1, "the voice is much softer");
        }
    }
}
