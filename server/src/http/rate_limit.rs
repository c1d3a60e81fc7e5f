//! A [`RateLimiter`]: so many attempts a minute for each [`RateLimitKey`], as a token bucket. Each
//! [`Purpose`] has its own, so that too many attempts at one thing block nothing else.
//!
//! The algorithm (GCRA) is that of the crate `governor`. What that crate cannot do: bound the keys it
//! remembers without forgetting the emptiest buckets, and reserve a token that comes back later while
//! refusing what would wait too long.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use vignette_model::{Clock, Micros, Span};

use super::peer::RateLimitKey;

const MINUTE: Span = Span::from_secs(60);
/// The most keys that are remembered. Beyond that the fullest bucket is forgotten, never all.
const MAX_KEYS: usize = 20_000;

/// What an attempt is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A password.
    SignIn,
    /// An account by a set-up link or an invitation.
    SetUp,
    /// A sign-in code of a recorder.
    Exchange,
    /// A reply, or a change of one.
    Reply,
    /// A reaction.
    React,
}

/// A limiter for each purpose.
pub(crate) struct RateLimiters {
    sign_in: RateLimiter,
    set_up: RateLimiter,
    exchange: RateLimiter,
    reply: RateLimiter,
    react: RateLimiter,
}

impl RateLimiters {
    /// `per_minute` attempts for each purpose and key.
    #[must_use]
    pub(crate) fn new(per_minute: u32, clock: &Arc<dyn Clock>) -> Self {
        let limiter = || RateLimiter::new(per_minute, clock.clone());
        Self {
            sign_in: limiter(),
            set_up: limiter(),
            exchange: limiter(),
            reply: limiter(),
            react: limiter(),
        }
    }

    /// Counts an attempt.
    ///
    /// # Errors
    /// The seconds to wait, if it exceeds the limit.
    pub(crate) fn try_once(&self, purpose: Purpose, key: RateLimitKey) -> Result<(), u64> {
        let limiter = match purpose {
            Purpose::SignIn => &self.sign_in,
            Purpose::SetUp => &self.set_up,
            Purpose::Exchange => &self.exchange,
            Purpose::Reply => &self.reply,
            Purpose::React => &self.react,
        };
        limiter.try_once(key)
    }
}

/// A token bucket for each key. A bucket is stored as the instant at which it will be full again.
pub(crate) struct RateLimiter {
    /// Time in which one token comes back.
    refill_time: Span,
    /// Time in which an empty bucket fills.
    full_time: Span,
    clock: Arc<dyn Clock>,
    buckets: Mutex<Buckets>,
}

/// When each bucket will be full, by key and in order of time.
#[derive(Default)]
struct Buckets {
    full_at: HashMap<RateLimitKey, Micros>,
    by_time: BTreeSet<(Micros, RateLimitKey)>,
}

impl Buckets {
    fn set(&mut self, key: RateLimitKey, full_at: Micros) {
        if let Some(before) = self.full_at.insert(key, full_at) {
            self.by_time.remove(&(before, key));
        }
        self.by_time.insert((full_at, key));
    }

    /// Forgets buckets that are full by `now`, and the fullest ones beyond `most`.
    fn forget(&mut self, now: Micros, most: usize) {
        while let Some((full_at, key)) = self.by_time.first().copied()
            && (full_at <= now || self.full_at.len() > most)
        {
            self.by_time.pop_first();
            self.full_at.remove(&key);
        }
    }
}

impl RateLimiter {
    /// A limiter with buckets of `per_minute` tokens that fill within a minute.
    #[must_use]
    pub(crate) fn new(per_minute: u32, clock: Arc<dyn Clock>) -> Self {
        Self::over(MINUTE, per_minute, clock)
    }

    /// A limiter with buckets of `tokens` that fill within `time`.
    fn over(time: Span, tokens: u32, clock: Arc<dyn Clock>) -> Self {
        let refill_time = Span((time.0 / u64::from(tokens.max(1))).max(1));
        Self { refill_time, full_time: time, clock, buckets: Mutex::default() }
    }

    /// Counts an attempt.
    ///
    /// # Errors
    /// The seconds to wait, if it exceeds the limit.
    pub(crate) fn try_once(&self, key: RateLimitKey) -> Result<(), u64> {
        let counted = self.reserve(key, Span::ZERO);
        counted.map(drop).map_err(|wait| wait.0.div_ceil(1_000_000).max(1))
    }

    /// Takes a token, if need be one that comes back only later, and returns how long that takes.
    ///
    /// # Errors
    /// How long it would take, if that is longer than `max_wait`; no token is taken then.
    fn reserve(&self, key: RateLimitKey, max_wait: Span) -> Result<Span, Span> {
        let now = self.clock.monotonic();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let before = buckets.full_at.get(&key).copied().unwrap_or(now);
        let after = before.max(now) + self.refill_time;
        // No wait as long as the bucket is not empty.
        let wait = after.saturating_since(now + self.full_time);
        if wait > max_wait {
            return Err(wait);
        }
        buckets.set(key, after);
        buckets.forget(now, MAX_KEYS);
        Ok(wait)
    }
}

/// The rate of requests without an account, for each key. Requests beyond it are delayed before
/// anything is done for them, so that one client cannot occupy the workers of all others.
pub(crate) struct Throttle(RateLimiter);

impl Throttle {
    /// Seconds' worth of requests that may come at once: a page with everything it loads.
    const BURST_SECONDS: u32 = 4;
    /// The longest delay. A request that would wait longer is refused, after the same delay.
    const MAX_WAIT: Span = Span::from_secs(2);

    /// A throttle of `per_second` requests.
    #[must_use]
    pub(crate) fn new(per_second: u32, clock: Arc<dyn Clock>) -> Self {
        let time = Span::from_secs(u64::from(Self::BURST_SECONDS));
        Self(RateLimiter::over(time, per_second.saturating_mul(Self::BURST_SECONDS), clock))
    }

    /// Waits until the rate of this key allows one more request.
    ///
    /// # Errors
    /// The seconds after which to try again, if too many requests of this key already wait.
    pub(crate) async fn wait(&self, key: RateLimitKey) -> Result<(), u64> {
        let reserved = self.0.reserve(key, Self::MAX_WAIT);
        let wait = reserved.unwrap_or(Self::MAX_WAIT);
        if wait > Span::ZERO {
            tokio::time::sleep(wait.into()).await;
        }
        reserved.map(drop).map_err(|wait| wait.0.div_ceil(1_000_000).max(1))
    }
}

#[cfg(test)]
mod tests {
    use vignette_model::{SimulatedClock, UtcMicros};

    use super::*;

    fn key(address: &str) -> RateLimitKey {
        RateLimitKey::of(address.parse().unwrap())
    }

    #[test]
    fn tries_come_back_with_time() {
        let clock = Arc::new(SimulatedClock::at(UtcMicros(0)));
        let limiter = RateLimiter::new(3, clock.clone());
        let (one, other) = (key("192.0.2.1"), key("192.0.2.2"));
        assert_eq!(
            (0..4).map(|_| limiter.try_once(one).is_ok()).collect::<Vec<_>>(),
            [true, true, true, false]
        );
        assert_eq!(
            limiter.try_once(one),
            Err(20),
            "a third of a minute brings one try of three back"
        );
        assert_eq!(limiter.try_once(other), Ok(()), "one address does not lock out another");
        clock.advance(Span::from_secs(20));
        assert_eq!(limiter.try_once(one), Ok(()));
        assert!(limiter.try_once(one).is_err());
    }

    #[test]
    fn whoever_asks_without_a_pause_waits_their_turn() {
        let clock = Arc::new(SimulatedClock::at(UtcMicros(0)));
        let throttle = Throttle::new(10, clock.clone());
        let (one, other) = (key("192.0.2.1"), key("192.0.2.2"));
        let asked = |address| throttle.0.reserve(address, Throttle::MAX_WAIT);
        assert!(
            (0..40).all(|_| asked(one) == Ok(Span::ZERO)),
            "a page with all that belongs to it comes at once"
        );
        let waits: Vec<_> = (0..20).map(|_| asked(one)).collect();
        assert_eq!(
            (waits[0], waits[19]),
            (Ok(Span::from_millis(100)), Ok(Span::from_secs(2))),
            "then ten a second"
        );
        assert!(asked(one).is_err(), "and the queue has an end");
        assert_eq!(asked(other), Ok(Span::ZERO), "others do not wait for it");
        clock.advance(Span::from_secs(1));
        assert_eq!(
            (0..11).filter(|_| asked(one).is_ok()).count(),
            10,
            "a second later there is room for ten"
        );
    }

    #[test]
    fn memory_is_bounded_and_nobody_is_forgiven_by_a_flood_of_others() {
        let limiter = RateLimiter::new(3, Arc::new(SimulatedClock::at(UtcMicros(0))));
        let guesser = key("192.0.2.1");
        while limiter.try_once(guesser).is_ok() {}
        for n in 0..u32::try_from(MAX_KEYS).unwrap() + 10 {
            assert_eq!(
                limiter.try_once(RateLimitKey::of(std::net::IpAddr::V4((n << 1).into()))),
                Ok(()),
                "others are let in, however many were before"
            );
        }
        let buckets = limiter.buckets.lock().unwrap();
        assert!(
            buckets.full_at.len() <= MAX_KEYS && buckets.by_time.len() == buckets.full_at.len()
        );
        drop(buckets);
        assert!(
            limiter.try_once(guesser).is_err(),
            "whoever has used up their tries is not forgotten for new ones"
        );
    }
}
