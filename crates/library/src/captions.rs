//! Cues and chapters as files: [`vtt`] and [`chapters_vtt`] for players (WebVTT,
//! w3.org/TR/webvtt1), [`txt`] and [`paragraphs`] for readers. Pure.

use std::fmt::Write as _;

use vignette_model::transcript::{Chapter, ShownCue};
use vignette_model::{Micros, Span};

/// The longest line of a caption, in characters, and the most lines of one.
const LINE_CHARS: usize = 42;
const LINES: usize = 2;

/// A pause after which a new paragraph begins.
const PAUSE: Span = Span::from_millis(1_500);
/// How long a paragraph goes on before it ends with the next sentence, in characters.
const PARAGRAPH_CHARS: usize = 500;

/// Cues as WebVTT. A cue that needs more than two lines is split. The id of each is the start of
/// its cue in the transcript, in microseconds.
#[must_use]
pub fn vtt(cues: &[ShownCue]) -> String {
    let mut file = "WEBVTT\n".to_owned();
    for ShownCue { cue, .. } in cues {
        let words = words(cue.text.as_str());
        let lines = lines(&words);
        let parts: Vec<_> = lines.chunks(LINES).collect();
        // A part starts with its first word if the words have times, else in proportion to the
        // words.
        let begins = |first_word: usize| match cue.word_starts_us.get(first_word) {
            Some(&at) if first_word > 0 && cue.word_starts_us.len() == words.len() => at,
            _ => share(cue.start_us, cue.end_us, first_word, words.len()),
        };
        for (n, part) in parts.iter().enumerate() {
            let start = begins(part.first().map_or(0, |line| line.first_word));
            let end = parts
                .get(n + 1)
                .and_then(|next| next.first())
                .map_or(cue.end_us, |line| begins(line.first_word));
            let id = if n == 0 {
                cue.start_us.0.to_string()
            } else {
                format!("{}-{}", cue.start_us.0, n + 1)
            };
            let text: Vec<_> = part.iter().map(|line| escaped(&line.text)).collect();
            write_cue(&mut file, &id, start, end, &text.join("\n"));
        }
    }
    file
}

/// Chapters as WebVTT: each lasts until the next, the last until the end of the clip.
#[must_use]
pub(crate) fn chapters_vtt(chapters: &[Chapter], clip: Span) -> String {
    let mut file = "WEBVTT\n".to_owned();
    for (n, chapter) in chapters.iter().enumerate() {
        let end = chapters.get(n + 1).map_or(Micros::ZERO + clip, |next| next.start_us);
        write_cue(
            &mut file,
            &chapter.start_us.0.to_string(),
            chapter.start_us,
            end,
            &escaped(chapter.title.as_str()),
        );
    }
    file
}

fn write_cue(file: &mut String, id: &str, start: Micros, end: Micros, text: &str) {
    // WebVTT wants an end after the start; its times are in milliseconds.
    let end = end.max(start + Span::from_millis(1));
    let _ = write!(file, "\n{id}\n{} --> {}\n{text}\n", timestamp(start), timestamp(end));
}

/// `00:01:02.345`.
fn timestamp(at: Micros) -> String {
    let millis = at.0 / 1_000;
    let (secs, hours) = (millis / 1_000, millis / 3_600_000);
    format!("{hours:02}:{:02}:{:02}.{:03}", secs / 60 % 60, secs % 60, millis % 1_000)
}

/// Escapes what WebVTT takes for markup, and the arrow between times.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn share(start: Micros, end: Micros, part: usize, whole: usize) -> Micros {
    // A cue that ends before it starts has length zero: all its lines start with it.
    let span = u128::from(end.saturating_since(start).0) * part as u128 / whole.max(1) as u128;
    start + Span(u64::try_from(span).unwrap_or(u64::MAX))
}

/// A line of a caption, and the index of its first word in the cue.
#[derive(Debug, PartialEq, Eq)]
struct Line {
    text: String,
    first_word: usize,
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// Wraps words into lines greedily. A word longer than a line is cut.
fn lines(words: &[&str]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for (n, word) in words.iter().enumerate() {
        let letters: Vec<char> = word.chars().collect();
        for piece in letters.chunks(LINE_CHARS) {
            match lines.last_mut() {
                Some(line) if line.text.chars().count() + 1 + piece.len() <= LINE_CHARS => {
                    line.text.push(' ');
                    line.text.extend(piece);
                }
                _ => lines.push(Line { text: piece.iter().collect(), first_word: n }),
            }
        }
    }
    lines
}

/// What was said without a long pause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paragraph {
    /// Where it begins.
    pub at: Micros,
    /// The title of the chapter that begins with it, if one does.
    pub chapter: Option<String>,
    /// What was said.
    pub text: String,
}

/// Groups cues into paragraphs: a new one starts after a pause, with a chapter, and at the end of a
/// sentence once the paragraph is long.
#[must_use]
pub fn paragraphs(cues: &[ShownCue], chapters: &[Chapter]) -> Vec<Paragraph> {
    let mut paragraphs: Vec<Paragraph> = Vec::new();
    let mut chapters = chapters.iter().peekable();
    let mut spoken_until = Micros::ZERO;
    for ShownCue { cue, .. } in cues {
        let mut chapter = None;
        while let Some(begun) = chapters.next_if(|chapter| chapter.start_us < cue.end_us) {
            chapter = Some(begun.title.to_string());
        }
        // Cues may overlap: the pause is zero then.
        let paused = cue.start_us.saturating_since(spoken_until) >= PAUSE;
        spoken_until = cue.end_us;
        match paragraphs.last_mut() {
            Some(paragraph) if chapter.is_none() && !paused && !is_full(&paragraph.text) => {
                paragraph.text.push(' ');
                paragraph.text.push_str(cue.text.as_str());
            }
            _ => {
                paragraphs.push(Paragraph { at: cue.start_us, chapter, text: cue.text.to_string() })
            }
        }
    }
    paragraphs
}

fn is_full(text: &str) -> bool {
    text.chars().count() >= PARAGRAPH_CHARS
        && text.ends_with(['.', '!', '?', '…', '。', '！', '？'])
}

/// The transcript as plain text: paragraphs under the time at which they begin, chapters as
/// headings.
#[must_use]
pub fn txt(cues: &[ShownCue], chapters: &[Chapter]) -> String {
    let mut file = String::new();
    for Paragraph { at, chapter, text } in paragraphs(cues, chapters) {
        if let Some(chapter) = chapter {
            let _ = writeln!(file, "{chapter}\n{}\n", "-".repeat(chapter.chars().count()));
        }
        let _ = writeln!(file, "[{at}] {text}\n");
    }
    file.truncate(file.trim_end().len());
    file + "\n"
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use vignette_model::text::{ChapterTitle, CueText};
    use vignette_model::transcript::Cue;

    use super::*;

    fn cue(start_ms: u64, end_ms: u64, text: &str, starts_ms: &[u64]) -> ShownCue {
        let cue = Cue {
            start_us: Micros::from_millis(start_ms),
            end_us: Micros::from_millis(end_ms),
            text: CueText::new(text).unwrap(),
            word_starts_us: starts_ms.iter().copied().map(Micros::from_millis).collect(),
        };
        ShownCue { cue, edited: false }
    }

    fn chapter(start_ms: u64, title: &str) -> Chapter {
        Chapter {
            start_us: Micros::from_millis(start_ms),
            title: ChapterTitle::new(title).unwrap(),
        }
    }

    #[test]
    fn captions_are_web_vtt() {
        let cues = [
            cue(0, 1_500, "Hello <b>everybody</b> & all --> of you", &[]),
            cue(
                3_723_004,
                3_724_000,
                "This was said after more than an hour of talking to nobody",
                &[],
            ),
        ];
        let expected = "WEBVTT\n\n\
            0\n00:00:00.000 --> 00:00:01.500\nHello &lt;b&gt;everybody&lt;/b&gt; &amp; all --&gt; of you\n\n\
            3723004000\n01:02:03.004 --> 01:02:04.000\nThis was said after more than an hour of\ntalking to nobody\n";
        assert_eq!(vtt(&cues), expected);
    }

    #[test]
    fn a_long_cue_becomes_several_that_follow_each_other() {
        let text = (0..40).map(|n| format!("word{n:02}")).collect::<Vec<_>>().join(" ");
        let starts: Vec<u64> = (0..40).map(|n| 1_000 + n * 100).collect();
        for starts in [&starts[..], &[]] {
            let file = vtt(&[cue(1_000, 5_000, &text, starts)]);
            let blocks: Vec<Vec<&str>> =
                file.split("\n\n").skip(1).map(|block| block.lines().collect()).collect();
            assert_eq!(blocks.len(), 4, "six words a line, two lines a cue: {file}");
            let said: Vec<&str> =
                blocks.iter().flat_map(|block| block[2..].iter().copied()).collect();
            assert_eq!(said.join(" "), text, "nothing is lost and nothing added");
            assert!(said.iter().all(|line| line.chars().count() <= LINE_CHARS));
            assert_eq!(blocks[0][..2], ["1000000", "00:00:01.000 --> 00:00:02.200"]);
            assert_eq!(
                blocks[1][..2],
                ["1000000-2", "00:00:02.200 --> 00:00:03.400"],
                "twelve words of forty later"
            );
            assert!(blocks[3][1].ends_with("--> 00:00:05.000"));
        }
    }

    #[test]
    fn words_without_end_are_cut() {
        let long = "x".repeat(100);
        let file = vtt(&[cue(0, 1, &long, &[])]);
        assert!(file.lines().all(|line| line.chars().count() <= LINE_CHARS), "{file}");
        assert_eq!(file.matches('x').count(), 100);
        assert!(
            file.contains("00:00:00.000 --> 00:00:00.001"),
            "no cue is shorter than a millisecond: {file}"
        );
    }

    #[test]
    fn chapters_end_where_the_next_begins() {
        let file = chapters_vtt(
            &[chapter(0, "One & two"), chapter(60_000, "Three"), chapter(90_000, "Late")],
            Span::from_secs(80),
        );
        let expected = "WEBVTT\n\n\
            0\n00:00:00.000 --> 00:01:00.000\nOne &amp; two\n\n\
            60000000\n00:01:00.000 --> 00:01:30.000\nThree\n\n\
            90000000\n00:01:30.000 --> 00:01:30.001\nLate\n";
        assert_eq!(file, expected);
    }

    #[test]
    fn a_transcript_reads_in_paragraphs() {
        let cues = [
            cue(500, 2_000, "Hello everybody.", &[]),
            cue(2_100, 4_000, "Today it is about the export.", &[]),
            cue(6_000, 8_000, "It was slow.", &[]),
            cue(8_100, 9_000, "Now it is not.", &[]),
        ];
        let expected = "[0:00] Hello everybody. Today it is about the export.\n\n\
            [0:06] It was slow.\n\n\
            The cure\n--------\n\n\
            [0:08] Now it is not.\n";
        assert_eq!(txt(&cues, &[chapter(8_000, "The cure")]), expected);
        let long = cue(0, 1, &"word ".repeat(120), &[]);
        let full = cue(1, 2, "An end.", &[]);
        let apart = paragraphs(&[long, full.clone(), full], &[]);
        assert_eq!(apart.len(), 2, "a long paragraph ends with its sentence: {apart:?}");
        assert_eq!(txt(&[], &[]), "\n");
    }

    proptest! {
        #[test]
        fn whatever_was_said_is_a_file_that_players_read(
            said in prop::collection::vec((0..5_000_u64, 1..9_000_u64, "\\PC{1,200}|([a-z]{1,9} ){1,60}"), 0..6),
        ) {
            let mut at = 0;
            let mut cues = Vec::new();
            for (pause, length, text) in said {
                let Ok(text) = CueText::new(&text) else { continue };
                at += pause;
                cues.push(cue(at, at + length, text.as_str(), &[]));
                at += length;
            }
            let file = vtt(&cues);
            let mut blocks = file.split("\n\n");
            prop_assert_eq!(blocks.next().map(str::trim_end), Some("WEBVTT"));
            let mut before = String::new();
            let mut shown = String::new();
            for block in blocks {
                let lines: Vec<&str> = block.trim_end_matches('\n').split('\n').collect();
                prop_assert!((3..=2 + LINES).contains(&lines.len()), "{block:?}");
                prop_assert!(lines[0].bytes().all(|b| b.is_ascii_digit() || b == b'-'));
                let (start, end) = lines[1].split_once(" --> ").unwrap();
                prop_assert!(start < end && *before <= *start, "{before} {block:?}");
                before = start.to_owned();
                for line in &lines[2..] {
                    prop_assert!(!line.contains(['<', '>']) && !line.is_empty(), "{line:?}");
                    let text = line.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
                    prop_assert!(text.chars().count() <= LINE_CHARS, "{text:?}");
                    shown.push_str(&text);
                }
            }
            let letters = |text: &str| text.split_whitespace().collect::<String>();
            let said: String = cues.iter().map(|shown| letters(shown.cue.text.as_str())).collect();
            prop_assert_eq!(letters(&shown), said, "nothing is lost and nothing added");
        }
    }
}
