//! [`Pace`]: when the next picture is due, in integers alone.

use vignette_model::Micros;

/// Take time between two key frames: how much of a take a fragment holds. A crash loses at most the fragment that is being
/// made, so with the time to finish it and bring it to the disk it stays below two seconds.
pub(crate) const FRAGMENT: Micros = Micros::from_millis(1_600);
/// The longest time without a picture: half a fragment, so that a still screen has two pictures in each.
const STILL: Micros = Micros(FRAGMENT.0 / 2);
/// How long the first picture waits for something to show.
const FIRST: Micros = Micros::from_secs(1);

/// A picture that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    /// Its time stamp. Strictly rising; the first is zero.
    pub(crate) at: Micros,
    /// Whether it begins a fragment.
    pub(crate) key: bool,
}

/// Decides when a picture is due: at most so many a second on average, two a fragment when nothing changes, and a key frame
/// every [`FRAGMENT`].
#[derive(Debug)]
pub(crate) struct Pace {
    interval: Micros,
    /// Where the next picture would lie if they came evenly.
    due: Micros,
    last: Option<Micros>,
    key: Micros,
}

impl Pace {
    pub(crate) fn new(fps_max: u32) -> Self {
        let interval = Micros(1_000_000 / u64::from(fps_max.clamp(1, 120)));
        Self { interval, due: Micros::ZERO, last: None, key: Micros::ZERO }
    }

    /// The picture that is due at `now`, if any. `newest` is when the newest change was captured that no picture shows yet.
    ///
    /// Devices come a little early or late; a change that comes up to a quarter of an interval before its turn is taken at
    /// once, or a camera of exactly the highest rate would lose every picture that is early.
    pub(crate) fn next(&mut self, newest: Option<Micros>, now: Micros) -> Option<Due> {
        let slack = Micros(self.interval.0 / 4);
        let Some(last) = self.last else {
            return (newest.is_some() || now >= FIRST).then(|| self.take(Micros::ZERO, true));
        };
        let key_from = self.key + FRAGMENT;
        let changed = newest.filter(|&newest| newest + slack >= self.due || now >= self.due);
        if let Some(newest) = changed {
            let at = newest.max(last + Micros(self.interval.0 / 2));
            return Some(self.take(at, at >= key_from));
        }
        // A still picture: nobody misses it for the moment that a change may need to arrive.
        let still = now >= last + STILL || (now >= key_from + self.interval && now > last);
        still.then(|| self.take(now, now >= key_from))
    }

    /// The picture at the very end, for a change that is not shown yet.
    pub(crate) fn last(&mut self, newest: Option<Micros>, end: Micros) -> Option<Due> {
        let Some(last) = self.last else { return Some(self.take(Micros::ZERO, true)) };
        let at = newest?.max(last + Micros(self.interval.0 / 2));
        (at < end).then(|| self.take(at, at >= self.key + FRAGMENT))
    }

    fn take(&mut self, at: Micros, key: bool) -> Due {
        self.last = Some(at);
        self.due = (self.due + self.interval).max(at + Micros(self.interval.0 / 4 * 3));
        if key {
            self.key = at;
        }
        Due { at, key }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds changes at these instants, ticking every millisecond, and gives what was due.
    fn paced(fps_max: u32, changes: &[u64], until_us: u64) -> Vec<Due> {
        let (mut pace, mut newest, mut due) = (Pace::new(fps_max), None, Vec::new());
        let mut changes = changes.iter().copied().peekable();
        for now in (0..until_us).step_by(1000) {
            while let Some(at) = changes.next_if(|&at| at <= now) {
                newest = Some(Micros(at));
            }
            if let Some(next) = pace.next(newest, Micros(now)) {
                newest = None;
                due.push(next);
            }
        }
        assert!(due.windows(2).all(|pair| pair[0].at < pair[1].at), "time stamps strictly rise");
        due
    }

    #[test]
    fn a_still_screen_is_two_pictures_a_fragment() {
        let due = paced(30, &[0], 10_000_000);
        assert_eq!(due.iter().map(|d| d.at.0).collect::<Vec<_>>(), (0..13).map(|n| n * STILL.0).collect::<Vec<_>>());
        assert!(due.iter().enumerate().all(|(n, d)| d.key == (n % 2 == 0)), "every second one begins a fragment");
    }

    #[test]
    fn a_source_of_the_highest_rate_loses_nothing_to_jitter() {
        let changes: Vec<u64> = (0..300).map(|n| n * 33_333 + (n * 7919) % 5000).collect();
        let due = paced(30, &changes, 10_000_000);
        assert!(due.len() >= 299, "{} of 300 pictures", due.len());
        let stamps: Vec<u64> = due.iter().skip(1).map(|d| d.at.0).collect();
        assert!(stamps.iter().all(|at| changes.contains(at)), "every picture bears the time it was captured");
    }

    #[test]
    fn a_faster_source_is_thinned_out() {
        for fps in [31, 40, 50, 60, 75, 144] {
            let changes: Vec<u64> = (0..fps * 10).map(|n| n * 1_000_000 / fps).collect();
            let due = paced(30, &changes, 10_000_000);
            assert!((295..=303).contains(&due.len()), "{fps} pictures a second became {}", due.len() / 10);
        }
    }

    #[test]
    fn fragments_are_cut_at_two_seconds_or_just_after() {
        for gap in [33_333, 100_000, 333_333, 450_000, 700_000, 5_000_000] {
            let changes: Vec<u64> = (0..20_000_000 / gap).map(|n| n * gap).collect();
            let keys: Vec<u64> = paced(30, &changes, 20_000_000).iter().filter(|d| d.key).map(|d| d.at.0).collect();
            for pair in keys.windows(2) {
                assert!((FRAGMENT.0..=FRAGMENT.0 + 50_000).contains(&(pair[1] - pair[0])), "a change every {gap} µs: {pair:?}");
            }
        }
    }

    #[test]
    fn the_first_picture_waits_a_second_for_content_and_lies_at_zero() {
        let mut pace = Pace::new(30);
        assert_eq!(pace.next(None, Micros::from_millis(999)), None, "the screen may still be starting");
        assert_eq!(pace.next(None, Micros::from_secs(1)), Some(Due { at: Micros::ZERO, key: true }));
        let mut pace = Pace::new(30);
        assert_eq!(pace.next(Some(Micros(70_000)), Micros(80_000)), Some(Due { at: Micros::ZERO, key: true }));
    }

    #[test]
    fn a_change_just_before_the_end_is_not_lost() {
        let mut pace = Pace::new(30);
        pace.next(Some(Micros::ZERO), Micros::ZERO);
        assert_eq!(pace.last(Some(Micros(20_000)), Micros(100_000)), Some(Due { at: Micros(20_000), key: false }));
        assert_eq!(pace.last(None, Micros(100_000)), None);
    }
}
