//! [`written`]: what was said, as somebody would write it down: no greeting, no *um*, a capital letter and a full stop.

use super::phrases::Phrases;
use super::sentence::Word;

/// A greeting names no more people than this before what is said begins.
const GREETED_WORDS: usize = 4;

/// The words of a sentence that say something.
pub(super) fn said<'a, 'b>(words: &'b [Word<'a>], phrases: Option<&Phrases>) -> Vec<&'b Word<'a>> {
    let Some(phrases) = phrases else { return words.iter().collect() };
    let mut kept: Vec<&Word> = Vec::new();
    let mut at = content_start(words, phrases);
    while at < words.len() {
        if let Some(length) = filler(words, at, &kept, phrases) {
            at += length;
            continue;
        }
        let word = &words[at];
        let stutter = kept.last().is_some_and(|last| last.plain == word.plain && !last.ends_clause());
        if stutter {
            kept.pop();
        }
        kept.push(word);
        at += 1;
    }
    while kept.last().is_some_and(|last| phrases.joints.has(&last.plain)) {
        kept.pop();
    }
    kept
}

/// Where a sentence begins to say something, after greetings and words that link it to the sentence before.
pub(super) fn content_start(words: &[Word], phrases: &Phrases) -> usize {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let skipped = greeting(&words[at..], phrases)
            .or_else(|| phrases.openers.has(&word.plain).then_some(1))
            .or_else(|| filler(words, at, &[], phrases));
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
    Some(comma.unwrap_or_else(|| length + named.iter().take_while(|word| phrases.audiences.has(&word.plain)).count()))
}

/// How many words from `at` on are said while thinking.
fn filler(words: &[Word], at: usize, before: &[&Word], phrases: &Phrases) -> Option<usize> {
    if let Some((length, ())) = phrases.fillers.at(&words[at..]) {
        return Some(length);
    }
    let set_off_before = before.last().is_none_or(|word| word.ends_clause());
    let (length, ()) = phrases.set_off_fillers.at(&words[at..])?;
    let set_off_after = words.get(at + length - 1).is_some_and(Word::ends_clause);
    (set_off_before && set_off_after).then_some(length)
}

/// Words as text, with a capital letter at the beginning.
pub(super) fn text(words: &[&Word]) -> String {
    let mut text = String::new();
    for word in words {
        if !text.is_empty() {
            text.push(' ');
        }
        // Models that write small letters only write the speaker small too.
        match word.said.strip_prefix('i') {
            Some(rest) if word.plain == "i" || word.plain.starts_with("i'") => {
                text.push('I');
                text.push_str(rest);
            }
            _ => text.push_str(word.said),
        }
    }
    capitalised(&text)
}

/// The same sentence as text with a full stop.
pub(super) fn sentence(words: &[&Word]) -> String {
    let mut text = text(words);
    let end = text.trim_end_matches(|c: char| matches!(c, ',' | ';' | ':' | '-' | '–' | '—') || c.is_whitespace()).len();
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
