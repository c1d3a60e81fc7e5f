//! [`KeyedLimit`]: a limit on how much is in use at one time, in all and for each key. Connections,
//! requests, event streams and bytes of bodies are bounded by it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// A counter with two limits: one for all keys together and one for each key.
#[derive(Debug)]
pub(crate) struct KeyedLimit<K> {
    in_all: usize,
    of_one: usize,
    used: Mutex<Used<K>>,
    released: Notify,
}

#[derive(Debug)]
struct Used<K> {
    in_all: usize,
    by_key: HashMap<K, usize>,
}

impl<K: Clone + Eq + Hash> KeyedLimit<K> {
    /// At most `in_all` units in use, and at most `of_one` of them by one key.
    #[must_use]
    pub(crate) fn new(in_all: usize, of_one: usize) -> Arc<Self> {
        let used = Mutex::new(Used { in_all: 0, by_key: HashMap::new() });
        Arc::new(Self { in_all, of_one, used, released: Notify::new() })
    }

    /// Acquires one unit, released when the permit is dropped. `None` if either limit is reached.
    #[must_use]
    pub(crate) fn try_acquire(self: &Arc<Self>, key: K) -> Option<Permit<K>> {
        let mut permit = self.empty_permit(key);
        permit.try_grow(1).then_some(permit)
    }

    /// A permit for no units, to be grown.
    #[must_use]
    pub(crate) fn empty_permit(self: &Arc<Self>, key: K) -> Permit<K> {
        Permit { limit: self.clone(), key, count: 0 }
    }

    /// Units in use by all keys.
    #[must_use]
    pub(crate) fn in_use(&self) -> usize {
        self.used().in_all
    }

    fn used(&self) -> MutexGuard<'_, Used<K>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Units in use by one key, released when dropped.
#[derive(Debug)]
pub(crate) struct Permit<K: Clone + Eq + Hash> {
    limit: Arc<KeyedLimit<K>>,
    key: K,
    count: usize,
}

impl<K: Clone + Eq + Hash> Permit<K> {
    /// Acquires `more` units; `false` and no change if either limit would be exceeded.
    #[must_use]
    pub(crate) fn try_grow(&mut self, more: usize) -> bool {
        let mut used = self.limit.used();
        let own = used.by_key.get(&self.key).copied().unwrap_or_default();
        if more > self.limit.in_all - used.in_all || more > self.limit.of_one.saturating_sub(own) {
            return false;
        }
        used.in_all += more;
        used.by_key.insert(self.key.clone(), own + more);
        self.count += more;
        true
    }

    /// Acquires `more` units, waiting until others have released enough.
    pub(crate) async fn grow(&mut self, more: usize) {
        let limit = self.limit.clone();
        loop {
            // Registered before the attempt: a release in between is not missed.
            let released = limit.released.notified();
            if self.try_grow(more) {
                return;
            }
            released.await;
        }
    }
}

impl<K: Clone + Eq + Hash> Drop for Permit<K> {
    fn drop(&mut self) {
        let mut used = self.limit.used();
        used.in_all -= self.count;
        let left = used.by_key.get(&self.key).map_or(0, |own| own - self.count);
        if left == 0 {
            used.by_key.remove(&self.key);
        } else {
            used.by_key.insert(self.key.clone(), left);
        }
        drop(used);
        self.limit.released.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn one_key_does_not_take_all() {
        let limit = KeyedLimit::new(5, 3);
        let mut held: Vec<_> = (0..4).filter_map(|_| limit.try_acquire("one")).collect();
        assert_eq!(held.len(), 3, "each key has its share and no more");
        let others: Vec<_> = (0..4).filter_map(|_| limit.try_acquire("other")).collect();
        assert_eq!(others.len(), 2, "the limit for all holds too");
        held.pop();
        assert!(limit.try_acquire("other").is_some(), "a released unit can be acquired");
        drop((held, others));
        assert!(limit.used().by_key.is_empty(), "keys without units are not remembered");
        assert_eq!(limit.in_use(), 0);
    }

    #[tokio::test]
    async fn a_waiting_permit_grows_when_units_are_released() {
        let limit = KeyedLimit::new(10, 8);
        let (mut first, mut second) = (limit.empty_permit(1), limit.empty_permit(2));
        assert!(first.try_grow(8) && !second.try_grow(3), "all units or none");
        let mut waiting = Box::pin(second.grow(3));
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(first);
        waiting.await;
        assert_eq!(limit.in_use(), 3);
    }
}
