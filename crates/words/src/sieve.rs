//! What a model made up: marks for what is no speech, text where nobody spoke, text that goes round in circles.

use vignette_model::Micros;

use crate::piece::Piece;
use crate::pitch::has_pitch;
use crate::speech::{Part, SPEECH_HZ};

/// Nobody says more letters in a second of speech than this.
const MOST_LETTERS_PER_SECOND: u64 = 40;
/// Nobody says fewer while speaking: a model that is given noise says one word for seconds of it.
const LEAST_LETTERS_PER_SECOND: u64 = 2;
/// In a part of more than [`LONG`] nobody says fewer than this: what a model hears in noise is a few words there.
const LEAST_IN_LONG_PARTS: u64 = 4;
/// Who whispers says more than this, and nobody else speaks without a pitch.
const LEAST_WITHOUT_PITCH: u64 = 8;
const LONG: Micros = Micros::from_secs(5);
/// A part of the text may lie so far beside the speech: models are not exact.
const BESIDE: Micros = Micros::from_millis(500);
/// The longest run of words that is looked for again behind itself.
const LONGEST_LOOP: usize = 12;
/// A run of words that comes so many times in a row is a loop of the model. People do say "no, no, no".
const ROUNDS: usize = 5;

/// Keeps what was really said. Times of the parts are since the piece began.
pub(crate) fn sift(parts: Vec<Part>, piece: &Piece) -> Vec<Part> {
    let mut kept: Vec<Part> = Vec::with_capacity(parts.len());
    for mut part in parts {
        let text = without_marks(&part.text);
        if text != part.text {
            part.words.retain(|(word, _)| without_marks(word) == *word);
            part.text = text;
        }
        let letters_of = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count() as u64;
        let letters_with_loops = letters_of(&part.text);
        if let Some(text) = without_loops(&part.text) {
            part.words.truncate(text.split_whitespace().count());
            part.text = text;
        }
        let letters = letters_of(&part.text);
        let spoken = [Micros::ZERO, BESIDE].map(|beside| spoken(&part, piece, beside));
        let said_again = kept.last().is_some_and(|last| letters > 12 && same(&last.text, &part.text));
        let least = match () {
            () if !has_pitch(sound_of(&part, piece)) => LEAST_WITHOUT_PITCH,
            () if spoken[0] > LONG => LEAST_IN_LONG_PARTS,
            () => LEAST_LETTERS_PER_SECOND,
        };
        let not_too_slow = letters_with_loops * 1_000_000 >= least * spoken[0].0;
        let not_too_fast = letters * 1_000_000 <= MOST_LETTERS_PER_SECOND * spoken[1].0.max(200_000);
        if letters > 0 && spoken[1] > Micros::ZERO && not_too_slow && not_too_fast && !said_again {
            kept.push(part);
        }
    }
    kept
}

/// The sound in which a part was heard.
fn sound_of<'p>(part: &Part, piece: &'p Piece) -> &'p [f32] {
    let at = |time: Micros| usize::try_from(time.to_ticks(SPEECH_HZ)).unwrap_or(usize::MAX).min(piece.sound.len());
    &piece.sound[at(part.span.start)..at(part.span.end).max(at(part.span.start))]
}

/// How long somebody speaks while a part is said, or so near to it.
fn spoken(part: &Part, piece: &Piece, beside: Micros) -> Micros {
    let (start, end) = (piece.start + part.span.start - beside, piece.start + part.span.end + beside);
    let within = piece.voiced.iter().map(|span| span.end.min(end) - span.start.max(start));
    within.fold(Micros::ZERO, |sum, span| sum + span)
}

fn same(a: &str, b: &str) -> bool {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
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

/// The text up to and with the first round of a loop, if it goes round in one.
fn without_loops(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    for length in 1..=LONGEST_LOOP.min(words.len() / ROUNDS) {
        for start in 0..=words.len() - length * ROUNDS {
            let round = &words[start..start + length];
            if (1..ROUNDS).all(|n| words[start + n * length..][..length].iter().zip(round).all(|(a, b)| same(a, b))) {
                return Some(words[..start + length].join(" "));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(start: u64, end: u64, text: &str) -> Part {
        Part { span: Micros::from_secs(start)..Micros::from_secs(end), text: text.to_owned(), words: Vec::new() }
    }

    fn sifted(parts: Vec<Part>) -> Vec<String> {
        let voiced = vec![Micros::from_secs(100)..Micros::from_secs(110)];
        let piece = Piece { start: Micros::from_secs(100), sound: Vec::new(), voiced };
        sift(parts, &piece).into_iter().map(|part| part.text).collect()
    }

    #[test]
    fn marks_are_no_words() {
        assert_eq!(sifted(vec![part(0, 4, "[BLANK_AUDIO]"), part(4, 8, "(soft music) Hello there. ♪")]), ["Hello there."]);
        assert_eq!(sifted(vec![part(0, 4, "...")]), [""; 0], "dots alone say nothing");
    }

    #[test]
    fn where_nobody_speaks_nothing_is_said() {
        assert_eq!(sifted(vec![part(2, 5, "It works."), part(14, 18, "Thanks for watching!")]), ["It works."]);
    }

    #[test]
    fn nobody_speaks_that_fast() {
        let text = "and then a long text ".repeat(4);
        assert_eq!(sifted(vec![part(9, 10, &text)]).len(), 0, "in a second and a half");
    }

    #[test]
    fn nobody_speaks_that_slowly() {
        assert_eq!(sifted(vec![part(0, 6, "you")]), [""; 0], "in six seconds");
        assert_eq!(sifted(vec![part(9, 12, "you")]), ["you"], "in a second and a pause");
        assert_eq!(sifted(vec![part(1, 7, "I am on ride for the")]), [""; 0], "in six seconds of rumble");
    }

    #[test]
    fn who_has_no_pitch_whispers_or_is_no_voice() {
        let piece = Piece {
            start: Micros::ZERO,
            sound: vec![0.0; 7 * SPEECH_HZ as usize],
            voiced: vec![Micros::ZERO..Micros::from_secs(7)],
        };
        let sifted = |secs, text| sift(vec![part(0, secs, text)], &piece).len();
        assert_eq!(sifted(7, "Do I encourage these people to give their feet?"), 0, "in seven seconds of rumble");
        assert_eq!(sifted(5, "Not so loud, everybody here is asleep, so I whisper what I have to say."), 1);
    }

    #[test]
    fn a_model_that_goes_round_in_circles_is_stopped_after_one() {
        let text = "We begin. ".to_owned() + &"I'm going to go. ".repeat(9);
        assert_eq!(sifted(vec![part(0, 9, text.trim())]), ["We begin. I'm going to go."]);
        assert_eq!(sifted(vec![part(0, 2, "No, no, no, wait.")]), ["No, no, no, wait."], "people repeat themselves too");
        let again = |start| part(start, start + 2, "I'm going to the next one.");
        assert_eq!(sifted(vec![again(0), again(2), again(4)]), ["I'm going to the next one."]);
    }
}
