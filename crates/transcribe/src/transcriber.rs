//! [`Transcriber`]: transcribes sound while it is recorded, or afterwards, into a [`Transcript`]
//! that grows.
//!
//! ```text
//! push ─▶ MonoResampler ─▶ Segmenter ─▶ Queue ═▶ SpeechModel ─▶ filter_hallucinations ─▶ cues ─▶ Transcript
//!         16 kHz           utterances            one worker thread of low priority
//! ```

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use transcribe_cpp::CancelToken;
use vignette_model::text::Label;
use vignette_model::transcript::{Cue, MAX_CUES};
use vignette_model::{Micros, Samples, Span};

use crate::cues::cues;
use crate::hallucination_filter::filter_hallucinations;
use crate::mono::MonoResampler;
use crate::speech_model::Segments;
use crate::utterance::{Segmenter, Utterance};
use crate::{SpeechModel, TranscribeError, priority};

/// Capacity of the queue while a take is recorded. When it is full, the model is too slow for this
/// computer.
const QUEUE_CAPACITY: Span = Span::from_secs(600);
/// Queue length at which [`Transcriber::push_blocking`] blocks.
const BLOCKING_QUEUE_LENGTH: Span = Span::from_secs(60);
/// In a shorter utterance a model may take one language for another, so the language is not
/// detected from it.
const MIN_LANGUAGE_DETECTION: Span = Span::from_secs(6);

/// What was said so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    /// What was said, in order.
    pub cues: Vec<Cue>,
    /// BCP 47 tag of the language, if known: `en`.
    pub language: Option<Label>,
    /// Position in the clip up to which sound was transcribed; no more cues come before it.
    pub until: Micros,
    /// Whether all sound was transcribed. Stays `false` if the transcriber gave up or the model
    /// failed.
    pub done: bool,
}

/// Transcribes blocks of sound in the order in which they are pushed. Dropping it cancels the work
/// and keeps nothing.
pub struct Transcriber {
    resampler: MonoResampler,
    segmenter: Segmenter,
    queue: Arc<Queue>,
    cancel: CancelToken,
    worker: Option<JoinHandle<Transcript>>,
}

/// Utterances that wait for the worker thread.
#[derive(Default)]
struct Queue {
    state: Mutex<QueueState>,
    changed: Condvar,
}

#[derive(Default)]
struct QueueState {
    utterances: VecDeque<Utterance>,
    /// Total length of the queued utterances and the one in work.
    length: Span,
    /// End of the clip's sound, once the queue is closed.
    closed_at: Option<Micros>,
    gave_up: bool,
    worker_exited: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, QueueState>) -> MutexGuard<'a, QueueState> {
        self.changed
            .wait_timeout(state, Duration::from_secs(1))
            .map_or_else(|e| e.into_inner().0, |(state, _)| state)
    }
}

impl Transcriber {
    /// Starts the worker thread. It calls `on_update` after each utterance, with the whole
    /// transcript so far.
    #[must_use]
    pub fn start(model: SpeechModel, on_update: impl FnMut(Transcript) + Send + 'static) -> Self {
        let cancel = CancelToken::new();
        let queue = Arc::new(Queue::default());
        let transcript = Transcript { language: model.language(), ..Transcript::default() };
        let worker = Worker {
            queue: queue.clone(),
            cancel: cancel.clone(),
            model,
            language_votes: HashMap::new(),
            transcript,
            failed: false,
        };
        let thread = std::thread::Builder::new()
            .name("transcribe".to_owned())
            .spawn(move || worker.run(on_update));
        // Without a thread nothing is transcribed, and `finish` says so; the recording goes on.
        let worker =
            thread.inspect_err(|error| tracing::warn!(%error, "No thread for transcribing")).ok();
        Self {
            resampler: MonoResampler::default(),
            segmenter: Segmenter::default(),
            queue,
            cancel,
            worker,
        }
    }

    /// Takes the next block, stamped with clip time, of any rate and number of channels. Never
    /// blocks. Up to half a second between blocks counts as jitter, more as a gap; sound before the
    /// end of the last block is skipped. Gives up when more than 10 minutes of speech are queued:
    /// see [`Self::gave_up`].
    pub fn push(&mut self, samples: &Samples) {
        let mut utterances = Vec::new();
        for block in self.resampler.push(samples) {
            self.segmenter.push(&block, &mut utterances);
        }
        self.enqueue(utterances);
    }

    /// Like [`Self::push`], but blocks while more than a minute of speech is queued: for files,
    /// which are read faster than they are spoken. Returns `false` if the transcriber gave up, so
    /// that reading on is useless.
    pub fn push_blocking(&mut self, samples: &Samples) -> bool {
        self.push(samples);
        let mut state = self.queue.lock();
        while state.length > BLOCKING_QUEUE_LENGTH && !state.gave_up && !state.worker_exited {
            state = self.queue.wait(state);
        }
        !state.gave_up && !state.worker_exited
    }

    /// Whether the model was too slow for this computer, so that the rest of the take is not
    /// transcribed.
    #[must_use]
    pub fn gave_up(&self) -> bool {
        self.queue.lock().gave_up
    }

    /// Blocks until all queued sound is transcribed, and returns the transcript.
    #[must_use]
    pub fn finish(mut self) -> Transcript {
        let mut utterances = Vec::new();
        if let Some(block) = self.resampler.flush() {
            self.segmenter.push(&block, &mut utterances);
        }
        self.segmenter.finish(&mut utterances);
        self.enqueue(utterances);
        self.queue.lock().closed_at = Some(self.segmenter.end());
        self.queue.changed.notify_all();
        let transcript = self.worker.take().map(JoinHandle::join);
        transcript.and_then(Result::ok).unwrap_or_default()
    }

    fn enqueue(&self, utterances: Vec<Utterance>) {
        if utterances.is_empty() {
            return;
        }
        let mut state = self.queue.lock();
        for utterance in utterances {
            if !state.gave_up {
                state.length += utterance.length();
                state.utterances.push_back(utterance);
            }
        }
        if state.length > QUEUE_CAPACITY && !state.gave_up {
            tracing::warn!(
                queued_us = state.length.0,
                "Speech comes faster than this computer can transcribe it"
            );
            state.gave_up = true;
            state.utterances.clear();
            self.cancel.cancel();
        }
        self.queue.changed.notify_all();
    }
}

impl Drop for Transcriber {
    fn drop(&mut self) {
        // After `finish` the worker has exited. Else it stops within the second that one step of
        // the model takes.
        self.cancel.cancel();
        self.queue.changed.notify_all();
    }
}

/// The worker thread.
struct Worker {
    queue: Arc<Queue>,
    cancel: CancelToken,
    model: SpeechModel,
    /// How long each detected language was spoken.
    language_votes: HashMap<String, Span>,
    transcript: Transcript,
    failed: bool,
}

impl Worker {
    fn run(mut self, mut on_update: impl FnMut(Transcript)) -> Transcript {
        let _exited = ExitGuard(self.queue.clone());
        priority::lower();
        let mut session = self.model.session(&self.cancel);
        while let Some(utterance) = self.next_utterance() {
            let segments = match &mut session {
                Ok(session) => {
                    session.transcribe(&utterance.sound, self.language_hint(&utterance).as_deref())
                }
                Err(error) => Err(TranscribeError::Engine(error.to_string())),
            };
            self.add_segments(&utterance, segments);
            let mut state = self.queue.lock();
            // It was added when the utterance was queued.
            state.length = state.length.saturating_sub(utterance.length());
            drop(state);
            self.queue.changed.notify_all();
            if !self.cancel.is_cancelled() {
                on_update(self.transcript.clone());
            }
        }
        self.transcript
    }

    /// Blocks for the next utterance; `None` once the queue is closed and empty.
    fn next_utterance(&mut self) -> Option<Utterance> {
        let queue = self.queue.clone();
        let mut state = queue.lock();
        loop {
            if self.cancel.is_cancelled() {
                return None;
            }
            if let Some(utterance) = state.utterances.pop_front() {
                return Some(utterance);
            }
            if let Some(end) = state.closed_at {
                self.transcript.until = end;
                self.transcript.done = !self.failed && !state.gave_up;
                return None;
            }
            state = queue.wait(state);
        }
    }

    /// The language that was spoken most, for an utterance that is too short to detect it.
    fn language_hint(&self, utterance: &Utterance) -> Option<String> {
        if voiced_time(utterance) < MIN_LANGUAGE_DETECTION {
            self.dominant_language().cloned()
        } else {
            None
        }
    }

    fn dominant_language(&self) -> Option<&String> {
        self.language_votes.iter().max_by_key(|(_, time)| **time).map(|(language, _)| language)
    }

    fn add_segments(&mut self, utterance: &Utterance, segments: Result<Segments, TranscribeError>) {
        match segments {
            Ok(segments) => {
                if let (None, Some(language)) = (self.model.language(), segments.language) {
                    *self.language_votes.entry(language).or_default() += voiced_time(utterance);
                    self.transcript.language =
                        self.dominant_language().and_then(|language| Label::cut(language).ok());
                }
                let cues = cues(&filter_hallucinations(segments.list, utterance), utterance);
                tracing::debug!(
                    start_us = utterance.start.0,
                    length_us = utterance.length().0,
                    cues = cues.len(),
                    "Transcribed an utterance"
                );
                self.add_cues(cues);
            }
            Err(_) if self.cancel.is_cancelled() => {}
            Err(error) => {
                tracing::warn!(%error, start_us = utterance.start.0, "An utterance could not be \
                    transcribed");
                self.failed = true;
            }
        }
        self.transcript.until = utterance.start + utterance.length();
    }

    fn add_cues(&mut self, cues: Vec<Cue>) {
        for mut cue in cues {
            let after = self.transcript.cues.last().map_or(Micros::ZERO, |last| last.end_us);
            cue.start_us = cue.start_us.max(after);
            for word in &mut cue.word_starts_us {
                *word = (*word).max(after);
            }
            if cue.start_us < cue.end_us && self.transcript.cues.len() < MAX_CUES {
                self.transcript.cues.push(cue);
            }
        }
    }
}

/// How long somebody speaks in an utterance.
fn voiced_time(utterance: &Utterance) -> Span {
    utterance.voiced.iter().map(|span| span.end.saturating_since(span.start)).sum()
}

/// Notes that the worker has exited, also when it panicked.
struct ExitGuard(Arc<Queue>);

impl Drop for ExitGuard {
    fn drop(&mut self) {
        self.0.lock().worker_exited = true;
        self.0.changed.notify_all();
    }
}
