//! [`Places`]: so many at once, and of those only so many for one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::peer::household;

/// Places that are taken and given back.
#[derive(Debug)]
pub struct Places {
    in_all: usize,
    for_one: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    in_all: usize,
    by: HashMap<IpAddr, usize>,
}

impl Places {
    /// So many in all, and so many for one address (in IPv6: one household).
    #[must_use]
    pub fn new(in_all: usize, for_one: usize) -> Arc<Self> {
        Arc::new(Self { in_all, for_one, taken: Mutex::default() })
    }

    /// A place, given back when dropped; none if all are taken, or all that this address may have.
    #[must_use]
    pub fn take(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let address = household(address);
        let mut taken = self.taken();
        let own = taken.by.get(&address).copied().unwrap_or_default();
        if taken.in_all >= self.in_all || own >= self.for_one {
            return None;
        }
        taken.in_all += 1;
        taken.by.insert(address, own + 1);
        Some(Place { of: self.clone(), address })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place that is taken.
#[derive(Debug)]
pub struct Place {
    of: Arc<Places>,
    address: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.of.taken();
        taken.in_all -= 1;
        match taken.by.get_mut(&self.address) {
            Some(own) if *own > 1 => *own -= 1,
            _ => drop(taken.by.remove(&self.address)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_does_not_take_all() {
        let places = Places::new(5, 3);
        let (one, other): (IpAddr, IpAddr) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let mut held: Vec<_> = (0..4).filter_map(|_| places.take(one)).collect();
        assert_eq!(held.len(), 3, "an address has its share and no more");
        let others: Vec<_> = (0..4).filter_map(|_| places.take(other)).collect();
        assert_eq!(others.len(), 2, "there are only so many in all");
        held.pop();
        assert!(places.take(other).is_some(), "a place that is given back can be taken");
        drop((held, others));
        assert!(places.taken().by.is_empty(), "nothing is remembered of those who are gone");
    }
}
