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

/// So many tries in a time for each address.
pub struct Limiter {
    /// What a try takes of the time.
    cost: Micros,
    /// The time of all tries that may come at once.
    room: Micros,
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
        Self::over(MINUTE, per_minute, clock)
    }

    /// A limiter that lets `tries` through at once, and that many again in each `time`.
    fn over(time: Micros, tries: u32, clock: Arc<dyn Clock>) -> Self {
        Self { cost: Micros((time.0 / u64::from(tries.max(1))).max(1)), room: time, clock, tried: Mutex::default() }
    }

    /// Counts a try.
    ///
    /// # Errors
    /// The seconds to wait, if this was one too many.
    pub fn try_once(&self, address: IpAddr) -> Result<(), u64> {
        let counted = self.reserve(address, Micros::ZERO);
        counted.map(drop).map_err(|wait| wait.0.div_ceil(1_000_000).max(1))
    }

    /// Counts a try that is to be made in as long as this gives: at once, or when the tries before it have come back.
    ///
    /// # Errors
    /// How long that would be, if it is longer than `patience`: nothing is counted then.
    fn reserve(&self, address: IpAddr, patience: Micros) -> Result<Micros, Micros> {
        let now = self.clock.monotonic();
        let address = household(address);
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        let before = tried.full_at.get(&address).copied().unwrap_or(now);
        let after = before.max(now) + self.cost;
        let wait = after - (now + self.room);
        if wait > patience {
            return Err(wait);
        }
        tried.set(address, after);
        tried.forget(now, MAX_ADDRESSES);
        Ok(wait)
    }
}

/// How many requests of those without an account are answered: so many a second for each household, and what comes faster waits
/// its turn. Whoever asks without a pause is slowed down before anything is done for them, and others are not.
pub struct Throttle(Limiter);

impl Throttle {
    /// How long a page may take to load before a household's requests are spaced out.
    const BURST_SECONDS: u32 = 4;
    /// The longest that a request waits. What would wait longer is refused, no sooner.
    const PATIENCE: Micros = Micros::from_secs(2);

    /// A throttle of so many requests a second.
    #[must_use]
    pub fn new(per_second: u32, clock: Arc<dyn Clock>) -> Self {
        let time = Micros::from_secs(u64::from(Self::BURST_SECONDS));
        Self(Limiter::over(time, per_second.saturating_mul(Self::BURST_SECONDS), clock))
    }

    /// Waits until it is this household's turn.
    ///
    /// # Errors
    /// The seconds after which to come again, if too many others of the household wait already.
    pub async fn wait(&self, address: IpAddr) -> Result<(), u64> {
        let turn = self.0.reserve(address, Self::PATIENCE);
        let wait = turn.unwrap_or(Self::PATIENCE);
        if wait > Micros::ZERO {
            tokio::time::sleep(wait.into()).await;
        }
        turn.map(drop).map_err(|wait| wait.0.div_ceil(1_000_000).max(1))
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
    fn whoever_asks_without_a_pause_waits_their_turn() {
        let clock = Arc::new(SimulatedClock::at(UtcMicros(0)));
        let throttle = Throttle::new(10, clock.clone());
        let (one, other) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let asked = |address| throttle.0.reserve(address, Throttle::PATIENCE);
        assert!((0..40).all(|_| asked(one) == Ok(Micros::ZERO)), "a page with all that belongs to it comes at once");
        let waits: Vec<_> = (0..20).map(|_| asked(one)).collect();
        assert_eq!((waits[0], waits[19]), (Ok(Micros::from_millis(100)), Ok(Micros::from_secs(2))), "then ten a second");
        assert!(asked(one).is_err(), "and the queue has an end");
        assert_eq!(asked(other), Ok(Micros::ZERO), "others do not wait for it");
        clock.advance(Micros::from_secs(1));
        assert_eq!((0..11).filter(|_| asked(one).is_ok()).count(), 10, "a second later there is room for ten");
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
