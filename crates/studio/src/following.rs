//! A running take as it changes: [`follow`] gives its views, [`narrate`] what is new in each.

use std::mem::Discriminant;
use std::time::Duration;

use serde::Serialize;
use tokio::time::sleep;
use vignette_model::take::{Phase, TakeView, Whereabouts};
use vignette_model::{Problem, TakeId};
use vignette_recorder::{Outcome, Recording, RecordingView, TranscriptProgress, Warning};

use crate::Studio;

/// Everything that a window shows of the recorder.
#[derive(Debug, Serialize, ts_rs::TS)]
pub struct Snapshot {
    takes: Vec<TakeView>,
    recording: Option<RecordingView>,
}

/// How a take ended, for the window.
#[derive(Debug, Serialize, ts_rs::TS)]
pub struct Ended {
    #[ts(as = "String")]
    take: TakeId,
    link: Option<String>,
    /// Whether stopping it put the link on the clipboard.
    copied: bool,
    /// Not kept: cancelled, or it failed.
    kept: bool,
    /// Thrown away, and can be brought back for ten seconds.
    discarded: bool,
    /// Why it ended, if not because a person wanted it.
    #[ts(type = "Problem | null")]
    problem: Option<Problem>,
}

/// Something that is new about a running take.
#[derive(Clone, Debug, PartialEq)]
pub enum TakeNews {
    /// The library has given a link, or another one.
    Link(String),
    /// It does something else.
    Phase(Phase),
    /// There is something that a person should know.
    Warning(Warning),
    /// Its transcript is in another state; cues that are added do not count.
    Transcript(TranscriptProgress),
}

/// What was told of a take so far.
struct Told {
    link: Option<String>,
    phase: Phase,
    warnings: Vec<Warning>,
    transcript: Discriminant<TranscriptProgress>,
}

impl Studio {
    /// All takes and the running one as they are now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot { takes: self.recorder.takes().borrow().clone(), recording: self.running_view() }
    }

    /// The running take as it is now.
    #[must_use]
    pub fn running_view(&self) -> Option<RecordingView> {
        self.recorder.running().map(|take| take.view().borrow().clone())
    }

    /// Where the bytes of a take are.
    #[must_use]
    pub fn whereabouts(&self, take: TakeId) -> Option<Whereabouts> {
        let takes = self.recorder.takes();
        let takes = takes.borrow();
        takes.iter().find(|view| view.id == take).map(|view| view.whereabouts)
    }
}

impl Ended {
    /// How `recording` ended; `copied`: its link was put on the clipboard when it was stopped.
    #[must_use]
    pub fn of(recording: &Recording, outcome: Outcome, copied: bool) -> Self {
        let discarded = outcome == Outcome::Discarded;
        let (kept, problem) = match outcome {
            Outcome::Stopped { problem, .. } => (true, problem),
            Outcome::Cancelled | Outcome::Discarded => (false, None),
            Outcome::Failed(problem) => (false, Some(problem)),
        };
        Self { take: recording.id(), link: recording.link(), copied, kept, discarded, problem }
    }
}

/// Calls `show` with each view of a take that differs from the one before: with a new phase at
/// once, else at most once in `interval`. Gives how the take ended.
pub async fn follow(
    recording: &Recording,
    interval: Duration,
    mut show: impl FnMut(&RecordingView),
) -> Outcome {
    let (mut views, mut phases) = (recording.view(), recording.view());
    let mut ended = std::pin::pin!(recording.ended());
    let mut shown = None;
    loop {
        let now = views.borrow_and_update().clone();
        let phase = now.phase;
        if shown.as_ref() != Some(&now) {
            show(&now);
            shown = Some(now);
        }
        let changed = async {
            sleep(interval).await;
            views.changed().await
        };
        tokio::select! {
            outcome = &mut ended => return outcome,
            _ = phases.wait_for(|view| view.phase != phase) => {}
            _ = changed => {}
        }
    }
}

/// Calls `tell` with whatever is new about a take, as it comes. Gives how the take ended.
pub async fn narrate(recording: &Recording, mut tell: impl FnMut(TakeNews)) -> Outcome {
    let mut told = Told::default();
    follow(recording, Duration::ZERO, |view| told.news(view).into_iter().for_each(&mut tell)).await
}

impl Default for Told {
    fn default() -> Self {
        Self {
            link: None,
            phase: Phase::Countdown,
            warnings: Vec::new(),
            transcript: std::mem::discriminant(&TranscriptProgress::Off),
        }
    }
}

impl Told {
    fn news(&mut self, view: &RecordingView) -> Vec<TakeNews> {
        let mut news = Vec::new();
        if view.link != self.link {
            self.link.clone_from(&view.link);
            news.extend(view.link.clone().map(TakeNews::Link));
        }
        if view.phase != self.phase {
            self.phase = view.phase;
            news.push(TakeNews::Phase(view.phase));
        }
        let new = view.warnings.iter().filter(|warning| !self.warnings.contains(warning));
        news.extend(new.cloned().map(TakeNews::Warning));
        self.warnings.clone_from(&view.warnings);
        let transcript = std::mem::discriminant(&view.transcript);
        if transcript != self.transcript && view.transcript != TranscriptProgress::Off {
            news.push(TakeNews::Transcript(view.transcript.clone()));
        }
        self.transcript = transcript;
        news
    }
}

#[cfg(test)]
mod tests {
    use vignette_model::Span;

    use super::*;

    #[test]
    fn nothing_is_told_twice() {
        let mut view = RecordingView {
            take: TakeId::new(),
            phase: Phase::Countdown,
            countdown_s: 3,
            duration_us: Span::ZERO,
            link: None,
            level_dbfs: None,
            warnings: Vec::new(),
            transcript: TranscriptProgress::Off,
        };
        let mut told = Told::default();
        assert_eq!(told.news(&view), [], "a take begins with a countdown");
        view.link = Some("https://clips.example.org/c/1".into());
        view.phase = Phase::Recording;
        view.transcript = TranscriptProgress::Listening { cues: 0 };
        let news = [
            TakeNews::Link("https://clips.example.org/c/1".into()),
            TakeNews::Phase(Phase::Recording),
            TakeNews::Transcript(TranscriptProgress::Listening { cues: 0 }),
        ];
        assert_eq!(told.news(&view), news);
        view.duration_us = Span::from_secs(1);
        view.transcript = TranscriptProgress::Listening { cues: 7 };
        view.warnings = vec![Warning::Silent];
        assert_eq!(told.news(&view), [TakeNews::Warning(Warning::Silent)]);
        view.warnings.clear();
        assert_eq!(told.news(&view), []);
        view.warnings = vec![Warning::Silent];
        assert_eq!(told.news(&view), [TakeNews::Warning(Warning::Silent)], "it is silent again");
    }
}
