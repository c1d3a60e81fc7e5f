//! [`Backfill`]: transcribes finished takes that have no transcript yet, since the program was
//! killed, there was no model, or they came as files. One at a time, the newest first, and never
//! while a take is being recorded.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Notify;
use tracing::{info, warn};
use vignette_insights::Endpoint;
use vignette_model::text::Label;
use vignette_model::transcript::Cue;
use vignette_model::{Clock, Micros, Problem, Span, TakeId};
use vignette_spool::{Spool, Take, TranscriptionAttempts};
use vignette_transcribe::{SpeechModel, Transcriber, Transcript};

use super::writer::TranscriptWriter;
use super::{SpeechEngine, Transcription, endpoint, refine_with_llm};
use crate::RecorderError;

/// How often a model may fail on a take before the take is left without a transcript.
const MAX_ATTEMPTS: u32 = 3;
/// How often to look for takes without a signal.
const POLL_INTERVAL: Duration = Duration::from_secs(30);
/// How long to wait after a failure.
const RETRY_DELAY: Duration = Duration::from_secs(5);
/// Shorter takes are not transcribed: they hold no word.
const MIN_DURATION: Span = Span::from_millis(500);

/// Which takes are being transcribed, and the signal to look for more.
#[derive(Debug, Default)]
pub(crate) struct Backfill {
    in_progress: Mutex<HashSet<TakeId>>,
    slot: tokio::sync::Mutex<()>,
    /// Held while an endpoint is asked: of two tasks for one take, the second finds that it is
    /// done.
    pub(super) refining: tokio::sync::Mutex<()>,
    news: Arc<Notify>,
}

impl Backfill {
    /// Marks a take as being transcribed, or not any more.
    pub(crate) fn set_in_progress(&self, take: TakeId, now: bool) {
        let mut in_progress = self.in_progress();
        if now {
            in_progress.insert(take)
        } else {
            in_progress.remove(&take)
        };
        drop(in_progress);
        self.wake();
    }

    fn in_progress(&self) -> MutexGuard<'_, HashSet<TakeId>> {
        self.in_progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// There may be something to transcribe.
    pub(crate) fn wake(&self) {
        self.news.notify_one();
    }
}

/// Transcribes every take that has no transcript, as long as the recorder lives.
pub(super) async fn run_backfill(transcription: Weak<Transcription>) {
    loop {
        let Some(inner) = transcription.upgrade() else { return };
        let next = tokio::task::spawn_blocking({
            let inner = inner.clone();
            move || inner.next_to_transcribe()
        });
        if let Ok(Some((take, engine))) = next.await {
            let heard = transcribe_take(&inner, take, engine, true).await;
            let problem = heard.err().map(Problem::from);
            if let Some(Problem { code, .. }) = &problem {
                warn!(take.id = %take, %code, "A take got no transcript for now");
            }
            let failed = problem.is_some();
            inner.set_problem(problem);
            drop(inner);
            if failed {
                tokio::time::sleep(RETRY_DELAY).await;
            }
            continue;
        }
        drop(inner);
        // Polls, to find what other programs left, and that the recorder was dropped.
        let Some(news) = transcription.upgrade().map(|inner| inner.backfill.news.clone()) else {
            return;
        };
        drop(tokio::time::timeout(POLL_INTERVAL, news.notified()).await);
    }
}

impl Transcription {
    /// The newest take that has no transcript yet and may get one now, and what transcribes it.
    fn next_to_transcribe(&self) -> Option<(TakeId, SpeechEngine)> {
        if self.active.is_recording() {
            return None;
        }
        let speech_engines = self.speech_engines();
        if speech_engines.is_empty() {
            return None;
        }
        let in_progress = self.backfill.in_progress().clone();
        let lacking = self
            .spool
            .takes()
            .into_iter()
            .filter(|take| needs_transcript(take) && !in_progress.contains(&take.id));
        let mut both = lacking.filter_map(|take| {
            let engine = speech_engines.iter().find(|engine| {
                engine.name().is_some_and(|name| tries(&take, &name) < MAX_ATTEMPTS)
            })?;
            Some((take.id, engine.clone()))
        });
        both.find(|(take, _)| self.spool.claim(*take))
    }
}

/// How many attempts by the model of this name have failed.
fn tries(take: &Take, name: &Label) -> u32 {
    let attempts =
        take.transcript.plan.attempts.as_ref().filter(|attempts| attempts.model == *name);
    attempts.map_or(0, |attempts| attempts.times)
}

fn needs_transcript(take: &Take) -> bool {
    let plan = &take.transcript.plan;
    let transcribed =
        !plan.untranscribed && take.transcript.version.is_some_and(|version| version.done);
    take.stream.complete
        && !take.details.discarded
        && !plan.no_transcript
        && take.stream.duration_us >= MIN_DURATION
        && !transcribed
}

/// Transcribes a finished take from its stream and stores the transcript. With `gives_way` it stops
/// as soon as a take is recorded, and is resumed another time.
pub(super) async fn transcribe_take(
    inner: &Arc<Transcription>,
    take: TakeId,
    engine: SpeechEngine,
    gives_way: bool,
) -> Result<(), RecorderError> {
    let one = inner.backfill.slot.lock().await;
    inner.backfill.set_in_progress(take, true);
    let weak = Arc::downgrade(inner);
    let stop = move || weak.upgrade().is_none_or(|inner| gives_way && inner.active.is_recording());
    let stored = StoredTake {
        spool: inner.spool.clone(),
        clock: inner.clock.clone(),
        take,
        runtime: Handle::current(),
    };
    let heard = tokio::task::spawn_blocking(move || stored.transcribe(&engine, &stop)).await;
    inner.backfill.set_in_progress(take, false);
    heard??;
    // The slot is released first, so that the next take does not wait for this one's endpoint.
    drop(one);
    refine_with_llm(inner, take).await;
    Ok(())
}

/// A take that is transcribed from its stream.
struct StoredTake {
    spool: Spool,
    clock: Arc<dyn Clock>,
    take: TakeId,
    runtime: Handle,
}

/// How transcribing a stream ended.
enum Ended {
    /// All of it was transcribed.
    Done(Transcript),
    /// There is no sound in it.
    Soundless,
    /// It was stopped, since a take is recorded or the recorder was dropped.
    Stopped,
}

impl StoredTake {
    fn transcribe(
        &self,
        engine: &SpeechEngine,
        stop: &dyn Fn() -> bool,
    ) -> Result<(), RecorderError> {
        let (id, spool) = (self.take, &self.spool);
        let take = spool.take(id).ok_or(RecorderError::NoSuchTake)?;
        let Some(name) = engine.name().filter(|_| needs_transcript(&take)) else { return Ok(()) };
        // The attempt is stored before it begins, in case the model crashes the whole program.
        let times = tries(&take, &name);
        let tried = |times| {
            Some(TranscriptionAttempts { model: name.clone(), times })
                .filter(|attempts| attempts.times > 0)
        };
        spool.update(id, |take| take.transcript.attempts = tried(times + 1))?;
        // Resumes after the last cue that the same model has made.
        let before = spool.transcript(id).filter(|transcript| {
            transcript.transcribed_by == name && matches!(engine, SpeechEngine::Model(_))
        });
        let before = before.map_or_else(Vec::new, |transcript| transcript.cues);
        info!(take.id = %id, cues = before.len(), "Hearing a take");
        let ended = match engine {
            SpeechEngine::Model(file) => self.by_model(file, &name, before.clone(), stop)?,
            SpeechEngine::Endpoint(endpoint) => self.by_endpoint(endpoint, stop)?,
        };
        let heard = match ended {
            Ended::Done(heard) => heard,
            Ended::Soundless => {
                return Ok(spool
                    .update(id, |take| {
                        (take.transcript.no_transcript, take.transcript.attempts) = (true, None);
                    })
                    .map(drop)?);
            }
            Ended::Stopped => {
                info!(take.id = %id, "Something else comes first; the take is heard another time");
                return Ok(spool
                    .update(id, |take| take.transcript.attempts = tried(times))
                    .map(drop)?);
            }
        };
        let done = heard.done;
        self.writer(&name, before).write(heard, true)?;
        if !done {
            return Err(RecorderError::TranscriptUnfinished);
        }
        spool.update(id, |take| {
            (take.transcript.attempts, take.transcript.untranscribed) = (None, false);
        })?;
        info!(take.id = %id, "A take has its transcript");
        Ok(())
    }

    fn by_model(
        &self,
        file: &Path,
        name: &Label,
        before: Vec<Cue>,
        stop: &dyn Fn() -> bool,
    ) -> Result<Ended, RecorderError> {
        let from = before.last().map_or(Micros::ZERO, |cue| cue.end_us);
        let (mut writer, id) = (self.writer(name, before), self.take);
        let mut transcriber =
            Transcriber::start(SpeechModel::open(file)?, move |heard: Transcript| {
                if let Err(error) = writer.write(heard, false) {
                    warn!(take.id = %id, %error, "A transcript could not be kept for now");
                }
            });
        let mut stopped = false;
        let sound = vignette_encode::sound_of(&self.spool.stream_path(id), from, |samples| {
            stopped = stop();
            if !stopped && transcriber.push_blocking(&samples) {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })?;
        Ok(match sound {
            _ if stopped => Ended::Stopped,
            None => Ended::Soundless,
            Some(_) => Ended::Done(transcriber.finish()),
        })
    }

    fn by_endpoint(
        &self,
        endpoint: &Endpoint,
        stop: &dyn Fn() -> bool,
    ) -> Result<Ended, RecorderError> {
        let heard = endpoint::transcribe(
            &self.spool.stream_path(self.take),
            endpoint,
            &self.runtime,
            stop,
        )?;
        Ok(match heard {
            Some(heard) => Ended::Done(heard),
            None if stop() => Ended::Stopped,
            None => Ended::Soundless,
        })
    }

    fn writer(&self, name: &Label, before: Vec<Cue>) -> TranscriptWriter {
        TranscriptWriter::new(
            self.spool.clone(),
            self.clock.clone(),
            self.take,
            name.clone(),
            before,
        )
    }
}
