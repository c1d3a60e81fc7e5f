//! A take that its person threw away. It is kept aside for a moment in which it can be brought
//! back, and removed then, or when the program starts again.

use std::sync::Arc;
use std::time::Duration;

use vignette_model::TakeId;
use vignette_model::take::Phase;

use super::{Inner, Recorder, blocking, lock};
use crate::RecorderError;
use crate::recording::{Outcome, Recording};

/// How long a discarded take can be brought back.
const UNDO_TIME: Duration = Duration::from_secs(10);

impl Recorder {
    /// Ends a take and throws it away. It is not listed or sent any more, and can be brought back
    /// for ten seconds ([`Recorder::undo_discard`]); then it is removed here and in the library.
    /// Of a take in its countdown nothing is kept at all.
    pub fn discard(&self, recording: &Recording) {
        if recording.view.borrow().phase == Phase::Countdown {
            return recording.cancel();
        }
        // Marked before it is stopped: a program that dies in between must not bring it back.
        match self.inner.spool.update(recording.id, |take| take.details.discarded = true) {
            Ok(_) => recording.stop(),
            Err(error) => {
                tracing::warn!(take.id = %recording.id, %error, "A take cannot be kept aside");
                recording.cancel();
            }
        }
    }

    /// Brings back the take that was discarded last, which is sent then like any other. Gives its
    /// id.
    ///
    /// # Errors
    /// [`RecorderError::NothingDiscarded`] if there is none, or it is gone by now;
    /// [`RecorderError::Spool`].
    pub fn undo_discard(&self) -> Result<TakeId, RecorderError> {
        // Held until it is marked: of this and the removal, the second finds nothing to do.
        let mut aside = lock(&self.inner.aside);
        let id = (*aside).ok_or(RecorderError::NothingDiscarded)?;
        self.inner.spool.update(id, |take| take.details.discarded = false)?;
        *aside = None;
        drop(aside);
        self.inner.transcription.backfill.wake();
        self.inner.uploader.wake();
        Ok(id)
    }

    /// Removes what was discarded last at once, since the program ends: here, and in its library as
    /// soon as that answers, at the next start at the latest.
    pub fn forget_discarded(&self) {
        let aside = *lock(&self.inner.aside);
        if let Some(id) = aside {
            self.inner.remove_aside(id);
        }
    }

    /// Waits until libraries have deleted the clips of what was thrown away, for `most` at most.
    pub async fn until_thrown_away(&self, most: Duration) {
        const POLL_INTERVAL: Duration = Duration::from_millis(50);
        let deleted = async {
            while !self.inner.spool.orphan_clips().is_empty() {
                tokio::time::sleep(POLL_INTERVAL).await;
            }
        };
        drop(tokio::time::timeout(most, deleted).await);
    }
}

impl Inner {
    /// How a take has ended that may have been discarded. One that was is kept aside from now on.
    pub(super) fn unless_discarded(self: &Arc<Self>, id: TakeId, outcome: Outcome) -> Outcome {
        let discarded = self.spool.take(id).is_some_and(|take| take.details.discarded);
        if !discarded {
            return outcome;
        }
        let before = lock(&self.aside).replace(id);
        // Only the last one can be brought back.
        if let Some(before) = before {
            self.throw_away(before);
        }
        let inner = self.clone();
        self.runtime.spawn(async move {
            tokio::time::sleep(UNDO_TIME).await;
            let removed = blocking(move || {
                inner.remove_aside(id);
                Ok(())
            });
            if let Err(error) = removed.await {
                tracing::warn!(take.id = %id, %error, "A discarded take was not removed");
            }
        });
        Outcome::Discarded
    }

    fn remove_aside(&self, id: TakeId) {
        let mut aside = lock(&self.aside);
        if *aside == Some(id) {
            *aside = None;
            self.throw_away(id);
        }
    }

    /// Removes what was discarded when a program ended before it could be removed. What another
    /// program keeps aside stays.
    pub(super) fn remove_discarded(&self) {
        for take in self.spool.takes().into_iter().filter(|take| take.details.discarded) {
            if self.spool.claim(take.id) {
                self.throw_away(take.id);
            }
        }
    }
}
