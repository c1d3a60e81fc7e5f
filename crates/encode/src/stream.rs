//! [`Stream`]: orders packets of picture and sound and cuts them into fragments.
//!
//! The packet of a picture is held until the next one arrives, which determines its duration. A cut
//! before a key frame waits until the sound of every track has reached it, so that the sound of a
//! fragment covers its pictures.

use std::collections::VecDeque;

use ffmpeg_next::{Packet, Rational};
use vignette_model::{Micros, Span};

use crate::mux::{Mux, MuxTrack};
use crate::video::VIDEO_HZ;
use crate::{EncodeError, EncodedPiece, Totals};

const VIDEO_BASE: Rational = Rational(1, VIDEO_HZ as i32);
/// Samples a second of every stream.
pub(crate) const SOUND_HZ: u32 = 48_000;
/// Samples in a packet of AAC-LC.
pub(crate) const PACKET: usize = 1024;
/// The same as a count of time.
pub(crate) const PACKET_SAMPLES: u64 = PACKET as u64;
const SOUND_BASE: Rational = Rational(1, SOUND_HZ as i32);

/// The minimum duration of a picture: two ticks of [`VIDEO_HZ`], so that it is not lost in
/// rounding.
const SHORTEST: Span = Span(23);

/// Orders packets and cuts them into fragments.
pub(crate) struct Stream {
    mux: Mux,
    sink: Box<dyn FnMut(EncodedPiece) + Send>,
    /// The newest picture, whose duration is not known yet.
    held: Option<Packet>,
    pictures: VecDeque<QueuedStep>,
    /// One for each sound track.
    sound: Vec<SoundQueue>,
    /// When the current fragment began, in ticks of [`VIDEO_HZ`].
    began: u64,
    totals: Totals,
}

/// Sound of one track that is in no fragment yet.
#[derive(Default)]
struct SoundQueue {
    packets: VecDeque<Packet>,
    /// The end of the sound, in samples.
    until: u64,
}

enum QueuedStep {
    Picture(Packet),
    /// A fragment ends here, in ticks of [`VIDEO_HZ`].
    Cut(u64),
}

impl Stream {
    pub(crate) fn new(
        mux: Mux,
        init: bytes::Bytes,
        sound_tracks: usize,
        mut sink: Box<dyn FnMut(EncodedPiece) + Send>,
    ) -> Self {
        let totals = Totals { size_bytes: init.len() as u64, ..Totals::default() };
        sink(EncodedPiece::Init(init));
        let sound = std::iter::repeat_with(SoundQueue::default).take(sound_tracks).collect();
        Self { mux, sink, held: None, pictures: VecDeque::new(), sound, began: 0, totals }
    }

    /// Takes the next picture.
    pub(crate) fn picture(&mut self, packet: Packet) {
        let at = ticks(&packet);
        if let Some(mut before) = self.held.take() {
            before
                .set_duration(i64::try_from(at.saturating_sub(ticks(&before))).unwrap_or(i64::MAX));
            self.pictures.push_back(QueuedStep::Picture(before));
            if packet.is_key() {
                self.pictures.push_back(QueuedStep::Cut(at));
            }
        }
        self.totals.pictures += 1;
        self.held = Some(packet);
    }

    /// How many pictures it was given so far.
    pub(crate) const fn pictures(&self) -> u64 {
        self.totals.pictures
    }

    /// Takes the next packet of a sound track.
    pub(crate) fn sound(&mut self, track: usize, packet: Packet) {
        if let Some(queue) = self.sound.get_mut(track) {
            queue.until = ticks(&packet) + PACKET_SAMPLES;
            queue.packets.push_back(packet);
        }
    }

    /// Sends completed fragments to the sink.
    pub(crate) fn advance(&mut self) -> Result<(), EncodeError> {
        while let Some(step) = self.pictures.pop_front() {
            match step {
                QueuedStep::Picture(packet) => {
                    self.mux.write(packet, MuxTrack::Video, VIDEO_BASE)?
                }
                QueuedStep::Cut(at) if self.sound.iter().any(|queue| queue.until < samples(at)) => {
                    self.pictures.push_front(QueuedStep::Cut(at));
                    break;
                }
                QueuedStep::Cut(at) => self.cut(at, false)?,
            }
        }
        Ok(())
    }

    /// The end of a stream that is to end at `end`: always after its last picture, since the
    /// duration of a picture is never zero.
    pub(crate) fn end(&self, end: Micros) -> Micros {
        let last = self.held.as_ref().and_then(|last| Micros::from_ticks(ticks(last), VIDEO_HZ));
        last.map_or(end, |last| end.max(last + SHORTEST))
    }

    /// Shows the last picture until `end`, the result of [`Self::end`], and sends what is left to
    /// the sink.
    pub(crate) fn finish(mut self, end: Micros) -> Result<Totals, EncodeError> {
        let end = end.to_ticks(VIDEO_HZ);
        if let Some(mut last) = self.held.take() {
            last.set_duration(i64::try_from(end - ticks(&last)).unwrap_or(i64::MAX));
            self.pictures.push_back(QueuedStep::Picture(last));
        }
        // No more sound will arrive, so no cut waits any longer.
        self.sound.iter_mut().for_each(|queue| queue.until = u64::MAX);
        self.advance()?;
        self.cut(end, true)?;
        self.totals.duration = Span::from_ticks(end, VIDEO_HZ).unwrap_or_default();
        Ok(self.totals)
    }

    fn cut(&mut self, at: u64, last: bool) -> Result<(), EncodeError> {
        let until = samples(at);
        for (track, queue) in self.sound.iter_mut().enumerate() {
            while let Some(mut packet) = queue.packets.pop_front_if(|next| ticks(next) < until) {
                if last {
                    // Sound ends with the last picture.
                    let left = until.saturating_sub(ticks(&packet)).min(PACKET_SAMPLES);
                    packet.set_duration(i64::try_from(left).unwrap_or(i64::MAX));
                }
                self.mux.write(packet, MuxTrack::Sound(track), SOUND_BASE)?;
            }
        }
        let bytes = self.mux.cut()?;
        if bytes.is_empty() {
            return Ok(());
        }
        let instant = |ticks| Micros::from_ticks(ticks, VIDEO_HZ).unwrap_or_default();
        let (start, end) = (instant(self.began), instant(at));
        self.began = at;
        self.totals.fragments += 1;
        self.totals.size_bytes += bytes.len() as u64;
        // Cuts lie at pictures, whose times rise.
        let duration = end.saturating_since(start);
        (self.sink)(EncodedPiece::Fragment { bytes, start, duration });
        Ok(())
    }
}

/// The time stamp of a packet, which never lies before zero here.
fn ticks(packet: &Packet) -> u64 {
    packet.pts().and_then(|pts| u64::try_from(pts).ok()).unwrap_or_default()
}

/// Ticks of the video as samples of the sound, rounded up.
fn samples(ticks: u64) -> u64 {
    (ticks * u64::from(SOUND_HZ)).div_ceil(u64::from(VIDEO_HZ))
}
