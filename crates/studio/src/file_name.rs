//! What a file is called by a title that a person wrote.

/// Characters of a title that a file name has at most.
const MAX_CHARS: usize = 80;
/// What some file system does not take in a name.
const NOT_TAKEN: &[char] = &['/', '\\', ':', '*', '?', '"', '<', '>', '|'];

/// The title without what some file system does not take; never empty.
pub(crate) fn of(title: &str) -> String {
    let taken = |c: char| if c.is_control() || NOT_TAKEN.contains(&c) { ' ' } else { c };
    let name: String = title.chars().map(taken).take(MAX_CHARS).collect();
    let words: Vec<_> = name.split_whitespace().collect();
    // A dot at its beginning hides a file, one at its end is lost on Windows.
    let name = words.join(" ");
    let name = name.trim_matches(['.', ' ']);
    if name.is_empty() { "Recording".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn a_title_becomes_a_name_that_every_file_system_takes() {
        for (title, name) in [
            ("Release 0.4: what changes", "Release 0.4 what changes"),
            ("../../etc/passwd", "etc passwd"),
            ("  ..  ", "Recording"),
            ("a\u{0}b\nc", "a b c"),
            ("Grüße\tan alle.", "Grüße an alle"),
        ] {
            assert_eq!(of(title), name, "{title:?}");
        }
        assert_eq!(of(&"x".repeat(500)).chars().count(), 80);
    }
}
