//! [`LiveTranscription`]: transcribes a take while it is recorded, on a thread of its own, which
//! opens the model, transcribes and writes the transcript. The conductor sends sound over a channel
//! and never waits.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};
use tokio::sync::watch;
use vignette_model::{Clock, Samples, Span, TakeId};
use vignette_spool::Spool;
use vignette_transcribe::{SpeechModel, Transcriber, Transcript};

use super::writer::TranscriptWriter;
use crate::RecorderError;
use crate::recording::RecordingView;
use crate::transcript_progress::TranscriptProgress;

/// How much sound may be queued while the model is being read. If that takes longer, the take is
/// left to the backfill.
const QUEUE_CAPACITY: Span = Span::from_secs(60);

/// The way of a running take's sound to that thread. Dropping it without
/// [`LiveTranscription::finish`] means that the take is not kept, or that its transcript is made
/// afterwards.
pub(crate) struct LiveTranscription {
    sound: Sender<Message>,
    /// Microseconds of sound in the channel; more than [`QUEUE_CAPACITY`] once the thread has given
    /// up.
    queued_us: Arc<AtomicU64>,
}

enum Message {
    Sound(Samples),
    /// Nothing follows: all of it is to be written.
    End,
}

/// What a live transcription works on.
pub(crate) struct LiveOptions {
    pub(crate) spool: Spool,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) take: TakeId,
    pub(crate) model: PathBuf,
    pub(crate) view: Arc<watch::Sender<RecordingView>>,
}

impl LiveTranscription {
    /// Begins to listen on a thread of its own. `over` is called at the end, however it comes.
    pub(crate) fn start(
        options: LiveOptions,
        over: impl FnOnce() + Send + 'static,
    ) -> Option<Self> {
        let (sound, messages) = unbounded();
        let queued_us = Arc::new(AtomicU64::new(0));
        let waits = queued_us.clone();
        let listen = move || {
            let view = options.view.clone();
            let state = run(options, &messages, &waits)
                .unwrap_or_else(|error| TranscriptProgress::Failed { problem: error.into() });
            view.send_modify(|view| view.transcript = state);
            // The receiver is gone, so nothing more is sent.
            waits.store(u64::MAX, Ordering::Relaxed);
            over();
        };
        let begun = thread::Builder::new().name("live-transcription".to_owned()).spawn(listen);
        begun
            .inspect_err(|error| tracing::warn!(%error, "No thread for the transcript of a take"))
            .ok()?;
        Some(Self { sound, queued_us })
    }

    /// Queues a block, stamped with clip time. Never waits.
    pub(crate) fn push(&self, samples: Samples) {
        if self.queued_us.load(Ordering::Relaxed) <= QUEUE_CAPACITY.0 {
            self.queued_us.fetch_add(length(&samples), Ordering::Relaxed);
            // If the receiver is gone, the view says why.
            drop(self.sound.send(Message::Sound(samples)));
        }
    }

    /// Ends the sound. The thread writes the transcript by itself.
    pub(crate) fn finish(self) {
        drop(self.sound.send(Message::End));
    }
}

fn length(samples: &Samples) -> u64 {
    Span::from_ticks(samples.frames() as u64, samples.rate_hz).unwrap_or_default().0
}

/// Transcribes everything that is sent, and gives what became of it.
fn run(
    options: LiveOptions,
    messages: &Receiver<Message>,
    queued_us: &AtomicU64,
) -> Result<TranscriptProgress, RecorderError> {
    let LiveOptions { spool, clock, take, model, view } = options;
    let speech = SpeechModel::open(&model)?;
    let name = speech.name();
    let mut writer =
        TranscriptWriter::new(spool.clone(), clock.clone(), take, name.clone(), Vec::new());
    let mut transcriber = Transcriber::start(speech, move |heard: Transcript| {
        let cues = writer.cues(&heard);
        if let Err(error) = writer.write(heard, false) {
            tracing::warn!(take.id = %take, %error, "A transcript could not be kept for now");
        }
        view.send_if_modified(|view| {
            let now = TranscriptProgress::Listening { cues };
            let differs = view.transcript != now;
            view.transcript = now;
            differs
        });
    });
    loop {
        match messages.recv() {
            Ok(Message::Sound(samples)) => {
                transcriber.push(&samples);
                if queued_us.fetch_sub(length(&samples), Ordering::Relaxed) > QUEUE_CAPACITY.0 {
                    return Err(RecorderError::ModelTooSlow);
                }
                if transcriber.gave_up() {
                    return Err(RecorderError::ModelTooSlow);
                }
            }
            Ok(Message::End) => break,
            // The take is not kept, or broke off. Dropping the transcriber ends it.
            Err(_) => return Ok(TranscriptProgress::Off),
        }
    }
    let heard = transcriber.finish();
    let (cues, done) = (heard.cues.len(), heard.done);
    TranscriptWriter::new(spool, clock, take, name, Vec::new()).write(heard, true)?;
    if done {
        Ok(TranscriptProgress::Done { cues })
    } else {
        Err(RecorderError::TranscriptUnfinished)
    }
}
