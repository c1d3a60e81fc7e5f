//! [`LoginThrottle`]: exponential backoff after wrong passwords. In memory: a restart forgets the counters.
//!
//! Tries are counted for the login as seen from one address, so that nobody locks out another by guessing at theirs; and,
//! much later, for the login from everywhere, so that many addresses together do not guess for ever. What a device tries that
//! has signed in by that login before is counted for itself alone, so that strangers cannot hold somebody's sign-in shut.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use vignette_model::{Micros, Span};

use crate::error::LibraryError;

/// How many tries are free from one address, or one device: people mistype.
const FREE: u32 = 5;

/// How many are free from all addresses together.
const FREE_TOGETHER: u32 = 100;

/// The longest wait.
const LONGEST: Span = Span::from_secs(300);

/// Tries older than this are forgotten.
const FORGET_AFTER: Span = Span::from_secs(60 * 60);

/// The most counters kept in one book. Beyond that an eighth of them is forgotten, those tried longest ago first.
const COUNTERS: usize = 10_000;

/// From where a login is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LoginSource<'a> {
    /// A device that has signed in by that login before, by an id that nobody else has.
    KnownDevice(&'a str),
    /// An address.
    Address(&'a str),
}

/// Who has been tried how often.
#[derive(Debug, Default)]
pub(crate) struct LoginThrottle {
    books: Mutex<Books>,
}

/// Logins that nobody has are counted apart, so that making them up forgets nothing of those that somebody has.
#[derive(Debug, Default)]
struct Books {
    real: Book,
    made_up: Book,
}

/// By login, and from where it was tried; nothing there stands for everywhere together.
type Book = HashMap<(String, String), Tries>;

#[derive(Clone, Copy, Debug)]
struct Tries {
    count: u32,
    last: Micros,
    /// What `last` was before, for a try that is taken back.
    before: Micros,
}

impl Tries {
    /// How long after the last try the next is let in.
    fn wait(self, free: u32) -> Span {
        match self.count.checked_sub(free) {
            None => Span::ZERO,
            Some(beyond) => Span::from_secs(1 << beyond.min(16)).min(LONGEST),
        }
    }
}

/// The counters of a try, and how many tries each lets in freely.
fn counters(login: &str, from: LoginSource<'_>) -> Vec<((String, String), u32)> {
    // Beyond this length logins are counted together: only the folded names of an earlier version can be longer.
    let login: String = login.chars().take(100).collect();
    match from {
        LoginSource::KnownDevice(device) => vec![((login, format!("known {device}")), FREE)],
        LoginSource::Address(address) => {
            vec![
                ((login.clone(), address.to_owned()), FREE),
                ((login, String::new()), FREE_TOGETHER),
            ]
        }
    }
}

impl LoginThrottle {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a try for a login that somebody has (or has not), or refuses it unlooked-at. A refused try does not lengthen the
    /// wait. Counted before it is known to be wrong, so that many at once do not pass together.
    pub(crate) fn try_again(
        &self,
        login: &str,
        exists: bool,
        from: LoginSource<'_>,
        now: Micros,
    ) -> Result<(), LibraryError> {
        let mut books = self.books();
        let book = books.of(exists);
        let counted = counters(login, from);
        let wait = |(key, free): &(_, u32)| {
            let next = book.get(key).map(|tries: &Tries| tries.last + tries.wait(*free));
            next.map_or(Span::ZERO, |next| next.saturating_since(now))
        };
        let left = counted.iter().map(wait).max().unwrap_or_default();
        if left > Span::ZERO {
            return Err(LibraryError::TriedTooOften { wait_secs: left.0.div_ceil(1_000_000) });
        }
        for (key, _) in counted {
            let tries = book.entry(key).or_insert(Tries { count: 0, last: now, before: now });
            *tries = Tries { count: tries.count.saturating_add(1), last: now, before: tries.last };
        }
        // Of a real login the counter for everywhere is kept: there are no more of those than accounts.
        make_room(book, |(_, from)| exists && from.is_empty());
        Ok(())
    }

    /// A try that was counted was never compared, since there was no room to.
    pub(crate) fn take_back(&self, login: &str, exists: bool, from: LoginSource<'_>) {
        let mut books = self.books();
        for (key, _) in counters(login, from) {
            uncount(books.of(exists), &key);
        }
    }

    /// The right password was given from there. What was tried from elsewhere stays counted.
    pub(crate) fn forget(&self, login: &str, from: LoginSource<'_>) {
        let book = &mut self.books().real;
        for (at, (key, _)) in counters(login, from).into_iter().enumerate() {
            if at == 0 {
                book.remove(&key);
            } else {
                uncount(book, &key);
            }
        }
    }

    /// Forgets what is long ago.
    pub(crate) fn forget_old(&self, now: Micros) {
        let mut books = self.books();
        let recent = |tries: &Tries| now < tries.last + FORGET_AFTER;
        books.real.retain(|_, tries| recent(tries));
        books.made_up.retain(|_, tries| recent(tries));
    }
}

impl Books {
    fn of(&mut self, exists: bool) -> &mut Book {
        if exists { &mut self.real } else { &mut self.made_up }
    }
}

/// Takes one try back.
fn uncount(book: &mut Book, key: &(String, String)) {
    let Some(tries) = book.get_mut(key) else { return };
    *tries =
        Tries { count: tries.count.saturating_sub(1), last: tries.before, before: tries.before };
    if tries.count == 0 {
        book.remove(key);
    }
}

/// Forgets those tried longest ago once there are too many; an eighth at a time, so that it need not be done for each try.
fn make_room(book: &mut Book, keep: impl Fn(&(String, String)) -> bool) {
    if book.len() <= COUNTERS {
        return;
    }
    let mut last: Vec<Micros> =
        book.iter().filter(|(key, _)| !keep(key)).map(|(_, tries)| tries.last).collect();
    let mut surplus = last.len().min(COUNTERS / 8);
    let Some(at) = surplus.checked_sub(1) else { return };
    let until = *last.select_nth_unstable(at).1;
    book.retain(|key, tries| {
        let goes = surplus > 0 && tries.last <= until && !keep(key);
        surplus -= usize::from(goes);
        !goes
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: LoginSource<'_> = LoginSource::Address("here");

    #[test]
    fn guessing_takes_longer_each_time() {
        let (throttle, mut now) = (LoginThrottle::default(), Micros::ZERO);
        for _ in 0..FREE {
            throttle.try_again("ann", true, HERE, now).unwrap();
        }
        assert!(throttle.try_again("ann", true, HERE, now).is_err(), "the free tries are used up");
        assert!(throttle.try_again("bob", true, HERE, now).is_ok(), "others do not wait for it");
        assert!(
            throttle.try_again("ann", true, LoginSource::Address("elsewhere"), now).is_ok(),
            "nobody is locked out by another"
        );
        let mut waits = Vec::new();
        for _ in 0..12 {
            let began = now;
            while throttle.try_again("ann", true, HERE, now).is_err() {
                now += Span::from_secs(1);
            }
            waits.push(now.saturating_since(began).0 / 1_000_000);
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
        throttle.forget("ann", HERE);
        assert!(
            throttle.try_again("ann", true, HERE, now).is_ok(),
            "the right password ends the wait"
        );
    }

    /// How many of many tries at one moment are let in, each from an address of its own.
    fn let_in(throttle: &LoginThrottle, tries: u32) -> u32 {
        let one = |n: u32| {
            throttle.try_again("ann", true, LoginSource::Address(&n.to_string()), Micros::ZERO)
        };
        (0..tries).map(|n| u32::from(one(n).is_ok())).sum()
    }

    #[test]
    fn many_addresses_together_wait_too() {
        assert_eq!(
            let_in(&LoginThrottle::default(), FREE_TOGETHER + 10),
            FREE_TOGETHER,
            "an address does not buy guesses for ever"
        );
    }

    #[test]
    fn strangers_do_not_hold_a_known_device_out() {
        let throttle = LoginThrottle::default();
        let_in(&throttle, FREE_TOGETHER + 10);
        assert!(
            throttle.try_again("ann", true, HERE, Micros::ZERO).is_err(),
            "strangers wait for each other"
        );
        let own = LoginSource::KnownDevice("device");
        let tries = (0..FREE + 5)
            .filter(|_| throttle.try_again("ann", true, own, Micros::ZERO).is_ok())
            .count();
        assert_eq!(
            tries, FREE as usize,
            "a known device has tries of its own, and no more of them than an address"
        );
    }

    #[test]
    fn what_was_not_compared_does_not_count() {
        let throttle = LoginThrottle::default();
        for _ in 0..1_000 {
            throttle.try_again("ann", true, HERE, Micros::ZERO).unwrap();
            throttle.take_back("ann", true, HERE);
        }
        assert!(throttle.books().real.is_empty(), "nothing is remembered of what never happened");
        for _ in 0..FREE_TOGETHER {
            throttle.try_again("ann", true, HERE, Micros::ZERO).unwrap();
            throttle.forget("ann", HERE);
        }
        assert_eq!(
            let_in(&throttle, FREE_TOGETHER),
            FREE_TOGETHER,
            "nor do right passwords count as guesses"
        );
    }

    #[test]
    fn made_up_names_clear_nothing_of_real_ones() {
        let throttle = LoginThrottle::default();
        for _ in 0..=FREE {
            let _ = throttle.try_again("ann", true, HERE, Micros::ZERO);
        }
        for n in 0..COUNTERS {
            let _ = throttle.try_again(&n.to_string(), false, HERE, Micros(1));
        }
        assert!(
            throttle.try_again("ann", true, HERE, Micros(2)).is_err(),
            "her guesser still waits"
        );
        // Nor do many addresses that all try the one name: what they share is counted on.
        for n in 0..2 * COUNTERS {
            let _ = throttle.try_again(
                "bob",
                true,
                LoginSource::Address(&n.to_string()),
                Micros(n as u64),
            );
        }
        let beyond = throttle.try_again(
            "bob",
            true,
            LoginSource::Address("another"),
            Micros(3 * COUNTERS as u64),
        );
        assert!(beyond.is_err(), "what everybody tried together is not forgotten");
    }

    #[test]
    fn it_is_bounded_and_forgets_the_oldest_first() {
        let throttle = LoginThrottle::default();
        for n in 0..3 * COUNTERS {
            let _ = throttle.try_again(&n.to_string(), false, HERE, Micros(n as u64));
            assert!(throttle.books().made_up.len() <= COUNTERS + 2);
        }
        let newest = (3 * COUNTERS - 1).to_string();
        assert!(
            throttle.books().made_up.contains_key(&(newest, "here".to_owned())),
            "the newest is still known"
        );
        throttle.forget_old(Micros(3 * COUNTERS as u64) + FORGET_AFTER);
        assert!(throttle.books().made_up.is_empty());
    }
}
