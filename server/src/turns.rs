//! [`Turns`]: one request at a time for each upload. A newer one ends the earlier one's waiting for bytes, then waits until
//! what it had already taken is durable (draft-ietf-httpbis-resumable-upload §4.6, "Concurrency").

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OwnedMutexGuard;
use tokio_util::sync::CancellationToken;
use vignette_model::{Secret, Sha256};

type Lanes = Arc<Mutex<HashMap<Sha256, Lane>>>;

/// Who may speak for which upload.
#[derive(Clone, Default)]
pub struct Turns(Lanes);

/// One upload that somebody is speaking for.
struct Lane {
    newest: Arc<CancellationToken>,
    speaking: Arc<tokio::sync::Mutex<()>>,
}

/// The right to speak for an upload, until it is dropped.
pub struct Turn {
    taken_over: Arc<CancellationToken>,
    upload: Sha256,
    lanes: Lanes,
    _speaking: OwnedMutexGuard<()>,
}

impl Turns {
    /// Ends the earlier request for this upload, waits for it, and takes over. Whoever was itself taken over while it
    /// waited finds that in [`Turn::taken_over`].
    pub async fn take(&self, upload: &Secret) -> Turn {
        let taken_over = Arc::new(CancellationToken::new());
        let upload = upload.hash();
        let speaking = {
            let mut lanes = lock(&self.0);
            let lane = lanes.entry(upload).or_insert_with(|| Lane { newest: taken_over.clone(), speaking: Arc::default() });
            if !Arc::ptr_eq(&lane.newest, &taken_over) {
                lane.newest.cancel();
                lane.newest = taken_over.clone();
            }
            lane.speaking.clone()
        };
        Turn { taken_over, upload, lanes: self.0.clone(), _speaking: speaking.lock_owned().await }
    }
}

impl Turn {
    /// Ends when a newer request takes over.
    #[must_use]
    pub fn taken_over(&self) -> &CancellationToken {
        &self.taken_over
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut lanes = lock(&self.lanes);
        if lanes.get(&self.upload).is_some_and(|lane| Arc::ptr_eq(&lane.newest, &self.taken_over)) {
            lanes.remove(&self.upload);
        }
    }
}

fn lock(lanes: &Lanes) -> MutexGuard<'_, HashMap<Sha256, Lane>> {
    lanes.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_newest_speaks_and_nothing_is_left_behind() {
        let turns = Turns::default();
        let upload = Secret::presented("up_a");
        let first = turns.take(&upload).await;
        let other = turns.take(&Secret::presented("up_b")).await;
        assert!(!first.taken_over().is_cancelled(), "another upload is another matter");
        let second = tokio::spawn({
            let (turns, upload) = (turns.clone(), upload.clone());
            async move { turns.take(&upload).await }
        });
        first.taken_over().cancelled().await;
        assert!(!second.is_finished(), "the newer one waits for what the earlier one has begun");
        drop(first);
        let second = second.await.unwrap();
        assert!(!second.taken_over().is_cancelled());
        drop((second, other));
        assert!(lock(&turns.0).is_empty(), "nobody is remembered who is gone");
    }

    #[tokio::test]
    async fn a_request_given_up_while_waiting_leaves_the_way_free() {
        let turns = Turns::default();
        let upload = Secret::presented("up_a");
        let first = turns.take(&upload).await;
        let waiting = tokio::time::timeout(std::time::Duration::from_millis(20), turns.take(&upload)).await;
        assert!(waiting.is_err());
        drop(first);
        drop(turns.take(&upload).await);
        assert!(lock(&turns.0).is_empty());
    }
}
