//! A [`Date`]: wall time as pages show it, in UTC. The page's script shows the viewer's time zone.

use jiff::Timestamp;
use vignette_model::UtcMicros;

/// Wall time, formatted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Date {
    /// `7 November 2026`.
    pub text: String,
    /// `09:05 UTC`.
    pub time: String,
    /// `2026-11-07T09:05:03Z` (RFC 3339).
    pub rfc3339: String,
}

impl From<UtcMicros> for Date {
    fn from(at: UtcMicros) -> Self {
        // Fails before the year -9999 and after the year 9999, where the nearest instant is shown.
        let nearest = if at.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
        let at = Timestamp::from_microsecond(at.0).unwrap_or(nearest);
        let format = |format| at.strftime(format).to_string();
        Self {
            text: format("%-d %B %Y"),
            time: format("%H:%M UTC"),
            rfc3339: format("%Y-%m-%dT%H:%M:%SZ"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_right_on_both_sides_of_leap_days() {
        for (secs, date) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (1_709_251_200, "2024-03-01T00:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(Date::from(UtcMicros(secs * 1_000_000)).rfc3339, date);
        }
        let date = Date::from(UtcMicros(1_794_042_303_000_000));
        assert_eq!((date.text.as_str(), date.time.as_str()), ("7 November 2026", "09:05 UTC"));
        assert_eq!(
            Date::from(UtcMicros(i64::MAX)).rfc3339,
            "9999-12-30T22:00:00Z",
            "the last instant there is"
        );
    }
}
