//! Waiting for what the uploader and the transcription do by themselves.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;
use vignette_model::TakeId;
use vignette_model::take::{TakeTranscript, TakeView, Whereabouts};
use vignette_recorder::{Recording, TranscriptProgress};

use crate::Studio;

/// How long to wait without any byte arriving before the rest is left to the next start.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);
/// How long to wait for a library that has every byte and says that it is still at work on them: so
/// long, and a second for so many bytes.
const SEAL_TIMEOUT: Duration = Duration::from_secs(60);
const SEALED_BYTES_A_SECOND: u64 = 1 << 20;
/// How long to wait for what is still being transcribed when a take is over.
const TRANSCRIPT_TIMEOUT: Duration = Duration::from_secs(30);
/// How long to wait for the library to have a transcript.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a program that ends waits for the library to have the take that it stopped.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(2);

/// How sending a take went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// The library has sealed it.
    Safe,
    /// Not all of it is there; the rest is sent at the next start.
    KeptHere,
    /// The library does not take it.
    Refused,
    /// There is no such take any more.
    Gone,
}

impl Studio {
    /// Waits until the library has sealed `take`; `seen` is called with every step on the way. Ends
    /// early with `stop`, or when nothing has moved for a while.
    pub async fn until_safe(
        &self,
        take: TakeId,
        stop: impl Future<Output = ()>,
        mut seen: impl FnMut(&TakeView),
    ) -> SendOutcome {
        let mut stop = std::pin::pin!(stop);
        let mut takes = self.recorder.takes();
        let mut shown = None;
        loop {
            let now = takes.borrow_and_update().iter().find(|view| view.id == take).cloned();
            let Some(view) = now else { return SendOutcome::Gone };
            if Some(&view) != shown.as_ref() {
                seen(&view);
                match (&view.whereabouts, &view.problem) {
                    (Whereabouts::Safe { .. }, _) => return SendOutcome::Safe,
                    (_, Some(_)) if self.recorder.is_refused(take) => return SendOutcome::Refused,
                    _ => shown = Some(view),
                }
            }
            let changed = tokio::time::timeout(wait_limit(shown.as_ref()), takes.changed());
            tokio::select! {
                changed = changed => {
                    if !matches!(changed, Ok(Ok(()))) {
                        return SendOutcome::KeptHere;
                    }
                }
                () = &mut stop => return SendOutcome::KeptHere,
            }
        }
    }

    /// Waits until every take is safe in its library or refused by it. Ends early with `stop`, or
    /// when nothing has moved for a while. Gives whether all are safe.
    pub async fn until_all_safe(&self, stop: impl Future<Output = ()>) -> bool {
        let mut stop = std::pin::pin!(stop);
        let mut takes = self.recorder.takes();
        let (mut shown, mut moved) = (Vec::new(), Instant::now());
        loop {
            let now: Vec<TakeView> = takes.borrow_and_update().clone();
            let unsafe_takes = || now.iter().filter(|take| !take.whereabouts.is_safe());
            if unsafe_takes().all(|take| self.recorder.is_refused(take.id)) {
                return unsafe_takes().next().is_none();
            }
            let patience = unsafe_takes().map(|take| wait_limit(Some(take))).max();
            if now != shown {
                (shown, moved) = (now, Instant::now());
            }
            let limit = moved + patience.unwrap_or(IDLE_TIMEOUT);
            tokio::select! {
                changed = tokio::time::timeout_at(limit, takes.changed()) => {
                    if !matches!(changed, Ok(Ok(()))) {
                        return false;
                    }
                }
                () = &mut stop => return false,
            }
        }
    }

    /// Waits until a take that was told to end is complete in the spool, and then a moment for its
    /// library to have it, as a library nearby soon does. What takes longer is sent at the next
    /// start.
    pub async fn until_settled(&self, recording: &Recording) {
        recording.ended().await;
        let settled = |takes: &Vec<TakeView>| {
            let take = takes.iter().find(|take| take.id == recording.id());
            take.is_none_or(|take| take.whereabouts.is_safe())
        };
        drop(tokio::time::timeout(SETTLE_TIMEOUT, self.recorder.takes().wait_for(settled)).await);
    }

    /// Waits until what was said in a take that is over is transcribed, if it is being, and gives
    /// how that stands.
    pub(crate) async fn until_transcribed(&self, recording: &Recording) -> TranscriptProgress {
        let mut view = recording.view();
        let over =
            view.wait_for(|view| !matches!(view.transcript, TranscriptProgress::Listening { .. }));
        drop(tokio::time::timeout(TRANSCRIPT_TIMEOUT, over).await);
        view.borrow().transcript.clone()
    }

    /// Waits a moment for the library to have a take's transcript, or for `stop`, and gives what
    /// there is of it then.
    pub(crate) async fn until_transcript_sent(
        &self,
        take: TakeId,
        stop: impl Future<Output = ()>,
    ) -> Option<TakeTranscript> {
        let transcript =
            |takes: &[TakeView]| takes.iter().find(|view| view.id == take)?.transcript.clone();
        let mut takes = self.recorder.takes();
        let is_sent = |takes: &Vec<TakeView>| {
            transcript(takes).is_some_and(|transcript| transcript.done && transcript.sent)
        };
        tokio::select! {
            _ = tokio::time::timeout(SEND_TIMEOUT, takes.wait_for(is_sent)) => {}
            () = stop => {}
        }
        let takes = takes.borrow();
        transcript(&takes)
    }
}

/// How long to wait for the next change. Of a take whose every byte has been taken none comes until
/// it is sealed, and that takes longer the larger it is; that the library answers meanwhile is seen
/// by there being no problem.
fn wait_limit(view: Option<&TakeView>) -> Duration {
    match view {
        Some(TakeView {
            whereabouts: Whereabouts::Sending { sent_bytes, size_bytes },
            problem: None,
            ..
        }) if sent_bytes == size_bytes => {
            SEAL_TIMEOUT + Duration::from_secs(size_bytes / SEALED_BYTES_A_SECOND)
        }
        _ => IDLE_TIMEOUT,
    }
}

#[cfg(test)]
mod tests {
    use vignette_model::take::Phase;
    use vignette_model::text::{Summary, Title};
    use vignette_model::{ErrorCode, Problem, Span, UtcMicros};

    use super::*;

    fn sent(sent_bytes: u64, size_bytes: u64, problem: Option<Problem>) -> TakeView {
        let whereabouts = Whereabouts::Sending { sent_bytes, size_bytes };
        TakeView {
            id: TakeId::new(),
            title: Title::default(),
            summary: Summary::default(),
            link: None,
            recorded_at_us: UtcMicros(0),
            duration_us: Span::ZERO,
            phase: Phase::Stopped,
            whereabouts_text: whereabouts.to_string(),
            whereabouts,
            problem,
            transcript: None,
        }
    }

    #[test]
    fn a_library_at_work_is_waited_for_as_long_as_its_work_may_take() {
        const GIB: u64 = 1 << 30;
        let minutes = |view| wait_limit(Some(&view)).as_secs() / 60;
        assert_eq!(minutes(sent(GIB, GIB, None)), 18, "a large clip is sealed for long");
        assert_eq!(minutes(sent(1_000, 1_000, None)), 1);
        let away = Problem::new(ErrorCode::Unreachable, "The library cannot be reached.");
        for view in [None, Some(sent(GIB, GIB, Some(away))), Some(sent(GIB / 2, GIB, None))] {
            assert_eq!(
                wait_limit(view.as_ref()),
                IDLE_TIMEOUT,
                "no byte arrives, and nobody says that it is at work"
            );
        }
    }
}
