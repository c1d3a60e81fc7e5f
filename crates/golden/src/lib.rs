//! A golden file holds what a test is to find, so that each change of it shows in a diff.
//!
//! A test that compares with one has `golden` in its name (or in that of its module): `./dev generate` runs those
//! with `UPDATE_GOLDENS` set, and then [`assert_golden`] writes the files in place of comparing.
#![forbid(unsafe_code)]

use std::fmt::Write as _;
use std::path::Path;

/// Compares `now` with the file at `path`, or writes it there if `UPDATE_GOLDENS` is set.
///
/// # Panics
/// With the first line that differs, or if the file cannot be written.
pub fn assert_golden(path: impl AsRef<Path>, now: &str) {
    let path = path.as_ref();
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        write(path, now);
        return;
    }
    // A file that is missing differs in its first line.
    let golden = std::fs::read_to_string(path).unwrap_or_default();
    if let Some(difference) = difference(&golden, now) {
        panic!(
            "{} is not what it was. `./dev generate` writes it anew.\n{difference}",
            path.display()
        );
    }
}

#[expect(clippy::disallowed_methods, reason = "a file of the checkout, made again at any time")]
fn write(path: &Path, now: &str) {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).expect("the golden file's folder can be made");
    }
    std::fs::write(path, now).expect("the golden file can be written");
}

/// The first line that differs, as it was and as it is.
fn difference(golden: &str, now: &str) -> Option<String> {
    if golden == now {
        return None;
    }
    // With their ends: the last lines may differ in nothing else.
    let (mut before, mut after) = (golden.split_inclusive('\n'), now.split_inclusive('\n'));
    for number in 1.. {
        let lines = (before.next(), after.next());
        if lines.0 != lines.1 {
            let mut text = format!("line {number}");
            for (sign, line) in [('-', lines.0), ('+', lines.1)] {
                if let Some(line) = line {
                    let _ = write!(text, "\n{sign} {line:?}");
                }
            }
            return Some(text);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_told() {
        assert_eq!(difference("a\nb\n", "a\nb\n"), None);
        let told = |golden, now| difference(golden, now).expect("they differ");
        assert_eq!(told("a\nb\n", "a\nc\n"), "line 2\n- \"b\\n\"\n+ \"c\\n\"");
        assert_eq!(told("a\n", "a\nb\n"), "line 2\n+ \"b\\n\"", "a line more");
        assert_eq!(told("a\nb\n", "a\n"), "line 2\n- \"b\\n\"", "a line less");
        assert_eq!(told("a", "a\n"), "line 1\n- \"a\"\n+ \"a\\n\"", "the last line's end");
        assert_eq!(told("", "a"), "line 1\n+ \"a\"", "no file");
    }

    #[test]
    #[should_panic(expected = "`./dev generate` writes it anew.\nline 1")]
    fn a_missing_file_is_a_difference() {
        assert_golden(concat!(env!("CARGO_MANIFEST_DIR"), "/src/missing.txt"), "something");
    }
}
