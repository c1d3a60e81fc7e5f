//! What those who watch a take are told: its phase, and what they should know while it goes on.

use vignette_capture::SourceKind;
use vignette_model::Span;
use vignette_model::take::Phase;

use super::RunningTake;
use crate::warning::Warning;

impl RunningTake {
    /// Warns while the voice has been silent for some seconds. Only what was heard counts, not what
    /// did not come.
    pub(super) fn watch_for_silence(&mut self) {
        let Some(voice) = self.sounds.iter().find(|sound| Some(sound.input) == self.voice) else {
            return;
        };
        if !self.of.inputs.all[voice.input].is_open() {
            return;
        }
        match self.loudness.silent_for(voice.heard_until) {
            Some(span) if span >= Span::from_secs(5) => self.warn(Warning::Silent),
            _ => self.clear_warning(|w| *w == Warning::Silent),
        }
    }

    pub(super) fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        let duration_us = self.timeline.clip_time(self.of.clock.now()).since_start();
        self.of.view.send_modify(|view| {
            view.phase = phase;
            view.duration_us = duration_us;
        });
    }

    pub(super) fn warn(&self, warning: Warning) {
        self.of.view.send_if_modified(|view| {
            let new = !view.warnings.contains(&warning);
            if new {
                view.warnings.retain(|w| w.subject() != warning.subject());
                view.warnings.push(warning);
            }
            new
        });
    }

    pub(super) fn clear_lost_warning(&self, kind: SourceKind) {
        self.clear_warning(|warning| warning.is_loss_of(kind));
    }

    pub(super) fn clear_warning(&self, over: impl Fn(&Warning) -> bool) {
        self.of.view.send_if_modified(|view| {
            let before = view.warnings.len();
            view.warnings.retain(|w| !over(w));
            view.warnings.len() != before
        });
    }
}
