//! A [`Date`]: wall time as pages show it, in UTC. The page's script shows the viewer's time zone.

use vignette_model::UtcMicros;

const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

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
        let secs = at.0.div_euclid(1_000_000);
        let (days, of_day) = (secs.div_euclid(86_400), secs.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        let name = usize::try_from(month - 1).ok().and_then(|m| MONTHS.get(m)).copied().unwrap_or_default();
        let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
        Self {
            text: format!("{day} {name} {year}"),
            time: format!("{hour:02}:{minute:02} UTC"),
            rfc3339: format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"),
        }
    }
}

/// Year, month and day of a day counted from 1970-01-01, in the Gregorian calendar. Years begin in March here, so that the
/// leap day comes last: 153 days are five months, 146 097 days are 400 years.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, of_year - (153 * shifted + 2) / 5 + 1)
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
        assert_eq!(Date::from(UtcMicros(1_794_042_303_000_000)).text, "7 November 2026");
    }
}
