//! [`Insights`] of a transcript: title, summary, chapters and tasks.
//!
//! ```text
//!  cues ─▶ sentences ─▶ terms ─▶ parts ─▶ chapters
//!              │          ├────────┴────▶ summary
//!              │          └─────────────▶ title
//!              └─▶ tasks
//! ```
//!
//! [`extractive`] takes all of it from the words that were said, at once and without a model.
//! They are shown first. A language model does better, but is asked only if a person
//! named one: then [`refine_with_llm`] gives what takes their place. On a problem, which the person
//! is told, the extractive insights stay.
#![forbid(unsafe_code)]

mod chapters;
pub mod endpoint;
mod noun;
mod phrases;
mod rank;
mod sentence;
mod summary;
mod tasks;
mod terms;
mod title;
mod written;

use vignette_model::text::{ChapterTitle, Label, Summary, Title};
use vignette_model::transcript::{Chapter, Cue, Insights, Task};
use vignette_model::{Micros, Span};

pub use endpoint::{Endpoint, EndpointError};

use phrases::Phrases;
use summary::Length;
use terms::Terms;

/// What made the insights of [`extractive`], for
/// [`vignette_model::transcript::TranscriptSnapshot::insights_by`].
pub const EXTRACTIVE: &str = "extractive";

/// A clip below this is a note: its first sentence may be its title.
const SHORT: Span = Span::from_secs(60);

/// Makes insights of what was said, by rules: instant, the same for the same cues, and without
/// fail. `language` is a BCP 47 tag, if known. A title that would not be good is left empty.
/// English gets everything; other languages get a summary of lead sentences.
#[must_use]
pub fn extractive(cues: &[Cue], duration: Span, language: Option<&str>) -> Insights {
    let words = cues.iter().flat_map(|cue| cue.text.as_str().split_whitespace());
    let phrases = Phrases::of(language, words);
    let sentences = sentence::sentences(cues, |before, one, two| {
        phrases.is_some_and(|phrases| phrases.opens_clause(before, one, two))
    });
    let length = Length::of(duration);
    let Some(phrases) = phrases else {
        return Insights {
            summary: written_summary(&summary::lead(&sentences, length)),
            ..Insights::default()
        };
    };
    let terms = Terms::of(&sentences, Some(phrases));
    let parts = chapters::parts(&sentences, &terms, duration, phrases);
    let found = tasks::tasks(&sentences, phrases);
    let mut asks = vec![false; sentences.len()];
    found.iter().for_each(|found| asks[found.sentence] = true);

    let firsts: Vec<usize> = parts.iter().map(|part| part.first).collect();
    let title = title::title(&sentences, &terms, duration < SHORT, phrases);
    let summary = summary::summary(&sentences, &terms, length, &firsts, &asks, phrases);
    let end = Micros::ZERO + duration;
    let chapters = parts.iter().filter_map(|part| {
        // What comes before the first words belongs to the first part.
        let start_us = if part.first == 0 { Micros::ZERO } else { sentences[part.first].start() };
        Some(Chapter { start_us: start_us.min(end), title: ChapterTitle::cut(&part.title).ok()? })
    });
    let tasks =
        found.into_iter().map(|found| Task { at_us: found.task.at_us.min(end), ..found.task });
    Insights {
        title: Title::cut(&title).unwrap_or_default(),
        summary: written_summary(&summary),
        chapters: chapters.collect(),
        tasks: tasks.collect(),
    }
}

/// Asks an endpoint for insights that take the place of `shown`, the extractive ones of the same
/// cues, and says which model made them. Where the endpoint left a title or summary empty, what is
/// shown stays.
///
/// This takes as long as a language model does, up to the endpoint's own limit: show `shown`
/// meanwhile, and look again before the answer is put in its place, since a person may have written
/// something.
///
/// # Errors
/// See [`Endpoint::insights`]; `shown` stays then.
pub async fn refine_with_llm(
    shown: &Insights,
    endpoint: &Endpoint,
    cues: &[Cue],
    duration: Span,
    language: Option<&str>,
) -> Result<(Insights, Label), EndpointError> {
    let (mut insights, model) = endpoint.insights(cues, duration, language).await?;
    if insights.title.as_str().is_empty() {
        insights.title = shown.title.clone();
    }
    if insights.summary.as_str().is_empty() {
        insights.summary = shown.summary.clone();
    }
    Ok((insights, model))
}

fn written_summary(text: &str) -> Summary {
    Summary::cut(text).unwrap_or_default()
}
