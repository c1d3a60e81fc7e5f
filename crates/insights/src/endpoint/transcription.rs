//! [`transcribe`]: speech to cues by an endpoint, `/audio/transcriptions` with `verbose_json`.

use serde::Deserialize;
use vignette_model::text::{CueText, Label};
use vignette_model::transcript::{Cue, MAX_CUES};
use vignette_model::{Micros, Span};

use super::form::{Form, wav};
use super::{Endpoint, EndpointError, UnusableAnswer, micros};

/// What is sent at once; services take 25 MB, and this is 19 MB at 16 kHz.
const PIECE_SECS: usize = 600;
/// Where a piece ends, the quietest moment of so many seconds is looked for, so that no word is
/// cut.
const QUIET_WITHIN_SECS: usize = 20;
/// How many samples of a second make a moment: one in twenty.
const MOMENTS_A_SECOND: usize = 20;
const MAX_ANSWER_BYTES: usize = 32 << 20;
/// A segment is dropped if the model gives silence at least this probability and its text at most
/// this log probability.
const MIN_SILENCE_PROBABILITY: f64 = 0.6;
const MAX_DOUBTED_LOG_PROBABILITY: f64 = -1.0;

/// Asks `endpoint` what is said in `mono`.
pub(super) async fn transcribe(
    endpoint: &Endpoint,
    mono: &[f32],
    rate_hz: u32,
    language: Option<&str>,
) -> Result<(Vec<Cue>, Option<Label>), EndpointError> {
    let http = endpoint.http()?;
    let mut cues = Vec::new();
    let mut language_detected = None;
    let mut from = 0;
    for until in ends(mono, rate_hz) {
        let piece = &mono[from..until];
        let offset = length(from, rate_hz);
        let form = Form::with_wav(&wav(piece, rate_hz))
            .field("model", endpoint.model.as_str())
            .field("response_format", "verbose_json")
            .field("timestamp_granularities[]", "word")
            .field("timestamp_granularities[]", "segment");
        let form = match language {
            Some(language) => form.field("language", primary(language)),
            None => form,
        };
        let (content_type, body) = form.finish();
        let request = endpoint
            .post(&http, "audio/transcriptions")
            .header(reqwest::header::CONTENT_TYPE, content_type)
            .body(body);
        let response = endpoint.send(request).await?;
        if !response.status().is_success() {
            return Err(endpoint.refused(response.status()));
        }
        let body = endpoint.body(response, MAX_ANSWER_BYTES).await?;
        let transcription: Transcription = serde_json::from_slice(&body)
            .map_err(|_| endpoint.unusable(UnusableAnswer::NoTimes))?;
        language_detected = language_detected.or_else(|| transcription.language());
        cues.extend(
            transcription
                .cues(length(piece.len(), rate_hz))
                .into_iter()
                .map(|cue| moved(cue, offset)),
        );
        from = until;
    }
    cues.sort_by_key(|cue| cue.start_us);
    cues.truncate(MAX_CUES);
    Ok((cues, language_detected))
}

/// How long so many samples are.
fn length(samples: usize, rate_hz: u32) -> Span {
    Span::from_ticks(samples as u64, rate_hz).unwrap_or_default()
}

/// Where each piece of the sound ends.
fn ends(mono: &[f32], rate_hz: u32) -> Vec<usize> {
    let second = rate_hz.max(1) as usize;
    let mut ends = Vec::new();
    let mut from = 0;
    while mono.len() - from > PIECE_SECS * second {
        let latest = from + PIECE_SECS * second;
        from = quietest(mono, latest - QUIET_WITHIN_SECS * second..latest, second);
        ends.push(from);
    }
    if from < mono.len() {
        ends.push(mono.len());
    }
    ends
}

/// The middle of the quietest moment.
fn quietest(mono: &[f32], within: std::ops::Range<usize>, second: usize) -> usize {
    let moment = (second / MOMENTS_A_SECOND).max(1);
    let loudness = |from: &usize| {
        mono[*from..(from + moment).min(mono.len())].iter().map(|sample| sample.abs()).sum::<f32>()
    };
    let end = within.end;
    within
        .step_by(moment)
        .min_by(|one, two| loudness(one).total_cmp(&loudness(two)))
        .map_or(end, |from| (from + moment / 2).min(end))
}

fn moved(cue: Cue, offset: Span) -> Cue {
    Cue {
        start_us: cue.start_us + offset,
        end_us: cue.end_us + offset,
        word_starts_us: cue.word_starts_us.into_iter().map(|start| start + offset).collect(),
        ..cue
    }
}

/// `en` of `en-GB`: what endpoints take.
fn primary(tag: &str) -> &str {
    tag.split(['-', '_']).next().unwrap_or_default()
}

/// The answer as it comes; fields that are not needed are passed over.
#[derive(Deserialize)]
struct Transcription {
    #[serde(default)]
    text: String,
    language: Option<String>,
    segments: Option<Vec<Segment>>,
    words: Option<Vec<Word>>,
}

#[derive(Deserialize)]
struct Segment {
    start: f64,
    end: f64,
    text: String,
    no_speech_prob: Option<f64>,
    avg_logprob: Option<f64>,
}

#[derive(Deserialize)]
struct Word {
    start: f64,
}

impl Transcription {
    /// The cues, within a piece of `length`. An endpoint that gives no times gives one cue.
    fn cues(&self, length: Span) -> Vec<Cue> {
        let words: Vec<Micros> =
            self.words.iter().flatten().filter_map(|word| micros(word.start)).collect();
        match &self.segments {
            Some(segments) => {
                segments.iter().filter_map(|segment| segment.cue(&words, length)).collect()
            }
            None => {
                let whole = CueText::cut(&self.text).ok().filter(|_| length > Span::ZERO);
                let cue = |text| Cue {
                    start_us: Micros::ZERO,
                    end_us: Micros::ZERO + length,
                    text,
                    word_starts_us: Vec::new(),
                };
                whole.map(cue).into_iter().collect()
            }
        }
    }

    /// The tag of the language; services call it by its English name.
    fn language(&self) -> Option<Label> {
        const NAMES: &[(&str, &str)] = &[
            ("arabic", "ar"),
            ("chinese", "zh"),
            ("czech", "cs"),
            ("danish", "da"),
            ("dutch", "nl"),
            ("english", "en"),
            ("finnish", "fi"),
            ("french", "fr"),
            ("german", "de"),
            ("greek", "el"),
            ("hebrew", "he"),
            ("hindi", "hi"),
            ("hungarian", "hu"),
            ("italian", "it"),
            ("japanese", "ja"),
            ("korean", "ko"),
            ("norwegian", "no"),
            ("polish", "pl"),
            ("portuguese", "pt"),
            ("romanian", "ro"),
            ("russian", "ru"),
            ("spanish", "es"),
            ("swedish", "sv"),
            ("turkish", "tr"),
            ("ukrainian", "uk"),
        ];
        let said = self.language.as_deref()?.to_lowercase();
        let named = NAMES.iter().find(|(name, _)| *name == said).map(|(_, tag)| *tag);
        let tag = named.or_else(|| {
            ((2..=3).contains(&said.len()) && said.chars().all(|c| c.is_ascii_lowercase()))
                .then_some(&said)
        })?;
        Label::new(tag).ok()
    }
}

impl Segment {
    fn cue(&self, words: &[Micros], length: Span) -> Option<Cue> {
        let silent = self.no_speech_prob.is_some_and(|silence| silence > MIN_SILENCE_PROBABILITY)
            && self.avg_logprob.is_none_or(|certainty| certainty < MAX_DOUBTED_LOG_PROBABILITY);
        let (start_us, end_us) =
            (micros(self.start)?, micros(self.end)?.min(Micros::ZERO + length));
        if silent || end_us <= start_us {
            return None;
        }
        let text = CueText::cut(&self.text).ok()?;
        let own: Vec<Micros> =
            words.iter().copied().filter(|start| start_us <= *start && *start < end_us).collect();
        let fits = own.len() == text.as_str().split_whitespace().count() && own.is_sorted();
        Some(Cue { start_us, end_us, text, word_starts_us: if fits { own } else { Vec::new() } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_sound_is_cut_where_it_is_quiet() {
        let rate_hz = 100;
        let mut mono = vec![0.5_f32; 1_300 * 100];
        mono[59_000..59_010].fill(0.0);
        let ends = ends(&mono, rate_hz);
        assert!((59_000..59_010).contains(&ends[0]), "the first cut is in the pause: {ends:?}");
        assert_eq!(ends.last(), Some(&mono.len()));
        assert!(
            ends.windows(2).all(|pair| pair[1] - pair[0] <= PIECE_SECS * 100),
            "no piece is too long"
        );
        assert_eq!(super::ends(&[], rate_hz), Vec::<usize>::new(), "no sound is no piece");
    }

    #[test]
    fn segments_become_cues_within_the_sound() {
        let transcription: Transcription = serde_json::from_value(serde_json::json!({
            "task": "transcribe", "language": "english", "duration": 9.5, "text": "Hello there. You",
            "segments": [
                { "id": 0, "start": 0.5, "end": 2.0, "text": " Hello there.", "no_speech_prob": 0.01, "avg_logprob": -0.2 },
                { "id": 1, "start": 4.0, "end": 6.0, "text": " You", "no_speech_prob": 0.9, "avg_logprob": -1.3 },
                { "id": 2, "start": 7.0, "end": 400.0, "text": "late", "seek": 3 },
                { "id": 3, "start": -1.0, "end": 3.0, "text": "never" },
                { "id": 4, "start": 30.0, "end": 40.0, "text": "after the end" },
            ],
            "words": [{ "word": "Hello", "start": 0.5, "end": 0.9 }, { "word": "there", "start": 1.0, "end": 2.0 }],
        }))
        .unwrap();
        let cues = transcription.cues(Span::from_secs(10));
        let texts: Vec<_> = cues.iter().map(|cue| cue.text.as_str()).collect();
        assert_eq!(texts, ["Hello there.", "late"], "silence and what lies outside are left out");
        assert_eq!(cues[0].word_starts_us, [Micros::from_millis(500), Micros::from_secs(1)]);
        assert_eq!(cues[1].end_us, Micros::from_secs(10), "a cue ends with the sound");
        assert_eq!(transcription.language().unwrap().as_str(), "en");
    }
}
