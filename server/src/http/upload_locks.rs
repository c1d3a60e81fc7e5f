//! [`UploadLocks`]: one request at a time for each upload. A newer request cancels the wait for bytes
//! of the one before, then waits until what that one received is durable
//! (draft-ietf-httpbis-resumable-upload §4.6, "Concurrency").

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OwnedMutexGuard;
use tokio_util::sync::CancellationToken;
use vignette_model::{Secret, Sha256};

type Entries = Arc<Mutex<HashMap<Sha256, Entry>>>;

/// A lock for each upload, by the hash of its secret.
#[derive(Clone, Default)]
pub struct UploadLocks(Entries);

/// An upload for which a request holds the lock or waits for it.
struct Entry {
    /// Cancelled when a newer request comes.
    newest: Arc<CancellationToken>,
    held: Arc<tokio::sync::Mutex<()>>,
}

/// The lock of one upload, held until it is dropped.
pub struct UploadLock {
    superseded: Arc<CancellationToken>,
    upload: Sha256,
    entries: Entries,
    _held: OwnedMutexGuard<()>,
}

impl UploadLocks {
    /// Cancels the request before for this upload and waits until it has released the lock. If a
    /// newer request came meanwhile, [`UploadLock::superseded`] is already cancelled.
    pub async fn acquire(&self, upload: &Secret) -> UploadLock {
        let superseded = Arc::new(CancellationToken::new());
        let upload = upload.hash();
        let held = {
            let mut entries = lock(&self.0);
            let entry = entries.entry(upload).or_insert_with(|| Entry { newest: superseded.clone(), held: Arc::default() });
            if !Arc::ptr_eq(&entry.newest, &superseded) {
                entry.newest.cancel();
                entry.newest = superseded.clone();
            }
            entry.held.clone()
        };
        let held = held.lock_owned().await;
        UploadLock { superseded, upload, entries: self.0.clone(), _held: held }
    }
}

impl UploadLock {
    /// Cancelled when a newer request waits for the lock.
    #[must_use]
    pub fn superseded(&self) -> &CancellationToken {
        &self.superseded
    }
}

impl Drop for UploadLock {
    fn drop(&mut self) {
        let mut entries = lock(&self.entries);
        let newest = entries.get(&self.upload).is_some_and(|entry| Arc::ptr_eq(&entry.newest, &self.superseded));
        if newest {
            entries.remove(&self.upload);
        }
    }
}

fn lock(entries: &Entries) -> MutexGuard<'_, HashMap<Sha256, Entry>> {
    entries.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_newer_request_takes_over_and_nothing_is_left_behind() {
        let locks = UploadLocks::default();
        let upload = Secret::presented("up_a");
        let first = locks.acquire(&upload).await;
        let other = locks.acquire(&Secret::presented("up_b")).await;
        assert!(!first.superseded().is_cancelled(), "another upload has its own lock");
        let second = tokio::spawn({
            let (locks, upload) = (locks.clone(), upload.clone());
            async move { locks.acquire(&upload).await }
        });
        first.superseded().cancelled().await;
        assert!(!second.is_finished(), "the newer request waits until the lock is released");
        drop(first);
        let second = second.await.unwrap();
        assert!(!second.superseded().is_cancelled());
        drop((second, other));
        assert!(lock(&locks.0).is_empty(), "released uploads are not remembered");
    }

    #[tokio::test]
    async fn a_request_given_up_while_waiting_leaves_the_lock_free() {
        let locks = UploadLocks::default();
        let upload = Secret::presented("up_a");
        let first = locks.acquire(&upload).await;
        let timeout = std::time::Duration::from_millis(20);
        let waiting = tokio::time::timeout(timeout, locks.acquire(&upload)).await;
        assert!(waiting.is_err());
        drop(first);
        drop(locks.acquire(&upload).await);
        assert!(lock(&locks.0).is_empty());
    }
}
