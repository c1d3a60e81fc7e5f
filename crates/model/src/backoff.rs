//! [`Backoff`]: how long to wait after failures in a row.

use std::time::Duration;

/// Exponential backoff: the delay doubles with each failure in a row, up to a bound. It has no clock and no memory; whoever
/// retries counts the failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    first: Duration,
    max: Duration,
}

impl Backoff {
    /// Waits `first` after one failure and never longer than `max`.
    #[must_use]
    pub const fn new(first: Duration, max: Duration) -> Self {
        Self { first, max }
    }

    /// The delay after the `failures`-th failure in a row; none after none.
    #[must_use]
    pub fn delay(&self, failures: u32) -> Duration {
        let Some(doublings) = failures.checked_sub(1) else { return Duration::ZERO };
        let delay = 2_u32.checked_pow(doublings).and_then(|factor| self.first.checked_mul(factor));
        delay.map_or(self.max, |delay| delay.min(self.max))
    }

    /// The same delay, of which the second half is random, so that not everybody comes back at once. `jitter` is drawn anew
    /// for each failure. In whole milliseconds, since clocks count microseconds: what is less would never pass.
    #[must_use]
    pub fn jittered_delay(&self, failures: u32, jitter: u16) -> Duration {
        let half = self.delay(failures) / 2;
        let random = half * u32::from(jitter) / u32::from(u16::MAX);
        half + Duration::from_millis(u64::try_from(random.as_millis()).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(60));

    #[test]
    fn delays_double_up_to_their_bound() {
        assert_eq!(BACKOFF.delay(0), Duration::ZERO);
        for (failures, millis) in
            [(1, 500), (2, 1000), (7, 32_000), (8, 60_000), (33, 60_000), (u32::MAX, 60_000)]
        {
            assert_eq!(BACKOFF.delay(failures), Duration::from_millis(millis), "{failures}");
        }
    }

    #[test]
    fn half_of_a_delay_is_random() {
        for (failures, least_ms, most_ms) in
            [(1, 250, 500), (2, 500, 1000), (7, 16_000, 32_000), (8, 30_000, 60_000)]
        {
            assert_eq!(BACKOFF.jittered_delay(failures, 0), Duration::from_millis(least_ms));
            assert_eq!(BACKOFF.jittered_delay(failures, u16::MAX), Duration::from_millis(most_ms));
        }
        assert_eq!(BACKOFF.jittered_delay(0, u16::MAX), Duration::ZERO);
    }
}
