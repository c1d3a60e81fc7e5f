//! Transcripts of takes: made while recording by a [`LiveTranscription`], else afterwards from the
//! take's stream by the [`Backfill`].
//!
//! ```text
//!  conductor ─▶ LiveTranscription ─▶ Transcriber ─┐
//!                                                  ├─▶ TranscriptWriter ─▶ spool ─▶ uploader
//!  stream of a take ─▶ Backfill ─▶ Transcriber ────┘   (transcript.json)
//! ```
//!
//! The conductor sends samples over an unbounded channel and never waits; how much is queued is
//! counted, and live transcription gives up when that is too much. A take is as safe without a
//! transcript.

mod backfill;
mod endpoint;
mod live;
mod refine;
mod setup;
mod writer;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::watch;
use vignette_insights::Endpoint;
use vignette_model::{Clock, Problem, TakeId};
use vignette_spool::Spool;

use crate::RecorderError;
use crate::active_take::ActiveTake;
use crate::recording::RecordingView;
use crate::transcript_progress::TranscriptProgress;
use backfill::{Backfill, run_backfill, transcribe_take};
use live::LiveOptions;
pub(crate) use live::LiveTranscription;
use refine::refine_with_llm;
use setup::SpeechEngine;
pub use setup::SpeechSetup;

/// Transcripts of the takes of one recorder. They are made of what is in the spool, and go there.
pub(crate) struct Transcription {
    spool: Spool,
    clock: Arc<dyn Clock>,
    runtime: Handle,
    /// Takes that were recorded wait while one is being recorded.
    active: Arc<ActiveTake>,
    pub(crate) backfill: Backfill,
    /// How speech is transcribed; none: it is not.
    setup: Mutex<Option<SpeechSetup>>,
    /// Why the last take got no transcript, if so.
    problem: watch::Sender<Option<Problem>>,
    catching_up: AtomicBool,
}

impl Transcription {
    /// Nothing is transcribed until there is a setup. Call it within a tokio runtime.
    pub(crate) fn new(spool: Spool, clock: Arc<dyn Clock>, active: Arc<ActiveTake>) -> Arc<Self> {
        Arc::new(Self {
            spool,
            clock,
            runtime: Handle::current(),
            active,
            backfill: Backfill::default(),
            setup: Mutex::default(),
            problem: watch::Sender::new(None),
            catching_up: AtomicBool::new(false),
        })
    }

    /// Transcribes in this way from now on.
    pub(crate) fn use_setup(&self, setup: SpeechSetup) {
        *self.setup() = Some(setup);
        self.set_problem(None);
        self.backfill.wake();
    }

    /// Why the last take got no transcript, or no better insights; changes are seen through the
    /// receiver.
    pub(crate) fn problem(&self) -> watch::Receiver<Option<Problem>> {
        self.problem.subscribe()
    }

    fn set_problem(&self, problem: Option<Problem>) {
        self.problem.send_if_modified(|before| {
            let differs = *before != problem;
            *before = problem;
            differs
        });
    }

    /// Transcribes takes without a transcript, whenever there are such takes, a model and no
    /// recording. The second call changes nothing.
    pub(crate) fn catch_up(self: &Arc<Self>) {
        if !self.catching_up.swap(true, Ordering::SeqCst) {
            self.runtime.spawn(run_backfill(Arc::downgrade(self)));
        }
    }

    /// Transcribes a finished take, even if the person had said no before.
    pub(crate) async fn transcribe_now(
        self: &Arc<Self>,
        take: TakeId,
    ) -> Result<(), RecorderError> {
        let engine =
            self.speech_engines().into_iter().next().ok_or(RecorderError::NoSpeechModel)?;
        self.spool.update(take, |take| take.transcript.no_transcript = false)?;
        transcribe_take(self, take, engine, false).await
    }

    /// Starts to transcribe a take while it is recorded. None: it is not, and the view says why.
    pub(crate) fn start_live(
        self: &Arc<Self>,
        take: TakeId,
        view: &Arc<watch::Sender<RecordingView>>,
    ) -> Option<LiveTranscription> {
        let setup = self.setup().clone().filter(|setup| !setup.settings.off)?;
        let show = |state| view.send_modify(|view| view.transcript = state);
        let Some(model) = setup.model() else {
            let later = setup.settings.transcription.is_some();
            show(if later {
                TranscriptProgress::Later
            } else {
                TranscriptProgress::NoModel { problem: RecorderError::NoSpeechModel.into() }
            });
            return None;
        };
        show(TranscriptProgress::Listening { cues: 0 });
        self.backfill.set_in_progress(take, true);
        let transcription = Arc::downgrade(self);
        let options = LiveOptions {
            spool: self.spool.clone(),
            clock: self.clock.clone(),
            take,
            model,
            view: view.clone(),
        };
        LiveTranscription::start(options, move || {
            if let Some(transcription) = transcription.upgrade() {
                transcription.backfill.set_in_progress(take, false);
                transcription
                    .runtime
                    .clone()
                    .spawn(async move { refine_with_llm(&transcription, take).await });
            }
        })
    }

    /// What may transcribe a take after it was recorded, the first choice first.
    fn speech_engines(&self) -> Vec<SpeechEngine> {
        self.setup().as_ref().map_or_else(Vec::new, SpeechSetup::speech_engines)
    }

    /// The endpoint that makes insights, if the person named one.
    pub(crate) fn insights_endpoint(&self) -> Option<Endpoint> {
        self.setup().as_ref().and_then(SpeechSetup::insights)
    }

    fn setup(&self) -> MutexGuard<'_, Option<SpeechSetup>> {
        self.setup.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
