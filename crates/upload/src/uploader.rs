//! The [`Uploader`]: one task that brings every take of the spool to its library, for ever. It holds no truth: it can be
//! killed at any time, and asks the library again.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use vignette_model::api::CreatedClip;
use vignette_model::take::Whereabouts;
use vignette_model::{Clock, Problem, TakeId};
use vignette_spool::Spool;

use crate::Credentials;

/// How long a recording waits for its link before it begins without one.
pub const LINK_BUDGET: Duration = Duration::from_secs(2);

/// How far one take has come.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
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
}

impl Progress {
    /// The same as a place and in words.
    #[must_use]
    pub fn whereabouts(&self) -> Whereabouts {
        let Self { acked_bytes: sent_bytes, size_bytes, .. } = *self;
        match sent_bytes {
            _ if self.sealed => Whereabouts::Safe { size_bytes },
            0 => Whereabouts::OnThisComputer { size_bytes },
            _ => Whereabouts::Sending { sent_bytes, size_bytes },
        }
    }
}

/// Brings every take of the spool to its library: the one being recorded before all others, then the newest link first.
/// Takes without a library stay where they are. Clones are the same uploader; it ends when the last one is dropped.
#[derive(Clone)]
pub struct Uploader {}

impl Uploader {
    /// Starts on the current tokio runtime.
    #[must_use]
    pub fn spawn(spool: Spool, credentials: Credentials, clock: Arc<dyn Clock>) -> Self {
        let _ = (spool, credentials, clock);
        unimplemented!()
    }

    /// Every take that goes to a library, newest first, as whole snapshots.
    #[must_use]
    pub fn progress(&self) -> watch::Receiver<Vec<Progress>> {
        unimplemented!()
    }

    /// Waits until a take has its clip, so that the link is there before recording starts; at most `budget`, usually
    /// [`LINK_BUDGET`]. Begin the take in the spool first, and record whatever this answers: the clip is asked for again.
    ///
    /// # Errors
    /// What stands in the way: `unreachable`, `sign_in_needed`, or `bad_request` if the take names no library.
    pub async fn ensure_clip(&self, take: TakeId, budget: Duration) -> Result<CreatedClip, Problem> {
        let _ = (take, budget);
        unimplemented!()
    }

    /// Something may have changed for the better (the network, waking up from sleep): every take is tried at once.
    pub fn wake(&self) {
        unimplemented!()
    }

    /// Stops sending and waits until nothing goes on any more. What was not acknowledged is sent after the next start.
    pub async fn shutdown(&self) {
        unimplemented!()
    }
}
