//! [`Patience`]: whoever guesses a name's password waits longer each time. In memory: a restart forgives.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use vignette_model::{ErrorCode, Micros, Problem};

/// How many tries are free: people mistype.
const FREE: u32 = 5;

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
    fn wait(self) -> Micros {
        match self.count.checked_sub(FREE) {
            None => Micros::ZERO,
            Some(beyond) => Micros::from_secs(1 << beyond.min(16)).min(LONGEST),
        }
    }
}

impl Patience {
    fn names(&self) -> MutexGuard<'_, HashMap<String, Tries>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a try for a name, or refuses it unlooked-at. A refused try does not lengthen the wait.
    pub(crate) fn try_again(&self, name: &str, now: Micros) -> Result<(), Problem> {
        let mut names = self.names();
        if names.len() >= NAMES && !names.contains_key(name) {
            names.clear();
        }
        // A name that long belongs to nobody.
        let name = name.chars().take(100).collect::<String>();
        let tries = names.entry(name).or_insert(Tries { count: 0, last: now });
        let left = (tries.last + tries.wait()) - now;
        if tries.count > 0 && left > Micros::ZERO {
            let secs = left.0.div_ceil(1_000_000);
            return Err(Problem::new(ErrorCode::TooManyRequests, "This name was tried too often.")
                .with_help(format!("Wait {secs} seconds and try again.")));
        }
        *tries = Tries { count: tries.count.saturating_add(1), last: now };
        Ok(())
    }

    /// The right password was given.
    pub(crate) fn forget(&self, name: &str) {
        self.names().remove(name);
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
            patience.try_again("ann", now).unwrap();
        }
        assert!(patience.try_again("ann", now).is_err(), "the free tries are used up");
        assert!(patience.try_again("bob", now).is_ok(), "others do not wait for it");
        let mut waits = Vec::new();
        for _ in 0..12 {
            let began = now;
            while patience.try_again("ann", now).is_err() {
                now += Micros::from_secs(1);
            }
            waits.push((now - began).0 / 1_000_000);
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
        patience.forget("ann");
        assert!(patience.try_again("ann", now).is_ok(), "the right password ends the wait");
    }

    #[test]
    fn it_is_bounded_and_forgets() {
        let patience = Patience::default();
        for n in 0..=NAMES {
            let _ = patience.try_again(&n.to_string(), Micros::ZERO);
        }
        assert!(patience.names().len() <= NAMES);
        patience.forget_old(FORGET_AFTER);
        assert!(patience.names().is_empty());
    }
}
