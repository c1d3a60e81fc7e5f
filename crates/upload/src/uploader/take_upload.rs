//! A [`TakeUpload`]: one take on its way to its library. It decides what is due for the take and takes note of how that went;
//! all of it is memory and can be forgotten.

use std::time::Duration;

use tracing::{info, warn};
use vignette_model::api::CreatedClip;
use vignette_model::{ErrorCode, Micros, Problem, Secret, TakeId};
use vignette_spool::{Spool, SpoolError, Take, Unwanted};

use super::metadata::{RefusedMetadata, new_clip, next_update, synced_by};
use super::request::{Request, RequestOutcome};
use crate::policy::{IDLE_INTERVAL, Step, backoff};
use crate::upload_state::UploadState;

/// One take on its way.
#[derive(Debug)]
pub(super) struct TakeUpload {
    id: TakeId,
    library: Option<String>,
    state: UploadState,
    /// The token that did not open the library, or that there was none.
    rejected_token: Option<Option<Secret>>,
    /// What stands in the way of the bytes.
    pub(super) problem: Option<Problem>,
    /// Bytes the library was last known to have.
    pub(super) acked_bytes: u64,
    /// Whether a request about the bytes is under way.
    pub(super) is_sending: bool,
    metadata: MetadataSync,
    /// The library asked for nothing more before this.
    retry_not_before: Micros,
}

/// How the updates of a take's metadata go.
#[derive(Debug, Default)]
struct MetadataSync {
    under_way: bool,
    failures: u32,
    failed_at: Micros,
    jitter: u16,
    refused: RefusedMetadata,
}

/// What is due for a take.
#[derive(Debug)]
pub(super) enum Due {
    /// This request.
    Request(Request),
    /// Nothing for so long, or until something changes.
    Nothing(Duration),
}

impl TakeUpload {
    pub(super) fn new(take: &Take) -> Self {
        Self {
            id: take.id,
            library: take.library.clone(),
            state: UploadState::new(take.clip.is_some()),
            rejected_token: None,
            problem: None,
            acked_bytes: take.acked_bytes,
            is_sending: false,
            metadata: MetadataSync::default(),
            retry_not_before: Micros::ZERO,
        }
    }

    /// Whether any request is under way.
    pub(super) fn is_busy(&self) -> bool {
        self.is_sending || self.metadata.under_way
    }

    /// Whether it waits for somebody to sign in.
    pub(super) fn needs_sign_in(&self) -> bool {
        self.rejected_token.is_some()
    }

    /// Something has changed for the better.
    pub(super) fn reset_backoff(&mut self) {
        self.state.reset_backoff();
        self.rejected_token = None;
        self.metadata.failures = 0;
        self.metadata.refused.reset_backoff();
        self.retry_not_before = Micros::ZERO;
    }

    /// The library asked to be left alone for so long.
    pub(super) fn retry_after(&mut self, span: Duration, now: Micros) {
        self.retry_not_before = now + Micros::from(span);
    }

    /// How much of that is left.
    fn retry_after_left(&self, now: Micros) -> Option<Due> {
        let rest = self.retry_not_before.checked_sub(now).filter(|rest| *rest > Micros::ZERO)?;
        Some(Due::Nothing(rest.into()))
    }

    /// The token that is there now; another one than before resets the backoff.
    pub(super) fn set_token(&mut self, token: Option<&Secret>) {
        if self.rejected_token.as_ref().is_some_and(|rejected_token| rejected_token.as_ref() != token) {
            self.reset_backoff();
        }
    }

    /// What is due about the bytes.
    pub(super) fn next_transfer(&mut self, take: &Take, spool: &Spool, join_bytes: u64, now: Micros) -> Due {
        if self.is_sending || take.sealed {
            return Due::Nothing(IDLE_INTERVAL);
        }
        if let Some(rest) = self.retry_after_left(now) {
            return rest;
        }
        match self.step(take, spool, join_bytes, now) {
            Ok(due) => due,
            Err(error) => {
                self.failed(error.into(), 0, now);
                Due::Nothing(backoff(1, 0))
            }
        }
    }

    fn step(&mut self, take: &Take, spool: &Spool, join_bytes: u64, now: Micros) -> Result<Due, SpoolError> {
        let whole = take.sha256.filter(|_| take.complete);
        let pieces = spool.pieces(take.id)?;
        let step = self.state.step(&pieces, whole, join_bytes, now);
        Ok(match (step, take.clip.clone()) {
            (Step::Create, _) => Due::Request(Request::Create(new_clip(take))),
            (Step::Wait(rest), _) => Due::Nothing(rest),
            (Step::GiveUp(code), _) => {
                self.give_up(code);
                Due::Nothing(IDLE_INTERVAL)
            }
            (Step::Done, _) => {
                info!(take.id = %take.id, size_bytes = take.size_bytes, "The take is safe in the library");
                self.acked_bytes = take.size_bytes;
                spool.update(take.id, |take| (take.sealed, take.acked_bytes) = (true, take.size_bytes))?;
                Due::Nothing(Duration::ZERO)
            }
            // Whoever took the clip away wants another one.
            (Step::Ask | Step::Send { .. } | Step::Complete, None) => {
                self.state = UploadState::new(false);
                Due::Nothing(Duration::ZERO)
            }
            (Step::Ask, Some(clip)) => Due::Request(Request::GetStatus(clip)),
            (Step::Send { range, completes }, Some(clip)) => {
                Due::Request(Request::Append(clip, range, whole.filter(|_| completes)))
            }
            (Step::Complete, Some(clip)) => Due::Request(Request::Append(clip, take.size_bytes..take.size_bytes, whole)),
        })
    }

    /// What is due about anything else.
    pub(super) fn next_metadata_update(&self, take: &Take, now: Micros) -> Due {
        let MetadataSync { under_way, failures, failed_at, jitter, ref refused } = self.metadata;
        if under_way || self.needs_sign_in() {
            return Due::Nothing(IDLE_INTERVAL);
        }
        if let Some(rest) = self.retry_after_left(now) {
            return rest;
        }
        let (Some(clip), Some(update)) = (&take.clip, next_update(take, refused)) else { return Due::Nothing(IDLE_INTERVAL) };
        let pause = if failures == 0 { Micros::ZERO } else { backoff(failures, jitter).into() };
        match pause.checked_sub(now - failed_at).filter(|rest| *rest > Micros::ZERO) {
            Some(rest) => Due::Nothing(rest.into()),
            None => Due::Request(Request::UpdateMetadata(clip.id, update)),
        }
    }

    /// The request is under way from now on, unless it needs a token and there is none.
    pub(super) fn begin(&mut self, request: Request, token: Option<&Secret>, now: Micros) -> Option<Request> {
        if token.is_none() && matches!(request, Request::Create(_) | Request::UpdateMetadata(..)) {
            let problem = Problem::new(ErrorCode::SignInNeeded, "This recorder is not signed in to the library.")
                .with_help("Sign in to the library. The clip is kept on this computer until then.");
            self.rejected_token = Some(None);
            if !request.is_metadata() {
                self.failed(problem, 0, now);
            }
            return None;
        }
        *(if request.is_metadata() { &mut self.metadata.under_way } else { &mut self.is_sending }) = true;
        Some(request)
    }

    /// Takes note of how a request went that was begun with this token.
    pub(super) fn finished(
        &mut self,
        is_metadata: bool,
        outcome: RequestOutcome,
        spool: &Spool,
        token: Option<Secret>,
        now: Micros,
    ) {
        *(if is_metadata { &mut self.metadata.under_way } else { &mut self.is_sending }) = false;
        match outcome {
            RequestOutcome::MetadataSynced(told) => {
                self.metadata.failures = 0;
                self.keep(spool, now, |take| take.told = Some(told));
            }
            RequestOutcome::MetadataFailed(problem, what) => {
                warn!(take.id = %self.id, code = %problem.code, "The library could not be told about a take");
                self.metadata.failures = self.metadata.failures.saturating_add(1);
                (self.metadata.failed_at, self.metadata.jitter) = (now, jitter());
                match problem.code {
                    ErrorCode::SignInNeeded => self.rejected_token = Some(token),
                    ErrorCode::BadRequest | ErrorCode::NotAllowed | ErrorCode::NotFound | ErrorCode::TooLarge => {
                        self.metadata.refused.add(what);
                        self.metadata.failures = 0;
                    }
                    _ => {}
                }
            }
            RequestOutcome::Failed(problem, sent_bytes) => {
                warn!(take.id = %self.id, code = %problem.code, "A take could not be sent for now");
                if problem.code == ErrorCode::SignInNeeded {
                    self.rejected_token = Some(token);
                }
                self.failed(problem, sent_bytes, now);
            }
            RequestOutcome::Created(clip, _) if spool.take(self.id).is_none() => self.record_orphan(clip, spool),
            RequestOutcome::Created(clip, new) => {
                info!(take.id = %self.id, clip.id = %clip.id, "The library gave a take its link");
                self.state.created();
                self.problem = None;
                self.keep(spool, now, |take| {
                    take.clip = Some(clip);
                    take.told.get_or_insert(synced_by(&new));
                });
            }
            RequestOutcome::UploadAddressLost => self.state.upload_address_lost(now, jitter()),
            RequestOutcome::Status(status) => {
                self.state.status_received(&status, now);
                self.problem = None;
            }
            RequestOutcome::Appended(sent, status) => {
                self.state.appended(&sent, &status, now, jitter());
                self.problem = None;
            }
            RequestOutcome::OffsetMismatch(sent, status) => self.state.offset_mismatch(&sent, &status, now, jitter()),
        }
        self.acked_bytes = self.state.acked_bytes().unwrap_or(self.acked_bytes);
    }

    /// The take was cancelled while its clip was asked for.
    fn record_orphan(&self, clip: CreatedClip, spool: &Spool) {
        let Some(library) = self.library.clone() else { return };
        if let Err(error) = spool.add_unwanted(&Unwanted { library, clip: clip.id }) {
            warn!(clip.id = %clip.id, %error, "A cancelled take leaves an empty clip in the library");
        }
    }

    fn keep(&mut self, spool: &Spool, now: Micros, change: impl FnOnce(&mut Take)) {
        if let Err(error) = spool.update(self.id, change) {
            // What the library said is lost with it; it will be asked again.
            self.state = UploadState::new(spool.take(self.id).is_some_and(|take| take.clip.is_some()));
            self.failed(error.into(), 0, now);
        }
    }

    fn failed(&mut self, problem: Problem, sent_bytes: u64, now: Micros) {
        self.state.failed(problem.code, sent_bytes, now, jitter());
        self.problem = Some(problem);
    }

    fn give_up(&mut self, code: ErrorCode) {
        if self.problem.as_ref().is_some_and(|problem| problem.code == code) {
            return;
        }
        let message = match code {
            ErrorCode::Conflict => "The library ended this clip before all of it had arrived.",
            ErrorCode::DigestMismatch => "The library has other bytes for this clip than this computer.",
            ErrorCode::Damaged => "The library's disk lost some of what had arrived.",
            ErrorCode::TooLarge => "Even one piece of the clip is more than the library takes at once.",
            _ => "The library does not take this clip.",
        };
        warn!(take.id = %self.id, %code, "Gave up sending a take; it stays on this computer");
        self.problem = Some(Problem::new(code, message).with_help("It is still on this computer: upload it again."));
    }
}

/// For one pause.
fn jitter() -> u16 {
    let mut bytes = [0; 2];
    // Without randomness all recorders come back at once; that is no reason not to come back.
    let _ = getrandom::fill(&mut bytes);
    u16::from_ne_bytes(bytes)
}
