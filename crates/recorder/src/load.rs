//! [`Load`]: how long the computer takes for a picture, and how many a second it therefore gets to
//! make.
//!
//! Throttles pictures by their measured cost: the wall time from the first patch to the encoded
//! packet, which includes a slow processor, a small quota, other programs and a slow disk. After
//! each picture the conductor rests for so long that pictures take [`SHARE`] of the time at most;
//! sound and all else have the rest.

use vignette_model::{Micros, Span};

/// Pictures may take three quarters of the time.
const SHARE: (u64, u64) = (3, 4);
/// For how long the load must have changed before it is said.
const LASTING: Span = Span::from_secs(2);

/// Measures pictures.
#[derive(Debug)]
pub(crate) struct Load {
    /// Time between two pictures if there is time enough.
    interval: Span,
    /// How long a picture takes, smoothed.
    cost: Span,
    /// Spent since the last picture was encoded.
    spent: Span,
    rests_until: Micros,
    /// Whether fewer pictures are made, and since when it has been otherwise.
    fewer: bool,
    otherwise_since: Option<Micros>,
}

impl Load {
    pub(crate) fn new(fps_max: u32) -> Self {
        let interval = Span(1_000_000 / u64::from(fps_max.clamp(1, 120)));
        let (cost, spent, rests_until) = Default::default();
        Self { interval, cost, spent, rests_until, fewer: false, otherwise_since: None }
    }

    /// Pictures were worked at from one instant to another, and so many encoded.
    pub(crate) fn worked(&mut self, from: Micros, until: Micros, pictures: u64) {
        let span = until.saturating_since(from);
        self.spent += span;
        if let Some(each) = self.spent.0.checked_div(pictures) {
            self.cost = Span((self.cost.0 * 2 + each) / 3);
            self.spent = Span::ZERO;
        }
        if self.is_behind() {
            self.rests_until = until + Span(span.0 * (SHARE.1 - SHARE.0) / SHARE.0);
        }
        // Whether more than a third of the pictures has to be left out, with some room before it is
        // said to be over.
        let most = if self.fewer { self.interval.0 * 6 / 5 } else { self.interval.0 * 3 / 2 };
        if (self.between().0 > most) == self.fewer {
            self.otherwise_since = None;
        } else if until >= *self.otherwise_since.get_or_insert(until) + LASTING {
            (self.fewer, self.otherwise_since) = (!self.fewer, None);
        }
    }

    /// How long no picture is to be looked at, at `now`.
    pub(crate) fn rest(&self, now: Micros) -> Span {
        self.rests_until.saturating_since(now)
    }

    /// Whether there is not time enough for every picture.
    pub(crate) fn is_behind(&self) -> bool {
        self.between() > self.interval
    }

    /// Whether fewer pictures a second have been made for a while.
    pub(crate) fn makes_fewer(&self) -> bool {
        self.fewer
    }

    /// Time between two pictures, so that they leave the rest of it alone.
    fn between(&self) -> Span {
        Span(self.cost.0 * SHARE.1 / SHARE.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Span = Span::from_millis;

    /// Works for `span`, each picture taking `cost`; gives how many were made.
    fn work(load: &mut Load, now: &mut Micros, span: Span, cost: Span) -> u64 {
        let (until, mut made) = (*now + span, 0);
        while *now < until {
            let from = *now + load.rest(*now);
            load.worked(from, from + cost, 1);
            made += 1;
            *now = (from + cost).max(*now + MS(33));
        }
        made
    }

    #[test]
    fn a_quarter_of_the_time_is_left_alone_and_pictures_come_back() {
        let (mut load, mut now) = (Load::new(30), Micros::ZERO);
        assert!(
            (300..=304).contains(&work(&mut load, &mut now, MS(10_000), MS(10))),
            "all there are"
        );
        assert!(!load.makes_fewer() && !load.is_behind());
        let made = work(&mut load, &mut now, MS(10_000), MS(300));
        assert!((24..=27).contains(&made), "300 ms each and 100 ms between them make 25: {made}");
        assert!(load.makes_fewer() && load.is_behind());
        let made = work(&mut load, &mut now, MS(10_000), MS(10));
        assert!(made >= 290, "as soon as there is time: {made}");
        assert!(!load.makes_fewer() && !load.is_behind());
    }

    #[test]
    fn a_moment_is_not_worth_a_word() {
        let (mut load, mut now) = (Load::new(30), Micros::ZERO);
        for _ in 0..10 {
            work(&mut load, &mut now, MS(200), MS(200));
            work(&mut load, &mut now, MS(1_000), MS(10));
            assert!(!load.makes_fewer(), "key frames take longer");
        }
    }
}
