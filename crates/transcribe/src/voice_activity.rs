//! [`VoiceDetector`]: detects speech, in frames of 16 ms.

use std::ops::Range;

use earshot::Detector;
use vignette_model::Span;

/// Samples of a frame of 16 kHz sound.
pub(crate) const FRAME: usize = 256;
/// A frame's length.
pub(crate) const FRAME_TIME: Span = Span::from_millis(16);

/// Speech begins with a frame of at least this score,
const MIN_START_SCORE: f32 = 0.5;
/// continues over frames of at least this score,
const MIN_CONTINUE_SCORE: f32 = 0.35;
/// and over at most so many frames of less in a row, since the stops within words are no pauses.
const MAX_GAP_FRAMES: usize = 10;
/// It is speech if so many frames in a row have this mean score. Noise of any colour stays below,
/// speech comes above even where it is no louder than the noise around it.
const CLEAR_SPEECH: (usize, f32) = (10, 0.8);
/// What is not clearly speech after so many frames is noise.
const MAX_UNDECIDED_FRAMES: usize = frames(Span::from_secs(1));
/// Frames of silence that a new detector is given, since it takes the first frames for speech.
const WARM_UP_FRAMES: usize = 60;

/// How many frames are in `span`, rounded down.
pub(crate) const fn frames(span: Span) -> usize {
    (span.0 / FRAME_TIME.0) as usize
}

/// Scores frames one after another.
pub(crate) struct VoiceDetector(Box<Detector>);

impl VoiceDetector {
    pub(crate) fn new() -> Self {
        let mut voice = Self(Detector::default_boxed());
        for _ in 0..WARM_UP_FRAMES {
            voice.score(&[0.0; FRAME]);
        }
        voice
    }

    /// How likely it is that somebody speaks in the next frame, 0 to 1. Samples are within -1 to 1.
    pub(crate) fn score(&mut self, frame: &[f32; FRAME]) -> f32 {
        self.0.predict_f32(frame)
    }
}

/// Where somebody speaks.
#[derive(Debug, PartialEq)]
pub(crate) struct VoiceActivity {
    /// In order and apart.
    pub(crate) spans: Vec<Range<usize>>,
    /// Where something began that goes on and may yet turn out to be speech.
    pub(crate) doubtful: Option<usize>,
}

/// Finds the spans of frames in which somebody speaks.
pub(crate) fn voiced(scores: &[f32]) -> VoiceActivity {
    let mut spans: Vec<Range<usize>> = Vec::new();
    for (frame, &score) in scores.iter().enumerate() {
        match spans.last_mut() {
            Some(span) if score >= MIN_CONTINUE_SCORE && frame - span.end <= MAX_GAP_FRAMES => {
                span.end = frame + 1
            }
            _ if score >= MIN_START_SCORE => spans.push(frame..frame + 1),
            _ => {}
        }
    }
    let open = spans.last().filter(|span| {
        scores.len() - span.end <= MAX_GAP_FRAMES && !is_clear(&scores[(*span).clone()])
    });
    let doubtful =
        open.map(|span| span.start.max(scores.len().saturating_sub(MAX_UNDECIDED_FRAMES)));
    spans.retain(|span| is_clear(&scores[span.clone()]));
    VoiceActivity { spans, doubtful }
}

fn is_clear(scores: &[f32]) -> bool {
    let (frames, least) = CLEAR_SPEECH;
    scores
        .windows(frames.min(scores.len()))
        .any(|window| window.iter().sum::<f32>() >= least * window.len() as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_within_words_are_bridged_and_pauses_are_not() {
        let mut scores = vec![0.0; 100];
        scores[10..20].fill(0.9);
        scores[25..30].fill(0.4);
        scores[60..70].fill(0.9);
        scores[90..95].fill(0.4);
        assert_eq!(voiced(&scores).spans, [10..30, 60..70], "what begins too softly is no speech");
    }

    #[test]
    fn noise_is_no_speech_and_speech_in_noise_is() {
        let mut scores = vec![0.6; 300];
        assert_eq!(
            voiced(&scores),
            VoiceActivity { spans: Vec::new(), doubtful: Some(300 - MAX_UNDECIDED_FRAMES) }
        );
        scores[290..300].fill(0.95);
        assert_eq!(voiced(&scores).spans.first(), Some(&(0..300)));
        scores[280..].fill(0.0);
        assert_eq!(voiced(&scores), VoiceActivity { spans: Vec::new(), doubtful: None });
    }

    #[test]
    fn silence_is_no_speech() {
        let mut voice = VoiceDetector::new();
        let scores: Vec<f32> = (0..200).map(|_| voice.score(&[0.0; FRAME])).collect();
        assert_eq!(
            voiced(&scores).spans,
            [],
            "of {:?}",
            scores.iter().copied().fold(0.0, f32::max)
        );
    }
}
