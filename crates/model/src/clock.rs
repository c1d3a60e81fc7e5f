//! The only place that reads a clock; everything else is handed a [`Clock`].

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::{Micros, Span, UtcMicros};

/// A source of time. `monotonic` never goes back and knows no date; `utc` is wall time and may jump.
pub trait Clock: Send + Sync + 'static {
    /// The instant on a clock whose zero means nothing by itself.
    fn monotonic(&self) -> Micros;
    /// Microseconds since 1970 by the wall.
    fn utc(&self) -> UtcMicros;
}

/// The machine's clocks.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    origin: Instant,
}

impl SystemClock {
    /// A clock whose monotonic origin is now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    pub fn new() -> Self {
        Self { origin: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn monotonic(&self) -> Micros {
        Micros::ZERO + Span::from(self.origin.elapsed())
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn utc(&self) -> UtcMicros {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UtcMicros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// A clock that stands still until it is told to move.
#[derive(Debug, Default)]
pub struct SimulatedClock {
    monotonic: AtomicU64,
    utc: AtomicI64,
}

impl SimulatedClock {
    /// A clock at monotonic zero, and `utc` on the wall.
    #[must_use]
    pub fn at(utc: UtcMicros) -> Self {
        Self { monotonic: AtomicU64::new(0), utc: AtomicI64::new(utc.0) }
    }

    /// Moves both clocks on by `span`.
    pub fn advance(&self, span: Span) {
        self.monotonic.fetch_add(span.0, Ordering::SeqCst);
        self.utc.fetch_add(i64::try_from(span.0).unwrap_or(i64::MAX), Ordering::SeqCst);
    }

    /// Sets the wall clock alone, as a person or a time server does.
    #[cfg(test)]
    fn set_utc(&self, utc: UtcMicros) {
        self.utc.store(utc.0, Ordering::SeqCst);
    }
}

impl Clock for SimulatedClock {
    fn monotonic(&self) -> Micros {
        Micros(self.monotonic.load(Ordering::SeqCst))
    }

    fn utc(&self) -> UtcMicros {
        UtcMicros(self.utc.load(Ordering::SeqCst))
    }
}

/// The one clock of a take: zero is the instant the take began. Every source stamps its frames with
/// it. It runs on through pauses; the recorder takes paused spans out of all sources alike.
#[derive(Clone)]
pub struct TakeClock {
    clock: Arc<dyn Clock>,
    began: Micros,
}

impl TakeClock {
    /// Begins a take now.
    #[must_use]
    pub fn begin(clock: Arc<dyn Clock>) -> Self {
        Self { began: clock.monotonic(), clock }
    }

    /// Now, counted from the take's beginning, pauses included.
    #[must_use]
    pub fn now(&self) -> Micros {
        // The clock never goes back, so that there is nothing to saturate.
        Micros::ZERO + self.clock.monotonic().saturating_since(self.began)
    }

    /// The clock beneath, for wall time.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_take_does_not_notice_the_wall_clock() {
        let clock = Arc::new(SimulatedClock::at(UtcMicros(1_000_000)));
        let take = TakeClock::begin(clock.clone());
        clock.advance(Span::from_secs(2));
        clock.set_utc(UtcMicros(0));
        assert_eq!(
            take.now(),
            Micros::from_secs(2),
            "setting the wall clock must not move a take's time"
        );
    }
}
