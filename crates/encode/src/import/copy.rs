//! Packets of a file into fragments, as they are.
//!
//! Pictures may be stored in another order than shown. Then decoding has to begin before the first picture is shown; all
//! times are moved by that much, sound and pictures alike, so that none is negative and no player needs an edit list.

use std::collections::VecDeque;
use std::path::Path;

use ffmpeg_next::{Packet, Rational, Rescale};
use vignette_model::Micros;

use super::source::{Kind, Part, Source, micros};
use super::survey::Survey;
use super::{Imported, anew};
use crate::mux::{Mux, Track};
use crate::pace::FRAGMENT;
use crate::{EncodeError, Output};

/// Why copying failed, and whether anything had been handed out by then.
pub(super) struct Failed {
    pub(super) error: EncodeError,
    pub(super) begun: bool,
}

/// Copies a file that the survey found fit.
pub(super) fn copy(path: &Path, survey: &Survey, sink: &mut impl FnMut(Output)) -> Result<Imported, Failed> {
    let before = |error| Failed { error, begun: false };
    let mut source = Source::open(path).map_err(before)?;
    if survey.channels == 0 {
        source.sound = None;
    }
    let video = source.context(source.video).map_err(before)?;
    let sound = source.sound.map(|part| source.context(part)).transpose().map_err(before)?;
    // Sound may begin after the pictures: `frag_discont` lets a track begin elsewhere than at zero.
    let (mux, init) = Mux::new(&video, sound.as_ref(), "+frag_discont").map_err(before)?;
    drop((video, sound));
    let poster = anew::poster(path);
    let shift_us = survey.decodes_from_us.min(source.sound_start_us()).saturating_neg();
    let lane = |part: Part, track| Lane::new(part, mux.base(track), shift_us);
    let mut copying = Copying {
        lanes: [Some(lane(source.video, Track::Video)), source.sound.map(|part| lane(part, Track::Sound))],
        mux,
        sink,
        began_us: None,
        size_bytes: init.len() as u64,
        end_us: 0,
    };
    (copying.sink)(Output::Init(init));
    let copied = copying.run(&mut source).map(|()| Imported {
        duration: Micros(u64::try_from(copying.end_us).unwrap_or_default()),
        size_bytes: copying.size_bytes,
        copied: true,
        poster,
    });
    copied.map_err(|error| Failed { error, begun: true })
}

/// Packets of one track on their way: the newest is held until it is known how long it lasts.
struct Lane {
    from: Rational,
    to: Rational,
    /// Added to every time, in `to`.
    shift: i64,
    held: Option<Packet>,
    last_dts: i64,
    ready: VecDeque<Packet>,
}

impl Lane {
    fn new(part: Part, to: Rational, shift_us: i64) -> Self {
        let shift = shift_us.rescale(Rational(1, 1_000_000), to);
        Self { from: part.base, to, shift, held: None, last_dts: -1, ready: VecDeque::new() }
    }

    /// Takes a packet; gives its time if it is the next one in order.
    fn take(&mut self, mut packet: Packet) -> Option<i64> {
        let usual = packet.duration();
        packet.rescale_ts(self.from, self.to);
        let dts = packet.dts()?.saturating_add(self.shift);
        let pts = packet.pts()?.saturating_add(self.shift);
        // What lies before the beginning is the run-in of the sound. Rounding must not make two times one.
        if dts < 0 || dts <= self.last_dts || pts < dts {
            return None;
        }
        packet.set_dts(Some(dts));
        packet.set_pts(Some(pts));
        packet.set_duration(usual.rescale(self.from, self.to).clamp(1, i64::from(i32::MAX)));
        self.last_dts = dts;
        if let Some(mut before) = self.held.replace(packet) {
            before.set_duration(dts - before.dts().unwrap_or(dts));
            self.ready.push_back(before);
        }
        Some(micros(pts, self.to))
    }
}

struct Copying<'a, S> {
    /// Pictures and sound.
    lanes: [Option<Lane>; 2],
    mux: Mux,
    sink: &'a mut S,
    /// When the fragment that is being gathered began.
    began_us: Option<i64>,
    size_bytes: u64,
    /// Up to where the latest picture or sound lasts.
    end_us: i64,
}

impl<S: FnMut(Output)> Copying<'_, S> {
    fn run(&mut self, source: &mut Source) -> Result<(), EncodeError> {
        while let Some((kind, packet)) = source.next() {
            let key = kind == Kind::Video && packet.is_key();
            let Some(lane) = &mut self.lanes[kind as usize] else { continue };
            let Some(at_us) = lane.take(packet) else { continue };
            if !key {
                continue;
            }
            let began_us = *self.began_us.get_or_insert(at_us);
            if at_us.saturating_sub(began_us) >= i64::try_from(FRAGMENT.0).unwrap_or(i64::MAX) {
                self.cut(at_us, false)?;
            }
        }
        for lane in self.lanes.iter_mut().flatten() {
            lane.ready.extend(lane.held.take());
        }
        self.cut(self.end_us, true)
    }

    /// Hands out what lies before `at_us`, which is when the next fragment begins.
    fn cut(&mut self, at_us: i64, last: bool) -> Result<(), EncodeError> {
        let mut video_end_us = at_us;
        for (track, lane) in [Track::Video, Track::Sound].into_iter().zip(&mut self.lanes) {
            let Some(lane) = lane else { continue };
            // All pictures that are ready precede the key frame, which is held.
            let belongs =
                |packet: &mut Packet| track == Track::Video || last || micros(packet.pts().unwrap_or(0), lane.to) < at_us;
            while let Some(packet) = lane.ready.pop_front_if(belongs) {
                let end_us = micros(packet.pts().unwrap_or(0).saturating_add(packet.duration()), lane.to);
                self.end_us = self.end_us.max(end_us);
                if last && track == Track::Video {
                    video_end_us = video_end_us.max(end_us);
                }
                self.mux.write(packet, track, lane.to)?;
            }
        }
        let bytes = self.mux.cut()?;
        if bytes.is_empty() {
            return Ok(());
        }
        self.size_bytes += bytes.len() as u64;
        let began_us = self.began_us.replace(at_us).unwrap_or(0);
        let instant = |us: i64| Micros(u64::try_from(us).unwrap_or_default());
        let start = instant(began_us);
        (self.sink)(Output::Fragment { bytes, start, duration: instant(video_end_us) - start });
        Ok(())
    }
}
