//! [`Timeline`]: where an instant of the take's clock lies in the clip, once the countdown and the
//! pauses are taken out.
//!
//! A pause removes the same span from every source: pictures, sound and the bubble lose what was
//! captured in it, to the sample, and what comes after moves up.

use std::ops::Range;

use vignette_model::{Micros, Samples, Span};

/// The kept parts of a take. Instants go in by the take's clock and come out as clip time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timeline {
    began: Option<Micros>,
    pauses: Vec<Range<Micros>>,
    paused_since: Option<Micros>,
    ended: Option<Micros>,
}

impl Timeline {
    /// Clip time zero is `at`. Before this nothing is kept.
    pub(crate) fn begin(&mut self, at: Micros) {
        self.began.get_or_insert(at);
    }

    /// Whether anything is kept at the moment.
    #[must_use]
    pub(crate) fn is_running(&self) -> bool {
        self.began.is_some() && self.paused_since.is_none() && self.ended.is_none()
    }

    /// Leaves out what is captured from `at` on. Does nothing if it does so already.
    pub(crate) fn pause(&mut self, at: Micros) {
        if self.is_running() {
            self.paused_since = Some(at);
        }
    }

    /// Keeps again what is captured from `at` on.
    pub(crate) fn resume(&mut self, at: Micros) {
        if let Some(since) = self.paused_since.take() {
            self.pauses.push(since..at.max(since));
        }
    }

    /// Leaves out what lies in `span`, though nobody asked for a pause then. Nothing after its
    /// start may have been kept yet.
    pub(crate) fn cut(&mut self, span: Range<Micros>) {
        if self.is_running() && span.start < span.end {
            let start = span.start.max(self.kept().last().map_or(Micros::ZERO, |open| open.start));
            self.pauses.push(start..span.end.max(start));
        }
    }

    /// Keeps nothing from `at` on, for good.
    pub(crate) fn end(&mut self, at: Micros) {
        self.ended.get_or_insert(at);
    }

    /// The clip time of instant `at`. An instant that is not kept maps to the edge it was cut at,
    /// so pictures that changed meanwhile show the moment the clip goes on.
    #[must_use]
    pub(crate) fn clip_time(&self, at: Micros) -> Micros {
        let Some(began) = self.began else { return Micros::ZERO };
        let at = [self.paused_since, self.ended].into_iter().flatten().fold(at, Micros::min);
        // Of each pause the part before `at`: nothing of one that begins later.
        let before = |p: &Range<Micros>| at.min(p.end).saturating_since(p.start);
        let left_out: Span = self.pauses.iter().map(before).sum();
        Micros::ZERO + at.saturating_since(began).saturating_sub(left_out)
    }

    /// The paused spans so far, as clip time and length of what was left out there.
    #[must_use]
    pub(crate) fn pauses(&self) -> Vec<(Micros, Span)> {
        let length = |p: &Range<Micros>| p.end.saturating_since(p.start);
        self.pauses.iter().map(|p| (self.clip_time(p.start), length(p))).collect()
    }

    /// The parts of `samples` that are kept, stamped with clip time.
    #[must_use]
    pub(crate) fn keep(&self, samples: &Samples) -> Vec<Samples> {
        let length = Span::from_ticks(samples.frames() as u64, samples.rate_hz).unwrap_or_default();
        let block = samples.at..samples.at + length;
        let kept = self.kept().into_iter().filter_map(|span| {
            let (start, end) = (span.start.max(block.start), span.end.min(block.end));
            (start < end).then(|| self.slice(samples, start, end))
        });
        kept.filter(|s| !s.interleaved.is_empty()).collect()
    }

    /// The kept spans by the take's clock, in order; the last one is open unless it is paused or
    /// ended.
    fn kept(&self) -> Vec<Range<Micros>> {
        let Some(mut start) = self.began else { return Vec::new() };
        let mut spans = Vec::with_capacity(self.pauses.len() + 1);
        for pause in &self.pauses {
            spans.push(start..pause.start);
            start = pause.end;
        }
        let open_end = [self.paused_since, self.ended]
            .into_iter()
            .flatten()
            .fold(Micros(u64::MAX), Micros::min);
        spans.push(start..open_end);
        spans
    }

    fn slice(&self, samples: &Samples, start: Micros, end: Micros) -> Samples {
        let channels = usize::from(samples.channels.count().max(1));
        // Half a sample is added so that a boundary between two blocks falls on the same sample for
        // both.
        let half = Span(500_000 / u64::from(samples.rate_hz.max(1)));
        let index = |at: Micros| {
            let into = at.saturating_since(samples.at) + half;
            usize::try_from(into.to_ticks(samples.rate_hz)).unwrap_or(usize::MAX)
        };
        let (from, to) = (index(start).min(samples.frames()), index(end).min(samples.frames()));
        Samples {
            at: self.clip_time(start),
            rate_hz: samples.rate_hz,
            channels: samples.channels.clone(),
            interleaved: samples.interleaved[from * channels..to * channels].to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use vignette_model::Channels;

    use super::*;

    const fn secs(n: u64) -> Micros {
        Micros::from_secs(n)
    }

    fn paused_from_4_to_6() -> Timeline {
        let mut timeline = Timeline::default();
        timeline.begin(secs(1));
        timeline.pause(secs(4));
        timeline.resume(secs(6));
        timeline
    }

    #[test]
    fn countdown_and_pauses_are_left_out() {
        let timeline = paused_from_4_to_6();
        for (at, clip) in [(0, 0), (1, 0), (3, 2), (4, 3), (5, 3), (6, 3), (8, 5)] {
            assert_eq!(timeline.clip_time(secs(at)), secs(clip), "at {at} s");
        }
        assert_eq!(timeline.pauses(), [(secs(3), Span::from_secs(2))]);
    }

    #[test]
    fn a_stop_of_the_computer_is_left_out_but_not_twice() {
        let mut timeline = paused_from_4_to_6();
        timeline.cut(secs(5)..secs(7));
        assert_eq!(timeline.clip_time(secs(9)), secs(5), "the pause before it reached into it");
        timeline.pause(secs(10));
        timeline.cut(secs(11)..secs(20));
        timeline.resume(secs(21));
        assert_eq!(timeline.clip_time(secs(22)), secs(7), "a paused take leaves it out anyway");
        let mut counting = Timeline::default();
        counting.cut(secs(1)..secs(9));
        counting.begin(secs(10));
        assert_eq!(counting.clip_time(secs(12)), secs(2));
    }

    #[test]
    fn time_stands_still_while_paused_and_after_the_end() {
        let mut timeline = Timeline::default();
        assert_eq!(timeline.clip_time(secs(9)), Micros::ZERO, "nothing is kept before it begins");
        timeline.begin(secs(1));
        timeline.pause(secs(3));
        assert!(!timeline.is_running());
        assert_eq!(timeline.clip_time(secs(60)), secs(2));
        timeline.resume(secs(5));
        timeline.end(secs(7));
        assert_eq!(timeline.clip_time(secs(60)), secs(4));
    }

    /// A block of one channel whose every sample is the millisecond of the take's clock it was
    /// captured at.
    fn block(from_ms: u16, to_ms: u16) -> Samples {
        let interleaved = (from_ms..to_ms).map(f32::from).collect();
        Samples {
            at: Micros::from_millis(from_ms.into()),
            rate_hz: 1000,
            channels: Channels::MONO,
            interleaved,
        }
    }

    #[test]
    fn sound_is_cut_to_the_sample() {
        let timeline = paused_from_4_to_6();
        let parts = timeline.keep(&block(3_990, 6_010));
        let shape: Vec<_> = parts.iter().map(|p| (p.at, p.interleaved[0], p.frames())).collect();
        assert_eq!(shape, [(Micros::from_millis(2_990), 3_990.0, 10), (secs(3), 6_000.0, 10)]);
        assert!(timeline.keep(&block(0, 1_000)).is_empty(), "the countdown is not kept");
    }

    proptest::proptest! {
        #[test]
        fn any_split_into_blocks_keeps_the_same_samples(
            cuts in proptest::collection::vec(0_u16..9_000, 0..20),
        ) {
            let timeline = paused_from_4_to_6();
            let mut cuts = cuts;
            cuts.extend([0, 9_000]);
            cuts.sort_unstable();
            let split = cuts.windows(2).flat_map(|w| timeline.keep(&block(w[0], w[1])));
            let split: Vec<f32> = split.flat_map(|s| s.interleaved).collect();
            let whole = timeline.keep(&block(0, 9_000)).into_iter();
            let whole: Vec<f32> = whole.flat_map(|s| s.interleaved).collect();
            proptest::prop_assert_eq!(split, whole);
        }
    }
}
