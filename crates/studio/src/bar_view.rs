//! [`BarView`]: what the floating bar shows of a take, and for a moment after it.

use serde::Serialize;
use vignette_model::Span;
use vignette_model::take::{Phase, Whereabouts};
use vignette_recorder::{Outcome, RecordingView, WarningView};

/// Loudness in dBFS above which one more line of the level is lit.
const LEVEL_STEPS_DBFS: [f32; 5] = [-52.0, -40.0, -30.0, -20.0, -10.0];
const SECOND_US: u64 = 1_000_000;

/// What the bar shows. Times are whole seconds and the level has six steps, so that a view is
/// another one only if it looks different.
#[derive(Clone, Debug, PartialEq, Serialize, ts_rs::TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum BarView {
    /// Seconds until the take begins; zero while it waits for its first picture.
    Countdown {
        /// Whole seconds.
        seconds: u64,
    },
    /// It is recorded.
    Running {
        /// Whether it is paused.
        paused: bool,
        /// Whether it is being stopped.
        finishing: bool,
        /// How much has been kept, in whole seconds.
        #[ts(type = "Span")]
        duration_us: Span,
        /// How many of five lines are lit; none: there is no microphone.
        level: Option<u8>,
        /// Hundredths of it that the library has.
        sent_percent: u8,
        /// What a person should know.
        warnings: Vec<WarningView>,
    },
    /// It has been stopped and is kept.
    Saved {
        /// Whether its link is on the clipboard.
        copied: bool,
    },
    /// It was thrown away, and can be brought back.
    Discarded,
    /// Nothing could be kept.
    Failed {
        /// Why, in a sentence.
        text: String,
    },
}

impl BarView {
    /// What is shown of a take that runs; `whereabouts`: where its bytes are.
    #[must_use]
    pub fn of(view: &RecordingView, whereabouts: Option<&Whereabouts>) -> Self {
        match view.phase {
            Phase::Countdown => Self::Countdown { seconds: view.countdown_s },
            phase => Self::Running {
                paused: phase == Phase::Paused,
                finishing: matches!(phase, Phase::Finishing | Phase::Stopped),
                duration_us: Span(view.duration_us.0 / SECOND_US * SECOND_US),
                level: view.level_dbfs.map(|level| lit(level, phase == Phase::Paused)),
                sent_percent: whereabouts.map_or(0, sent_percent),
                warnings: view.warnings.iter().cloned().map(WarningView::from).collect(),
            },
        }
    }

    /// What is shown for a moment once a take has ended; none if it was cancelled. `copied`: its
    /// link was put on the clipboard.
    #[must_use]
    pub fn of_end(outcome: &Outcome, copied: bool) -> Option<Self> {
        match outcome {
            Outcome::Stopped { .. } => Some(Self::Saved { copied }),
            Outcome::Discarded => Some(Self::Discarded),
            Outcome::Cancelled => None,
            Outcome::Failed(problem) => Some(Self::Failed { text: problem.message.clone() }),
        }
    }
}

/// How many lines are lit. A pause hears nothing.
fn lit(level_dbfs: f32, paused: bool) -> u8 {
    let above = LEVEL_STEPS_DBFS.iter().filter(|step| !paused && level_dbfs > **step).count();
    u8::try_from(above).unwrap_or(u8::MAX)
}

fn sent_percent(whereabouts: &Whereabouts) -> u8 {
    match whereabouts {
        Whereabouts::OnThisComputer { .. } => 0,
        Whereabouts::Sending { sent_bytes, size_bytes } => {
            let percent = sent_bytes.saturating_mul(100) / (*size_bytes).max(1);
            u8::try_from(percent.min(100)).unwrap_or(100)
        }
        Whereabouts::Safe { .. } => 100,
    }
}

#[cfg(test)]
mod tests {
    use vignette_model::TakeId;
    use vignette_recorder::{TranscriptProgress, Warning};

    use super::*;

    fn view(phase: Phase) -> RecordingView {
        RecordingView {
            take: TakeId::new(),
            phase,
            countdown_s: 2,
            duration_us: Span(83_900_000),
            link: None,
            level_dbfs: Some(-25.0),
            warnings: vec![Warning::Silent],
            transcript: TranscriptProgress::Off,
        }
    }

    #[test]
    fn a_view_is_another_one_only_if_it_looks_different() {
        let recording = view(Phase::Recording);
        let later = RecordingView {
            duration_us: Span(83_100_000),
            level_dbfs: Some(-28.0),
            ..recording.clone()
        };
        let sending = Whereabouts::Sending { sent_bytes: 30, size_bytes: 40 };
        let shown = BarView::of(&recording, Some(&sending));
        assert_eq!(shown, BarView::of(&later, Some(&sending)));
        let BarView::Running { duration_us, level, sent_percent, warnings, .. } = shown else {
            panic!("it runs: {shown:?}")
        };
        assert_eq!((duration_us, level, sent_percent), (Span(83_000_000), Some(3), 75));
        assert_eq!(warnings.len(), 1);
    }

    #[test]
    fn every_phase_is_shown() {
        assert_eq!(BarView::of(&view(Phase::Countdown), None), BarView::Countdown { seconds: 2 });
        for (phase, is_paused, is_finishing, lines) in [
            (Phase::Recording, false, false, 3),
            (Phase::Paused, true, false, 0),
            (Phase::Finishing, false, true, 3),
        ] {
            let BarView::Running { paused, finishing, level, .. } = BarView::of(&view(phase), None)
            else {
                panic!("{phase:?} runs")
            };
            assert_eq!((paused, finishing, level), (is_paused, is_finishing, Some(lines)));
        }
    }
}
