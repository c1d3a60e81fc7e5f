//! [`Patience`]: whoever guesses a name's password waits longer each time. In memory: a restart forgives.
//!
//! Tries are counted for the name as seen from one address, so that nobody locks out another by guessing at their name; and,
//! much later, for the name from everywhere, so that many addresses together do not guess for ever.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use vignette_model::{ErrorCode, Micros, Problem};

/// How many tries are free from one address: people mistype.
const FREE: u32 = 5;

/// How many are free from all addresses together.
const FREE_TOGETHER: u32 = 100;

/// The longest wait.
const LONGEST: Micros = Micros::from_secs(300);

/// Tries older than this are forgotten.
const FORGET_AFTER: Micros = Micros::from_secs(60 * 60);

/// The most names kept. Somebody who tries more names than this is slowed by the work itself.
const NAMES: usize = 10_000;

/// Who has been tried how often.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    names: Mutex<HashMap<String, Tries>>,
}

#[derive(Clone, Copy, Debug)]
struct Tries {
    count: u32,
    last: Micros,
}

impl Tries {
    /// How long after the last try the next is let in.
    fn wait(self, free: u32) -> Micros {
        match self.count.checked_sub(free) {
            None => Micros::ZERO,
            Some(beyond) => Micros::from_secs(1 << beyond.min(16)).min(LONGEST),
        }
    }
}

/// A name that long belongs to nobody.
fn everywhere(name: &str) -> String {
    name.chars().take(100).collect()
}

fn here(name: &str, from: &str) -> String {
    format!("{}\n{from}", everywhere(name))
}

impl Patience {
    fn names(&self) -> MutexGuard<'_, HashMap<String, Tries>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a try for a name from an address, or refuses it unlooked-at. A refused try does not lengthen the wait.
    pub(crate) fn try_again(&self, name: &str, from: &str, now: Micros) -> Result<(), Problem> {
        let mut names = self.names();
        if names.len() + 2 > NAMES {
            names.clear();
        }
        let counted = [(here(name, from), FREE), (everywhere(name), FREE_TOGETHER)];
        let wait =
            |(key, free): &(String, u32)| names.get(key).map_or(Micros::ZERO, |tries| tries.last + tries.wait(*free) - now);
        let left = counted.iter().map(wait).max().unwrap_or_default();
        if left > Micros::ZERO {
            let secs = left.0.div_ceil(1_000_000);
            return Err(Problem::new(ErrorCode::TooManyRequests, "This name was tried too often.")
                .with_help(format!("Wait {secs} seconds and try again.")));
        }
        for (key, _) in counted {
            let tries = names.entry(key).or_insert(Tries { count: 0, last: now });
            *tries = Tries { count: tries.count.saturating_add(1), last: now };
        }
        Ok(())
    }

    /// The right password was given from this address. What was tried from elsewhere stays counted.
    pub(crate) fn forget(&self, name: &str, from: &str) {
        self.names().remove(&here(name, from));
    }

    /// Forgets what is long ago.
    pub(crate) fn forget_old(&self, now: Micros) {
        self.names().retain(|_, tries| now - tries.last < FORGET_AFTER);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessing_takes_longer_each_time() {
        let (patience, mut now) = (Patience::default(), Micros::ZERO);
        for _ in 0..FREE {
            patience.try_again("ann", "here", now).unwrap();
        }
        assert!(patience.try_again("ann", "here", now).is_err(), "the free tries are used up");
        assert!(patience.try_again("bob", "here", now).is_ok(), "others do not wait for it");
        assert!(patience.try_again("ann", "elsewhere", now).is_ok(), "nobody is locked out by somebody else's guesses");
        let mut waits = Vec::new();
        for _ in 0..12 {
            let began = now;
            while patience.try_again("ann", "here", now).is_err() {
                now += Micros::from_secs(1);
            }
            waits.push((now - began).0 / 1_000_000);
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
        patience.forget("ann", "here");
        assert!(patience.try_again("ann", "here", now).is_ok(), "the right password ends the wait");
    }

    #[test]
    fn many_addresses_together_wait_too() {
        let patience = Patience::default();
        let tries = (0..FREE_TOGETHER + 10).filter(|n| patience.try_again("ann", &n.to_string(), Micros::ZERO).is_ok()).count();
        assert_eq!(tries, FREE_TOGETHER as usize, "an address of one's own does not buy guesses for ever");
    }

    #[test]
    fn it_is_bounded_and_forgets() {
        let patience = Patience::default();
        for n in 0..=NAMES {
            let _ = patience.try_again(&n.to_string(), "here", Micros::ZERO);
        }
        assert!(patience.names().len() <= NAMES);
        patience.forget_old(FORGET_AFTER);
        assert!(patience.names().is_empty());
    }
}
