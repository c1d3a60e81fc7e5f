//! [`Retry`]: failures in a row of one kind of request, and how long to wait before the next try.

use std::time::Duration;

use vignette_model::Micros;

use crate::policy::BACKOFF;

/// Failures in a row of one kind of request. Memory only.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Retry {
    failures: u32,
    failed_at: Micros,
    jitter: u16,
}

impl Retry {
    /// Another one failed at `now`. `jitter` is random, so that many recorders do not all come back
    /// at once.
    pub(crate) fn failed(&mut self, now: Micros, jitter: u16) {
        *self = Self { failures: self.failures.saturating_add(1), failed_at: now, jitter };
    }

    /// Counts at least so many failures from now on.
    pub(crate) fn at_least(&mut self, failures: u32) {
        self.failures = self.failures.max(failures);
    }

    /// How many failed in a row.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }

    /// What is left of the pause after the last failure; zero if nothing failed.
    pub(crate) fn pause(&self, now: Micros) -> Duration {
        let pause = BACKOFF.jittered_delay(self.failures, self.jitter);
        pause.saturating_sub(now.saturating_since(self.failed_at).into())
    }
}

/// Randomness for one pause.
pub(crate) fn jitter() -> u16 {
    let mut bytes = [0; 2];
    // Without randomness all recorders come back at once, which is better than that one does not.
    let _ = getrandom::fill(&mut bytes);
    u16::from_ne_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use vignette_model::Span;

    use super::*;

    #[test]
    fn a_pause_begins_with_each_failure_and_passes() {
        let (mut retry, second) = (Retry::default(), Micros::from_secs(1));
        assert_eq!(retry.pause(second), Duration::ZERO);
        retry.failed(second, u16::MAX);
        assert_eq!(retry.pause(second), Duration::from_millis(500));
        assert_eq!(retry.pause(second + Span(200_000)), Duration::from_millis(300));
        assert_eq!(retry.pause(Micros::from_secs(2)), Duration::ZERO);
        retry.failed(second, u16::MAX);
        assert_eq!(retry.pause(second), Duration::from_secs(1));
        retry.at_least(1);
        assert_eq!(retry.failures(), 2, "the count only rises");
    }
}
