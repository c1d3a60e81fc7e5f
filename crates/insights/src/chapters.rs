//! The [`parts`] of a message: where the speaker goes on to another topic and says so.
//!
//! A part begins where three signs agree: other words than before (TextTiling: Hearst, 1997), a
//! longer pause than usual, and a phrase that announces something new. Where the speaker counts the
//! parts (`first … second … finally`), that alone is clear. A message without clear parts has none.

use vignette_model::{Micros, Span};

use super::phrases::{Count, Phrases};
use super::sentence::Sentence;
use super::terms::{Terms, as_f32};
use super::title;
use super::written;

/// A shorter clip needs no parts.
pub(super) const SHORTEST: Span = Span::from_secs(120);
/// The parts that are compared on either side, in sentences.
const WINDOW: usize = 4;
/// What the signs must come to together.
const CLEAR: f32 = 1.6;
/// What counting gives: clear also where the words are those of before.
const COUNTED: f32 = 2.0;
/// So many parts that are counted are no chance.
const LEAST_COUNTED: usize = 3;

/// A part of a message.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    /// Its first sentence.
    pub(super) first: usize,
    /// What it is about.
    pub(super) title: String,
}

/// The parts of a message in order, the first from its beginning; none if they are not clear.
pub(super) fn parts(
    sentences: &[Sentence],
    terms: &Terms,
    duration: Span,
    phrases: &Phrases,
) -> Vec<Part> {
    if duration < SHORTEST || sentences.len() < 3 * WINDOW {
        return Vec::new();
    }
    let gap = Span((duration.0 / 25).max(15_000_000));
    let counted = counted(sentences, gap, phrases);
    let most = usize::try_from(duration.0 / 40_000_000).unwrap_or(usize::MAX);
    let most = most.max(counted.len() + 1).clamp(3, 20);

    let mut boundaries = boundaries(sentences, terms, phrases);
    let counts = |(at, _): &&mut (usize, f32)| counted.contains(at);
    boundaries.iter_mut().filter(counts).for_each(|(_, score)| *score += COUNTED);
    boundaries.sort_by(|one, two| two.1.total_cmp(&one.1));
    let end = Micros::ZERO + duration;
    let mut cuts = vec![0];
    for (at, score) in boundaries {
        if score < CLEAR || cuts.len() == most {
            break;
        }
        let start = sentences[at].start();
        let apart = cuts.iter().all(|cut| {
            *cut == 0 && start.since_start() >= gap
                || sentences[*cut].start().abs_diff(start) >= gap
        });
        // A sentence that is said to begin behind the end has no room.
        if apart && end.saturating_since(start) >= gap {
            cuts.push(at);
        }
    }
    cuts.sort_unstable();

    let mut parts: Vec<Part> = Vec::new();
    for (index, &first) in cuts.iter().enumerate() {
        let end = cuts.get(index + 1).copied().unwrap_or(sentences.len());
        let title = match first {
            0 => Some(phrases.introduction.to_owned()),
            _ => title::of_part(&sentences[first..end], terms, phrases),
        };
        let new = |title: &String| parts.iter().all(|part| !part.title.eq_ignore_ascii_case(title));
        if let Some(title) = title.filter(new) {
            parts.push(Part { first, title });
        }
    }
    if parts.len() < 3 { Vec::new() } else { parts }
}

/// Each sentence that could begin a part, and how clearly it does.
fn boundaries(sentences: &[Sentence], terms: &Terms, phrases: &Phrases) -> Vec<(usize, f32)> {
    let cohesion: Vec<f32> =
        (1..sentences.len()).map(|at| cohesion(terms, at, sentences.len())).collect();
    let mean = cohesion.iter().sum::<f32>() / as_f32(cohesion.len().max(1));
    let spread = (cohesion.iter().map(|value| (value - mean).powi(2)).sum::<f32>()
        / as_f32(cohesion.len().max(1)))
    .sqrt();
    let usual_pause = usual_pause(sentences);
    (1..sentences.len())
        .map(|at| {
            let other_words =
                ((mean - cohesion[at - 1]) / spread.max(f32::EPSILON)).clamp(-0.5, 1.0);
            let pause =
                (seconds(sentences[at].pause_before) / usual_pause).max(1.0).log2().min(2.0) * 0.75;
            let announced = if announces(&sentences[at], phrases) { 1.0 } else { 0.0 };
            (at, 0.5 * other_words + pause + announced)
        })
        .collect()
}

/// The sentences at which the speaker counts parts that lie at least `gap` apart; none if they count
/// fewer than three. What is counted faster than that are steps, or points of one part.
fn counted(sentences: &[Sentence], gap: Span, phrases: &Phrases) -> Vec<usize> {
    let mut chain: Vec<usize> = Vec::new();
    let mut last = 0;
    for (at, sentence) in sentences.iter().enumerate() {
        let Some(count) = count(sentence, phrases) else { continue };
        let next = match count {
            Count::Nth(1) if chain.len() < LEAST_COUNTED => {
                chain.clear();
                1
            }
            Count::Nth(nth) if last > 0 && nth == last + 1 => nth,
            Count::Last if last > 1 => 0,
            _ => continue,
        };
        chain.push(at);
        last = next;
        if count == Count::Last {
            break;
        }
    }
    let apart = |pair: &[usize]| {
        sentences[pair[1]].start().saturating_since(sentences[pair[0]].start()) >= gap
    };
    if chain.len() >= LEAST_COUNTED && chain.windows(2).all(apart) { chain } else { Vec::new() }
}

/// Which part a sentence says that it begins. `Last week` counts nothing.
fn count(sentence: &Sentence, phrases: &Phrases) -> Option<Count> {
    let words = &sentence.words;
    let start = written::content_start(words, phrases);
    let (at, length, count) = (0..=start).find_map(|at| {
        phrases.counters.at(&words[at..]).map(|(length, count)| (at, length, count))
    })?;
    let next = words.get(at + length).map_or("", |word| word.plain.as_str());
    let set_off = words[at + length - 1].ends_clause();
    let dates = !set_off && (phrases.spans.has(next) || phrases.days.has(next));
    (!dates).then_some(count)
}

/// How alike the sentences before and after a boundary are.
fn cohesion(terms: &Terms, at: usize, count: usize) -> f32 {
    let (before, after) = (at.saturating_sub(WINDOW)..at, at..(at + WINDOW).min(count));
    let pairs = as_f32(before.len() * after.len());
    before.flat_map(|one| after.clone().map(move |two| terms.likeness(one, two))).sum::<f32>()
        / pairs
}

fn announces(sentence: &Sentence, phrases: &Phrases) -> bool {
    let start = written::content_start(&sentence.words, phrases);
    (0..=start).any(|at| phrases.markers.at(&sentence.words[at..]).is_some())
}

/// The pause of the speaker that is longer than three quarters of all, in seconds; at least half a
/// second.
fn usual_pause(sentences: &[Sentence]) -> f32 {
    let mut pauses: Vec<Span> = sentences.iter().map(|sentence| sentence.pause_before).collect();
    pauses.sort_unstable();
    pauses.get(pauses.len() * 3 / 4).map_or(0.5, |pause| seconds(*pause).max(0.5))
}

/// For ratios of pauses only; a pause of hours is as good as one of minutes.
fn seconds(span: Span) -> f32 {
    (span.0 / 1_000).min(3_600_000) as f32 / 1_000.0
}
