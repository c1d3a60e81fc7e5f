//! The [`summary`]: the sentences that speak for the others, in the speaker's own words, as
//! Markdown.
//!
//! Sentences are ranked by LexRank, moved up or down by what they say, and taken one by one so that
//! each brings something new (maximal marginal relevance) and no part of the clip is passed over.

use vignette_model::Span;

use super::phrases::Phrases;
use super::rank::{candidates, rank};
use super::sentence::Sentence;
use super::terms::Terms;
use super::written;

/// How many words a summary has: it grows until `enough` and never beyond `most`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Length {
    pub(super) enough: usize,
    pub(super) most: usize,
}

impl Length {
    /// The length for a clip: what is read in less time than the clip takes.
    pub(super) fn of(duration: Span) -> Self {
        match duration.0 / 60_000_000 {
            0 => Self { enough: 28, most: 35 },
            1..3 => Self { enough: 70, most: 90 },
            3..10 => Self { enough: 120, most: 150 },
            10..30 => Self { enough: 200, most: 250 },
            _ => Self { enough: 300, most: 400 },
        }
    }
}

/// A sentence that may stand in the summary.
struct Choice {
    sentence: usize,
    score: f32,
    words: usize,
    text: String,
}

/// The summary of a message. `parts` are the first sentences of its parts, if it has any; `asks`
/// says which sentences ask for something: those are shown as tasks already.
pub(super) fn summary(
    sentences: &[Sentence],
    terms: &Terms,
    length: Length,
    parts: &[usize],
    asks: &[bool],
    phrases: &Phrases,
) -> String {
    let among = candidates(terms, sentences.len());
    let ranks = rank(terms, &among);
    let choices: Vec<Choice> = among
        .iter()
        .zip(ranks)
        .filter_map(|(&index, rank)| {
            let sentence = &sentences[index];
            let said = written::said(&sentence.words, phrases);
            let words = words_in(said.iter().map(|kept| kept.said));
            let asks = asks.get(index).copied().unwrap_or(false);
            let score = rank + worth(sentence, index, words, asks, phrases)?;
            Some(Choice { sentence: index, score, words, text: written::sentence(&said) })
        })
        .collect();
    let sections = sections(parts, sentences.len());
    let chosen = choose(&choices, terms, length, &sections);
    markdown(&chosen, parts, length)
}

/// The first sentences, for a language without tables.
pub(super) fn lead(sentences: &[Sentence], length: Length) -> String {
    let mut left = length.most;
    let mut chosen = Vec::new();
    for (index, sentence) in sentences.iter().enumerate() {
        let words = words_in(sentence.words.iter().map(|word| word.said));
        if words > left {
            break;
        }
        left -= words;
        chosen.push(Choice {
            sentence: index,
            score: 0.0,
            words,
            text: written::text(&written::all(&sentence.words)),
        });
    }
    markdown(&chosen.iter().collect::<Vec<_>>(), &[], Length { enough: 0, most: 0 })
}

/// What is added to the rank of a sentence for what it says and how; none if it says nothing.
fn worth(
    sentence: &Sentence,
    index: usize,
    said: usize,
    asks: bool,
    phrases: &Phrases,
) -> Option<f32> {
    let start = written::content_start(&sentence.words, phrases);
    let words = &sentence.words[start..];
    if words.is_empty() || phrases.closings.at(words).is_some() {
        return None;
    }
    let points_back = words.first().is_some_and(|word| phrases.pointers.has(&word.plain));
    let marks = [
        (phrases.weighty.find(words).is_some(), 0.3),
        (
            words.iter().any(|word| {
                word.plain.starts_with(|c: char| c.is_ascii_digit())
                    || phrases.numbers.has(&word.plain)
            }),
            0.1,
        ),
        (index < 4, 0.15),
        (said < 6, -0.5),
        (said > 32, -0.25),
        (phrases.narration.find(words).is_some(), -0.45),
        (phrases.topics.find(words).is_some(), -0.2),
        (points_back, -0.3),
        (words.first().is_some_and(|word| phrases.conditions.has(&word.plain)), -0.15),
        (sentence.is_question(), -0.3),
        (asks, -0.4),
    ];
    Some(marks.iter().filter(|(is_so, _)| *is_so).map(|(_, worth)| worth).sum())
}

/// For each sentence the section of the message that it stands in: its part, or a quarter of it
/// all.
fn sections(parts: &[usize], count: usize) -> Vec<usize> {
    let section = |index: usize| match parts {
        [] => index * 4 / count.max(1),
        parts => parts.partition_point(|first| *first <= index),
    };
    (0..count).map(section).collect()
}

/// The best choices that fit, in the order in which they were said.
fn choose<'a>(
    choices: &'a [Choice],
    terms: &Terms,
    length: Length,
    sections: &[usize],
) -> Vec<&'a Choice> {
    const REPETITION: f32 = 0.6;
    const CROWDING: f32 = 0.15;
    let mut chosen: Vec<&Choice> = Vec::new();
    let mut open: Vec<(&Choice, f32)> =
        choices.iter().map(|choice| (choice, choice.score)).collect();
    let mut words = 0;
    while words < length.enough {
        open.retain(|(choice, _)| words + choice.words <= length.most);
        let Some(best) = (0..open.len()).max_by(|one, two| open[*one].1.total_cmp(&open[*two].1))
        else {
            break;
        };
        let (taken, _) = open.swap_remove(best);
        words += taken.words;
        for (choice, score) in &mut open {
            *score -= REPETITION * terms.likeness(choice.sentence, taken.sentence);
            if sections[choice.sentence] == sections[taken.sentence] {
                *score -= CROWDING;
            }
        }
        chosen.push(taken);
    }
    chosen.sort_by_key(|choice| choice.sentence);
    chosen
}

/// A paragraph if it is short; else a list with an item for each part, or for each sentence if
/// there are no parts.
fn markdown(chosen: &[&Choice], parts: &[usize], length: Length) -> String {
    let part = |choice: &Choice| parts.partition_point(|first| *first <= choice.sentence);
    let is_list = length.most > Length::of(Span::ZERO).most && chosen.len() > 1;
    let mut text = String::new();
    let mut last: Option<&Choice> = None;
    for choice in chosen {
        let same_item =
            last.is_some_and(|last| !is_list || (!parts.is_empty() && part(last) == part(choice)));
        match (is_list, same_item) {
            (_, true) => text.push(' '),
            (true, false) if last.is_some() => text.push_str("\n- "),
            (true, false) => text.push_str("- "),
            (false, false) => {}
        }
        text.push_str(&escaped(&choice.text));
        last = Some(*choice);
    }
    text
}

/// Speech has no Markdown in it: what looks like it is to be read as it stands.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (at, letter) in text.chars().enumerate() {
        let at_start = at == 0 && matches!(letter, '-' | '+' | '=' | '~' | '|');
        if at_start
            || matches!(
                letter,
                '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '&' | '~' | '|'
            )
        {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    // `1. ` at the beginning would number a list.
    let digits = escaped.chars().take_while(char::is_ascii_digit).count();
    if digits > 0 && escaped[digits..].starts_with(['.', ')']) {
        escaped.insert(digits, '\\');
    }
    escaped
}

/// How many words there are; scripts without spaces count two letters as one.
fn words_in<'a>(said: impl Iterator<Item = &'a str>) -> usize {
    let unspaced = |c: &char| matches!(c, '\u{0e00}'..='\u{0eff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}');
    said.map(|word| (word.chars().filter(unspaced).count() / 2).max(1)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_clip_has_a_longer_summary() {
        let most: Vec<usize> =
            [10, 60, 180, 600, 1_800].map(|secs| Length::of(Span::from_secs(secs)).most).to_vec();
        assert_eq!(most, [35, 90, 150, 250, 400]);
    }

    #[test]
    fn what_looks_like_markdown_is_read_as_it_stands() {
        assert_eq!(
            escaped("2. <b>see</b> [it](http://x) *now*"),
            "2\\. \\<b\\>see\\</b\\> \\[it\\](http://x) \\*now\\*"
        );
        assert_eq!(escaped("- a list"), "\\- a list");
    }
}
