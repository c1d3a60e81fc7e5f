//! [`TakeStatus`]: a running take in one line.

use std::fmt;

use vignette_model::Span;
use vignette_model::take::Phase;
use vignette_recorder::RecordingView;

/// What a take is doing, where there is room for an icon and a line. Durations are whole seconds,
/// so that a status is another one only if its text is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TakeStatus {
    /// Nothing is recorded.
    #[default]
    Idle,
    /// Sources are open and nothing is kept yet.
    Countdown,
    /// So much has been recorded.
    Recording(Span),
    /// So much had been recorded before the pause.
    Paused(Span),
}

impl TakeStatus {
    /// What a view shows.
    #[must_use]
    pub fn of(view: &RecordingView) -> Self {
        let duration = Span(view.duration_us.0 / 1_000_000 * 1_000_000);
        match view.phase {
            Phase::Countdown => Self::Countdown,
            Phase::Recording => Self::Recording(duration),
            Phase::Paused => Self::Paused(duration),
            Phase::Finishing | Phase::Stopped => Self::Idle,
        }
    }

    /// Whether there is something to pause, resume or stop.
    #[must_use]
    pub const fn is_running(self) -> bool {
        matches!(self, Self::Recording(_) | Self::Paused(_))
    }

    /// Whether it is paused.
    #[must_use]
    pub const fn is_paused(self) -> bool {
        matches!(self, Self::Paused(_))
    }
}

impl fmt::Display for TakeStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Idle => f.write_str("Not recording"),
            Self::Countdown => f.write_str("About to record"),
            Self::Recording(duration) => write!(f, "Recording, {duration}"),
            Self::Paused(duration) => write!(f, "Paused at {duration}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use vignette_model::TakeId;
    use vignette_recorder::TranscriptProgress;

    use super::*;

    #[test]
    fn every_phase_has_a_status_and_a_text() {
        for (phase, running, text) in [
            (Phase::Countdown, false, "About to record"),
            (Phase::Recording, true, "Recording, 1:02"),
            (Phase::Paused, true, "Paused at 1:02"),
            (Phase::Finishing, false, "Not recording"),
            (Phase::Stopped, false, "Not recording"),
        ] {
            let mut view = RecordingView {
                take: TakeId::new(),
                phase,
                countdown_s: 0,
                duration_us: Span(62_900_000),
                link: None,
                level_dbfs: None,
                warnings: Vec::new(),
                transcript: TranscriptProgress::Off,
            };
            let status = TakeStatus::of(&view);
            assert_eq!((status.to_string().as_str(), status.is_running()), (text, running));
            view.duration_us = Span(62_000_000);
            assert_eq!(TakeStatus::of(&view), status, "another one only if its text is");
        }
    }
}
