//! Time as integers: [`Micros`] since a take began, [`UtcMicros`] since 1970.
//!
//! No instant of a take is ever a float; seconds as `f64` exist only at the edge of a `<video>` element.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Microseconds since a take began, or a span of them. Never negative; subtraction stops at zero.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
#[derive(utoipa::ToSchema)]
#[schema(value_type = u64, maximum = 604_800_000_000_u64)]
pub struct Micros(pub u64);

impl Micros {
    /// The beginning of a take.
    pub const ZERO: Self = Self(0);

    /// The latest moment that anything in a clip has: a week. In the API's description it is the maximum of every moment.
    pub const LATEST: Self = Self::from_secs(7 * 24 * 60 * 60);

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

    /// `ticks` of a clock that ticks `per_second` times a second, rounded down; `None` if `per_second` is zero or the
    /// result does not fit.
    #[must_use]
    pub fn from_ticks(ticks: u64, per_second: u32) -> Option<Self> {
        let micros =
            u128::from(ticks) * 1_000_000 / u128::from((per_second != 0).then_some(per_second)?);
        u64::try_from(micros).ok().map(Self)
    }

    /// This instant in ticks of a clock that ticks `per_second` times a second, rounded down, saturating.
    #[must_use]
    pub fn to_ticks(self, per_second: u32) -> u64 {
        u64::try_from(u128::from(self.0) * u128::from(per_second) / 1_000_000).unwrap_or(u64::MAX)
    }

    /// The difference to an earlier instant, or `None` if `earlier` is later.
    #[must_use]
    pub const fn checked_sub(self, earlier: Self) -> Option<Self> {
        match self.0.checked_sub(earlier.0) {
            Some(micros) => Some(Self(micros)),
            None => None,
        }
    }

    /// The distance between two instants, whichever comes first.
    #[must_use]
    pub const fn abs_diff(self, other: Self) -> Self {
        Self(self.0.abs_diff(other.0))
    }
}

impl Add for Micros {
    type Output = Self;
    fn add(self, span: Self) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl AddAssign for Micros {
    fn add_assign(&mut self, span: Self) {
        *self = *self + span;
    }
}

impl Sub for Micros {
    type Output = Self;
    fn sub(self, span: Self) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl From<Duration> for Micros {
    fn from(span: Duration) -> Self {
        Self(u64::try_from(span.as_micros()).unwrap_or(u64::MAX))
    }
}

impl From<Micros> for Duration {
    fn from(span: Micros) -> Self {
        Self::from_micros(span.0)
    }
}

/// `1:23`, or `1:02:03` from an hour on: the way a person reads a moment of a clip.
impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secs = self.0 / 1_000_000;
        let (hours, minutes, secs) = (secs / 3600, secs / 60 % 60, secs % 60);
        if hours > 0 {
            write!(f, "{hours}:{minutes:02}:{secs:02}")
        } else {
            write!(f, "{minutes}:{secs:02}")
        }
    }
}

/// Microseconds since 1970-01-01T00:00:00Z: wall time, for rows and for people, never for arithmetic within a take.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
#[derive(utoipa::ToSchema)]
#[schema(value_type = i64)]
pub struct UtcMicros(pub i64);

impl Add<Duration> for UtcMicros {
    type Output = Self;
    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for UtcMicros {
    type Output = Self;
    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }
}

#[cfg(test)]
mod tests {
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
}
