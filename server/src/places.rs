//! [`Places`]: so many at once, and of those only so many for one who asks. Connections, listeners and bytes of bodies are
//! counted so.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Places that are taken and given back, each by a `K`.
#[derive(Debug)]
pub struct Places<K> {
    in_all: usize,
    for_one: usize,
    taken: Mutex<Taken<K>>,
    given_back: Notify,
}

#[derive(Debug)]
struct Taken<K> {
    in_all: usize,
    by: HashMap<K, usize>,
}

impl<K: Clone + Eq + Hash> Places<K> {
    /// So many in all, and so many for one.
    #[must_use]
    pub fn new(in_all: usize, for_one: usize) -> Arc<Self> {
        let taken = Mutex::new(Taken { in_all: 0, by: HashMap::new() });
        Arc::new(Self { in_all, for_one, taken, given_back: Notify::new() })
    }

    /// A place, given back when dropped; none if all are taken, or all that this one may have.
    #[must_use]
    pub fn take(self: &Arc<Self>, who: K) -> Option<Place<K>> {
        let mut place = self.share(who);
        place.grow(1).then_some(place)
    }

    /// A share of no places so far, to be grown.
    #[must_use]
    pub fn share(self: &Arc<Self>, who: K) -> Place<K> {
        Place { of: self.clone(), who, count: 0 }
    }

    /// How many are taken.
    #[must_use]
    pub fn count(&self) -> usize {
        self.taken().in_all
    }

    fn taken(&self) -> MutexGuard<'_, Taken<K>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Places that are taken by one.
#[derive(Debug)]
pub struct Place<K: Clone + Eq + Hash> {
    of: Arc<Places<K>>,
    who: K,
    count: usize,
}

impl<K: Clone + Eq + Hash> Place<K> {
    /// Takes `more` places beside those it has; `false`, and no more than before, if they are not there.
    #[must_use]
    pub fn grow(&mut self, more: usize) -> bool {
        let mut taken = self.of.taken();
        let own = taken.by.get(&self.who).copied().unwrap_or_default();
        if more > self.of.in_all - taken.in_all || more > self.of.for_one.saturating_sub(own) {
            return false;
        }
        taken.in_all += more;
        taken.by.insert(self.who.clone(), own + more);
        self.count += more;
        true
    }

    /// The same, once there are as many.
    pub async fn wait_to_grow(&mut self, more: usize) {
        let of = self.of.clone();
        loop {
            let given_back = of.given_back.notified();
            if self.grow(more) {
                return;
            }
            given_back.await;
        }
    }
}

impl<K: Clone + Eq + Hash> Drop for Place<K> {
    fn drop(&mut self) {
        let mut taken = self.of.taken();
        taken.in_all -= self.count;
        let left = taken.by.get(&self.who).map_or(0, |own| own - self.count);
        if left == 0 {
            taken.by.remove(&self.who);
        } else {
            taken.by.insert(self.who.clone(), left);
        }
        drop(taken);
        self.of.given_back.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn one_does_not_take_all() {
        let places = Places::new(5, 3);
        let mut held: Vec<_> = (0..4).filter_map(|_| places.take("one")).collect();
        assert_eq!(held.len(), 3, "each has its share and no more");
        let others: Vec<_> = (0..4).filter_map(|_| places.take("other")).collect();
        assert_eq!(others.len(), 2, "there are only so many in all");
        held.pop();
        assert!(places.take("other").is_some(), "a place that is given back can be taken");
        drop((held, others));
        assert!(places.taken().by.is_empty() && places.count() == 0, "nothing is remembered of those who are gone");
    }

    #[tokio::test]
    async fn whoever_waits_gets_what_is_given_back() {
        let places = Places::new(10, 8);
        let (mut first, mut second) = (places.share(1), places.share(2));
        assert!(first.grow(8) && !second.grow(3), "all of it or nothing");
        let mut waiting = Box::pin(second.wait_to_grow(3));
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(first);
        waiting.await;
        assert_eq!(places.count(), 3);
    }
}
