//! A [`Sentence`]: what was said between two full stops, put together from the cues that it runs
//! through.
//!
//! Some models write no full stops. Then a pause ends a sentence, and one that goes on for too long
//! is cut where a new clause begins.

use vignette_model::transcript::Cue;
use vignette_model::{Micros, Span};

/// Ten hours of quick speech. What is said after that is not read, so that time and memory stay
/// bounded.
const MAX_WORDS: usize = 150_000;
/// No sentence is longer: enough for a person who does not come to the end.
const MAX_SENTENCE_WORDS: usize = 60;
/// A silence that ends a sentence where there are no full stops.
const ENDING_PAUSE: Span = Span::from_millis(450);
/// Text with fewer than one full stop in this many words has none worth speaking of.
const WORDS_PER_STOP: usize = 40;
/// From how many words on a sentence without full stops may end before the next clause.
const CLAUSE_WORDS: usize = 8;
/// What ends a sentence.
const STOPS: [char; 7] = ['.', '?', '!', '…', '。', '？', '！'];
/// Abbreviations whose full stop ends nothing.
const ABBREVIATIONS: &[&str] = &[
    "mr", "mrs", "ms", "dr", "st", "vs", "etc", "e.g", "i.e", "no", "nr", "z.b", "d.h", "bzw",
    "sr", "sra",
];

/// A word as it was said.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Word<'a> {
    /// As it stands in the cue, with its punctuation.
    pub(super) said: &'a str,
    /// In small letters, without punctuation around it; what is compared.
    pub(super) plain: String,
    /// Where it begins, as far as that is known.
    pub(super) start: Micros,
    /// Where it ends; not before `start`.
    pub(super) end: Micros,
}

impl Word<'_> {
    /// Whether a break in the writing follows: a comma, a colon, a full stop.
    pub(super) fn ends_clause(&self) -> bool {
        self.said.ends_with([',', ';', ':', '–', '—', ')', '，', '、'])
            || self.said.ends_with(STOPS)
    }

    /// Whether it begins with a capital letter.
    pub(super) fn is_capitalised(&self) -> bool {
        self.said.chars().find(|c| c.is_alphanumeric()).is_some_and(char::is_uppercase)
    }

    /// Without the punctuation around it, in the letters in which it was written.
    pub(super) fn bare(&self) -> &str {
        self.said.trim_matches(|c: char| !c.is_alphanumeric())
    }

    fn ends_sentence(&self) -> bool {
        let closed = self.said.trim_end_matches(['"', '\'', '”', '’', ')', '»']);
        let initial = self.plain.chars().count() == 1 && !self.plain.chars().all(char::is_numeric);
        closed.ends_with(STOPS) && !initial && !ABBREVIATIONS.contains(&self.plain.as_str())
    }
}

/// What was said between two full stops. Never without words.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sentence<'a> {
    /// The silence before it.
    pub(super) pause_before: Span,
    /// What it says.
    pub(super) words: Vec<Word<'a>>,
}

impl Sentence<'_> {
    /// Where its first word begins.
    pub(super) fn start(&self) -> Micros {
        self.words.first().map_or(Micros::ZERO, |word| word.start)
    }

    /// Whether it is a question, as far as the writing says so.
    pub(super) fn is_question(&self) -> bool {
        self.words.last().is_some_and(|word| word.said.ends_with(['?', '？']))
    }
}

/// The sentences of `cues` in the order of time, whatever the order of the cues. `opens_clause`
/// says of three words that follow each other whether a new clause begins with the second.
pub(super) fn sentences<'a>(
    cues: &'a [Cue],
    opens_clause: impl Fn(&str, &str, &str) -> bool,
) -> Vec<Sentence<'a>> {
    let words = words(cues);
    let stops = words.iter().filter(|word| word.ends_sentence()).count();
    let has_stops = stops * WORDS_PER_STOP >= words.len();
    let ends_here = |length: usize, word: &Word, next: &Word, after_next: Option<&Word>| {
        if length >= MAX_SENTENCE_WORDS || word.ends_sentence() {
            return true;
        }
        let clause =
            || after_next.is_some_and(|after| opens_clause(&word.plain, &next.plain, &after.plain));
        !has_stops
            && (next.start.saturating_since(word.end) >= ENDING_PAUSE
                || (length >= CLAUSE_WORDS && clause()))
    };

    let mut sentences = Vec::new();
    let mut begun = 0;
    let mut cuts = Vec::new();
    for at in 0..words.len() {
        let over = match (words.get(at), words.get(at + 1)) {
            (Some(word), Some(next)) => ends_here(at + 1 - begun, word, next, words.get(at + 2)),
            _ => true,
        };
        if over {
            begun = at + 1;
            cuts.push(begun);
        }
    }
    let mut words = words.into_iter();
    let mut begun = 0;
    let mut spoken_until = None;
    for cut in cuts {
        let words: Vec<Word> = words.by_ref().take(cut - begun).collect();
        begun = cut;
        let start = words.first().map_or(Micros::ZERO, |word| word.start);
        // Cues may overlap: then there is no pause.
        let pause_before = start.saturating_since(spoken_until.unwrap_or(start));
        spoken_until = words.last().map(|word| word.end);
        sentences.push(Sentence { pause_before, words });
    }
    sentences
}

/// All words of the cues with their times. Where the model gave none, a word's share of its cue is
/// that of its letters.
fn words(cues: &[Cue]) -> Vec<Word<'_>> {
    let mut in_time: Vec<&Cue> = cues.iter().collect();
    in_time.sort_by_key(|cue| cue.start_us);
    let mut words: Vec<Word> = Vec::new();
    for cue in in_time {
        let end = cue.end_us.max(cue.start_us);
        let text = cue.text.as_str();
        let said: Vec<&str> = text.split_whitespace().collect();
        let told = (cue.word_starts_us.len() == said.len()).then_some(&cue.word_starts_us);
        let span = end.saturating_since(cue.start_us);
        let share = Share { start: cue.start_us, span, of: text.len() };
        for (at, said) in said.into_iter().enumerate() {
            let begins = offset_in(text, said);
            let start = told
                .and_then(|starts| starts.get(at).copied())
                .unwrap_or_else(|| share.at(begins))
                .clamp(cue.start_us, end);
            let ends = told
                .and_then(|starts| starts.get(at + 1).copied())
                .unwrap_or_else(|| share.at(begins + said.len()));
            for said in said.split_inclusive(['。', '？', '！']) {
                let plain = plain(said);
                if plain.is_empty() {
                    continue;
                }
                if words.len() == MAX_WORDS {
                    return words;
                }
                // Cues may overlap; time only goes on.
                let start = words.last().map_or(start, |last| start.max(last.start));
                words.push(Word { said, plain, start, end: ends.min(end).max(start) });
            }
        }
    }
    words
}

/// Where a byte of a cue's text is spoken, if it is spoken at an even pace.
struct Share {
    start: Micros,
    span: Span,
    of: usize,
}

impl Share {
    fn at(&self, byte: usize) -> Micros {
        let part = u128::from(self.span.0) * byte as u128 / self.of.max(1) as u128;
        self.start + Span(u64::try_from(part).unwrap_or(u64::MAX))
    }
}

/// Where `part`, which is a piece of `text`, begins in it.
fn offset_in(text: &str, part: &str) -> usize {
    part.as_ptr().addr().saturating_sub(text.as_ptr().addr())
}

/// The word in small letters, without punctuation around it and with one kind of apostrophe.
fn plain(said: &str) -> String {
    said.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase().replace('’', "'")
}

#[cfg(test)]
mod tests {
    use super::*;
    use vignette_model::text::CueText;

    fn cue(start_ms: u64, end_ms: u64, text: &str) -> Cue {
        let text = CueText::new(text).unwrap();
        Cue {
            start_us: Micros::from_millis(start_ms),
            end_us: Micros::from_millis(end_ms),
            text,
            word_starts_us: Vec::new(),
        }
    }

    fn texts(cues: &[Cue]) -> Vec<String> {
        let said = |sentence: &Sentence| {
            sentence.words.iter().map(|word| word.said).collect::<Vec<_>>().join(" ")
        };
        sentences(cues, |_, one, two| one == "so" && two == "i").iter().map(said).collect()
    }

    #[test]
    fn a_sentence_runs_through_cues_in_order_of_time() {
        let cues = [
            cue(2_000, 4_000, "because it fails. Next"),
            cue(0, 2_000, "I turn it off"),
            cue(4_000, 5_000, "e.g. Dr. No."),
        ];
        assert_eq!(
            texts(&cues),
            ["I turn it off because it fails.", "Next e.g. Dr. No."],
            "abbreviations end no sentence"
        );
        let all = sentences(&cues, |_, _, _| false);
        assert_eq!(all[1].start(), Micros(3_636_363), "a word's time is its share of the letters");
    }

    #[test]
    fn without_full_stops_pauses_and_clauses_end_sentences() {
        let cues = [
            cue(0, 3_000, "the page is slow because it loads everything first so i changed that"),
            cue(4_000, 5_000, "it is fast now"),
        ];
        assert_eq!(
            texts(&cues),
            [
                "the page is slow because it loads everything first",
                "so i changed that",
                "it is fast now"
            ]
        );
    }

    #[test]
    fn sentences_without_spaces_are_found() {
        assert_eq!(texts(&[cue(0, 1_000, "これは新機能です。ご覧ください。")]).len(), 2);
    }

    #[test]
    fn word_times_of_the_model_are_used_where_there_are_as_many_as_words() {
        let mut timed = cue(0, 10_000, "one two. Three");
        timed.word_starts_us = [0, 1, 9].map(Micros::from_secs).to_vec();
        assert_eq!(sentences(&[timed.clone()], |_, _, _| false)[1].start(), Micros::from_secs(9));
        timed.word_starts_us.pop();
        assert!(
            sentences(&[timed], |_, _, _| false)[1].start() < Micros::from_secs(8),
            "times that do not match are passed over"
        );
    }
}
