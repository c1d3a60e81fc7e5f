//! A [`Limiter`]: so many tries a minute for each address, as buckets of tokens that refill. Each [`Purpose`] has its own, so
//! that whoever tries one thing too often is kept from nothing else.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use vignette_model::{Clock, Micros};

use crate::peer::household;

const MINUTE: Micros = Micros::from_secs(60);
/// Addresses remembered at most. Beyond that the one that has tried least is forgotten, and never all.
const MAX_ADDRESSES: usize = 20_000;

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A password.
    SignIn,
    /// An account by a set-up link or an invitation.
    SetUp,
    /// A sign-in code of a recorder.
    Exchange,
    /// A reply, or new words for one.
    Reply,
}

/// A limiter for each purpose.
pub struct Limiters {
    sign_in: Limiter,
    set_up: Limiter,
    exchange: Limiter,
    reply: Limiter,
}

impl Limiters {
    /// So many tries a minute for each purpose and address.
    #[must_use]
    pub fn new(per_minute: u32, clock: &Arc<dyn Clock>) -> Self {
        let limiter = || Limiter::new(per_minute, clock.clone());
        Self { sign_in: limiter(), set_up: limiter(), exchange: limiter(), reply: limiter() }
    }

    /// Counts a try.
    ///
    /// # Errors
    /// The seconds to wait, if this was one too many.
    pub fn try_once(&self, purpose: Purpose, address: IpAddr) -> Result<(), u64> {
        let limiter = match purpose {
            Purpose::SignIn => &self.sign_in,
            Purpose::SetUp => &self.set_up,
            Purpose::Exchange => &self.exchange,
            Purpose::Reply => &self.reply,
        };
        limiter.try_once(address)
    }
}

/// So many tries a minute for each address.
pub struct Limiter {
    per_minute: u32,
    clock: Arc<dyn Clock>,
    tried: Mutex<Tried>,
}

/// When each address will have all its tries back, by address and by time.
#[derive(Default)]
struct Tried {
    full_at: HashMap<IpAddr, Micros>,
    by_time: BTreeSet<(Micros, IpAddr)>,
}

impl Tried {
    fn set(&mut self, address: IpAddr, full_at: Micros) {
        if let Some(before) = self.full_at.insert(address, full_at) {
            self.by_time.remove(&(before, address));
        }
        self.by_time.insert((full_at, address));
    }

    /// Forgets whoever has their tries back by `now`, and beyond `most` those who are nearest to it.
    fn forget(&mut self, now: Micros, most: usize) {
        while let Some((full_at, address)) = self.by_time.first().copied()
            && (full_at <= now || self.full_at.len() > most)
        {
            self.by_time.pop_first();
            self.full_at.remove(&address);
        }
    }
}

impl Limiter {
    /// A limiter that lets `per_minute` tries through at once, and that many again in each minute.
    #[must_use]
    pub fn new(per_minute: u32, clock: Arc<dyn Clock>) -> Self {
        Self { per_minute: per_minute.max(1), clock, tried: Mutex::default() }
    }

    /// Counts a try.
    ///
    /// # Errors
    /// The seconds to wait, if this was one too many.
    pub fn try_once(&self, address: IpAddr) -> Result<(), u64> {
        let now = self.clock.monotonic();
        let cost = Micros(MINUTE.0 / u64::from(self.per_minute));
        let address = household(address);
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        let before = tried.full_at.get(&address).copied().unwrap_or(now);
        let (after, room) = (before.max(now) + cost, now + MINUTE);
        if after > room {
            return Err((after - room).0.div_ceil(1_000_000).max(1));
        }
        tried.set(address, after);
        tried.forget(now, MAX_ADDRESSES);
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
    fn memory_is_bounded_and_nobody_is_forgiven_by_a_flood_of_others() {
        let limiter = Limiter::new(3, Arc::new(SimulatedClock::at(UtcMicros(0))));
        let guesser: IpAddr = "192.0.2.1".parse().unwrap();
        while limiter.try_once(guesser).is_ok() {}
        for n in 0..u32::try_from(MAX_ADDRESSES).unwrap() + 10 {
            assert_eq!(limiter.try_once(IpAddr::V4((n << 1).into())), Ok(()), "others are let in, however many were before");
        }
        let tried = limiter.tried.lock().unwrap();
        assert!(tried.full_at.len() <= MAX_ADDRESSES && tried.by_time.len() == tried.full_at.len());
        drop(tried);
        assert!(limiter.try_once(guesser).is_err(), "whoever has used up their tries is not forgotten for new ones");
    }
}
