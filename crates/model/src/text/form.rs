//! The normal form of text: nothing in it that acts on a page without being seen.
//!
//! Control characters, bidirectional overrides (Trojan Source), tags and fillers are taken out; what writing systems and emoji
//! need of invisible characters stays where it has an effect. [`name_key`] goes further: names and logins with one key are one.

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup};
use icu_properties::{CodePointMapData, CodePointSetData};
use unicode_security::skeleton;

/// Invisible characters that names need too: joiners (Persian, Indic scripts, emoji) and variation selectors of emoji.
const IN_NAMES: [char; 4] = ['\u{200c}', '\u{200d}', '\u{fe0e}', '\u{fe0f}'];
/// Those that longer text may need besides: directional marks, which turn nothing around, and places where a line may or may
/// not be broken.
const IN_TEXT: [char; 6] = ['\u{200e}', '\u{200f}', '\u{061c}', '\u{200b}', '\u{00ad}', '\u{2060}'];
/// How many of them may follow one visible character: an emoji takes a selector and a joiner.
const MOST_IN_A_ROW: usize = 2;

/// What a kind of text may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextForm {
    /// One line that stands for somebody.
    Name,
    /// One line.
    Line,
    /// Lines and tabs.
    Lines,
}

/// Whether a character leaves no mark on a page: default-ignorable code points (UAX #44), among them all bidirectional
/// controls, and interlinear annotations.
fn unseen(c: char) -> bool {
    // The first of them is the soft hyphen.
    c >= '\u{ad}'
        && (CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
            || matches!(c, '\u{fff9}'..='\u{fffb}'))
}

/// Whether a character is a space, be it the braille pattern without dots.
fn blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{2800}'
}

/// Whether a character can be seen by itself; a combining mark needs another one.
fn seen(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_graphic();
    }
    let mark =
        GeneralCategoryGroup::Mark.contains(CodePointMapData::<GeneralCategory>::new().get(c));
    !(mark || blank(c) || unseen(c) || c.is_control())
}

/// `text` in its normal form, without space around it; empty if nothing in it can be seen.
pub(super) fn normal(text: &str, shape: TextForm) -> String {
    let lines = shape == TextForm::Lines;
    let may_stay = |c| IN_NAMES.contains(&c) || (shape != TextForm::Name && IN_TEXT.contains(&c));
    let (mut clean, mut room, mut any_seen) = (String::with_capacity(text.len()), 0, false);
    for c in text.replace("\r\n", "\n").chars() {
        let c = match c {
            '\n' | '\u{2028}' | '\u{2029}' => {
                if lines {
                    '\n'
                } else {
                    ' '
                }
            }
            '\t' if !lines => ' ',
            other => other,
        };
        if unseen(c) {
            if room > 0 && may_stay(c) {
                room -= 1;
                clean.push(c);
            }
        } else if !c.is_control() || matches!(c, '\n' | '\t') {
            room = if blank(c) { 0 } else { MOST_IN_A_ROW };
            any_seen = any_seen || seen(c);
            clean.push(c);
        }
    }
    if any_seen { clean.trim().to_owned() } else { String::new() }
}

/// A name as it is compared: two names that look alike but for capitals, width, spaces or what cannot be seen have one key
/// (NFKC of the folded case, without default-ignorable code points). Empty if nothing in the name can be seen.
///
/// It is stored as a [`Login`](super::Login), so that a change of what it gives needs new logins in the rows.
pub(super) fn name_key(name: &str) -> String {
    let composed = ComposingNormalizerBorrowed::new_nfkc();
    // What Unicode folds by a table of its own (ß and ss, final sigma) meets in capitals.
    let folded = composed.normalize(name).to_uppercase().to_lowercase();
    let visible: String = composed
        .normalize(&folded)
        .chars()
        .filter(|c| !unseen(*c) && !c.is_control() || blank(*c))
        .collect();
    if !visible.chars().any(seen) {
        return String::new();
    }
    visible.split(blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What a name looks like to a reader, as it is compared, as it is written, in small letters and in capitals: at most
/// four texts, by the skeletons of UTS #39, which are one for characters that are taken for each other, of whatever
/// script. Two names that share a look are taken for one name: `Аnn` with a Cyrillic `А` for `Ann`, `aIice` with a capital `I` for `Alice`.
///
/// Looks are compared and never shown; one that is stored is made anew when this gives another.
#[must_use]
pub fn name_looks(name: &str) -> Vec<String> {
    let composed = ComposingNormalizerBorrowed::new_nfkc().normalize(name).into_owned();
    let visible: String = composed.chars().filter(|c| !unseen(*c)).collect();
    let cases = [visible.to_lowercase(), visible.to_uppercase(), visible];
    let mut looks: Vec<_> =
        cases.iter().map(|name| name_key(&skeleton(name).collect::<String>())).collect();
    looks.push(name_key(name));
    looks.sort_unstable();
    looks.dedup();
    looks.retain(|look| !look.is_empty());
    looks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_no_text() {
        for nothing in [
            "",
            " \t\u{3000}",
            "\u{200b}",
            "\u{202e}",
            "\u{2066}",
            "\u{feff}",
            "\u{ad}",
            "\u{3164}",
            "\u{e0041}",
            "\u{2800}",
            "\u{115f}\u{1160}",
            "\u{ffa0}",
            "\u{180e}",
            "\u{301}",
            "\u{fe0f}",
            "\u{200d}\u{200d}",
            "\u{fff9}",
            "\u{0}\u{7f}",
        ] {
            for shape in [TextForm::Name, TextForm::Line, TextForm::Lines] {
                assert_eq!(normal(nothing, shape), "", "{} as {shape:?}", nothing.escape_unicode());
            }
            assert_eq!(name_key(nothing), "", "{}", nothing.escape_unicode());
        }
    }

    #[test]
    fn text_is_not_turned_around() {
        for control in
            "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}".chars()
        {
            for shape in [TextForm::Name, TextForm::Line, TextForm::Lines] {
                assert_eq!(
                    normal(&format!("cod{control}gpj.exe"), shape),
                    "codgpj.exe",
                    "{}",
                    control.escape_unicode()
                );
            }
        }
    }

    #[test]
    fn what_writing_needs_stays() {
        for name in [
            "علی‌رضا",
            "क्‍ष",
            "👩🏽‍💻",
            "Anna ❤️",
            "👁️‍🗨️",
            "José",
            "Jose\u{301}",
            "שרה",
            "李",
            "O’Neil",
            "🏳️‍🌈",
        ] {
            assert_eq!(normal(name, TextForm::Name), name);
        }
        assert_eq!(
            normal("C++\u{200f} שלום", TextForm::Line),
            "C++\u{200f} שלום",
            "marks of direction are for prose"
        );
        assert_eq!(
            normal("A\u{200f}n\u{200b}n\u{ad}a", TextForm::Name),
            "Anna",
            "and not for names"
        );
        let padded = format!("a{}b", "\u{200d}".repeat(500));
        assert_eq!(normal(&padded, TextForm::Name).chars().count(), 2 + MOST_IN_A_ROW);
        assert_eq!(normal("one\r\ntwo\u{2028}\tthree", TextForm::Lines), "one\ntwo\n\tthree");
        assert_eq!(normal("one\r\ntwo\u{2028}\tthree", TextForm::Line), "one two  three");
    }

    #[test]
    fn names_that_look_alike_have_one_key() {
        for (alike, key) in [
            (
                &[
                    "Anna",
                    "anna ",
                    "ANNA",
                    "Ａｎｎａ",
                    "An\u{200b}na",
                    "An\u{200d}na",
                    "\u{202e}anna",
                    "𝐀nna",
                    "An\u{fe0f}na",
                ][..],
                "anna",
            ),
            (
                &[
                    "Anna Lee",
                    "anna\u{a0}lee",
                    "Anna  Lee",
                    "Anna\u{3000}Lee",
                    "Anna\u{2800}Lee",
                    "Anna\u{2009} Lee",
                ],
                "anna lee",
            ),
            (&["Straße", "STRASSE", "strasse"], "strasse"),
            (&["José", "Jose\u{301}", "JOSÉ"], "josé"),
            (&["Νίκος", "ΝΊΚΟΣ", "νίκοσ"], "νίκος"),
            (&["ﬁona", "Fiona"], "fiona"),
        ] {
            for name in alike {
                assert_eq!(name_key(name), key, "{}", name.escape_unicode());
            }
        }
        assert_ne!(name_key("Anna"), name_key("Änna"), "other letters are another name");
    }

    #[test]
    fn names_that_are_taken_for_each_other_share_a_look() {
        let alike = |one: &str, other: &str| {
            let looks = name_looks(other);
            name_looks(one).iter().any(|look| looks.contains(look))
        };
        for (member, guests) in [
            ("Ann", &["Аnn", "АNN", "аnn", "\u{200b}Аnn ", "Ａｎｎ", "Ann"][..]),
            ("Sam", &["ЅАМ", "Ѕаm", "ѕam", "Sаrn"]),
            ("Steve", &["Steνe", "ЅTEVE", "Stеvе"]),
            ("Alice", &["aIice", "A1ice", "Αlice", "ALIСE"]),
            ("Chris Cope", &["СНRІЅ СОРЕ", "Chris\u{a0}Соре"]),
            ("Ольга", &["Oльгa", "ОЛЬГА"]),
            ("José", &["Jоsé", "Jose\u{301}"]),
        ] {
            for guest in guests {
                assert!(alike(guest, member), "{} beside {member}", guest.escape_unicode());
            }
        }
        for (one, other) in [
            ("Ann", "Anna"),
            ("José", "Jose"),
            ("Анна", "Anna"),
            ("李", "木"),
            ("Νίκος", "Nikos"),
            ("Bob", "Rob"),
        ] {
            assert!(!alike(one, other), "{one} is not {other}");
        }
        assert_eq!(name_looks("\u{3164}"), Vec::<String>::new());
    }
}
