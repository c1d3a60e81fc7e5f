//! [`Speech`]: a loaded speech model, and what it [`Said`] that it heard.

mod processor;

use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Once};

use transcribe_cpp::{
    Backend, CancelToken, Error, Feature, Model, ModelOptions, Role, RunExtension, RunOptions, Session, SessionOptions,
    TimestampKind, Transcript, WhisperRunOptions,
};
use vignette_model::Micros;
use vignette_model::text::Label;

use crate::WordsError;

/// What speech models listen to.
pub(crate) const SPEECH_HZ: u32 = 16_000;
/// Some models refuse less; silence is put behind what is shorter.
const LEAST_SAMPLES: usize = SPEECH_HZ as usize;

/// Any number does.
const SEED: u32 = 1;

/// A loaded speech model. Clones are the same model: of several listeners one is served at a time, a piece each.
#[derive(Clone)]
pub struct Speech(Arc<Loaded>);

struct Loaded {
    model: Model,
    name: Label,
    language: Option<Label>,
}

impl fmt::Debug for Speech {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Speech").field(&self.0.name.as_str()).finish()
    }
}

impl Speech {
    /// Loads a model file: GGUF of any kind that transcribe.cpp knows, or a Whisper file of whisper.cpp. Takes a moment,
    /// and about as much memory as the file is long. The file must not change while it is loaded.
    ///
    /// # Errors
    /// [`WordsError::OldProcessor`], [`WordsError::NotAModel`], or [`WordsError::Disk`] if the file cannot be read.
    pub fn open(model_file: &Path) -> Result<Self, WordsError> {
        if let Some(feature) = processor::missing() {
            return Err(WordsError::OldProcessor { feature });
        }
        // The engine prints to the terminal if it is let, and what it prints may be what was said.
        static QUIET: Once = Once::new();
        QUIET.call_once(transcribe_cpp::disable_logging);
        std::fs::File::open(model_file).map_err(WordsError::disk(model_file))?;
        let not_a_model = |why: String| WordsError::NotAModel { path: model_file.to_owned(), why };
        // The processor alone: it is fast enough, the same everywhere, and the graphics card is busy with the recording.
        let options = ModelOptions { backend: Backend::Cpu, ..ModelOptions::default() };
        let model = Model::load_with(model_file, &options).map_err(|error| not_a_model(error.to_string()))?;
        if !model.roles().contains(Role::Asr) {
            return Err(not_a_model("it does something else than to write down speech".to_owned()));
        }
        let languages = model.capabilities().map_err(|error| not_a_model(error.to_string()))?.languages;
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

    /// Gets ready to hear pieces, until `cancel` is cancelled.
    pub(crate) fn attend(&self, cancel: &CancelToken) -> Result<Attention, WordsError> {
        // One thread: recording goes before, and half a minute of speech takes a second or two.
        let options = SessionOptions { n_threads: 1, ..SessionOptions::default() };
        let mut session = self.0.model.session_with(&options).map_err(engine)?;
        session.set_cancel_token(cancel);
        // Where Whisper is not sure it throws dice, always the same ones: the same sound gives the same words.
        let dice = || RunExtension::Whisper(WhisperRunOptions { seed: Some(SEED), ..WhisperRunOptions::default() });
        let again = self.0.model.supports(Feature::TemperatureFallback).then(dice);
        Ok(Attention { session, again, padded: Vec::new() })
    }
}

/// A model at work.
pub(crate) struct Attention {
    session: Session,
    again: Option<RunExtension>,
    padded: Vec<f32>,
}

/// What was said in a piece. Times are since the piece began.
#[derive(Debug, Default)]
pub(crate) struct Said {
    pub(crate) parts: Vec<Part>,
    /// What the model takes the language for, if it was not told.
    pub(crate) language: Option<String>,
}

/// A stretch of what was said, as the model divides it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) span: Range<Micros>,
    pub(crate) text: String,
    /// Each word of `text` and when it was said, where the model knows it; else empty.
    pub(crate) words: Vec<(String, Range<Micros>)>,
}

impl Attention {
    /// What is said in a piece of 16 kHz mono sound of at most half a minute, in `language` if that is known.
    pub(crate) fn hear(&mut self, sound: &[f32], language: Option<&str>) -> Result<Said, WordsError> {
        let options = RunOptions { language: language.map(str::to_owned), family: self.again.clone(), ..RunOptions::default() };
        let length = Micros::from_ticks(sound.len() as u64, SPEECH_HZ).unwrap_or_default();
        let sound = if sound.len() < LEAST_SAMPLES {
            self.padded.clear();
            self.padded.extend_from_slice(sound);
            self.padded.resize(LEAST_SAMPLES, 0.0);
            &self.padded
        } else {
            sound
        };
        match self.session.run(sound, &options) {
            Ok(transcript) => Ok(said(&transcript, length)),
            // A model that begins to repeat itself, or does not come to an end, has said something before that.
            Err(
                Error::OutputTruncated { partial: Some(transcript), .. }
                | Error::OutputRepetition { partial: Some(transcript), .. },
            ) => Ok(said(&transcript, length)),
            Err(error) => Err(engine(error)),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "to be given to map_err")]
fn engine(error: Error) -> WordsError {
    WordsError::Engine(error.to_string())
}

fn said(transcript: &Transcript, length: Micros) -> Said {
    let at = |ms: i64| Micros::from_millis(u64::try_from(ms).unwrap_or(0)).min(length);
    let words_of = |segment: usize| {
        let words = transcript.words.iter().filter(move |word| usize::try_from(word.seg_index) == Ok(segment));
        words.map(|word| (word.text.trim().to_owned(), at(word.t0_ms)..at(word.t1_ms))).filter(|(text, _)| !text.is_empty())
    };
    let mut parts: Vec<Part> = transcript
        .segments
        .iter()
        .enumerate()
        .map(|(index, segment)| Part {
            span: at(segment.t0_ms)..at(segment.t1_ms),
            text: segment.text.trim().to_owned(),
            words: words_of(index).collect(),
        })
        .collect();
    let untimed = transcript.timestamp_kind == TimestampKind::None || parts.is_empty();
    if untimed {
        parts = vec![Part { span: Micros::ZERO..length, text: transcript.text.trim().to_owned(), words: Vec::new() }];
    }
    parts.retain(|part| !part.text.is_empty());
    Said { parts, language: transcript.language.clone() }
}
