//! A [`Limiter`]: so many tries a minute for each address, as buckets of tokens that refill.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use vignette_model::{Clock, Micros};

use crate::peer::household;

const MINUTE: Micros = Micros::from_secs(60);
/// Addresses remembered at most. Beyond that the fullest buckets are forgotten, which only ever forgives.
const MAX_ADDRESSES: usize = 20_000;

/// So many tries a minute for each address.
pub struct Limiter {
    per_minute: u32,
    clock: Arc<dyn Clock>,
    /// When each address will have all its tries back.
    full_at: Mutex<HashMap<IpAddr, Micros>>,
}

impl Limiter {
    /// A limiter that lets `per_minute` tries through at once, and that many again in each minute.
    #[must_use]
    pub fn new(per_minute: u32, clock: Arc<dyn Clock>) -> Self {
        Self { per_minute: per_minute.max(1), clock, full_at: Mutex::default() }
    }

    /// Counts a try.
    ///
    /// # Errors
    /// The seconds to wait, if this was one too many.
    pub fn try_once(&self, address: IpAddr) -> Result<(), u64> {
        let now = self.clock.monotonic();
        let cost = Micros(MINUTE.0 / u64::from(self.per_minute));
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= MAX_ADDRESSES {
            full_at.retain(|_, at| *at > now);
        }
        if full_at.len() >= MAX_ADDRESSES {
            full_at.clear();
        }
        let entry = full_at.entry(household(address)).or_insert(now);
        let after = (*entry).max(now) + cost;
        let room = now + MINUTE;
        if after > room {
            return Err((after - room).0.div_ceil(1_000_000).max(1));
        }
        *entry = after;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use vignette_model::{SimulatedClock, UtcMicros};

    use super::*;

    #[test]
    fn tries_come_back_with_time() {
        let clock = Arc::new(SimulatedClock::at(UtcMicros(0)));
        let limiter = Limiter::new(3, clock.clone());
        let (one, other) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        assert_eq!((0..4).map(|_| limiter.try_once(one).is_ok()).collect::<Vec<_>>(), [true, true, true, false]);
        assert_eq!(limiter.try_once(one), Err(20), "a third of a minute brings one try of three back");
        assert_eq!(limiter.try_once(other), Ok(()), "one address does not lock out another");
        clock.advance(Micros::from_secs(20));
        assert_eq!(limiter.try_once(one), Ok(()));
        assert!(limiter.try_once(one).is_err());
    }

    #[test]
    fn memory_is_bounded() {
        let limiter = Limiter::new(1, Arc::new(SimulatedClock::at(UtcMicros(0))));
        for n in 0..u32::try_from(MAX_ADDRESSES).unwrap() + 10 {
            let _ = limiter.try_once(IpAddr::V4(n.into()));
        }
        assert!(limiter.full_at.lock().unwrap().len() <= MAX_ADDRESSES);
    }
}
