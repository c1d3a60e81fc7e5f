//! The [`Uploader`]: one task that brings every take of the spool to its library, for ever. It
//! holds no truth: it can be killed at any time, and asks the library again.
//!
//! ```text
//!  spool ── append, change ──▶ ┌ task ──────────────────────────────────┐ ── requests ──▶ library
//!  credentials ── change ────▶ │ for each take: policy::next ─▶ request │ ◀─ outcomes ──
//!  wake() ───────────────────▶ └────────────────────────────────────────┘ ── UploadProgress ─▶ subscribers
//! ```

mod metadata;
mod orphan_cleanup;
mod request;
mod send_priority;
mod spool_index;
mod take_upload;
mod upload_loop;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use vignette_model::api::CreatedClip;
use vignette_model::{Clock, Problem, TakeId};
use vignette_spool::Spool;

use crate::{Credentials, NoLink};
use upload_loop::UploadLoop;

/// How long a recording waits for its link before it begins without one.
pub const LINK_BUDGET: Duration = Duration::from_secs(2);

/// How far one take has come.
#[derive(Clone, Debug, PartialEq)]
pub struct UploadProgress {
    /// Which take.
    pub take: TakeId,
    /// The clip's link, once the library has given one.
    pub link: Option<String>,
    /// Bytes the library has made durable.
    pub acked_bytes: u64,
    /// Bytes of the take so far.
    pub size_bytes: u64,
    /// Whether the library has sealed it with the same SHA-256.
    pub sealed: bool,
    /// What stands in the way at the moment, if anything.
    pub problem: Option<Problem>,
    /// Whether that is a refusal, so that trying again will not help by itself.
    pub refused: bool,
}

/// Wakes the task, and says what has changed.
#[derive(Debug, Default)]
struct Signals {
    changed: Notify,
    pending: Mutex<PendingChanges>,
}

/// What has changed since the task last asked.
#[derive(Debug, Default)]
struct PendingChanges {
    /// Takes that this program has begun or changed.
    takes: HashSet<TakeId>,
    /// Something may have changed for the better (the network, the token).
    reset_backoff: bool,
}

impl Signals {
    fn changed(&self, take: TakeId) {
        self.notify(|pending| {
            pending.takes.insert(take);
        });
    }

    fn reset_backoff(&self) {
        self.notify(|pending| pending.reset_backoff = true);
    }

    fn notify(&self, change: impl FnOnce(&mut PendingChanges)) {
        change(&mut self.pending.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_one();
    }

    fn take_pending(&self) -> PendingChanges {
        std::mem::take(&mut self.pending.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Brings every take of the spool to its library: the one being recorded before all others, then
/// the newest link first. Takes without a library stay where they are. Clones are the same
/// uploader; it ends when the last one is dropped.
#[derive(Clone)]
pub struct Uploader {
    shared: Arc<Shared>,
}

struct Shared {
    spool: Spool,
    signals: Arc<Signals>,
    progress: watch::Receiver<Vec<UploadProgress>>,
    end: watch::Sender<bool>,
    task: tokio::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Uploader {
    /// Starts on the current tokio runtime. Takes that another program left unfinished are
    /// recovered on the way.
    #[must_use]
    pub fn spawn(spool: Spool, credentials: Credentials, clock: Arc<dyn Clock>) -> Self {
        let signals = Arc::new(Signals::default());
        let subscriber = Arc::downgrade(&signals);
        spool.subscribe(move |take| {
            if let Some(signals) = subscriber.upgrade() {
                signals.changed(take);
            }
        });
        let (report, progress) = watch::channel(Vec::new());
        let (end, ended) = watch::channel(false);
        let upload_loop =
            UploadLoop::new(spool.clone(), credentials, clock, signals.clone(), report);
        let task = tokio::spawn(upload_loop.run(ended));
        Self {
            shared: Arc::new(Shared {
                spool,
                signals,
                progress,
                end,
                task: tokio::sync::Mutex::new(Some(task)),
            }),
        }
    }

    /// Every take that goes to a library, newest first, as whole snapshots.
    #[must_use]
    pub fn progress(&self) -> watch::Receiver<Vec<UploadProgress>> {
        self.shared.progress.clone()
    }

    /// Waits until a take has its clip, so that the link is there before recording starts; at most
    /// `budget`, usually [`LINK_BUDGET`]. Begin the take in the spool first, and record whatever
    /// this answers: the clip is asked for again.
    ///
    /// # Errors
    /// [`NoLink`]: what stands in the way.
    pub async fn ensure_clip(&self, take: TakeId, budget: Duration) -> Result<CreatedClip, NoLink> {
        self.shared.signals.changed(take);
        tokio::time::timeout(budget, self.clip_of(take)).await.unwrap_or(Err(NoLink::NotInTime))
    }

    async fn clip_of(&self, id: TakeId) -> Result<CreatedClip, NoLink> {
        let mut progress = self.progress();
        progress.mark_unchanged();
        loop {
            let take = self.shared.spool.take(id).ok_or(NoLink::NoSuchTake)?;
            if take.upload.library.is_none() {
                return Err(NoLink::NoLibrary);
            }
            if let Some(clip) = take.upload.clip {
                return Ok(clip);
            }
            let problem = progress
                .borrow_and_update()
                .iter()
                .find(|p| p.take == id)
                .and_then(|p| p.problem.clone());
            if let Some(problem) = problem {
                return Err(NoLink::Problem(problem));
            }
            if progress.changed().await.is_err() {
                return Err(NoLink::Stopped);
            }
        }
    }

    /// Something may have changed for the better (the network, waking up from sleep): every take is
    /// tried at once.
    pub fn wake(&self) {
        self.shared.signals.reset_backoff();
    }

    /// Stops sending and waits until nothing goes on any more. What was not acknowledged is sent
    /// after the next start.
    pub async fn shutdown(&self) {
        self.shared.end.send_replace(true);
        if let Some(task) = self.shared.task.lock().await.take()
            && let Err(error) = task.await
        {
            tracing::error!(%error, "The uploader did not end well");
        }
    }
}
