//! [`InOrder`]: pictures of screen and camera in the order in which they were captured.
//!
//! A reorder buffer with one slot a source: a picture is released once every other source has given
//! one that was captured later, or [`WAIT`] has passed. A camera's picture arrives later than a
//! screen's of the same instant, since it has to be transferred and decoded; so both get into one
//! picture of the clip.

use vignette_model::{Frame, Micros, Span};

/// How long after its capture a picture waits for one of the other source. The channels hold about
/// twice as much.
const WAIT: Span = Span::from_millis(80);
/// Pictures whose capture lies less apart than this belong to one instant: a quarter of the time
/// between two at 30 a second.
const TOGETHER: Span = Span(8_333);

/// The next picture of each source, if it is there. Sources are known by their place among the
/// inputs of the take.
#[derive(Debug)]
pub(crate) struct InOrder {
    lanes: Vec<Lane>,
    /// When the newest picture that was handed on was captured; `None` before the first.
    newest: Option<Micros>,
}

#[derive(Debug, Default)]
struct Lane {
    next: Option<Frame>,
    /// Whether there is such a source, and it gives pictures at the moment.
    gives: bool,
}

impl InOrder {
    /// For so many sources, none of which gives anything yet.
    pub(crate) fn new(sources: usize) -> Self {
        Self { lanes: std::iter::repeat_with(Lane::default).take(sources).collect(), newest: None }
    }

    /// Whether the next picture of a source is not there yet.
    pub(crate) fn lacks(&self, from: usize) -> bool {
        self.lanes[from].next.is_none()
    }

    /// The next picture of a source.
    pub(crate) fn put(&mut self, from: usize, frame: Frame) {
        self.lanes[from] = Lane { next: Some(frame), gives: true };
    }

    /// Nothing comes from a source for now: the other does not wait for it.
    pub(crate) fn gives_nothing(&mut self, from: usize) {
        self.lanes[from].gives = false;
    }

    /// The next picture in order, if it need not wait any longer.
    pub(crate) fn take(&mut self, now: Micros) -> Option<(usize, Frame)> {
        if self.wait(now)? > Span::ZERO {
            return None;
        }
        self.take_any()
    }

    /// The next picture in order of those that are there.
    pub(crate) fn take_any(&mut self) -> Option<(usize, Frame)> {
        let from = self.first()?;
        let frame = self.lanes[from].next.take()?;
        self.newest = self.newest.max(Some(frame.at));
        Some((from, frame))
    }

    /// How long the next picture has to wait at `now`; `None` if there is none.
    pub(crate) fn wait(&self, now: Micros) -> Option<Span> {
        let from = self.first()?;
        let at = self.at(from)?;
        let mut others = self.lanes.iter().enumerate().filter(|(lane, _)| *lane != from);
        let alone = others.all(|(_, lane)| !lane.gives || lane.next.is_some());
        let at_once = alone || self.is_of_the_same_instant();
        Some(if at_once { Span::ZERO } else { (at + WAIT).saturating_since(now) })
    }

    /// Whether the next picture belongs to the instant of the one that was handed on last.
    pub(crate) fn is_of_the_same_instant(&self) -> bool {
        let next = self.first().and_then(|from| self.at(from));
        next.zip(self.newest).is_some_and(|(next, newest)| next <= newest + TOGETHER)
    }

    /// Every picture that was captured before this has been handed on.
    pub(crate) fn complete_until(&self, now: Micros) -> Micros {
        let several = self.lanes.iter().filter(|lane| lane.gives).count() > 1;
        let until = if several { now.saturating_sub(WAIT) } else { now };
        let until =
            self.first().and_then(|from| self.at(from)).map_or(until, |next| until.min(next));
        until.max(self.newest.unwrap_or_default())
    }

    fn first(&self) -> Option<usize> {
        (0..self.lanes.len()).filter(|from| !self.lacks(*from)).min_by_key(|from| self.at(*from))
    }

    fn at(&self, from: usize) -> Option<Micros> {
        self.lanes[from].next.as_ref().map(|frame| frame.at)
    }
}

#[cfg(test)]
mod tests {
    use vignette_model::PixelFormat;

    use super::*;

    const MS: fn(u64) -> Micros = Micros::from_millis;
    const SCREEN: usize = 0;
    const CAMERA: usize = 1;

    fn frame(at: Micros) -> Frame {
        Frame::in_memory(at, 2, 2, PixelFormat::Bgrx, Vec::new())
    }

    /// Takes what comes at these instants, by captures at those; gives what was handed on, and
    /// when.
    fn handed_on(mut coming: Vec<(u64, usize, u64)>) -> Vec<(u64, usize, u64)> {
        let (mut order, mut handed) = (InOrder::new(2), Vec::new());
        for from in [SCREEN, CAMERA] {
            order.lanes[from].gives = coming.iter().any(|(_, of, _)| *of == from);
        }
        for now in 0..1_000 {
            for from in [SCREEN, CAMERA] {
                while let Some((from, frame)) = order.take(MS(now)) {
                    handed.push((now, from, frame.at.0 / 1_000));
                }
                let next = coming.iter().position(|(came, of, _)| *of == from && *came <= now);
                if let Some(index) = next.filter(|_| order.lacks(from)) {
                    order.put(from, frame(MS(coming.remove(index).2)));
                }
            }
            assert!(
                order.complete_until(MS(now)) <= MS(now) || now < 80,
                "nobody knows what is yet to be captured"
            );
        }
        assert!(
            coming.is_empty() && order.take_any().is_none(),
            "nothing is left over: {coming:?}"
        );
        handed
    }

    #[test]
    fn pictures_of_one_instant_come_together_though_the_camera_is_slow() {
        let screen = (0..20).map(|n| (n * 33, SCREEN, n * 33));
        let camera = (0..20).map(|n| (n * 33 + 45, CAMERA, n * 33));
        let handed = handed_on(screen.chain(camera).collect());
        assert_eq!(handed.len(), 40);
        for pair in handed.chunks_exact(2) {
            assert_eq!(
                (pair[0].1, pair[1].1, pair[0].2),
                (SCREEN, CAMERA, pair[1].2),
                "in pairs: {pair:?}"
            );
            assert_eq!(
                pair[0].0, pair[1].0,
                "and at once, before a picture is made of the first alone: {pair:?}"
            );
        }
    }

    #[test]
    fn nothing_waits_for_long_or_for_a_source_that_gives_nothing() {
        let screen: Vec<_> = (0..20).map(|n| (n * 33, SCREEN, n * 33)).collect();
        assert!(
            handed_on(screen.clone()).iter().all(|(now, _, at)| now - at <= 1),
            "alone it does not wait"
        );
        // A camera that gives five a second, late.
        let camera = (0..4).map(|n| (n * 200 + 60, CAMERA, n * 200));
        let handed = handed_on(screen.into_iter().chain(camera).collect());
        assert!(handed.iter().all(|(now, _, at)| now - at <= 82), "{handed:?}");
        assert!(
            handed.windows(2).all(|pair| pair[0].2 <= pair[1].2),
            "in the order of capture: {handed:?}"
        );
    }
}
