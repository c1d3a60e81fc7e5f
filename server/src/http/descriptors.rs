//! File descriptors: how many this process may have, and how many of them connections and requests
//! may use, so that the disk always has some left.

/// Assumed where the system does not say how many there may be.
const UNKNOWN: u64 = 8_192;
/// Kept for the disk and everything else: a quarter, within these bounds.
const RESERVE: std::ops::RangeInclusive<u64> = 64..=1_024;
/// The most connections, however many descriptors there are: each costs memory too.
const MOST: u64 = 4_096;
/// The most connections of one rate limit key.
const MOST_OF_ONE: u64 = 1_024;

/// How many connections may be open, and requests be answered, at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Capacity {
    /// In all.
    pub in_all: usize,
    /// For one rate limit key.
    pub of_one: usize,
}

impl Capacity {
    /// The capacity of so many descriptors: a connection has one, and the file sent over it another.
    #[must_use]
    pub(crate) fn of(descriptors: u64) -> Self {
        let reserve = (descriptors / 4).clamp(*RESERVE.start(), *RESERVE.end());
        let in_all = (descriptors.saturating_sub(reserve) / 2).clamp(8, MOST);
        let of_one = (in_all / 2).min(MOST_OF_ONE);
        let number = |n| usize::try_from(n).unwrap_or(usize::MAX);
        Self { in_all: number(in_all), of_one: number(of_one) }
    }

    /// The capacity of this process.
    #[must_use]
    pub(crate) fn of_this_process() -> Self {
        Self::of(limit())
    }
}

/// Raises the soft limit of this process to its hard limit, and returns the limit.
#[cfg(unix)]
pub(crate) fn raise_limit() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let before = getrlimit(Resource::Nofile);
    // On failure the old limit stays, and `Capacity` is computed from it.
    let _ =
        setrlimit(Resource::Nofile, Rlimit { current: before.maximum, maximum: before.maximum });
    limit()
}

/// The limit of this process.
#[cfg(unix)]
fn limit() -> u64 {
    use rustix::process::{Resource, getrlimit};
    getrlimit(Resource::Nofile).current.unwrap_or(UNKNOWN)
}

/// Windows has no such limit for sockets and files.
#[cfg(not(unix))]
pub(crate) fn raise_limit() -> u64 {
    limit()
}

#[cfg(not(unix))]
fn limit() -> u64 {
    UNKNOWN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_disk_has_descriptors_left() {
        for (descriptors, in_all, of_one) in
            [(1_024, 384, 192), (4_096, 1_536, 768), (524_288, 4_096, 1_024), (20, 8, 4)]
        {
            assert_eq!(Capacity::of(descriptors), Capacity { in_all, of_one }, "{descriptors}");
        }
        for descriptors in (128..10_000).step_by(64) {
            let used = 2 * Capacity::of(descriptors).in_all as u64;
            assert!(used + RESERVE.start() <= descriptors, "{used} of {descriptors}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_limit_is_raised() {
        assert!(raise_limit() >= limit());
    }
}
