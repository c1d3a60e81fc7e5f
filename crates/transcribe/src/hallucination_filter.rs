//! Removes what a speech model hallucinates: marks for what is no speech, text where nobody spoke,
//! loops.

use std::ops::Range;

use vignette_model::{Micros, Span};

use crate::pitch::has_pitch;
use crate::speech_model::{SAMPLE_RATE_HZ, Segment};
use crate::utterance::Utterance;

/// Faster text is not speech, in letters for each second of speech.
const MAX_LETTERS_PER_SECOND: u64 = 40;
/// Slower text is not speech: in noise a model finds one word in several seconds.
const MIN_LETTERS_PER_SECOND: u64 = 2;
/// In a segment of more than [`LONG_SEGMENT`] slower text than this is not speech: in noise a model
/// finds a few words there.
const MIN_IN_LONG_SEGMENTS: u64 = 4;
/// Slower text without a pitch is not speech: only a whisper has none, and it is faster.
const MIN_WITHOUT_PITCH: u64 = 8;
const LONG_SEGMENT: Span = Span::from_secs(5);
/// How far the time of a segment may be off.
const MAX_OFFSET: Span = Span::from_millis(500);
/// The longest run of words that counts as a loop if it is repeated.
const MAX_LOOP_WORDS: usize = 12;
/// So many repetitions in a row are a loop of the model. People do say "no, no, no".
const MIN_REPETITIONS: usize = 5;

/// Keeps the segments that were spoken. Their times are since the utterance began.
pub(crate) fn filter_hallucinations(segments: Vec<Segment>, utterance: &Utterance) -> Vec<Segment> {
    let mut kept: Vec<Segment> = Vec::with_capacity(segments.len());
    for mut segment in segments {
        let text = without_marks(&segment.text);
        if text != segment.text {
            segment.words.retain(|(word, _)| without_marks(word) == *word);
            segment.text = text;
        }
        let letters_of = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count() as u64;
        let letters_with_loops = letters_of(&segment.text);
        if let Some(text) = without_loops(&segment.text) {
            segment.words.truncate(text.split_whitespace().count());
            segment.text = text;
        }
        let letters = letters_of(&segment.text);
        let spoken = [Span::ZERO, MAX_OFFSET].map(|beside| spoken(&segment, utterance, beside));
        let said_again =
            kept.last().is_some_and(|last| letters > 12 && same(&last.text, &segment.text));
        let least = if !has_pitch(sound_of(&segment, utterance)) {
            MIN_WITHOUT_PITCH
        } else if spoken[0] > LONG_SEGMENT {
            MIN_IN_LONG_SEGMENTS
        } else {
            MIN_LETTERS_PER_SECOND
        };
        let not_too_slow = letters_with_loops * 1_000_000 >= least * spoken[0].0;
        let not_too_fast = letters * 1_000_000 <= MAX_LETTERS_PER_SECOND * spoken[1].0.max(200_000);
        if letters > 0 && spoken[1] > Span::ZERO && not_too_slow && not_too_fast && !said_again {
            kept.push(segment);
        }
    }
    kept
}

/// The sound of a segment.
fn sound_of<'p>(segment: &Segment, utterance: &'p Utterance) -> &'p [f32] {
    let at = |time: Span| {
        usize::try_from(time.to_ticks(SAMPLE_RATE_HZ))
            .unwrap_or(usize::MAX)
            .min(utterance.sound.len())
    };
    &utterance.sound[at(segment.span.start)..at(segment.span.end).max(at(segment.span.start))]
}

/// How long somebody speaks within a segment, widened by `beside` on both ends.
fn spoken(segment: &Segment, utterance: &Utterance, beside: Span) -> Span {
    let (start, end) = (
        (utterance.start + segment.span.start).saturating_sub(beside),
        utterance.start + segment.span.end + beside,
    );
    // Speech that lies outside ends before it begins, once cut: it adds nothing.
    let within = |span: &Range<Micros>| span.end.min(end).saturating_since(span.start.max(start));
    utterance.voiced.iter().map(within).sum()
}

fn same(a: &str, b: &str) -> bool {
    let letters = |text: &str| {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect::<String>()
    };
    letters(a) == letters(b)
}

/// The text without `[BLANK_AUDIO]`, `(music)`, `*coughs*` and notes of music.
fn without_marks(text: &str) -> String {
    let mut rest = String::with_capacity(text.len());
    let mut until: Option<char> = None;
    for c in text.chars() {
        match (until, c) {
            (Some(end), c) if c == end => until = None,
            (Some(_), _) | (None, '♪' | '♫') => {}
            (None, '[') => until = Some(']'),
            (None, '(') => until = Some(')'),
            (None, '*') => until = Some('*'),
            (None, c) => rest.push(c),
        }
    }
    rest.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text up to the end of the first repetition of a loop, if there is one.
fn without_loops(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    for length in 1..=MAX_LOOP_WORDS.min(words.len() / MIN_REPETITIONS) {
        for start in 0..=words.len() - length * MIN_REPETITIONS {
            let round = &words[start..start + length];
            if (1..MIN_REPETITIONS).all(|n| {
                words[start + n * length..][..length].iter().zip(round).all(|(a, b)| same(a, b))
            }) {
                return Some(words[..start + length].join(" "));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(start: u64, end: u64, text: &str) -> Segment {
        Segment {
            span: Span::from_secs(start)..Span::from_secs(end),
            text: text.to_owned(),
            words: Vec::new(),
        }
    }

    fn kept(segments: Vec<Segment>) -> Vec<String> {
        let voiced = vec![Micros::from_secs(100)..Micros::from_secs(110)];
        let utterance = Utterance { start: Micros::from_secs(100), sound: Vec::new(), voiced };
        filter_hallucinations(segments, &utterance)
            .into_iter()
            .map(|segment| segment.text)
            .collect()
    }

    #[test]
    fn marks_are_no_words() {
        assert_eq!(
            kept(vec![
                segment(0, 4, "[BLANK_AUDIO]"),
                segment(4, 8, "(soft music) Hello there. ♪")
            ]),
            ["Hello there."]
        );
        assert_eq!(kept(vec![segment(0, 4, "...")]), [""; 0], "dots alone say nothing");
    }

    #[test]
    fn where_nobody_speaks_nothing_is_said() {
        assert_eq!(
            kept(vec![segment(2, 5, "It works."), segment(14, 18, "Thanks for watching!")]),
            ["It works."]
        );
    }

    #[test]
    fn nobody_speaks_that_fast() {
        let text = "and then a long text ".repeat(4);
        assert_eq!(kept(vec![segment(9, 10, &text)]).len(), 0, "in a second and a half");
    }

    #[test]
    fn nobody_speaks_that_slowly() {
        assert_eq!(kept(vec![segment(0, 6, "you")]), [""; 0], "in six seconds");
        assert_eq!(kept(vec![segment(9, 12, "you")]), ["you"], "in a second and a pause");
        assert_eq!(
            kept(vec![segment(1, 7, "I am on ride for the")]),
            [""; 0],
            "in six seconds of rumble"
        );
    }

    #[test]
    fn who_has_no_pitch_whispers_or_is_no_voice() {
        let utterance = Utterance {
            start: Micros::ZERO,
            sound: vec![0.0; 7 * SAMPLE_RATE_HZ as usize],
            voiced: vec![Micros::ZERO..Micros::from_secs(7)],
        };
        let kept =
            |secs, text| filter_hallucinations(vec![segment(0, secs, text)], &utterance).len();
        assert_eq!(
            kept(7, "Do I encourage these people to give their feet?"),
            0,
            "in seven seconds of rumble"
        );
        assert_eq!(
            kept(5, "Not so loud, everybody here is asleep, so I whisper what I have to say."),
            1
        );
    }

    #[test]
    fn a_model_that_goes_round_in_circles_is_stopped_after_one() {
        let text = "We begin. ".to_owned() + &"I'm going to go. ".repeat(9);
        assert_eq!(kept(vec![segment(0, 9, text.trim())]), ["We begin. I'm going to go."]);
        assert_eq!(
            kept(vec![segment(0, 2, "No, no, no, wait.")]),
            ["No, no, no, wait."],
            "people repeat themselves too"
        );
        let again = |start| segment(start, start + 2, "I'm going to the next one.");
        assert_eq!(kept(vec![again(0), again(2), again(4)]), ["I'm going to the next one."]);
    }
}
