//! What was said, as somebody would write it down: no greeting, no *um*, a capital letter and a
//! full stop.

use super::phrases::Phrases;
use super::sentence::Word;

/// A greeting names no more people than this before what is said begins.
const GREETED_WORDS: usize = 4;

/// A word that is kept.
#[derive(Clone, Copy)]
pub(super) struct KeptWord<'a, 'b> {
    word: &'b Word<'a>,
    /// As it is written, with the punctuation that still belongs to it.
    pub(super) said: &'a str,
}

/// All words as they were said.
pub(super) fn all<'a, 'b>(words: &'b [Word<'a>]) -> Vec<KeptWord<'a, 'b>> {
    words.iter().map(|word| KeptWord { word, said: word.said }).collect()
}

/// The words of a sentence that say something.
pub(super) fn said<'a, 'b>(words: &'b [Word<'a>], phrases: &Phrases) -> Vec<KeptWord<'a, 'b>> {
    let mut kept: Vec<KeptWord> = Vec::new();
    let mut at = content_start(words, phrases);
    while at < words.len() {
        let set_off = kept.last().is_none_or(|last| last.word.ends_clause());
        if let Some(length) = filler(words, at, set_off, phrases) {
            let hesitates = phrases.fillers.at(&words[at..]).is_some();
            at += length;
            // `there were, um, thirty`: the comma was there for what is left out.
            if let Some(last) = kept.last_mut().filter(|_| hesitates) {
                last.said = last.said.trim_end_matches(',');
            }
            continue;
        }
        let word = &words[at];
        if kept.last().is_some_and(|last| last.word.plain == word.plain && !last.word.ends_clause())
        {
            kept.pop();
        }
        kept.push(KeptWord { word, said: word.said });
        at += 1;
    }
    while kept.last().is_some_and(|last| phrases.joints.has(&last.word.plain)) {
        kept.pop();
    }
    kept
}

/// Where a sentence begins to say something, after greetings and words that link it to the sentence
/// before.
pub(super) fn content_start(words: &[Word], phrases: &Phrases) -> usize {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let skipped = greeting(&words[at..], phrases)
            .or_else(|| phrases.openers.has(&word.plain).then_some(1))
            .or_else(|| filler(words, at, true, phrases));
        match skipped {
            Some(length) => at += length,
            None => break,
        }
    }
    at
}

/// How many words at the beginning greet somebody.
fn greeting(words: &[Word], phrases: &Phrases) -> Option<usize> {
    let (length, ()) = phrases.greetings.at(words)?;
    let last = words.get(length - 1)?;
    if last.ends_clause() {
        return Some(length);
    }
    let named = &words[length..words.len().min(length + GREETED_WORDS)];
    let comma = named.iter().position(Word::ends_clause).map(|at| length + at + 1);
    Some(comma.unwrap_or_else(|| {
        length + named.iter().take_while(|word| phrases.audiences.has(&word.plain)).count()
    }))
}

/// How many words from `at` on are said while thinking. `set_off_before` says whether a break
/// stands before them.
fn filler(words: &[Word], at: usize, set_off_before: bool, phrases: &Phrases) -> Option<usize> {
    if let Some((length, ())) = phrases.fillers.at(&words[at..]) {
        return Some(length);
    }
    let (length, ()) = phrases.set_off_fillers.at(&words[at..])?;
    let set_off_after = words.get(at + length - 1).is_some_and(Word::ends_clause);
    (set_off_before && set_off_after).then_some(length)
}

/// Words as text, with a capital letter at the beginning.
pub(super) fn text(words: &[KeptWord]) -> String {
    let mut text = String::new();
    for KeptWord { word, said } in words {
        if !text.is_empty() {
            text.push(' ');
        }
        // Models that write small letters only write the speaker small too.
        match said.strip_prefix('i') {
            Some(rest) if word.plain == "i" || word.plain.starts_with("i'") => {
                text.push('I');
                text.push_str(rest);
            }
            _ => text.push_str(said),
        }
    }
    capitalised(&text)
}

/// The same sentence as text with a full stop.
pub(super) fn sentence(words: &[KeptWord]) -> String {
    let mut text = text(words);
    let end = text
        .trim_end_matches(|c: char| {
            matches!(c, ',' | ';' | ':' | '-' | '–' | '—') || c.is_whitespace()
        })
        .len();
    text.truncate(end);
    if text.ends_with(char::is_alphanumeric) {
        text.push('.');
    }
    text
}

/// `text` with its first letter as a capital.
pub(super) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use vignette_model::Micros;
    use vignette_model::text::CueText;
    use vignette_model::transcript::Cue;

    use super::*;
    use crate::sentence::sentences;

    fn tidied(text: &str) -> String {
        let text = CueText::new(text).unwrap();
        let cues = [Cue {
            start_us: Micros::ZERO,
            end_us: Micros::from_secs(5),
            text,
            word_starts_us: Vec::new(),
        }];
        let phrases = Phrases::of(Some("en"), std::iter::empty()).unwrap();
        sentences(&cues, |_, _, _| false)
            .iter()
            .map(|one| sentence(&said(&one.words, phrases)))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn speech_becomes_writing() {
        for (said, written) in [
            ("Hi Tomas, so um I looked at it.", "I looked at it."),
            (
                "Hello Ines, hello Paul, there were, uh, thirty of them.",
                "There were thirty of them.",
            ),
            ("okay so i i think i'm done and", "I think I'm done."),
            ("It looks like you know the way.", "It looks like you know the way."),
        ] {
            assert_eq!(tidied(said), written, "{said}");
        }
    }
}
