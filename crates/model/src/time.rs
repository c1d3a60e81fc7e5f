//! Time as integers: [`Micros`] are instants of a take, [`Span`] is a distance between two of them,
//! [`UtcMicros`] count since 1970.
//!
//! No instant of a take is ever a float; seconds as `f64` exist only at the edge of a `<video>`
//! element.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, Sub};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// An instant: microseconds since a take, or the clip made of it, began. Never negative.
///
/// The monotonic clock beneath a take counts the same way from an origin of its own
/// ([`Clock::monotonic`](crate::Clock::monotonic)).
///
/// The distance of two instants is a [`Span`]. Which of them is the later one is not always known, so
/// there is no operator: [`Self::checked_since`], [`Self::saturating_since`] and [`Self::abs_diff`]
/// say what happens in either case.
///
/// ```compile_fail,E0369
/// # use vignette_model::Micros;
/// let distance = Micros::from_secs(3) - Micros::from_secs(2);
/// ```
///
/// Two instants have no sum:
///
/// ```compile_fail,E0308
/// # use vignette_model::Micros;
/// let sum = Micros::from_secs(3) + Micros::from_secs(2);
/// ```
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
#[derive(utoipa::ToSchema)]
#[schema(
    value_type = u64,
    maximum = 604_800_000_000_u64,
    description = "An instant: microseconds since a take, or the clip made of it, began."
)]
pub struct Micros(pub u64);

impl Micros {
    /// The beginning of a take.
    pub const ZERO: Self = Self(0);

    /// The latest moment that anything in a clip has: a week. In the API's description it is the
    /// maximum of every moment.
    pub const LATEST: Self = Self::from_secs(7 * 24 * 60 * 60);

    /// A whole number of seconds after the beginning.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// A whole number of milliseconds after the beginning.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// `ticks` after the beginning on a clock that ticks `per_second` times a second, rounded down;
    /// `None` if `per_second` is zero or the result does not fit.
    #[must_use]
    pub fn from_ticks(ticks: u64, per_second: u32) -> Option<Self> {
        from_ticks(ticks, per_second).map(Self)
    }

    /// This instant in ticks of a clock that ticks `per_second` times a second, rounded down,
    /// saturating.
    #[must_use]
    pub fn to_ticks(self, per_second: u32) -> u64 {
        to_ticks(self.0, per_second)
    }

    /// How long after the beginning this is.
    #[must_use]
    pub const fn since_start(self) -> Span {
        Span(self.0)
    }

    /// How long after `earlier` this is, or `None` if `earlier` is later.
    #[must_use]
    pub const fn checked_since(self, earlier: Self) -> Option<Span> {
        match self.0.checked_sub(earlier.0) {
            Some(micros) => Some(Span(micros)),
            None => None,
        }
    }

    /// How long after `earlier` this is; no time at all if `earlier` is later.
    #[must_use]
    pub const fn saturating_since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// The distance between two instants, whichever comes first.
    #[must_use]
    pub const fn abs_diff(self, other: Self) -> Span {
        Span(self.0.abs_diff(other.0))
    }

    /// The instant `span` before this one, or `None` if that is before the beginning.
    #[must_use]
    pub const fn checked_sub(self, span: Span) -> Option<Self> {
        match self.0.checked_sub(span.0) {
            Some(micros) => Some(Self(micros)),
            None => None,
        }
    }

    /// The instant `span` before this one, but not before the beginning.
    #[must_use]
    pub const fn saturating_sub(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

/// The instant `span` later; what does not fit is the last instant that does (584,000 years on).
impl Add<Span> for Micros {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Span> for Micros {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

/// `1:23`, or `1:02:03` from an hour on: the way a person reads a moment of a clip.
impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_clock(self.0, f)
    }
}

/// A distance between two instants in microseconds: a duration, a wait, a limit. Never negative.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
#[derive(utoipa::ToSchema)]
#[schema(value_type = u64, maximum = 604_800_000_000_u64)]
pub struct Span(pub u64);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A whole number of seconds.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// A whole number of milliseconds.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// `ticks` of a clock that ticks `per_second` times a second, rounded down; `None` if
    /// `per_second` is zero or the result does not fit.
    #[must_use]
    pub fn from_ticks(ticks: u64, per_second: u32) -> Option<Self> {
        from_ticks(ticks, per_second).map(Self)
    }

    /// This span in ticks of a clock that ticks `per_second` times a second, rounded down,
    /// saturating.
    #[must_use]
    pub fn to_ticks(self, per_second: u32) -> u64 {
        to_ticks(self.0, per_second)
    }

    /// What is left when `other` is taken away, or `None` if `other` is longer.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(micros) => Some(Self(micros)),
            None => None,
        }
    }

    /// What is left when `other` is taken away; nothing if `other` is longer.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// By how much two spans differ.
    #[must_use]
    pub const fn abs_diff(self, other: Self) -> Self {
        Self(self.0.abs_diff(other.0))
    }
}

/// Saturating, like that of an instant and a span.
impl Add for Span {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// Saturating.
impl Mul<u64> for Span {
    type Output = Self;
    fn mul(self, times: u64) -> Self {
        Self(self.0.saturating_mul(times))
    }
}

impl Sum for Span {
    fn sum<I: Iterator<Item = Self>>(spans: I) -> Self {
        spans.fold(Self::ZERO, Add::add)
    }
}

/// Rounded down to whole microseconds, saturating.
impl From<Duration> for Span {
    fn from(span: Duration) -> Self {
        Self(u64::try_from(span.as_micros()).unwrap_or(u64::MAX))
    }
}

impl From<Span> for Duration {
    fn from(span: Span) -> Self {
        Self::from_micros(span.0)
    }
}

/// `1:23`, or `1:02:03` from an hour on, like an instant.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_clock(self.0, f)
    }
}

fn from_ticks(ticks: u64, per_second: u32) -> Option<u64> {
    let per_second = (per_second != 0).then_some(per_second)?;
    u64::try_from(u128::from(ticks) * 1_000_000 / u128::from(per_second)).ok()
}

fn to_ticks(micros: u64, per_second: u32) -> u64 {
    u64::try_from(u128::from(micros) * u128::from(per_second) / 1_000_000).unwrap_or(u64::MAX)
}

fn fmt_clock(micros: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let secs = micros / 1_000_000;
    let (hours, minutes, secs) = (secs / 3600, secs / 60 % 60, secs % 60);
    if hours > 0 {
        write!(f, "{hours}:{minutes:02}:{secs:02}")
    } else {
        write!(f, "{minutes}:{secs:02}")
    }
}

/// Microseconds since 1970-01-01T00:00:00Z: wall time, for rows and for people, never for arithmetic
/// within a take.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
#[derive(utoipa::ToSchema)]
#[schema(value_type = i64)]
pub struct UtcMicros(pub i64);

/// Saturating.
impl Add<Duration> for UtcMicros {
    type Output = Self;
    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }
}

/// So much earlier, saturating. Two wall times have no difference: the clock may have been set between
/// them.
impl Sub<Duration> for UtcMicros {
    type Output = Self;
    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_as_a_person_says_it() {
        for (secs, text) in [(0, "0:00"), (3, "0:03"), (83, "1:23"), (3723, "1:02:03")] {
            assert_eq!(Micros::from_secs(secs).to_string(), text);
        }
    }

    #[test]
    fn ticks_survive_the_largest_values() {
        assert_eq!(Micros::from_ticks(48_000, 48_000), Some(Micros::from_secs(1)));
        assert_eq!(Micros::from_ticks(1, 0), None, "a clock that never ticks has no time");
        assert_eq!(
            Micros::from_ticks(u64::MAX, 1),
            None,
            "an instant that does not fit is refused, not wrapped"
        );
        assert_eq!(Micros(u64::MAX).to_ticks(u32::MAX), u64::MAX);
    }

    /// Any number, but small and largest ones often: there sums overflow and differences vanish.
    fn number() -> impl Strategy<Value = u64> {
        prop_oneof![0..100_u64, any::<u64>(), u64::MAX - 100..=u64::MAX]
    }

    proptest! {
        #[test]
        fn a_distance_leads_back_to_the_instant_that_it_was_taken_from(a in number(), b in number()) {
            let (a, b) = (Micros(a), Micros(b));
            let (earlier, later) = (a.min(b), a.max(b));
            let span = later.checked_since(earlier).unwrap();
            prop_assert_eq!(earlier + span, later);
            prop_assert_eq!(later.checked_sub(span), Some(earlier));
            prop_assert_eq!(later.saturating_sub(span), earlier);
            prop_assert_eq!(later.saturating_since(earlier), span);
            prop_assert_eq!((a.abs_diff(b), b.abs_diff(a)), (span, span));
            if earlier < later {
                prop_assert_eq!(earlier.checked_since(later), None, "time does not run backwards");
                prop_assert_eq!(earlier.saturating_since(later), Span::ZERO);
            }
        }

        #[test]
        fn sums_stop_at_the_last_instant_and_differences_at_the_first(at in number(), by in number()) {
            let (at, by) = (Micros(at), Span(by));
            prop_assert!(at + by >= at, "a sum that does not fit must not wrap");
            match at.checked_sub(by) {
                Some(before) => prop_assert_eq!(before + by, at),
                None => {
                    prop_assert_eq!(at.saturating_sub(by), Micros::ZERO);
                    prop_assert!(by > at.since_start());
                }
            }
        }

        #[test]
        fn spans_add_up_in_any_order(spans in proptest::collection::vec(number(), 0..5), n in 0..5_u64) {
            let mut spans: Vec<Span> = spans.into_iter().map(Span).collect();
            let whole: Span = spans.iter().copied().sum();
            spans.reverse();
            prop_assert_eq!(spans.iter().copied().sum::<Span>(), whole);
            for span in spans {
                prop_assert_eq!(span * n, (0..n).map(|_| span).sum());
                let rest = whole.checked_sub(span);
                prop_assert!(whole == Span(u64::MAX) || rest.is_some_and(|rest| rest + span == whole));
                prop_assert_eq!(Span::from(Duration::from(span)), span);
            }
        }
    }
}
