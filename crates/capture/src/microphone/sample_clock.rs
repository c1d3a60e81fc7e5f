//! [`SampleClock`]: derives the capture time of samples from the steady rate of the sound card and
//! the jittery arrival of its blocks.
//!
//! A block may arrive some milliseconds late, but never before its last sample was captured. So the
//! block of the last second with the least delay against the sample count determines when the count
//! began, and the times of all other blocks follow from that. A second is short enough for the
//! clock of a card to drift by less than 0.1 ms, and long enough to contain a punctual block.
//!
//! A sound server reports when the count began. Then the earliest report of the last second is used
//! instead.

use std::collections::VecDeque;

use vignette_model::{Micros, Span};

/// How long blocks and reports are kept.
const WINDOW: Span = Span::from_secs(1);
/// A block with more delay than this is not late: samples are missing before it. Smaller gaps are
/// only known if the driver reports them.
const GAP_US: i64 = 300_000;

/// A report of the driver.
#[derive(Clone, Copy, Debug)]
struct Told {
    /// When it was reported.
    at: Micros,
    /// When the count began, in microseconds.
    origin_us: i64,
    /// How long before it is played the sound of a monitor arrives, in microseconds.
    ahead_us: i64,
}

/// The capture times of the samples of one stream.
#[derive(Debug)]
pub(super) struct SampleClock {
    rate_hz: u32,
    /// Samples per channel before the next block.
    count: u64,
    /// Recent blocks: when they arrived, and the beginning of the count that follows from it, in
    /// microseconds.
    origins: VecDeque<(Micros, i64)>,
    /// Recent reports of the driver; the last one is kept whatever its age.
    told: VecDeque<Told>,
}

impl SampleClock {
    pub(super) fn new(rate_hz: u32) -> Self {
        Self { rate_hz, count: 0, origins: VecDeque::new(), told: VecDeque::new() }
    }

    /// The duration of so many samples, in microseconds.
    pub(super) fn ticks(&self, count: u64) -> i64 {
        Span::from_ticks(count, self.rate_hz).map_or(0, |span| signed(span.0))
    }

    /// Samples are missing before the next block, so earlier blocks and reports are discarded.
    pub(super) fn missed(&mut self) {
        self.origins.clear();
        self.told.clear();
    }

    /// Takes a report at `now`: when the count began, and how long before it is played sound
    /// arrives, both in microseconds.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only sound servers tell"))]
    pub(super) fn told(&mut self, now: Micros, origin_us: i64, ahead_us: i64) {
        // Here and below `now` is no earlier than the entries: the clock never goes back.
        while self.told.front().is_some_and(|told| now.saturating_since(told.at) > WINDOW) {
            self.told.pop_front();
        }
        self.told.push_back(Told { at: now, origin_us, ahead_us });
    }

    /// Whether there was a report in the last second.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only sound servers tell"))]
    pub(super) fn was_told(&self, now: Micros) -> bool {
        self.told.back().is_some_and(|told| now.saturating_since(told.at) <= WINDOW)
    }

    /// Whether there was any report.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only sound servers tell"))]
    pub(super) fn is_told(&self) -> bool {
        !self.told.is_empty()
    }

    /// The beginning of the count by the recent reports. A report that was delayed places it too
    /// late, as a late block does, so it is bounded by `soonest`, the beginning by the blocks,
    /// which precedes what is played by no more than the driver reports.
    fn origin_told(&self, soonest: i64) -> Option<i64> {
        let earliest = self.told.iter().map(|told| told.origin_us).min()?;
        let ahead = self.told.iter().map(|told| told.ahead_us).max().unwrap_or_default();
        Some(earliest.min(soonest.saturating_add(ahead)))
    }

    /// The capture time of the first sample of a block of `frames` samples per channel that arrived
    /// at `now`. `age` is how long ago that was by the driver, if that is plausible.
    pub(super) fn stamp(&mut self, now: Micros, frames: usize, age: Option<Span>) -> Micros {
        let end = self.count + frames as u64;
        let length = self.ticks(end) - self.ticks(self.count);
        let start = signed(now.0) - age.map_or(length, |age| signed(age.0).max(length));
        let origin = start - self.ticks(self.count);
        let known = self.origins.iter().map(|(_, origin)| *origin).min();
        if known.is_some_and(|known| origin - known > GAP_US) {
            self.origins.clear();
        }
        while self.origins.front().is_some_and(|(came, _)| now.saturating_since(*came) > WINDOW) {
            self.origins.pop_front();
        }
        self.origins.push_back((now, origin));
        let soonest = self.origins.iter().map(|(_, origin)| *origin).min().unwrap_or(origin);
        let at = self.origin_told(soonest).unwrap_or(soonest) + self.ticks(self.count);
        self.count = end;
        Micros(u64::try_from(at).unwrap_or_default())
    }
}

fn signed(micros: u64) -> i64 {
    i64::try_from(micros).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: usize = 960;
    const MS: u64 = 1_000;

    /// Blocks of 20 ms from `began` on, from a card whose rate is off by `ppm`, that arrive with
    /// jitter: the error of each time stamp. If `told`, the driver reports losses.
    fn errors(ppm: i64, blocks: u64, lost: impl Fn(u64) -> u64, told: bool) -> Vec<i64> {
        let mut sample_clock = SampleClock::new(48_000);
        let mut random = 5u32;
        let began = 700 * MS;
        let mut missing = 0;
        let mut last_arrival = 0;
        (0..blocks)
            .map(|n| {
                missing += lost(n);
                if told && lost(n) > 0 {
                    sample_clock.missed();
                }
                let ideal = |n: u64| began + missing + n * 20 * MS;
                let drift =
                    |at: u64| at.saturating_add_signed((at - began) as i64 * ppm / 1_000_000);
                random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                // Mostly a few milliseconds late, sometimes 50; later blocks do not overtake.
                let jitter = u64::from(random >> 20) * if n % 37 == 0 { 12 } else { 2 };
                last_arrival = (drift(ideal(n + 1)) + jitter).max(last_arrival);
                signed(sample_clock.stamp(Micros(last_arrival), BLOCK, None).0)
                    - drift(ideal(n)) as i64
            })
            .collect()
    }

    #[test]
    fn jitter_is_taken_out() {
        let late =
            |errors: &[i64]| errors.iter().map(|error| error.abs()).max().unwrap_or_default();
        for ppm in [0, 100, -100] {
            let errors = errors(ppm, 5_000, |_| 0, false);
            assert!(
                late(&errors[50..]) < 1_500,
                "within 1.5 ms at {ppm} ppm, not {} µs",
                late(&errors[50..])
            );
        }
    }

    #[test]
    fn missing_sound_is_noticed() {
        for lost_ms in [60, 400, 5_000] {
            let errors = errors(0, 400, |n| if n == 200 { lost_ms * MS } else { 0 }, false);
            let after = errors[260..].iter().map(|error| error.abs()).max().unwrap_or_default();
            assert!(
                after < 1_500,
                "a second after {lost_ms} ms were lost the times are true again, not {after} µs off"
            );
        }
    }

    #[test]
    fn missing_sound_that_the_driver_tells_of_moves_nothing() {
        for lost_ms in [60, 150, 290, 5_000] {
            let errors = errors(0, 400, |n| if n == 200 { lost_ms * MS } else { 0 }, true);
            // Only the first block after the gap is known, with its jitter.
            let after = errors[200..].iter().map(|error| error.abs()).max().unwrap_or_default();
            assert!(
                after < 10_000,
                "from the first block on, though {lost_ms} ms were lost, not {after} µs off"
            );
        }
    }

    #[test]
    fn what_a_server_tells_counts_more_than_when_sound_comes() {
        let mut sample_clock = SampleClock::new(48_000);
        for n in 1..200_u64 {
            // A monitor: what arrives now is played in 50 ms. Two reports in three are delayed.
            let now = Micros(n * 20 * MS);
            let old = (n % 3 * 7 * MS) as i64;
            sample_clock.told(now, 50 * MS as i64 + old, 50 * MS as i64);
            assert!(sample_clock.was_told(now));
            let at = sample_clock.stamp(now + Span(n % 7 * MS), BLOCK, None);
            if n > 3 {
                assert_eq!(at, Micros((n - 1) * 20 * MS + 50 * MS), "block {n}");
            }
        }
        assert!(!sample_clock.was_told(Micros::from_secs(6)));
        let late = sample_clock.stamp(Micros::from_secs(7), BLOCK, None);
        assert_eq!(
            late,
            Micros(199 * 20 * MS + 50 * MS),
            "the last that was told counts until there is better"
        );
        sample_clock.told(Micros::from_secs(8), i64::MAX, 0);
        let bound = sample_clock.stamp(Micros::from_secs(8), BLOCK, None);
        assert_eq!(
            bound,
            Micros::from_secs(8).saturating_sub(Span(20 * MS)),
            "sound that is not played was captured before it came"
        );
        sample_clock.missed();
        let at = sample_clock.stamp(Micros::from_secs(9), BLOCK, None);
        assert_eq!(
            at,
            Micros::from_secs(9).saturating_sub(Span(20 * MS)),
            "after a gap it is not known any more"
        );
    }

    #[test]
    fn a_driver_that_knows_is_believed_and_one_that_cannot_be_is_not() {
        let now = Micros::from_secs(5);
        for (age_ms, expected_ms) in [(None, 20), (Some(0), 20), (Some(45), 45)] {
            let at = SampleClock::new(48_000).stamp(now, BLOCK, age_ms.map(Span::from_millis));
            assert_eq!(
                now.checked_since(at),
                Some(Span::from_millis(expected_ms)),
                "the driver said {age_ms:?} ms"
            );
        }
        assert_eq!(
            SampleClock::new(48_000).stamp(Micros(3), BLOCK, None),
            Micros::ZERO,
            "captured before the take began"
        );
    }
}
