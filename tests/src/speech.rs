//! Real speech: models and recordings that `tests/rig/speech-model` makes, voices of espeak-ng, and how much of what was
//! said was written down.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is read aloud in `two_cities.wav`.
pub const TWO_CITIES: &str = "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of \
    foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the season of Light, it was the season of \
    Darkness, it was the spring of hope, it was the winter of despair, we had everything before us, we had nothing before us, we \
    were all going direct to Heaven, we were all going direct the other way - in short, the period was so far like the present \
    period, that some of its noisiest authorities insisted on its being received, for good or for evil, in the superlative degree \
    of comparison only.";
/// What is read aloud in `beckett.wav`.
pub const BECKETT: &str = "Ever tried. Ever failed. No matter. Try again. Fail again. Fail better.";
/// A message as somebody would record it, a sentence a line.
pub const SCRIPT: &str = include_str!("../../crates/transcribe/tests/script.txt");

/// A file of `tests/rig/speech-model`.
///
/// # Panics
/// If it was not made yet.
#[must_use]
pub fn file(name: &str) -> PathBuf {
    let usual = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/speech");
    let folder =
        std::env::var_os("VIGNETTE_TEST_SPEECH").map_or_else(|| usual.into(), PathBuf::from);
    let path = folder.join(name);
    assert!(
        path.exists(),
        "{} is missing: `tests/rig/speech-model {}` makes it",
        path.display(),
        folder.display()
    );
    path
}

/// Has a text spoken into a WAV file.
///
/// # Panics
/// If espeak-ng is missing.
pub fn speak(text: &str, voice: &str, wav: &Path) {
    let mut espeak = Command::new("espeak-ng");
    espeak.args(["-v", voice, "-s", "150", "-w"]).arg(wav).args(["--", text]);
    let status =
        espeak.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("espeak-ng is there");
    assert!(status.success(), "espeak-ng speaks {voice}");
}

/// Words in lower case, without punctuation.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let clean = |word: &str| {
        word.chars()
            .filter(|c| c.is_alphanumeric() || *c == '\'')
            .flat_map(char::to_lowercase)
            .collect()
    };
    text.replace(['-', '—'], " ")
        .split_whitespace()
        .map(clean)
        .filter(|word: &String| !word.is_empty())
        .collect()
}

/// The part of the words of `truth` that is wrong, missing or too much in `heard`.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "thousands of words at most")]
pub fn word_error_rate(truth: &str, heard: &str) -> f64 {
    let (truth, heard) = (words(truth), words(heard));
    distances(&truth, &heard)[truth.len()][heard.len()] as f64 / truth.len() as f64
}

/// For each word that was heard, which word of `truth` it is, if it is one.
#[must_use]
pub fn aligned(truth: &[String], heard: &[String]) -> Vec<Option<usize>> {
    let rows = distances(truth, heard);
    let mut places = vec![None; heard.len()];
    let (mut n, mut m) = (truth.len(), heard.len());
    while n > 0 && m > 0 {
        let wrong = usize::from(truth[n - 1] != heard[m - 1]);
        if rows[n][m] == rows[n - 1][m - 1] + wrong {
            (n, m) = (n - 1, m - 1);
            places[m] = (wrong == 0).then_some(n);
        } else if rows[n][m] == rows[n - 1][m] + 1 {
            n -= 1;
        } else {
            m -= 1;
        }
    }
    places
}

/// How many words of the first `n` of one text differ from the first `m` of another.
fn distances(truth: &[String], heard: &[String]) -> Vec<Vec<usize>> {
    let mut rows = vec![(0..=heard.len()).collect::<Vec<_>>()];
    for (n, true_word) in truth.iter().enumerate() {
        let mut row = vec![n + 1];
        for (m, heard_word) in heard.iter().enumerate() {
            let wrong = rows[n][m] + usize::from(true_word != heard_word);
            row.push(wrong.min(row[m] + 1).min(rows[n][m + 1] + 1));
        }
        rows.push(row);
    }
    rows
}
