//! [`FpsLimiter`]: limits the frame rate of a screen. Pictures are evenly spaced while something
//! moves; the first after a rest is taken at once.

use vignette_model::{Micros, Span};

/// Says when the next picture may be taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct FpsLimiter {
    interval: Span,
    next: Micros,
}

impl FpsLimiter {
    /// At most one picture an `interval`; the first at any time.
    pub(super) fn new(interval: Span) -> Self {
        Self { interval, next: Micros::ZERO }
    }

    /// How long to wait at `now` before the next picture.
    pub(super) fn wait(&self, now: Micros) -> Span {
        // Zero once its time has come.
        self.next.saturating_since(now)
    }

    /// A picture was taken at `now`.
    pub(super) fn taken(&mut self, now: Micros) {
        let even = self.next + self.interval;
        // A picture that is a little late does not delay those after it.
        self.next = if now < even { even } else { now + self.interval };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lateness_does_not_add_up_and_rest_is_forgotten() {
        let mut limiter = FpsLimiter::new(Span(100));
        assert_eq!(limiter.wait(Micros(1000)), Span::ZERO, "the first may be taken at once");
        limiter.taken(Micros(1000));
        assert_eq!(limiter.wait(Micros(1030)), Span(70));
        limiter.taken(Micros(1107));
        assert_eq!(
            limiter.wait(Micros(1107)),
            Span(93),
            "the third is due at 1200, late as the second was"
        );
        limiter.taken(Micros(5000));
        assert_eq!(limiter.wait(Micros(5001)), Span(99), "there is no catching up after a rest");
    }
}
