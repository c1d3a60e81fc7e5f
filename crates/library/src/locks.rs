//! [`Locks`]: one lock for each upload, with hand-over.
//!
//! A request that asks for a lock ends the waiting for bytes of the request that holds it, then waits until what that one has
//! begun is durable (draft-ietf-httpbis-resumable-upload §4.6, "Concurrency"). The lock saves work; that no two appends count at one
//! offset is for the store's compare-and-swap to see to, whoever holds what.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::OwnedMutexGuard;
use tokio_util::sync::CancellationToken;
use vignette_model::Sha256;

/// Locks of uploads, by the hash of an upload's secret.
#[async_trait]
pub trait Locks: Send + Sync + 'static {
    /// Asks the holder of the lock to hand it over, and waits until it has.
    async fn lock(&self, upload: Sha256) -> UploadLock;
}

/// The right to append to an upload, until it is dropped.
pub struct UploadLock {
    superseded: CancellationToken,
    _held: Box<dyn Send + Sync>,
}

impl UploadLock {
    /// A lock that is held as long as `held` exists, and whose holder hands it over once `superseded` is cancelled.
    #[must_use]
    pub fn new(superseded: CancellationToken, held: impl Send + Sync + 'static) -> Self {
        Self { superseded, _held: Box::new(held) }
    }

    /// Cancelled when another request wants the lock: its holder stops waiting for bytes then.
    #[must_use]
    pub(crate) fn superseded(&self) -> &CancellationToken {
        &self.superseded
    }
}

/// Locks among the requests of one process.
#[derive(Clone, Debug, Default)]
pub struct LocalLocks(Arc<Mutex<HashMap<Sha256, Queue>>>);

/// Those who hold or wait for one lock.
#[derive(Debug)]
struct Queue {
    /// Tells the newest of them apart, and asks it to hand over.
    newest: Arc<CancellationToken>,
    mutex: Arc<tokio::sync::Mutex<()>>,
}

/// Removes the queue when its newest request is done.
struct Held {
    locks: LocalLocks,
    upload: Sha256,
    superseded: Arc<CancellationToken>,
    _guard: OwnedMutexGuard<()>,
}

impl LocalLocks {
    fn queues(&self) -> MutexGuard<'_, HashMap<Sha256, Queue>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Locks for LocalLocks {
    async fn lock(&self, upload: Sha256) -> UploadLock {
        let superseded = Arc::new(CancellationToken::new());
        let mutex = {
            let mut queues = self.queues();
            let begin = || Queue { newest: superseded.clone(), mutex: Arc::default() };
            let queue = queues.entry(upload).or_insert_with(begin);
            if !Arc::ptr_eq(&queue.newest, &superseded) {
                queue.newest.cancel();
                queue.newest = superseded.clone();
            }
            queue.mutex.clone()
        };
        let guard = mutex.lock_owned().await;
        let token = CancellationToken::clone(&superseded);
        UploadLock::new(token, Held { locks: self.clone(), upload, superseded, _guard: guard })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut queues = self.locks.queues();
        if queues
            .get(&self.upload)
            .is_some_and(|queue| Arc::ptr_eq(&queue.newest, &self.superseded))
        {
            queues.remove(&self.upload);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn the_newest_request_gets_the_lock_and_nothing_is_left_behind() {
        let locks = LocalLocks::default();
        let upload = Sha256::of(b"a");
        let first = locks.lock(upload).await;
        let other = locks.lock(Sha256::of(b"b")).await;
        assert!(!first.superseded().is_cancelled(), "another upload is another matter");
        let second = tokio::spawn({
            let locks = locks.clone();
            async move { locks.lock(upload).await }
        });
        first.superseded().cancelled().await;
        assert!(!second.is_finished(), "the newer one waits for what the earlier one has begun");
        drop(first);
        let second = second.await.unwrap();
        assert!(!second.superseded().is_cancelled());
        drop((second, other));
        assert!(locks.queues().is_empty(), "a lock that nobody holds takes no room");
    }

    #[tokio::test]
    async fn a_request_given_up_while_waiting_leaves_the_way_free() {
        let locks = LocalLocks::default();
        let upload = Sha256::of(b"a");
        let first = locks.lock(upload).await;
        let waiting = tokio::time::timeout(Duration::from_millis(20), locks.lock(upload)).await;
        assert!(waiting.is_err());
        drop(first);
        drop(locks.lock(upload).await);
        assert!(locks.queues().is_empty());
    }
}
