//! [`MonoResampler`]: blocks of sound of any shape to one channel of 16 kHz in [`MonoBlock`]s that
//! follow each other.

use std::slice;

use vignette_model::{Micros, Samples, Span};
use vignette_resample::{Mixer, Resampler};

use crate::speech_model::SAMPLE_RATE_HZ;

/// Blocks whose time stamps are off by less than this follow each other without a gap.
const MAX_JITTER: Span = Span::from_millis(500);
/// Time over which the jitter of time stamps is averaged, so that cues follow a device whose clock
/// drifts.
const JITTER_AVERAGING: Span = Span::from_secs(2);
/// Sample rates that are accepted; other blocks are skipped.
const SUPPORTED_RATES_HZ: std::ops::RangeInclusive<u32> = 4_000..=384_000;

/// Some 16 kHz sound.
#[derive(Debug, PartialEq)]
pub(crate) struct MonoBlock {
    /// Where it begins in the clip.
    pub(crate) at: Micros,
    /// Whether it does not follow what came before: sound is missing between them.
    pub(crate) discontinuous: bool,
    /// The sound.
    pub(crate) sound: Vec<f32>,
}

/// Resamples to one channel of 16 kHz. The time of a sample is that of its block, with the jitter
/// averaged out.
pub(crate) struct MonoResampler {
    mixer: Mixer,
    run: Option<Run>,
}

impl Default for MonoResampler {
    fn default() -> Self {
        Self { mixer: Mixer::new(1), run: None }
    }
}

/// Contiguous sound.
struct Run {
    resampler: Resampler,
    began: Micros,
    /// Input samples so far.
    taken: u64,
    /// 16 kHz samples so far.
    given: u64,
    /// Mean lateness of the blocks against the count of samples, in microseconds.
    late_us: f64,
}

impl MonoResampler {
    /// Takes a block and gives what is ready: nothing, one block, or the end of one and the
    /// beginning of another.
    pub(crate) fn push(&mut self, block: &Samples) -> Vec<MonoBlock> {
        if block.frames() == 0
            || block.channels.count() == 0
            || !SUPPORTED_RATES_HZ.contains(&block.rate_hz)
        {
            return Vec::new();
        }
        let mut mono = Vec::with_capacity(block.frames());
        self.mixer.mix(block, &mut mono);
        let mut ready = Vec::new();
        let mut at = block.at;
        let discontinuous = match &self.run {
            Some(run)
                if run.resampler.from_hz() == block.rate_hz
                    && block.at.abs_diff(run.expects()) <= MAX_JITTER =>
            {
                false
            }
            Some(run) => {
                // Sound before the end of the last block is dropped.
                let twice = run.expects().saturating_since(block.at);
                let twice = usize::try_from(twice.to_ticks(block.rate_hz)).unwrap_or(usize::MAX);
                if twice >= mono.len() {
                    return Vec::new();
                }
                mono.drain(..twice);
                at = block.at.max(run.expects());
                ready.extend(self.flush());
                true
            }
            None => true,
        };
        let run = self.run.get_or_insert_with(|| Run {
            resampler: Resampler::new(block.rate_hz, SAMPLE_RATE_HZ, 1),
            began: at,
            taken: 0,
            given: 0,
            late_us: 0.0,
        });
        ready.push(MonoBlock { discontinuous, ..run.push(at, &mono) });
        ready
    }

    /// Returns the rest and resets.
    pub(crate) fn flush(&mut self) -> Option<MonoBlock> {
        let Run { resampler, began, given, late_us, .. } = self.run.take()?;
        let mut sound = Vec::new();
        resampler.flush(slice::from_mut(&mut sound));
        keep_within(&mut sound);
        Some(MonoBlock {
            at: place(began, given, SAMPLE_RATE_HZ, late_us),
            discontinuous: false,
            sound,
        })
    }
}

impl Run {
    /// When the next block should begin.
    fn expects(&self) -> Micros {
        place(self.began, self.taken, self.resampler.from_hz(), self.late_us)
    }

    #[expect(clippy::cast_precision_loss, reason = "microseconds of at most half a second")]
    fn push(&mut self, at: Micros, mono: &[f32]) -> MonoBlock {
        let counted = place(self.began, self.taken, self.resampler.from_hz(), 0.0);
        let off_us = at.abs_diff(counted).0 as f64;
        let late_us = if at >= counted { off_us } else { -off_us };
        let length_us = mono.len() as f64 * 1e6 / f64::from(self.resampler.from_hz());
        self.late_us += (late_us - self.late_us) * (length_us / JITTER_AVERAGING.0 as f64).min(1.0);
        let mut sound = Vec::new();
        self.resampler.push(mono, slice::from_mut(&mut sound));
        keep_within(&mut sound);
        let at = place(self.began, self.given, SAMPLE_RATE_HZ, self.late_us);
        self.taken += mono.len() as u64;
        self.given += sound.len() as u64;
        MonoBlock { at, discontinuous: false, sound }
    }
}

/// Resampling may overshoot between two samples of full scale.
fn keep_within(sound: &mut [f32]) {
    for sample in sound {
        *sample = sample.clamp(-1.0, 1.0);
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rounded microseconds, positive where it is cast"
)]
fn place(began: Micros, samples: u64, rate_hz: u32, late_us: f64) -> Micros {
    let counted = began + Span::from_ticks(samples, rate_hz).unwrap_or_default();
    let late = Span(late_us.abs().round() as u64);
    if late_us < 0.0 { counted.saturating_sub(late) } else { counted + late }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn block(at: Micros, rate_hz: u32, frames: usize) -> Samples {
        Samples { at, rate_hz, channels: 2.into(), interleaved: vec![0.25; frames * 2] }
    }

    #[test]
    fn blocks_of_any_shape_become_one_line_of_sound() {
        let mut mono = MonoResampler::default();
        let (mut frames, mut sound) = (0_u64, 0);
        for size in [441, 1, 1000, 7, 4410, 300].into_iter().cycle().take(300) {
            let at = Micros::from_ticks(frames, 44_100).unwrap();
            for block in mono.push(&block(at, 44_100, size)) {
                assert_eq!(block.discontinuous, sound == 0 && frames == 0);
                assert!(
                    block.at.abs_diff(Micros::from_ticks(sound, 16_000).unwrap()) < Span(50),
                    "no time is lost"
                );
                sound += block.sound.len() as u64;
            }
            frames += size as u64;
        }
        sound += mono.flush().unwrap().sound.len() as u64;
        assert!(sound.abs_diff(frames * 16_000 / 44_100) <= 1, "{frames} samples became {sound}");
    }

    #[test]
    fn a_gap_begins_anew_at_its_own_time() {
        let mut mono = MonoResampler::default();
        mono.push(&block(Micros::ZERO, 48_000, 48_000));
        let stretches = mono.push(&block(Micros::from_secs(5), 48_000, 480));
        assert_eq!(stretches.iter().map(|s| s.discontinuous).collect::<Vec<_>>(), [false, true]);
        assert_eq!(stretches[1].at, Micros::from_secs(5));
    }

    #[test]
    fn what_was_heard_already_is_not_heard_twice() {
        let mut mono = MonoResampler::default();
        mono.push(&block(Micros::from_secs(10), 48_000, 96_000));
        assert_eq!(mono.push(&block(Micros::from_secs(10), 48_000, 48_000)), []);
        let stretches = mono.push(&block(Micros::from_secs(11), 48_000, 96_000));
        assert_eq!(stretches.last().unwrap().at, Micros::from_secs(12));
    }

    #[test]
    fn jitter_is_averaged_and_a_clock_that_is_off_is_followed() {
        let mut mono = MonoResampler::default();
        let mut last = Micros::ZERO;
        for n in 0..60_000_u64 {
            // 20 ms blocks of a device that runs 0.05 % slow, stamped up to 40 ms late.
            let at = Micros(n * 20_010 + (n * 7919 % 40) * 1000);
            for block in mono.push(&block(at, 48_000, 960)) {
                assert!(!block.discontinuous || n == 0, "jitter is no gap");
                last = block.at;
            }
        }
        let truth = Micros(59_999 * 20_010 + 20_000);
        assert!(
            last.abs_diff(truth) < Span::from_millis(60),
            "after 20 minutes: {last:?} instead of {truth:?}"
        );
    }

    #[test]
    fn what_is_no_sound_is_passed_over() {
        let mut mono = MonoResampler::default();
        for (rate_hz, channels) in [(0, 1), (48_000, 0), (u32::MAX, 1)] {
            assert_eq!(
                mono.push(&Samples {
                    at: Micros::ZERO,
                    rate_hz,
                    channels: channels.into(),
                    interleaved: vec![0.0; 10]
                }),
                []
            );
        }
        let stretches = mono.push(&Samples {
            at: Micros::ZERO,
            rate_hz: 16_000,
            channels: 1.into(),
            interleaved: vec![f32::NAN; 100],
        });
        assert!(stretches[0].sound.iter().all(|s| s.is_finite()));
    }

    proptest! {
        #[test]
        fn it_is_the_same_sound_in_whatever_blocks_it_comes(sizes in prop::collection::vec(1..2000_usize, 1..40), rate_hz in 8_000..96_000_u32) {
            let frames: usize = sizes.iter().sum();
            let wave: Vec<f32> = (0..frames).map(|n| ((n * 37 % 101) as f32 / 101.0) - 0.5).collect();
            let samples = |from: usize, to: usize| Samples {
                at: Micros::from_ticks(from as u64, rate_hz).unwrap(),
                rate_hz,
                channels: 1.into(),
                interleaved: wave[from..to].to_vec(),
            };
            let (mut whole, mut split) = (MonoResampler::default(), MonoResampler::default());
            let mut expected = whole.push(&samples(0, frames));
            expected.extend(whole.flush());
            let mut found = Vec::new();
            let mut from = 0;
            for size in sizes {
                found.extend(split.push(&samples(from, from + size)));
                from += size;
            }
            found.extend(split.flush());
            let sound = |stretches: &[MonoBlock]| stretches.iter().flat_map(|block| block.sound.clone()).collect::<Vec<_>>();
            prop_assert_eq!(sound(&found), sound(&expected));
            prop_assert!(found.iter().skip(1).all(|block| !block.discontinuous));
        }
    }
}
