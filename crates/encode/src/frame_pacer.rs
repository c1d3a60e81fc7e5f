//! [`FramePacer`]: decides when the next picture is due, in integer arithmetic.

use vignette_model::{Micros, Span};

/// The time between two key frames, which is the length of a fragment. A crash loses at most the
/// fragment in progress; with the time to finish and write it, that stays below two seconds.
pub(crate) const FRAGMENT: Span = Span::from_millis(1_600);
/// The longest time without a picture: half a fragment, so that a still screen has two pictures in
/// each.
const STILL_INTERVAL: Span = Span(FRAGMENT.0 / 2);
/// How long the first picture waits for something to show.
const FIRST_PICTURE_TIMEOUT: Span = Span::from_secs(1);

/// A picture that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DuePicture {
    /// Its time stamp. Strictly rising; the first is zero.
    pub(crate) at: Micros,
    /// Whether it begins a fragment.
    pub(crate) key: bool,
    /// Whether it repeats the picture before it, without what has changed since.
    pub(crate) again: bool,
}

/// Decides when a picture is due: at most so many a second on average, two per fragment when
/// nothing changes, and a key frame every [`FRAGMENT`]. If it was not asked for a long time, since
/// the computer was busy or asleep, the last picture is repeated as each missing key frame: no
/// fragment is longer than a [`FRAGMENT`] and one picture.
#[derive(Debug)]
pub(crate) struct FramePacer {
    interval: Span,
    /// When the next picture would be due if they came evenly.
    due: Micros,
    last: Option<Micros>,
    key: Micros,
}

impl FramePacer {
    pub(crate) fn new(fps_max: u32) -> Self {
        let interval = Span(1_000_000 / u64::from(fps_max.clamp(1, 120)));
        Self { interval, due: Micros::ZERO, last: None, key: Micros::ZERO }
    }

    /// The picture that is due at `now`, if any; call again after one that repeats. `newest` is
    /// when the newest change was captured that no picture shows yet.
    ///
    /// Devices deliver a little early or late. A change that comes up to a quarter of an interval
    /// early is taken at once; otherwise a camera of exactly the maximum rate would lose every
    /// picture that is early.
    pub(crate) fn next(&mut self, newest: Option<Micros>, now: Micros) -> Option<DuePicture> {
        let slack = Span(self.interval.0 / 4);
        let Some(last) = self.last else {
            return (newest.is_some() || now.since_start() >= FIRST_PICTURE_TIMEOUT)
                .then(|| self.take(Micros::ZERO));
        };
        let key_from = self.key + FRAGMENT;
        let changed = newest.filter(|&newest| newest + slack >= self.due || now >= self.due);
        if let Some(newest) = changed {
            return Some(self.step(newest, last));
        }
        // Nothing changed: a repeated picture is due, but only after the time that a late change
        // may take to arrive.
        let still = now >= last + STILL_INTERVAL || (now >= key_from + self.interval && now > last);
        still.then(|| self.step(now, last))
    }

    /// The pictures that are due at the end, one per call: a change that is not shown yet, and
    /// missing key frames.
    pub(crate) fn last(&mut self, newest: Option<Micros>, end: Micros) -> Option<DuePicture> {
        let Some(last) = self.last else { return Some(self.take(Micros::ZERO)) };
        match newest.filter(|newest| self.after(last).max(*newest) < end) {
            Some(newest) => Some(self.step(newest, last)),
            None => self.repeat(end, last),
        }
    }

    /// The earliest instant for a picture after the one at `last`.
    fn after(&self, last: Micros) -> Micros {
        last + Span(self.interval.0 / 2)
    }

    /// A picture at about `at`, or first a key frame that is missing before it.
    fn step(&mut self, at: Micros, last: Micros) -> DuePicture {
        let at = at.max(self.after(last));
        self.repeat(at, last).unwrap_or_else(|| self.take(at))
    }

    /// The key frame that is missing if none comes before `next`.
    fn repeat(&mut self, next: Micros, last: Micros) -> Option<DuePicture> {
        let key_from = (self.key + FRAGMENT).max(self.after(last));
        (next > key_from + self.interval).then(|| DuePicture { again: true, ..self.take(key_from) })
    }

    fn take(&mut self, at: Micros) -> DuePicture {
        let key = self.last.is_none() || at >= self.key + FRAGMENT;
        self.last = Some(at);
        self.due = (self.due + self.interval).max(at + Span(self.interval.0 / 4 * 3));
        if key {
            self.key = at;
        }
        DuePicture { at, key, again: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds changes at these instants, ticking every millisecond, and gives what was due.
    fn paced(fps_max: u32, changes: &[u64], until_us: u64) -> Vec<DuePicture> {
        let (mut pacer, mut newest, mut due) = (FramePacer::new(fps_max), None, Vec::new());
        let mut changes = changes.iter().copied().peekable();
        for now in (0..until_us).step_by(1000) {
            while let Some(at) = changes.next_if(|&at| at <= now) {
                newest = Some(Micros(at));
            }
            while let Some(next) = pacer.next(newest, Micros(now)) {
                due.push(next);
                if !next.again {
                    newest = None;
                    break;
                }
            }
        }
        assert!(due.windows(2).all(|pair| pair[0].at < pair[1].at), "time stamps strictly rise");
        due
    }

    #[test]
    fn a_still_screen_is_two_pictures_a_fragment() {
        let due = paced(30, &[0], 10_000_000);
        assert_eq!(
            due.iter().map(|d| d.at.0).collect::<Vec<_>>(),
            (0..13).map(|n| n * STILL_INTERVAL.0).collect::<Vec<_>>()
        );
        assert!(
            due.iter().enumerate().all(|(n, d)| d.key == (n % 2 == 0)),
            "every second one begins a fragment"
        );
    }

    #[test]
    fn a_source_of_the_highest_rate_loses_nothing_to_jitter() {
        let changes: Vec<u64> = (0..300).map(|n| n * 33_333 + (n * 7919) % 5000).collect();
        let due = paced(30, &changes, 10_000_000);
        assert!(due.len() >= 299, "{} of 300 pictures", due.len());
        let stamps: Vec<u64> = due.iter().skip(1).map(|d| d.at.0).collect();
        assert!(
            stamps.iter().all(|at| changes.contains(at)),
            "every picture bears the time it was captured"
        );
    }

    #[test]
    fn a_faster_source_is_thinned_out() {
        for fps in [31, 40, 50, 60, 75, 144] {
            let changes: Vec<u64> = (0..fps * 10).map(|n| n * 1_000_000 / fps).collect();
            let due = paced(30, &changes, 10_000_000);
            assert!(
                (295..=303).contains(&due.len()),
                "{fps} pictures a second became {}",
                due.len() / 10
            );
        }
    }

    #[test]
    fn fragments_are_cut_at_the_fragment_length_or_just_after() {
        for gap in [33_333, 100_000, 333_333, 450_000, 700_000, 5_000_000] {
            let changes: Vec<u64> = (0..20_000_000 / gap).map(|n| n * gap).collect();
            let keys: Vec<u64> =
                paced(30, &changes, 20_000_000).iter().filter(|d| d.key).map(|d| d.at.0).collect();
            for pair in keys.windows(2) {
                assert!(
                    (FRAGMENT.0..=FRAGMENT.0 + 50_000).contains(&(pair[1] - pair[0])),
                    "a change every {gap} µs: {pair:?}"
                );
            }
        }
    }

    #[test]
    fn time_in_which_nobody_asked_is_cut_into_fragments_all_the_same() {
        for (gap_ms, changed) in [(1_700, true), (3_000, true), (30_000, true), (30_000, false)] {
            let mut pacer = FramePacer::new(30);
            let mut due: Vec<DuePicture> =
                pacer.next(Some(Micros::ZERO), Micros::ZERO).into_iter().collect();
            let (now, mut newest) = (Micros::from_millis(gap_ms), None);
            if changed {
                newest = Some(now.saturating_sub(Span(10_000)));
            }
            while let Some(next) = pacer.next(newest, now) {
                due.push(next);
                newest = newest.filter(|_| next.again);
            }
            while let Some(next) = pacer.last(None, now + Span::from_secs(5)) {
                due.push(next);
            }
            let keys: Vec<u64> =
                due.iter().filter(|d| d.key).map(|d| d.at.0).chain([now.0 + 5_000_000]).collect();
            assert!(
                keys.windows(2).all(|pair| pair[1] - pair[0] <= FRAGMENT.0 + 40_000),
                "after {gap_ms} ms: {keys:?}"
            );
            assert!(
                due.windows(2).all(|pair| pair[0].at < pair[1].at),
                "time stamps strictly rise: {due:?}"
            );
            let shown = due.iter().position(|d| d.at == now.saturating_sub(Span(10_000)));
            assert_eq!(
                shown.is_some(),
                changed,
                "the change is shown when it was captured, not before: {due:?}"
            );
            let before = shown.unwrap_or(1);
            assert!(
                due[1..before].iter().all(|d| d.again),
                "what comes before it repeats: {due:?}"
            );
        }
    }

    #[test]
    fn the_first_picture_waits_a_second_for_content_and_lies_at_zero() {
        let mut pacer = FramePacer::new(30);
        assert_eq!(
            pacer.next(None, Micros::from_millis(999)),
            None,
            "the screen may still be starting"
        );
        assert_eq!(
            pacer.next(None, Micros::from_secs(1)),
            Some(DuePicture { at: Micros::ZERO, key: true, again: false })
        );
        let mut pacer = FramePacer::new(30);
        assert_eq!(
            pacer.next(Some(Micros(70_000)), Micros(80_000)),
            Some(DuePicture { at: Micros::ZERO, key: true, again: false })
        );
    }

    #[test]
    fn a_change_just_before_the_end_is_not_lost() {
        let mut pacer = FramePacer::new(30);
        pacer.next(Some(Micros::ZERO), Micros::ZERO);
        assert_eq!(
            pacer.last(Some(Micros(20_000)), Micros(100_000)),
            Some(DuePicture { at: Micros(20_000), key: false, again: false })
        );
        assert_eq!(pacer.last(None, Micros(100_000)), None);
    }
}
