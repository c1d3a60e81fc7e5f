//! The score of insights: how near they come to the references of a transcript.
//!
//! Titles and summaries are compared word by word (ROUGE-1: Lin, 2004); tasks and chapters are
//! found if they are said within ten seconds of where they should be, and a task shares a third of
//! its words.

use std::collections::{HashMap, HashSet};
use std::ops::AddAssign;

use vignette_model::transcript::Insights;
use vignette_model::{Micros, Span};

use crate::corpus::{Task, Transcript};

/// So far from its reference a time may be.
const NEAR: Span = Span::from_secs(10);

/// How many of some things were right, how many there were, how many there should have been.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Hits {
    /// Right.
    pub(crate) right: usize,
    /// Found.
    pub(crate) found: usize,
    /// In the references.
    pub(crate) wanted: usize,
}

impl Hits {
    /// The share of what was found that is right; 1 if nothing was found.
    pub(crate) fn precision(self) -> f64 {
        if self.found == 0 { 1.0 } else { self.right as f64 / self.found as f64 }
    }

    /// The share of what should be found that was; 1 if there is nothing.
    pub(crate) fn recall(self) -> f64 {
        if self.wanted == 0 { 1.0 } else { self.right as f64 / self.wanted as f64 }
    }

    /// The harmonic mean of both.
    pub(crate) fn f1(self) -> f64 {
        let (precision, recall) = (self.precision(), self.recall());
        if precision + recall == 0.0 {
            0.0
        } else {
            2.0 * precision * recall / (precision + recall)
        }
    }
}

impl AddAssign for Hits {
    fn add_assign(&mut self, other: Self) {
        self.right += other.right;
        self.found += other.found;
        self.wanted += other.wanted;
    }
}

/// The score of one transcript, or the sum over several.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Score {
    /// Transcripts.
    pub(crate) transcripts: usize,
    /// Sum of the F1 of titles.
    pub(crate) title: f64,
    /// Titles that were left empty.
    pub(crate) untitled: usize,
    /// Sum of the F1 of summaries.
    pub(crate) summary: f64,
    /// Tasks.
    pub(crate) tasks: Hits,
    /// Tasks that were found, with the right owner.
    pub(crate) owners: usize,
    /// Tasks that were found, with the right date.
    pub(crate) dues: usize,
    /// Where chapters begin, but for the first.
    pub(crate) chapters: Hits,
}

impl Score {
    /// How near `insights` come to the references of `transcript`.
    pub(crate) fn of(insights: &Insights, transcript: &Transcript) -> Self {
        let title = transcript
            .titles
            .iter()
            .map(|title| overlap(insights.title.as_str(), title))
            .fold(0.0, f64::max);
        let mut score = Self {
            transcripts: 1,
            title,
            untitled: usize::from(insights.title.as_str().is_empty()),
            summary: overlap(insights.summary.as_str(), &transcript.points.join(" ")),
            tasks: Hits { right: 0, found: insights.tasks.len(), wanted: transcript.tasks.len() },
            owners: 0,
            dues: 0,
            chapters: chapters(insights, transcript),
        };
        let mut open: Vec<&Task> = transcript.tasks.iter().collect();
        for task in &insights.tasks {
            let same = |wanted: &&Task| {
                wanted.at.abs_diff(task.at_us) <= NEAR
                    && shares_a_third(task.text.as_str(), &wanted.text)
            };
            if let Some(at) = open.iter().position(same) {
                let wanted = open.remove(at);
                let label = |label: &Option<vignette_model::text::Label>| {
                    label.as_ref().map(|label| label.to_string().to_lowercase())
                };
                score.tasks.right += 1;
                score.owners += usize::from(
                    label(&task.owner) == wanted.owner.as_deref().map(str::to_lowercase),
                );
                score.dues += usize::from(same_date(label(&task.due), wanted.due.as_deref()));
            }
        }
        score
    }

    /// Mean F1 of the titles.
    pub(crate) fn title(&self) -> f64 {
        self.title / self.transcripts.max(1) as f64
    }

    /// Mean F1 of the summaries.
    pub(crate) fn summary(&self) -> f64 {
        self.summary / self.transcripts.max(1) as f64
    }
}

impl AddAssign for Score {
    fn add_assign(&mut self, other: Self) {
        self.transcripts += other.transcripts;
        self.title += other.title;
        self.untitled += other.untitled;
        self.summary += other.summary;
        self.tasks += other.tasks;
        self.owners += other.owners;
        self.dues += other.dues;
        self.chapters += other.chapters;
    }
}

fn chapters(insights: &Insights, transcript: &Transcript) -> Hits {
    let found: Vec<Micros> = insights
        .chapters
        .iter()
        .map(|chapter| chapter.start_us)
        .filter(|at| *at > Micros::ZERO)
        .collect();
    let mut wanted: Vec<Micros> =
        transcript.chapters.iter().copied().filter(|at| *at > Micros::ZERO).collect();
    let all = wanted.len();
    let right = found.iter().filter(|found| {
        let near = wanted.iter().position(|wanted| wanted.abs_diff(**found) <= NEAR);
        near.map(|at| wanted.remove(at)).is_some()
    });
    Hits { right: right.count(), found: found.len(), wanted: all }
}

fn tokens(text: &str) -> Vec<String> {
    let split = text.split(|c: char| !c.is_alphanumeric() && c != '\'');
    split.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// ROUGE-1 F1: the words that two texts share.
fn overlap(one: &str, two: &str) -> f64 {
    let (one, two) = (tokens(one), tokens(two));
    let mut left: HashMap<&str, usize> = HashMap::new();
    two.iter().for_each(|word| *left.entry(word).or_default() += 1);
    let shared = one.iter().filter(|word| {
        left.get_mut(word.as_str())
            .is_some_and(|count| count.checked_sub(1).map(|less| *count = less).is_some())
    });
    let hits = Hits { right: shared.count(), found: one.len(), wanted: two.len() };
    if one.is_empty() || two.is_empty() { 0.0 } else { hits.f1() }
}

fn shares_a_third(found: &str, wanted: &str) -> bool {
    let found: HashSet<String> = tokens(found).into_iter().collect();
    let wanted: HashSet<String> =
        tokens(wanted).into_iter().filter(|word| word.len() > 3).collect();
    wanted.iter().filter(|word| found.contains(*word)).count() * 3 >= wanted.len().max(1)
}

/// `Friday` is the same as `on Friday`, and `tomorrow morning` as `tomorrow`.
fn same_date(found: Option<String>, wanted: Option<&str>) -> bool {
    match (found, wanted.map(str::to_lowercase)) {
        (None, None) => true,
        (Some(found), Some(wanted)) => found.contains(&wanted) || wanted.contains(&found),
        _ => false,
    }
}
