//! The [`title`]: the topic that somebody names, a headline that somebody says, or the thing that
//! is spoken of most. Where none of it is to be found there is no title; that is better than a bad
//! one.

use super::noun::NounGroup;
use super::phrases::{Phrases, Topic};
use super::sentence::{Sentence, Word};
use super::terms::{Terms, as_f32, stem};
use super::written;

/// Whoever names the topic does it at the beginning.
const OPENING_SENTENCES: usize = 7;
/// A short message may be its own headline: from and to how many words.
const HEADLINE_WORDS: std::ops::RangeInclusive<usize> = 3..=9;
/// A clause that names what somebody does has no more words.
const MAX_CLAUSE_WORDS: usize = 8;
/// How often on average the words of a thing are said if it is what a message is about.
const LEAST_MENTIONS: f32 = 2.5;

/// The title of a whole message; empty if there is no good one.
pub(super) fn title(
    sentences: &[Sentence],
    terms: &Terms,
    is_short: bool,
    phrases: &Phrases,
) -> String {
    let opening = &sentences[..sentences.len().min(OPENING_SENTENCES)];
    opening
        .iter()
        .find_map(|sentence| topic(&sentence.words, phrases))
        .or_else(|| {
            is_short
                .then(|| opening.iter().find_map(|sentence| headline(sentence, phrases)))
                .flatten()
        })
        .or_else(|| most_spoken_of(sentences, terms, phrases))
        .unwrap_or_default()
}

/// The title of a part; none if it has no clear one. `whole` are the terms of the whole message.
pub(super) fn of_part(part: &[Sentence], whole: &Terms, phrases: &Phrases) -> Option<String> {
    let opening = &part[..part.len().min(2)];
    opening
        .iter()
        .find_map(|sentence| {
            announced(sentence, phrases).or_else(|| topic(&sentence.words, phrases))
        })
        .or_else(|| most_particular(part, whole, phrases))
}

/// What somebody names as the topic: `talk about the login page`.
pub(super) fn topic(words: &[Word], phrases: &Phrases) -> Option<String> {
    (0..words.len()).find_map(|at| {
        let (length, topic) = phrases.topics.at(&words[at..])?;
        let rest = &words[at + length..];
        match topic {
            Topic::Thing => thing(rest, phrases),
            Topic::Led(by) => {
                let group =
                    NounGroup::at(rest, phrases).filter(|group| !group.is_vague(rest, phrases))?;
                Some(format!("{by} {}", plain_text(&rest[..group.end])))
            }
            Topic::Clause(by) => {
                let clause = clause(rest, phrases)?;
                Some(format!("{by} {}", plain_text(clause)))
            }
        }
    })
}

/// The thing that `words` begin with, as a title.
fn thing(words: &[Word], phrases: &Phrases) -> Option<String> {
    let group = NounGroup::at(words, phrases).filter(|group| !group.is_vague(words, phrases))?;
    Some(written::capitalised(&plain_text(&words[group.led_by..group.end])))
}

/// What stands before the next break, reason or second thought, if that is short.
fn clause<'a, 'b>(words: &'b [Word<'a>], phrases: &Phrases) -> Option<&'b [Word<'a>]> {
    let ended = words.iter().position(Word::ends_clause).map_or(words.len(), |at| at + 1);
    let broken = words[..ended]
        .iter()
        .position(|word| phrases.reasons.has(&word.plain) || word.plain == "and")
        .unwrap_or(ended);
    (2..=MAX_CLAUSE_WORDS).contains(&broken).then(|| &words[..broken])
}

/// A short sentence about a thing: `staging is back up`.
fn headline(sentence: &Sentence, phrases: &Phrases) -> Option<String> {
    let start = written::content_start(&sentence.words, phrases);
    let words = &sentence.words[start..];
    let closing = phrases.closings.at(words).is_some();
    if closing
        || sentence.is_question()
        || !HEADLINE_WORDS.contains(&words.len())
        || words.iter().rev().skip(1).any(Word::ends_clause)
    {
        return None;
    }
    let group = NounGroup::at(words, phrases).filter(|group| !group.is_vague(words, phrases))?;
    let acts = words
        .get(group.end)
        .is_some_and(|next| phrases.stop_words.has(&next.plain) || phrases.verbs.has(&next.plain));
    acts.then(|| written::capitalised(&plain_text(words)))
}

/// What the first sentence of a part says it is about: `next, the backoff`, `now what went well`.
fn announced(sentence: &Sentence, phrases: &Phrases) -> Option<String> {
    let words = &sentence.words;
    let start = written::content_start(words, phrases);
    let after_marker = (0..=start)
        .rev()
        .find_map(|at| phrases.markers.at(&words[at..]).map(|(length, ())| at + length))?;
    let rest = &words[after_marker..];
    if rest.first().is_some_and(|word| phrases.question_words.has(&word.plain))
        && let Some(clause) = clause(rest, phrases)
    {
        return Some(written::capitalised(&plain_text(clause)));
    }
    let end = rest
        .iter()
        .position(|word| word.said.ends_with(['.', '?', '!', ':']))
        .map_or(rest.len(), |at| at + 1)
        .min(14);
    // Without `the` before it or a break behind it, a word in this place is more likely a verb.
    let named = |group: &NounGroup, at: usize| {
        group.led_by > 0 || at > 0 && phrases.links.has(&rest[at - 1].plain)
    };
    let set_off = |group: &NounGroup, at: usize| rest[at + group.end - 1].ends_clause();
    (0..end).find_map(|at| {
        let group = NounGroup::at(&rest[at..end], phrases)?;
        (named(&group, at) || set_off(&group, at)).then(|| thing(&rest[at..end], phrases))?
    })
}

/// A thing of the text with the sentence it stands in.
struct Candidate {
    sentence: usize,
    text: String,
    stems: Vec<String>,
}

/// All things that are named after `the`, `of` and the like, or at the beginning.
fn candidates(sentences: &[Sentence], phrases: &Phrases) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (index, sentence) in sentences.iter().enumerate() {
        let words = &sentence.words;
        let mut at = written::content_start(words, phrases);
        while at < words.len() {
            let led = at == 0
                || phrases.determiners.has(&words[at].plain)
                || phrases.links.has(&words[at - 1].plain);
            match NounGroup::at(&words[at..], phrases).filter(|_| led) {
                Some(group) => {
                    let core = &words[at + group.led_by..at + group.head_end];
                    if !group.is_vague(&words[at..], phrases) {
                        let stems = core.iter().map(|word| stem(&word.plain).to_owned()).collect();
                        found.push(Candidate { sentence: index, text: plain_text(core), stems });
                    }
                    at += group.head_end;
                }
                None => at += 1,
            }
        }
    }
    found
}

/// The thing whose words are said most often, early ones first.
fn most_spoken_of(sentences: &[Sentence], terms: &Terms, phrases: &Phrases) -> Option<String> {
    let candidates = candidates(sentences, phrases);
    let scored = candidates.iter().filter_map(|candidate| {
        let count: u32 = candidate.stems.iter().map(|stem| terms.count(stem)).sum();
        let mentions = as_f32(count as usize) / as_f32(candidate.stems.len());
        let length = match candidate.stems.len() {
            1 => 0.55,
            2 | 3 => 1.0,
            _ => 0.8,
        };
        let early = 1.0 + 1.0 / (1.0 + as_f32(candidate.sentence) / 3.0);
        (mentions >= LEAST_MENTIONS).then_some((mentions.sqrt() * length * early, candidate))
    });
    let (_, best) = scored.max_by(|one, two| one.0.total_cmp(&two.0))?;
    Some(written::capitalised(&best.text))
}

/// The thing of a part that is said there and nowhere else.
fn most_particular(part: &[Sentence], whole: &Terms, phrases: &Phrases) -> Option<String> {
    let own = Terms::of(part, Some(phrases));
    let candidates = candidates(part, phrases);
    let scored = candidates.iter().filter_map(|candidate| {
        let here = candidate.stems.iter().map(|stem| own.count(stem)).max().unwrap_or(0);
        let all = candidate.stems.iter().map(|stem| whole.count(stem)).max().unwrap_or(0).max(1);
        let particular = as_f32(here as usize).powi(2) / as_f32(all as usize);
        let early = 1.0 + 1.0 / (1.0 + as_f32(candidate.sentence));
        (here >= 3).then_some((particular * early, candidate))
    });
    let (_, best) = scored.max_by(|one, two| one.0.total_cmp(&two.0))?;
    Some(written::capitalised(&best.text))
}

/// Words as text without punctuation at the end.
fn plain_text(words: &[Word]) -> String {
    let mut text = words.iter().map(|word| word.said).collect::<Vec<_>>().join(" ");
    text.truncate(
        text.trim_end_matches(|c: char| {
            !c.is_alphanumeric() && !matches!(c, ')' | '+' | '#' | '%')
        })
        .len(),
    );
    text
}
