//! Copies the packets of a file to fragments without encoding.
//!
//! Pictures may be stored in another order than shown, so decoding begins before the first picture
//! is shown. All times, of sound and pictures, are shifted by that difference, so that none is
//! negative and no player needs an edit list.

use std::collections::VecDeque;
use std::ops::Range;
use std::path::Path;

use ffmpeg_next::{Packet, Rational, Rescale, Rounding};
use vignette_model::{Micros, Span};

use super::cuts::Cuts;
use super::input_file::{FileTrack, InputFile, PacketKind, is_hidden, micros};
use super::probe::Probe;
use super::silence::{Filling, Silence};
use super::{Copied, ImportProgress, transcode};
use crate::mux::{Mux, MuxTrack, SoundTrack};
use crate::{EncodeError, EncodedPiece};

/// The tolerance for rounding times to the ticks of a track.
const ROUNDING_US: i64 = 1_000;
/// By how much the sound that is copied may end before a gap: packets that reach beyond a cut are left out.
const BEFORE_GAP_US: i64 = 200_000;
const MICROS: Rational = Rational(1, 1_000_000);

/// Why copying failed, and whether anything was sent to the sink before.
pub(super) struct Failed {
    pub(super) error: EncodeError,
    pub(super) begun: bool,
}

/// Copies a file that the probe found suitable, cut into fragments as `cuts` says.
pub(super) fn copy(
    path: &Path,
    probe: &Probe,
    cuts: &Cuts,
    sink: &mut impl FnMut(EncodedPiece),
    progress: &mut impl FnMut(ImportProgress),
) -> Result<Copied, Failed> {
    let before = |error| Failed { error, begun: false };
    let mut source = InputFile::open(path).map_err(before)?;
    let video = source.context(source.video).map_err(before)?;
    let sound = source.sound.map(|part| source.context(part)).transpose().map_err(before)?;
    // Sound may begin after the pictures: `frag_discont` lets a track begin elsewhere than at zero.
    let sound_track = sound.as_ref().map(|context| SoundTrack { context, name: None });
    let sound_tracks: Vec<_> = sound_track.into_iter().collect();
    let (mux, init) = Mux::new(&video, &sound_tracks, "+frag_discont").map_err(before)?;
    drop(sound_tracks);
    let filling = sound.as_ref().and_then(Silence::of).zip(source.sound);
    let filling = filling.map(|(silence, part)| Filling::new(silence, part.base, probe.start_us));
    drop((video, sound));
    let poster = transcode::poster(path, probe);
    let shift_us = cuts.decodes_from_us.min(probe.start_us).saturating_neg();
    let lane = |part: FileTrack, track| Lane::new(part, mux.base(track), shift_us);
    let start_us = probe.start_us.saturating_add(shift_us);
    let length_us = i64::try_from(probe.duration.0).unwrap_or(i64::MAX);
    let mut copying = Copying {
        lanes: [
            Some(lane(source.video, MuxTrack::Video)),
            source.sound.map(|part| lane(part, MuxTrack::Sound(0))),
        ],
        filling,
        silences_us: probe.silences_us.iter().cloned().collect(),
        shift_us,
        mux,
        cuts,
        sink,
        progress,
        shown_us: probe.start_us..probe.start_us.saturating_add(length_us),
        start_us,
        began_us: start_us,
        end_us: start_us.saturating_add(length_us),
        began_dts: None,
        done_us: 0,
        size_bytes: init.len() as u64,
    };
    (copying.sink)(EncodedPiece::Init(init));
    let copied = copying.run(&mut source);
    let size_bytes = copying.size_bytes;
    copied
        .map(|()| Copied { duration: probe.duration, size_bytes, poster, hdr_unconverted: false })
        .map_err(|error| Failed { error, begun: true })
}

/// The packets of one track; the newest is held until its duration is known.
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
    fn new(part: FileTrack, to: Rational, shift_us: i64) -> Self {
        let shift = shift_us.rescale(MICROS, to);
        Self { from: part.base, to, shift, held: None, last_dts: -1, ready: VecDeque::new() }
    }

    /// The time in the file's ticks that becomes `us` once it is shifted, rounded up.
    fn before_moving(&self, us: i64) -> i64 {
        us.saturating_sub(micros(self.shift, self.to)).rescale_with(MICROS, self.from, Rounding::Up)
    }

    /// Takes a packet; returns its time if it is in order.
    fn take(&mut self, mut packet: Packet) -> Option<i64> {
        let usual = packet.duration();
        packet.rescale_ts(self.from, self.to);
        // The first one may be just below zero after rounding.
        let rounding = ROUNDING_US.rescale(MICROS, self.to);
        let moved = |time: i64| match time.saturating_add(self.shift) {
            early if (-rounding..0).contains(&early) => 0,
            other => other,
        };
        let (dts, pts) = (moved(packet.dts()?), moved(packet.pts()?));
        // Two times may become equal by rounding; the second is dropped then.
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

struct Copying<'a, S, P> {
    /// Pictures and sound.
    lanes: [Option<Lane>; 2],
    filling: Option<Filling>,
    /// Where the sound is missing and was not filled yet.
    silences_us: VecDeque<Range<i64>>,
    /// Added to every time.
    shift_us: i64,
    mux: Mux,
    cuts: &'a Cuts,
    sink: &'a mut S,
    progress: &'a mut P,
    /// The part of the file that is shown, in its own time.
    shown_us: Range<i64>,
    /// The same in the shifted time of the packets.
    start_us: i64,
    end_us: i64,
    /// When the current fragment began, and when its first picture is decoded, in ticks of its
    /// lane.
    began_us: i64,
    began_dts: Option<i64>,
    /// Up to where pictures have been copied, from the beginning.
    done_us: i64,
    size_bytes: u64,
}

impl<S: FnMut(EncodedPiece), P: FnMut(ImportProgress)> Copying<'_, S, P> {
    fn run(&mut self, source: &mut InputFile) -> Result<(), EncodeError> {
        while let Some((kind, mut packet)) = source.next() {
            let dts = packet.dts().unwrap_or(i64::MIN);
            let shown = match kind {
                // What was cut off is not copied at all, not even as pictures that are decoded and
                // not shown.
                PacketKind::Video => (self.cuts.first_dts..=self.cuts.last_dts).contains(&dts),
                PacketKind::Sound => {
                    source.sound.is_some_and(|part| self.is_heard(&packet, part.base))
                }
                PacketKind::Captions => false,
            };
            if kind == PacketKind::Sound && shown {
                if let Some(part) = source.sound {
                    self.fill(micros(packet.pts().unwrap_or(i64::MIN), part.base));
                }
                if let Some(filling) = &mut self.filling {
                    filling.heard(&packet);
                }
            }
            let Some(lane) =
                self.lanes.get_mut(kind as usize).and_then(Option::as_mut).filter(|_| shown)
            else {
                continue;
            };
            if kind == PacketKind::Video && dts == self.cuts.first_dts {
                let start = lane.before_moving(self.start_us);
                packet.set_pts(packet.pts().map(|pts| pts.min(start)));
                packet.set_dts(Some(dts.min(start)));
            }
            let cut = kind == PacketKind::Video && self.cuts.at.contains(&dts);
            let Some(at_us) = lane.take(packet) else { continue };
            if cut {
                self.fill(at_us.saturating_sub(self.shift_us));
                self.cut(at_us, false)?;
            }
            if kind == PacketKind::Video {
                let of = self.end_us - self.start_us;
                // Packets come in decoding order.
                self.done_us = self.done_us.max((at_us - self.start_us).min(of));
                let positive = |us: i64| u64::try_from(us).unwrap_or_default();
                let (done, of) = (Micros(positive(self.done_us)), Span(positive(of)));
                (self.progress)(ImportProgress { done, of });
            }
        }
        self.fill(self.end_us.saturating_sub(self.shift_us));
        for lane in self.lanes.iter_mut().flatten() {
            lane.ready.extend(lane.held.take());
        }
        self.cut(self.end_us, true)
    }

    /// Puts silence where the sound is missing before `until_us`, in the file's time, once the sound before
    /// that has come.
    fn fill(&mut self, until_us: i64) {
        let [_, Some(lane)] = &mut self.lanes else { return };
        let Some(filling) = &mut self.filling else { return };
        while let Some(gap) = self.silences_us.front().cloned() {
            let end_us = gap.end.min(until_us);
            if end_us <= gap.start || filling.until_us().saturating_add(BEFORE_GAP_US) < gap.start {
                return;
            }
            while let Some(packet) = filling.next(end_us) {
                let _ = lane.take(packet);
            }
            if end_us < gap.end {
                return;
            }
            self.silences_us.pop_front();
        }
    }

    /// Whether a packet of sound is neither priming of the encoder nor contains anything that was
    /// cut off. A block of AAC extends into the packet after it, never into the one before.
    fn is_heard(&self, packet: &Packet, base: Rational) -> bool {
        let Some(pts) = packet.pts().filter(|_| !is_hidden(packet)) else { return false };
        let reaches = pts.saturating_add(packet.duration().max(0).saturating_mul(2));
        self.shown_us.contains(&micros(pts, base))
            && self.cuts.sound_cut_us.is_none_or(|cut_us| micros(reaches, base) <= cut_us)
    }

    /// Ends the fragment before `at_us`, where the next one begins.
    fn cut(&mut self, at_us: i64, last: bool) -> Result<(), EncodeError> {
        for (track, lane) in [MuxTrack::Video, MuxTrack::Sound(0)].into_iter().zip(&mut self.lanes)
        {
            let Some(lane) = lane else { continue };
            // All ready pictures precede the key frame, which is held.
            let belongs = |packet: &mut Packet| {
                track == MuxTrack::Video
                    || last
                    || micros(packet.pts().unwrap_or(0), lane.to) < at_us
            };
            while let Some(mut packet) = lane.ready.pop_front_if(belongs) {
                if track == MuxTrack::Video {
                    let dts = packet.dts().unwrap_or(0);
                    let began_dts = *self.began_dts.get_or_insert(dts);
                    if last && lane.ready.is_empty() {
                        // The durations of a fragment's pictures add up to the time that it is
                        // shown.
                        let length = (at_us - self.began_us).rescale(MICROS, lane.to);
                        packet
                            .set_duration((began_dts + length - dts).clamp(1, i64::from(i32::MAX)));
                    }
                }
                self.mux.write(packet, track, lane.to)?;
            }
        }
        self.began_dts = None;
        let bytes = self.mux.cut()?;
        if bytes.is_empty() {
            return Ok(());
        }
        self.size_bytes += bytes.len() as u64;
        let began_us = std::mem::replace(&mut self.began_us, at_us);
        let instant = |us: i64| Micros(u64::try_from(us).unwrap_or_default());
        let start = instant(began_us);
        // Saturates: a fragment with damaged times may end before it begins.
        let duration = instant(at_us).saturating_since(start);
        (self.sink)(EncodedPiece::Fragment { bytes, start, duration });
        Ok(())
    }
}
