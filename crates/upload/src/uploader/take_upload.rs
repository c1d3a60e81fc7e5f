//! A [`TakeUpload`]: one take on its way to its library. It decides which requests are due for the
//! take and keeps how they went. All of it is memory and can be forgotten.

use std::time::Duration;

use tracing::{info, warn};
use vignette_model::api::{CreatedClip, NewClip};
use vignette_model::{Micros, Problem, Secret, Span, TakeId};
use vignette_spool::{OrphanClip, Spool, SyncedMetadata, Take, TakeEdit};

use super::metadata::{MetadataUpdate, RefusedMetadata, new_clip, next_update, synced_by};
use super::request::{Request, RequestOutcome};
use crate::error::UploadError;
use crate::policy::{Failure, GiveUp, IDLE_INTERVAL, Step};
use crate::retry::{Retry, jitter};
use crate::upload_state::UploadState;

/// One take on its way.
#[derive(Debug)]
pub(super) struct TakeUpload {
    id: TakeId,
    library: Option<String>,
    state: UploadState,
    sign_in: SignIn,
    /// What stands in the way of the bytes.
    problem: Option<Problem>,
    /// Whether the problem is a refusal.
    refused: bool,
    /// Why nothing is tried any more.
    gave_up: Option<GiveUp>,
    /// Whether a request about the bytes is under way.
    is_sending: bool,
    metadata: MetadataSync,
    /// The library asked for nothing more before this.
    retry_not_before: Micros,
}

/// Whether requests that need a token are made.
#[derive(Debug)]
enum SignIn {
    /// As far as is known, the library takes the token.
    Fine,
    /// It refused this token, or there was none: nothing is asked until there is another.
    Needed { refused: Option<Secret> },
}

/// How the updates of a take's metadata go.
#[derive(Debug, Default)]
struct MetadataSync {
    under_way: bool,
    retry: Retry,
    refused: RefusedMetadata,
}

/// What a take knows when its next request is chosen.
pub(super) struct Situation<'a> {
    /// The take as the spool has it.
    pub(super) take: &'a Take,
    pub(super) spool: &'a Spool,
    /// How many bytes may be joined into one append; none if it is not the take's turn to send.
    pub(super) join_bytes: Option<u64>,
    pub(super) now: Micros,
}

/// A request that is due, or how long none is: `?` passes a pause on.
type Due = Result<Request, Duration>;

impl TakeUpload {
    pub(super) fn new(take: &Take) -> Self {
        Self {
            id: take.id,
            library: take.upload.library.clone(),
            state: UploadState::new(take.upload.clip.is_some(), take.upload.acked_bytes),
            sign_in: SignIn::Fine,
            problem: None,
            refused: false,
            gave_up: None,
            is_sending: false,
            metadata: MetadataSync::default(),
            retry_not_before: Micros::ZERO,
        }
    }

    /// Whether a request about the bytes is under way.
    pub(super) fn is_sending(&self) -> bool {
        self.is_sending
    }

    /// Whether any request is under way.
    pub(super) fn is_busy(&self) -> bool {
        self.is_sending || self.metadata.under_way
    }

    /// Whether it waits for somebody to sign in.
    pub(super) fn needs_sign_in(&self) -> bool {
        matches!(self.sign_in, SignIn::Needed { .. })
    }

    /// Bytes the library was last known to have.
    pub(super) fn acked_bytes(&self) -> u64 {
        self.state.acked_bytes()
    }

    /// What stands in the way of the bytes.
    pub(super) fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    /// Whether that is a refusal.
    pub(super) fn is_refused(&self) -> bool {
        self.refused
    }

    /// There is no client for its library.
    pub(super) fn no_client(&mut self, error: UploadError) {
        self.refused = error.is_refusal();
        self.problem = Some(error.into());
    }

    /// Something has changed for the better: everything is tried at once, also what was given up.
    pub(super) fn reset_backoff(&mut self) {
        self.state.reset_backoff();
        self.sign_in = SignIn::Fine;
        self.metadata.retry = Retry::default();
        self.metadata.refused.reset_backoff();
        self.retry_not_before = Micros::ZERO;
    }

    /// The token that is there now; another one than was refused resets the backoff.
    pub(super) fn set_token(&mut self, token: Option<&Secret>) {
        if let SignIn::Needed { refused } = &self.sign_in
            && refused.as_ref() != token
        {
            self.reset_backoff();
        }
    }

    /// The requests that are due, which are under way from now on, and how long no other will be.
    pub(super) fn due(
        &mut self,
        at: &Situation<'_>,
        token: Option<&Secret>,
    ) -> (Vec<Request>, Duration) {
        let transfer = at.join_bytes.map(|join_bytes| self.next_transfer(at, join_bytes));
        let metadata = self.next_metadata_update(at);
        let (mut requests, mut idle) = (Vec::new(), IDLE_INTERVAL);
        for due in transfer.into_iter().chain([metadata]) {
            match due {
                Err(pause) => idle = idle.min(pause),
                Ok(request) if token.is_none() && request.needs_token() => {
                    self.sign_in = SignIn::Needed { refused: None };
                    if !request.is_metadata() {
                        self.failed(UploadError::SignedOut, 0, at.now);
                    }
                }
                Ok(request) => {
                    *self.under_way(request.is_metadata()) = true;
                    requests.push(request);
                }
            }
        }
        (requests, idle)
    }

    /// What is due about the bytes.
    fn next_transfer(&mut self, at: &Situation<'_>, join_bytes: u64) -> Due {
        if self.is_sending || at.take.upload.sealed {
            return Err(IDLE_INTERVAL);
        }
        self.check_retry_after(at.now)?;
        let pieces = match at.spool.pieces(at.take.id) {
            Ok(pieces) => pieces,
            Err(error) => return Err(self.failed(error.into(), 0, at.now)),
        };
        let whole = at.take.stream.sha256.filter(|_| at.take.stream.complete);
        let step = self.state.step(&pieces, whole, join_bytes, at.now);
        match (step, at.take.upload.clip.clone()) {
            (Step::Create, _) => Ok(Request::Create(new_clip(at.take))),
            (Step::Wait(pause), _) => Err(pause),
            (Step::GiveUp(reason), _) => {
                self.give_up(reason);
                Err(IDLE_INTERVAL)
            }
            (Step::Done, _) => Err(self.sealed(at)),
            // The clip was taken from the take, so that it gets another one.
            (Step::Ask | Step::Send { .. } | Step::Complete, None) => {
                self.state = UploadState::new(false, 0);
                Err(Duration::ZERO)
            }
            (Step::Ask, Some(clip)) => Ok(Request::GetStatus(clip)),
            (Step::Send { range, completes }, Some(clip)) => {
                Ok(Request::Append(clip, range, whole.filter(|_| completes)))
            }
            (Step::Complete, Some(clip)) => {
                let end = at.take.stream.size_bytes;
                Ok(Request::Append(clip, end..end, whole))
            }
        }
    }

    /// What is due about anything else.
    fn next_metadata_update(&self, at: &Situation<'_>) -> Due {
        if self.metadata.under_way || self.needs_sign_in() {
            return Err(IDLE_INTERVAL);
        }
        self.check_retry_after(at.now)?;
        let update = next_update(at.take, &self.metadata.refused);
        let (Some(clip), Some(update)) = (&at.take.upload.clip, update) else {
            return Err(IDLE_INTERVAL);
        };
        let pause = self.metadata.retry.pause(at.now);
        if pause.is_zero() { Ok(Request::UpdateMetadata(clip.id, update)) } else { Err(pause) }
    }

    /// How much is left of the time that the library asked for, if any.
    fn check_retry_after(&self, now: Micros) -> Result<(), Duration> {
        match self.retry_not_before.checked_since(now) {
            Some(left) if left > Span::ZERO => Err(left.into()),
            _ => Ok(()),
        }
    }

    /// Keeps how a request went that was made with this token.
    pub(super) fn finished(
        &mut self,
        is_metadata: bool,
        outcome: RequestOutcome,
        spool: &Spool,
        token: Option<Secret>,
        now: Micros,
    ) {
        *self.under_way(is_metadata) = false;
        match outcome {
            RequestOutcome::MetadataSynced(synced) => self.metadata_synced(synced, spool, now),
            RequestOutcome::MetadataFailed(error, update) => {
                self.refused(&error, token, now);
                self.metadata_failed(&error, update, now);
            }
            RequestOutcome::Failed(error, sent_bytes) => {
                let failure = error.failure();
                warn!(take.id = %self.id, ?failure, "A take could not be sent for now");
                self.refused(&error, token, now);
                self.failed(error, sent_bytes, now);
            }
            RequestOutcome::Created(clip, new) => self.created(clip, &new, spool, now),
            RequestOutcome::UploadAddressLost => self.state.upload_address_lost(now, jitter()),
            RequestOutcome::Status(status) => {
                self.state.status_received(&status, now);
                self.clear_problem();
            }
            RequestOutcome::Appended(sent, status) => {
                self.state.appended(&sent, &status, now, jitter());
                self.clear_problem();
            }
            RequestOutcome::OffsetMismatch(sent, status) => {
                self.state.offset_mismatch(&sent, &status, now, jitter());
            }
        }
    }

    fn under_way(&mut self, is_metadata: bool) -> &mut bool {
        if is_metadata { &mut self.metadata.under_way } else { &mut self.is_sending }
    }

    /// What a refusal means for the next requests of this take: they wait for another token, or as
    /// long as the library asks.
    fn refused(&mut self, error: &UploadError, token: Option<Secret>, now: Micros) {
        if error.failure() == Failure::SignInNeeded {
            self.sign_in = SignIn::Needed { refused: token };
        }
        if let Some(wait) = error.retry_after() {
            self.retry_not_before = now + Span::from(wait);
        }
    }

    fn metadata_synced(&mut self, synced: SyncedMetadata, spool: &Spool, now: Micros) {
        self.metadata.retry = Retry::default();
        self.keep(spool, now, |take| take.upload.synced = Some(synced));
    }

    fn metadata_failed(&mut self, error: &UploadError, update: MetadataUpdate, now: Micros) {
        warn!(take.id = %self.id, failure = ?error.failure(), "Metadata of a take could not be \
            sent for now");
        match error.failure() {
            // It will not take this one, but perhaps the next.
            Failure::Rejected | Failure::NotFound | Failure::TooLarge => {
                self.metadata.refused.add(update);
                self.metadata.retry = Retry::default();
            }
            _ => self.metadata.retry.failed(now, jitter()),
        }
    }

    fn created(&mut self, clip: CreatedClip, new: &NewClip, spool: &Spool, now: Micros) {
        if spool.take(self.id).is_none() {
            return self.record_orphan(&clip, spool);
        }
        info!(take.id = %self.id, clip.id = %clip.id, "The library gave a take its link");
        self.state.created();
        self.clear_problem();
        self.keep(spool, now, |take| {
            take.upload.clip = Some(clip);
            take.upload.synced.get_or_insert(synced_by(new));
        });
    }

    /// The take was cancelled while its clip was asked for.
    fn record_orphan(&self, clip: &CreatedClip, spool: &Spool) {
        let Some(library) = self.library.clone() else { return };
        if let Err(error) = spool.add_orphan_clip(&OrphanClip { library, clip: clip.id }) {
            warn!(clip.id = %clip.id, %error, "A cancelled take leaves an empty clip in \
                the library");
        }
    }

    /// The library has sealed exactly the bytes of the take. Gives how long to wait.
    fn sealed(&mut self, at: &Situation<'_>) -> Duration {
        let size_bytes = at.take.stream.size_bytes;
        info!(take.id = %self.id, size_bytes, "The take is safe in the library");
        let kept = at.spool.update(self.id, |take| {
            (take.upload.sealed, take.upload.acked_bytes) = (true, size_bytes)
        });
        match kept {
            Ok(_) => Duration::ZERO,
            Err(error) => self.failed(error.into(), 0, at.now),
        }
    }

    fn keep(&mut self, spool: &Spool, now: Micros, change: impl FnOnce(&mut TakeEdit<'_>)) {
        if let Err(error) = spool.update(self.id, change) {
            // The answer could not be kept, so the library is asked again.
            let has_clip = spool.take(self.id).is_some_and(|take| take.upload.clip.is_some());
            self.state = UploadState::new(has_clip, self.acked_bytes());
            self.failed(error.into(), 0, now);
        }
    }

    /// A request that carried `sent_bytes` failed. Gives how long to wait.
    fn failed(&mut self, error: UploadError, sent_bytes: u64, now: Micros) -> Duration {
        self.state.failed(error.failure(), sent_bytes, now, jitter());
        self.refused = error.is_refusal();
        self.problem = Some(error.into());
        self.gave_up = None;
        self.state.pause(now)
    }

    fn clear_problem(&mut self) {
        self.problem = None;
        self.refused = false;
        self.gave_up = None;
    }

    fn give_up(&mut self, reason: GiveUp) {
        if self.gave_up == Some(reason) {
            return;
        }
        warn!(take.id = %self.id, ?reason, "Gave up sending a take; it stays on this computer");
        self.gave_up = Some(reason);
        // If a failure is the reason, the library's own sentence is shown already.
        if self.problem.is_none() || !self.state.failed_for(reason) {
            self.problem = Some(reason.into());
            self.refused = reason == GiveUp::NotFound;
        }
    }
}
