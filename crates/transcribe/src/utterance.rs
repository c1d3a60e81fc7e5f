//! [`Utterance`]: speech that is transcribed in one go, and the [`Segmenter`] that ends utterances
//! at pauses.
//!
//! A speech model takes half a minute at most and transcribes whole sentences better than parts of
//! them. So an utterance grows until there is a pause. The longer it is, the shorter the pause may
//! be, and at 28 s it is cut where speech is least likely.

use std::ops::Range;

use vignette_model::{Micros, Span};

use crate::mono::MonoBlock;
use crate::speech_model::SAMPLE_RATE_HZ;
use crate::voice_activity::{FRAME, FRAME_TIME, VoiceActivity, VoiceDetector, frames, voiced};

/// From which length on an utterance is closed by a pause of which length, the longest first.
const CLOSING_PAUSES: [(Span, Span); 3] = [
    (Span::from_secs(20), Span::from_millis(200)),
    (Span::from_secs(12), Span::from_millis(500)),
    (Span::ZERO, Span::from_secs(3)),
];
/// The maximum length of an utterance.
const MAX_LENGTH: Span = Span::from_secs(28);
/// Without a pause it is cut within this time before its end.
const CUT_WINDOW: Span = Span::from_secs(4);
/// Silence that is kept before and after the speech, since the softest sounds of a word are not
/// detected as speech.
const MARGIN: Span = Span::from_millis(300);
/// Shorter speech without other speech near it is a cough or a click.
const MIN_ISOLATED_SPEECH: Span = Span::from_millis(400);
/// How near other speech must be to count.
const MAX_NEIGHBOUR_DISTANCE: Span = Span::from_secs(1);

/// Sound with speech in it.
#[derive(Debug, PartialEq)]
pub(crate) struct Utterance {
    /// Where it begins in the clip.
    pub(crate) start: Micros,
    /// 16 kHz.
    pub(crate) sound: Vec<f32>,
    /// Where in the clip somebody speaks.
    pub(crate) voiced: Vec<Range<Micros>>,
}

impl Utterance {
    /// How long it is.
    pub(crate) fn length(&self) -> Span {
        Span::from_ticks(self.sound.len() as u64, SAMPLE_RATE_HZ).unwrap_or_default()
    }
}

/// Collects sound and gives utterances. Holds half a minute at most.
pub(crate) struct Segmenter {
    voice: VoiceDetector,
    /// Sound that is in no utterance yet.
    sound: Vec<f32>,
    /// How likely there is speech in each whole frame of `sound`.
    scores: Vec<f32>,
    /// Where in the clip `sound` ends.
    end: Micros,
}

impl Default for Segmenter {
    fn default() -> Self {
        Self {
            voice: VoiceDetector::new(),
            sound: Vec::new(),
            scores: Vec::new(),
            end: Micros::ZERO,
        }
    }
}

impl Segmenter {
    /// Position in the clip up to which sound was taken.
    pub(crate) const fn end(&self) -> Micros {
        self.end
    }

    /// Takes the next block and adds the utterances that it completes to `utterances`.
    pub(crate) fn push(&mut self, block: &MonoBlock, utterances: &mut Vec<Utterance>) {
        if block.discontinuous {
            self.finish(utterances);
            self.voice = VoiceDetector::new();
        }
        self.sound.extend_from_slice(&block.sound);
        self.end = block.at
            + Span::from_ticks(block.sound.len() as u64, SAMPLE_RATE_HZ).unwrap_or_default();
        while let Some(frame) =
            self.sound.get(self.scores.len() * FRAME..).and_then(<[f32]>::first_chunk)
        {
            self.scores.push(self.voice.score(frame));
            self.cut(utterances);
        }
    }

    /// Closes the last utterance.
    pub(crate) fn finish(&mut self, utterances: &mut Vec<Utterance>) {
        utterances.extend(self.utterance(self.scores.len()));
        self.sound.clear();
        self.scores.clear();
    }

    fn cut(&mut self, utterances: &mut Vec<Utterance>) {
        let scored = self.scores.len();
        let VoiceActivity { spans, doubtful } = voiced(&self.scores);
        // What may be the beginning of speech stays in the buffer.
        let kept = doubtful.unwrap_or(scored).saturating_sub(frames(MARGIN));
        let (Some(first), Some(last)) = (spans.first(), spans.last()) else {
            return self.drop_frames(kept);
        };
        let (length, pause) = (scored - first.start, scored - last.end);
        let paused = CLOSING_PAUSES
            .iter()
            .any(|&(least, silence)| length >= frames(least) && pause >= frames(silence));
        let begins = doubtful.is_some_and(|begun| scored - begun < frames(MAX_NEIGHBOUR_DISTANCE));
        if paused && !begins {
            utterances.extend(self.utterance(scored));
            self.drop_frames(kept.max(last.end));
        } else if scored >= frames(MAX_LENGTH) {
            let end = self.quietest_frame();
            utterances.extend(self.utterance(end));
            self.drop_frames(end);
        }
    }

    /// The frame before which an utterance without a pause is cut: that around which speech is
    /// least likely.
    fn quietest_frame(&self) -> usize {
        let end = self.scores.len();
        let spoken =
            |frame: usize| self.scores[frame - 3..(frame + 3).min(end)].iter().sum::<f32>();
        (end - frames(CUT_WINDOW)..end - 3)
            .min_by(|&a, &b| spoken(a).total_cmp(&spoken(b)))
            .unwrap_or(end)
    }

    /// The first `end` frames as an utterance, without the silence around it; none if nobody speaks
    /// in it.
    fn utterance(&self, end: usize) -> Option<Utterance> {
        let spans = without_isolated(voiced(&self.scores[..end]).spans);
        let from = spans.first()?.start.saturating_sub(frames(MARGIN));
        let to = (spans.last()?.end + frames(MARGIN)).min(end);
        let held = Span::from_ticks(self.sound.len() as u64, SAMPLE_RATE_HZ).unwrap_or_default();
        let began = self.end.saturating_sub(held);
        let at = |frame: usize| began + FRAME_TIME * frame as u64;
        let voiced = spans.iter().map(|span| at(span.start)..at(span.end)).collect();
        Some(Utterance {
            start: at(from),
            sound: self.sound[from * FRAME..to * FRAME].to_vec(),
            voiced,
        })
    }

    fn drop_frames(&mut self, frames: usize) {
        self.scores.drain(..frames);
        self.sound.drain(..frames * FRAME);
    }
}

/// Removes what is too short and too isolated to be speech.
fn without_isolated(spans: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let near =
        |a: &Range<usize>, b: &Range<usize>| b.start - a.end < frames(MAX_NEIGHBOUR_DISTANCE);
    let keep: Vec<bool> = (0..spans.len())
        .map(|n| {
            let span = &spans[n];
            let has_company = n.checked_sub(1).is_some_and(|before| near(&spans[before], span))
                || spans.get(n + 1).is_some_and(|after| near(span, after));
            has_company || span.len() >= frames(MIN_ISOLATED_SPEECH)
        })
        .collect();
    spans.into_iter().zip(keep).filter_map(|(span, keep)| keep.then_some(span)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A segmenter that is given scores in place of sound.
    fn utterances(scores: impl IntoIterator<Item = f32>) -> Vec<Utterance> {
        let (mut segmenter, mut utterances) = (Segmenter::default(), Vec::new());
        for score in scores {
            segmenter.sound.extend_from_slice(&[0.0; FRAME]);
            segmenter.end += FRAME_TIME;
            segmenter.scores.push(score);
            segmenter.cut(&mut utterances);
            assert!(segmenter.scores.len() <= frames(MAX_LENGTH), "what is held is bounded");
        }
        segmenter.finish(&mut utterances);
        utterances
    }

    fn cut(scores: impl IntoIterator<Item = f32>) -> Vec<(Micros, Micros)> {
        utterances(scores)
            .iter()
            .map(|utterance| (utterance.start, utterance.start + utterance.length()))
            .collect()
    }

    fn speech(secs: f64) -> Vec<f32> {
        of(secs, 1.0)
    }

    fn silence(secs: f64) -> Vec<f32> {
        of(secs, 0.0)
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a test's seconds")]
    fn of(secs: f64, score: f32) -> Vec<f32> {
        vec![score; (secs / 0.016) as usize]
    }

    #[track_caller]
    fn assert_pieces(found: &[(Micros, Micros)], expected: &[(f64, f64)]) {
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, &(start, end)) in found.iter().zip(expected) {
            let near = |at: Micros, secs: f64| (at.0 as f64 / 1e6 - secs).abs() < 0.05;
            assert!(
                near(found.0, start) && near(found.1, end),
                "{found:?} instead of {start} to {end}"
            );
        }
    }

    #[test]
    fn a_piece_is_closed_by_a_pause_when_it_is_long_enough() {
        let take =
            [silence(2.0), speech(5.0), silence(0.6), speech(8.0), silence(0.6), speech(4.0)]
                .concat();
        assert_pieces(&cut(take), &[(1.7, 15.9), (15.9, 20.2)]);
    }

    #[test]
    fn a_short_pause_closes_a_long_piece() {
        assert_pieces(
            &cut([speech(21.0), silence(0.25), speech(6.0)].concat()),
            &[(0.0, 21.2), (21.0, 27.25)],
        );
    }

    #[test]
    fn what_knows_no_pause_is_cut_where_it_is_least_spoken() {
        let take = [speech(25.5), of(0.1, 0.4), speech(20.0)].concat();
        assert_pieces(&cut(take), &[(0.0, 25.55), (25.55, 45.6)]);
    }

    #[test]
    fn words_far_apart_are_pieces_of_their_own() {
        assert_pieces(
            &cut([speech(2.0), silence(10.0), speech(2.0), silence(10.0)].concat()),
            &[(0.0, 2.3), (11.7, 14.3)],
        );
    }

    #[test]
    fn a_lonely_click_is_no_speech_and_a_short_word_beside_others_is() {
        assert_pieces(&cut([silence(2.0), speech(0.2), silence(5.0)].concat()), &[]);
        assert_pieces(
            &cut([silence(2.0), speech(0.2), silence(0.5), speech(1.0), silence(5.0)].concat()),
            &[(1.7, 4.0)],
        );
    }

    #[test]
    fn missing_sound_closes_a_piece() {
        let (mut segmenter, mut utterances) = (Segmenter::default(), Vec::new());
        (segmenter.sound, segmenter.scores, segmenter.end) =
            (vec![0.0; 100 * FRAME], vec![1.0; 100], Micros::from_millis(1600));
        segmenter.push(
            &MonoBlock {
                at: Micros::from_secs(60),
                discontinuous: true,
                sound: vec![0.0; 10 * FRAME],
            },
            &mut utterances,
        );
        assert_eq!(utterances.len(), 1);
        assert_eq!(
            (utterances[0].start, utterances[0].length()),
            (Micros::ZERO, Span::from_millis(1600))
        );
        assert_eq!(segmenter.end(), Micros::from_secs(60) + Span::from_millis(160));
    }

    proptest! {
        #[test]
        fn all_speech_is_in_one_piece_and_no_piece_is_too_long(spans in prop::collection::vec((0.0..6.0, 0.5..9.0), 1..12)) {
            let scores: Vec<f32> = spans.iter().flat_map(|&(quiet, loud)| [silence(quiet), speech(loud)].concat()).collect();
            let utterances = utterances(scores.iter().copied());
            for utterance in &utterances {
                prop_assert!(utterance.length() <= MAX_LENGTH);
                prop_assert!(utterance.voiced.iter().all(|span| utterance.start <= span.start && span.end <= utterance.start + utterance.length()));
            }
            let voiced: Vec<_> = utterances.iter().flat_map(|utterance| utterance.voiced.clone()).collect();
            prop_assert!(voiced.windows(2).all(|pair| pair[0].end <= pair[1].start), "nothing twice: {voiced:?}");
            let scored: u64 = voiced.iter().map(|span| span.end.checked_since(span.start).unwrap().0).sum();
            let spoken = super::voiced(&scores).spans.iter().map(|span| span.len() as u64 * FRAME_TIME.0).sum::<u64>();
            prop_assert!(scored.abs_diff(spoken) <= 200_000 * utterances.len() as u64, "{scored} of {spoken}: {voiced:?}");
        }
    }
}
