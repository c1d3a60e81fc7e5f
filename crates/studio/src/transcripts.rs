//! Transcripts of takes, as a program waits for them.

use std::future::Future;

use tokio_util::sync::CancellationToken;
use vignette_model::take::{Phase, TakeTranscript, TakeView};
use vignette_model::{Problem, TakeId};
use vignette_recorder::{Recording, TranscriptProgress};

use crate::{Studio, StudioError};

/// How the transcript of a take that has ended comes along.
#[derive(Clone, Debug, PartialEq)]
pub enum TranscriptNews {
    /// What is there; with an insights endpoint it comes twice, the second time with the
    /// endpoint's.
    Made(TakeTranscript),
    /// An endpoint is asked for better insights.
    Refining,
    /// The endpoint gave none.
    NotRefined(Problem),
    /// It took too long: what is missing is made another time.
    Unfinished,
    /// It was not made; it is tried again another time.
    Failed(TranscriptProgress),
}

/// How transcribing a take ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transcribed {
    /// It has its transcript, as far as is known.
    Done(Option<TakeTranscript>),
    /// It was stopped; what was transcribed by then is kept.
    Stopped,
}

impl Studio {
    /// Waits for the transcript of a take that has just ended, if one is being made, and for what
    /// an endpoint makes of it. With `stop` it waits no longer.
    pub async fn follow_transcript(
        &self,
        recording: &Recording,
        stop: impl Future<Output = ()>,
        mut tell: impl FnMut(TranscriptNews),
    ) {
        let take = recording.id();
        until_stopped(stop, async |stopped| {
            let progress = tokio::select! {
                progress = self.until_transcribed(recording) => progress,
                () = stopped.cancelled() => return,
            };
            match progress {
                TranscriptProgress::Done { .. } => {}
                TranscriptProgress::Listening { .. } => return tell(TranscriptNews::Unfinished),
                failed @ TranscriptProgress::Failed { .. } => {
                    return tell(TranscriptNews::Failed(failed));
                }
                TranscriptProgress::Off
                | TranscriptProgress::NoModel { .. }
                | TranscriptProgress::Later => return,
            }
            if let Some(made) = self.until_transcript_sent(take, stopped.cancelled()).await {
                tell(TranscriptNews::Made(made));
            }
            if !self.recorder.has_insights_endpoint() || stopped.is_cancelled() {
                return;
            }
            tell(TranscriptNews::Refining);
            tokio::select! {
                // Whether that worked is seen by what is left of a problem.
                _ = self.recorder.transcribe(take) => {}
                () = stopped.cancelled() => return,
            }
            let problem = self.recorder.transcription_problem().borrow().clone();
            if let Some(problem) = problem {
                tell(TranscriptNews::NotRefined(problem));
            } else if let Some(made) = self.until_transcript_sent(take, stopped.cancelled()).await {
                tell(TranscriptNews::Made(made));
            }
        })
        .await;
    }

    /// Transcribes a finished take, and waits a moment for the library to have the transcript. With
    /// `stop` it waits no longer.
    ///
    /// # Errors
    /// As [`vignette_recorder::Recorder::transcribe`].
    pub async fn transcribe(
        &self,
        take: TakeId,
        stop: impl Future<Output = ()>,
    ) -> Result<Transcribed, StudioError> {
        until_stopped(stop, async |stopped| {
            tokio::select! {
                transcribed = self.recorder.transcribe(take) => transcribed?,
                () = stopped.cancelled() => return Ok(Transcribed::Stopped),
            }
            let made = self.until_transcript_sent(take, stopped.cancelled()).await;
            Ok(Transcribed::Done(made))
        })
        .await
    }

    /// The finished takes that have no whole transcript yet, newest first; or `take` alone.
    ///
    /// # Errors
    /// [`StudioError::NoSuchTake`].
    pub fn takes_to_transcribe(&self, take: Option<TakeId>) -> Result<Vec<TakeView>, StudioError> {
        let mut takes = self.recorder.takes().borrow().clone();
        let Some(id) = take else {
            takes.retain(lacks_transcript);
            return Ok(takes);
        };
        takes.retain(|take| take.id == id);
        if takes.is_empty() {
            return Err(StudioError::NoSuchTake(id));
        }
        Ok(takes)
    }
}

fn lacks_transcript(take: &TakeView) -> bool {
    take.phase == Phase::Stopped
        && take.transcript.as_ref().is_none_or(|transcript| !transcript.done)
}

/// Does `work` to its end; the token tells it that `stop` has come.
async fn until_stopped<T>(
    stop: impl Future<Output = ()>,
    work: impl AsyncFnOnce(CancellationToken) -> T,
) -> T {
    let stopped = CancellationToken::new();
    let stopping = async {
        stop.await;
        stopped.cancel();
        std::future::pending().await
    };
    tokio::select! {
        done = work(stopped.clone()) => done,
        never = stopping => never,
    }
}
