//! Transcription by an endpoint: the sound of a finished take is sent in chunks of some minutes.

use std::ops::ControlFlow;
use std::path::Path;

use tokio::runtime::Handle;
use vignette_insights::{Endpoint, EndpointError};
use vignette_model::text::Label;
use vignette_model::transcript::Cue;
use vignette_model::{Micros, Samples, Span};
use vignette_resample::Mixer;
use vignette_transcribe::Transcript;

use crate::RecorderError;

/// What is sent at once: 17 MB at 48 kHz.
const CHUNK_SECS: usize = 180;
/// A chunk is cut at the quietest moment of so many seconds at its end, so that no word is cut.
const QUIET_WITHIN_SECS: usize = 20;
const MOMENTS_A_SECOND: usize = 20;

/// Sound that waits to be sent.
struct Chunk {
    start: Micros,
    rate_hz: u32,
    mono: Vec<f32>,
}

/// What an endpoint transcribes of a stream; none if the stream has no sound or `stop` says so.
/// Blocks: never call it on a thread of the runtime.
pub(super) fn transcribe(
    stream: &Path,
    endpoint: &Endpoint,
    runtime: &Handle,
    stop: &dyn Fn() -> bool,
) -> Result<Option<Transcript>, RecorderError> {
    let mut heard = Transcript::default();
    let mut chunk: Option<Chunk> = None;
    let mut mixer = Mixer::new(1);
    let mut failed = None;
    let send = |chunk: &Chunk, heard: &mut Transcript| -> Result<(), EndpointError> {
        let language = heard.language.clone();
        let asked =
            endpoint.transcribe(&chunk.mono, chunk.rate_hz, language.as_ref().map(Label::as_str));
        let (cues, language) = runtime.block_on(asked)?;
        heard.language = heard.language.take().or(language);
        let offset = chunk.start.since_start();
        heard.cues.extend(cues.into_iter().map(|cue| moved(cue, offset)));
        Ok(())
    };
    let until = vignette_encode::sound_of(stream, Micros::ZERO, |samples| {
        let waiting = chunk.get_or_insert_with(|| Chunk {
            start: samples.at,
            rate_hz: samples.rate_hz,
            mono: Vec::new(),
        });
        waiting.take(&samples, &mut mixer);
        if let Some(whole) = waiting.cut() {
            failed = send(&whole, &mut heard).err();
        }
        if failed.is_some() || stop() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    let (Some(until), Some(last), false) = (until, chunk, stop()) else { return Ok(None) };
    send(&last, &mut heard)?;
    (heard.until, heard.done) = (until, true);
    Ok(Some(heard))
}

fn moved(cue: Cue, by: Span) -> Cue {
    let word_starts_us = cue.word_starts_us.into_iter().map(|at| at + by).collect();
    Cue { start_us: cue.start_us + by, end_us: cue.end_us + by, word_starts_us, ..cue }
}

impl Chunk {
    /// Puts a block behind what is there, in its place: a gap is silence.
    fn take(&mut self, samples: &Samples, mixer: &mut Mixer) {
        // A block that is stamped too early follows what is there.
        let offset = samples.at.saturating_since(self.start);
        let place = usize::try_from(offset.to_ticks(self.rate_hz)).unwrap_or(usize::MAX);
        if place > self.mono.len() && place < self.seconds(2 * CHUNK_SECS) {
            self.mono.resize(place, 0.0);
        }
        mixer.mix(samples, &mut self.mono);
    }

    /// What is to be sent, once there is enough; the rest stays.
    fn cut(&mut self) -> Option<Self> {
        if self.mono.len() < self.seconds(CHUNK_SECS) {
            return None;
        }
        let moment = self.seconds(1) / MOMENTS_A_SECOND;
        let from = self.mono.len() - self.seconds(QUIET_WITHIN_SECS);
        let loudness = |moment: &[f32]| moment.iter().map(|sample| sample.abs()).sum::<f32>();
        let moments = self.mono[from..].chunks_exact(moment.max(1)).map(loudness).enumerate();
        let quietest = moments.min_by(|(_, a), (_, b)| a.total_cmp(b)).map_or(0, |(n, _)| n);
        let rest = self.mono.split_off(from + quietest * moment + moment / 2);
        let length = Span::from_ticks(self.mono.len() as u64, self.rate_hz).unwrap_or_default();
        let rest = Self { start: self.start + length, rate_hz: self.rate_hz, mono: rest };
        Some(std::mem::replace(self, rest))
    }

    fn seconds(&self, count: usize) -> usize {
        usize::try_from(self.rate_hz).unwrap_or(usize::MAX).saturating_mul(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_cut_where_it_is_quiet_and_nothing_is_lost() {
        let rate_hz = 100;
        let mut chunk = Chunk { start: Micros::from_secs(7), rate_hz, mono: Vec::new() };
        let (mut at, mut whole, mut mixer) = (Micros::from_secs(7), None, Mixer::new(1));
        while whole.is_none() {
            let now = at.saturating_since(Micros::from_secs(7)).0 / 1_000_000;
            let sample = if now == 172 { 0.0 } else { 0.5 };
            chunk.take(
                &Samples { at, rate_hz, channels: 2.into(), interleaved: vec![sample; 20] },
                &mut mixer,
            );
            at += Span::from_millis(100);
            whole = chunk.cut();
        }
        let whole = whole.expect("a chunk");
        assert_eq!(whole.start, Micros::from_secs(7));
        let cut = whole.start + Span::from_ticks(whole.mono.len() as u64, rate_hz).expect("a rate");
        assert!(
            (Micros::from_secs(179)..Micros::from_secs(180)).contains(&cut),
            "in the quiet second, not at {cut:?}"
        );
        assert_eq!(chunk.start, cut, "the rest begins where the chunk ends");
        assert_eq!(whole.mono.len() + chunk.mono.len(), 18_000, "nothing is lost");
    }
}
