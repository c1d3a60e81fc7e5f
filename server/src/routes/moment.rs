//! A moment of a clip, as people write it in forms and links.

use vignette_model::Micros;

/// `3`, `0:03` or `1:02:03`.
#[must_use]
pub(crate) fn by_clock(text: &str) -> Option<Micros> {
    let parts: Vec<&str> = text.split(':').collect();
    let plain =
        |part: &&str| (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    if parts.len() > 3 || !parts.iter().all(plain) {
        return None;
    }
    let secs =
        parts.iter().try_fold(0, |secs: u64, part| Some(secs * 60 + part.parse::<u64>().ok()?))?;
    Some(Micros::from_secs(secs))
}

/// `1h2m3s`, or any part of it.
fn by_units(text: &str) -> Option<Micros> {
    let (mut rest, mut secs) = (text, 0);
    for (unit, factor) in [('h', 3600), ('m', 60), ('s', 1)] {
        let Some((number, after)) = rest.split_once(unit) else { continue };
        let plain = (1..=6).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
        secs += if plain { number.parse::<u64>().ok()? * factor } else { return None };
        rest = after;
    }
    (rest.is_empty() && !text.is_empty()).then(|| Micros::from_secs(secs))
}

/// `t` of a link: seconds, perhaps with a fraction; a clock, as the page writes it; or units.
#[must_use]
pub(crate) fn of_link(text: &str) -> Option<Micros> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit());
    if !whole.is_empty() && digits(whole) && digits(fraction) {
        return Some(Micros::from_secs(whole.parse().ok()?));
    }
    by_clock(text).or_else(|| by_units(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_as_people_write_them() {
        for (text, secs) in [
            ("3", Some(3)),
            ("0:03", Some(3)),
            ("1:02:03", Some(3723)),
            ("90", Some(90)),
            ("12:5", Some(725)),
        ] {
            assert_eq!(by_clock(text), secs.map(Micros::from_secs), "{text}");
        }
        for text in ["", ":", "1:", "-1", "1:2:3:4", "0:3.5", "12345", "٣"] {
            assert_eq!(by_clock(text), None, "{text}");
        }
    }

    #[test]
    fn moments_in_links() {
        for (text, secs) in [
            ("92", Some(92)),
            ("83.2", Some(83)),
            ("1:32", Some(92)),
            ("1:02:03", Some(3723)),
            ("1m32s", Some(92)),
            ("2h", Some(7200)),
            ("1h05s", Some(3605)),
            ("", None),
            (".", None),
            ("-1", None),
            ("s", None),
            ("5s1m", None),
            ("soon", None),
            ("99999999999", None),
        ] {
            assert_eq!(of_link(text), secs.map(Micros::from_secs), "{text}");
        }
    }
}
