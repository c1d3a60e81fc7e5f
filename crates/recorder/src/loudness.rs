//! [`Loudness`]: how loud the microphone is, for a meter that moves calmly, and for how long there
//! was nothing to hear.

use vignette_model::{Micros, Samples, Span};

/// A voice in a quiet room is some 30 dB above this; a muted microphone is below.
pub const SILENCE_THRESHOLD_DBFS: f32 = -60.0;
/// How often the meter moves.
const METER_INTERVAL: Span = Span::from_millis(80);

/// What was heard lately.
#[derive(Debug, Default)]
pub(crate) struct Loudness {
    loudest: Option<f32>,
    shown_at: Micros,
    silent_since: Option<Micros>,
}

impl Loudness {
    /// Takes a block in; gives the loudest level in dBFS since the meter last moved, when it is to
    /// move again.
    pub(crate) fn hear(&mut self, samples: &Samples) -> Option<f32> {
        let level = vignette_capture::level(samples);
        if level > SILENCE_THRESHOLD_DBFS {
            self.silent_since = None;
        } else {
            self.silent_since.get_or_insert(samples.at);
        }
        self.loudest = Some(self.loudest.map_or(level, |loudest| loudest.max(level)));
        if samples.at < self.shown_at + METER_INTERVAL {
            return None;
        }
        self.shown_at = samples.at;
        self.loudest.take()
    }

    /// For how long there has been nothing to hear, if that is so at `now`.
    pub(crate) fn silent_for(&self, now: Micros) -> Option<Span> {
        // Sound that is stamped later than `now` has been silent for no time yet.
        self.silent_since.map(|since| now.saturating_since(since))
    }
}
