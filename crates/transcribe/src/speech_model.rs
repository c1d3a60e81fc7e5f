//! [`SpeechModel`]: a loaded speech model, and the [`Segments`] that it makes of an utterance.

mod processor;

use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Once};

use transcribe_cpp::{
    Backend, CancelToken, Error, Feature, Model, ModelOptions, Role, RunExtension, RunOptions,
    Session, SessionOptions, TimestampKind, Transcript as EngineTranscript, WhisperRunOptions,
};
use vignette_model::Span;
use vignette_model::text::Label;

use crate::TranscribeError;

/// Sample rate that speech models take.
pub(crate) const SAMPLE_RATE_HZ: u32 = 16_000;
/// Some models refuse less; shorter utterances are padded with silence.
const MIN_SAMPLES: usize = SAMPLE_RATE_HZ as usize;

/// Seed of the sampling that Whisper falls back to; a constant, so that the same sound gives the
/// same text.
const SEED: u32 = 1;

/// A loaded speech model. Clones are the same model: several transcribers take turns, an utterance
/// each.
#[derive(Clone)]
pub struct SpeechModel(Arc<Loaded>);

struct Loaded {
    model: Model,
    name: Label,
    language: Option<Label>,
}

impl fmt::Debug for SpeechModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SpeechModel").field(&self.0.name.as_str()).finish()
    }
}

impl SpeechModel {
    /// Loads a model file: GGUF of any kind that transcribe.cpp knows, or a Whisper file of
    /// whisper.cpp. Takes a moment, and about as much memory as the file is long. The file must not
    /// change while it is loaded.
    ///
    /// # Errors
    /// [`TranscribeError::OldProcessor`], [`TranscribeError::NotAModel`], or
    /// [`TranscribeError::Disk`] if the file cannot be read.
    pub fn open(model_file: &Path) -> Result<Self, TranscribeError> {
        if let Some(feature) = processor::missing() {
            return Err(TranscribeError::OldProcessor { feature });
        }
        // The engine logs to the terminal by default, and what it logs may be what was said.
        static QUIET: Once = Once::new();
        QUIET.call_once(transcribe_cpp::disable_logging);
        std::fs::File::open(model_file).map_err(TranscribeError::disk(model_file))?;
        let not_a_model =
            |why: String| TranscribeError::NotAModel { path: model_file.to_owned(), why };
        // CPU only: fast enough, the same everywhere, and the GPU is busy with the recording.
        let options = ModelOptions { backend: Backend::Cpu, ..ModelOptions::default() };
        let model = Model::load_with(model_file, &options)
            .map_err(|error| not_a_model(error.to_string()))?;
        if !model.roles().contains(Role::Asr) {
            return Err(not_a_model("it does something else than transcribe speech".to_owned()));
        }
        let languages =
            model.capabilities().map_err(|error| not_a_model(error.to_string()))?.languages;
        let language = match languages.as_slice() {
            [only] => Label::cut(only).ok(),
            _ => None,
        };
        let stem = model_file.file_stem().unwrap_or_default().to_string_lossy();
        let name = Label::cut(&stem).map_err(|error| not_a_model(error.to_string()))?;
        Ok(Self(Arc::new(Loaded { model, name, language })))
    }

    /// What the model is called: its file's name without the ending.
    #[must_use]
    pub fn name(&self) -> Label {
        self.0.name.clone()
    }

    /// The language it knows, if it knows one alone: `en`.
    #[must_use]
    pub fn language(&self) -> Option<Label> {
        self.0.language.clone()
    }

    /// Opens a decoder session that ends when `cancel` is cancelled.
    pub(crate) fn session(&self, cancel: &CancelToken) -> Result<DecoderSession, TranscribeError> {
        // One thread: recording has priority, and half a minute of speech takes a second or two.
        let options = SessionOptions { n_threads: 1, ..SessionOptions::default() };
        let mut session = self.0.model.session_with(&options).map_err(engine)?;
        session.set_cancel_token(cancel);
        // Where Whisper is not sure it samples at a higher temperature.
        let fallback = || {
            RunExtension::Whisper(WhisperRunOptions {
                seed: Some(SEED),
                ..WhisperRunOptions::default()
            })
        };
        let family = self.0.model.supports(Feature::TemperatureFallback).then(fallback);
        Ok(DecoderSession { session, family, padded: Vec::new() })
    }
}

/// A session of the model, with its buffers.
pub(crate) struct DecoderSession {
    session: Session,
    family: Option<RunExtension>,
    padded: Vec<f32>,
}

/// What was said in an utterance. Times are since the utterance began.
#[derive(Debug, Default)]
pub(crate) struct Segments {
    pub(crate) list: Vec<Segment>,
    /// The language that the model detected, if it was not told.
    pub(crate) language: Option<String>,
}

/// A part of an utterance, as the model divides it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    /// Since the utterance began.
    pub(crate) span: Range<Span>,
    pub(crate) text: String,
    /// Each word of `text` and when it was said, where the model knows it; else empty.
    pub(crate) words: Vec<(String, Range<Span>)>,
}

impl DecoderSession {
    /// Transcribes an utterance of 16 kHz mono sound of at most half a minute, in `language` if
    /// that is known.
    pub(crate) fn transcribe(
        &mut self,
        sound: &[f32],
        language: Option<&str>,
    ) -> Result<Segments, TranscribeError> {
        let options = RunOptions {
            language: language.map(str::to_owned),
            family: self.family.clone(),
            ..RunOptions::default()
        };
        let length = Span::from_ticks(sound.len() as u64, SAMPLE_RATE_HZ).unwrap_or_default();
        let sound = if sound.len() < MIN_SAMPLES {
            self.padded.clear();
            self.padded.extend_from_slice(sound);
            self.padded.resize(MIN_SAMPLES, 0.0);
            &self.padded
        } else {
            sound
        };
        match self.session.run(sound, &options) {
            Ok(transcript) => Ok(segments(&transcript, length)),
            // A model that begins to repeat itself, or does not stop, has transcribed something
            // before that.
            Err(
                Error::OutputTruncated { partial: Some(transcript), .. }
                | Error::OutputRepetition { partial: Some(transcript), .. },
            ) => Ok(segments(&transcript, length)),
            Err(error) => Err(engine(error)),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "to be given to map_err")]
fn engine(error: Error) -> TranscribeError {
    TranscribeError::Engine(error.to_string())
}

fn segments(transcript: &EngineTranscript, length: Span) -> Segments {
    let at = |ms: i64| Span::from_millis(u64::try_from(ms).unwrap_or(0)).min(length);
    let words_of = |segment: usize| {
        let words = transcript
            .words
            .iter()
            .filter(move |word| usize::try_from(word.seg_index) == Ok(segment));
        words
            .map(|word| (word.text.trim().to_owned(), at(word.t0_ms)..at(word.t1_ms)))
            .filter(|(text, _)| !text.is_empty())
    };
    let mut list: Vec<Segment> = transcript
        .segments
        .iter()
        .enumerate()
        .map(|(index, segment)| Segment {
            span: at(segment.t0_ms)..at(segment.t1_ms),
            text: segment.text.trim().to_owned(),
            words: words_of(index).collect(),
        })
        .collect();
    let untimed = transcript.timestamp_kind == TimestampKind::None || list.is_empty();
    if untimed {
        list = vec![Segment {
            span: Span::ZERO..length,
            text: transcript.text.trim().to_owned(),
            words: Vec::new(),
        }];
    }
    list.retain(|segment| !segment.text.is_empty());
    Segments { list, language: transcript.language.clone() }
}
