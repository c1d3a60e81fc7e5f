//! [`Aligned`]: sound of one source, of any rate and channels, aligned to the take's clock at 48
//! kHz.
//!
//! ```text
//! samples ─ mix channels ─ resample (a little faster or slower, by drift) ─▶ queue
//!                 gap: silence ────────────────────────────────────────────────▲
//! ```
//!
//! The time of a sample is its number in the queue since the beginning, so there are no jumps.
//! Where sound is placed away from its capture time, it is played a little faster or slower; a gap
//! is filled with silence; an overlap is dropped.

use std::ops::Range;

use vignette_model::{Micros, Samples, Span};
use vignette_resample::{Mixer, Resampler};

use crate::EncodeError;
use crate::drift::Drift;
use crate::frame_pacer::FRAGMENT;
use crate::stream::{PACKET_SAMPLES, SOUND_HZ};

/// The smallest gap or overlap that is too large to be closed by changing the speed.
const GAP: Span = Span::from_millis(60);
/// How long no sound may arrive before it counts as lost without notice: from a device, and in a
/// file. A silent device delays a fragment by at most the length of the next one, since delayed
/// sound and pictures are lost if the program is killed.
const LOST_TIMEOUT: Span = FRAGMENT;
const LOST_TIMEOUT_IN_FILE: Span = Span::from_secs(10);
/// The maximum that one tick adds to that time: while the computer is too busy to tick, or asleep,
/// no sound can have arrived.
const MAX_WAIT_PER_TICK: Span = Span::from_millis(50);
/// How late sound may be when it comes again after a loss.
const LATE_WHEN_LOST: Span = Span::from_millis(150);
/// Sound that is later than this is not waited for, since the pictures that wait for it fill the
/// memory.
const TOO_LATE: Span = Span::from_secs(60);

/// Sound of one source.
pub(crate) struct Aligned {
    channels: usize,
    /// Samples that were not taken yet, per channel.
    queue: Vec<Vec<f32>>,
    /// Samples that were put into the queue, ever: the time stamp of the next.
    position: u64,
    /// The device that is being heard.
    device: Option<Device>,
    mixer: Mixer,
    /// Interleaved samples with as many channels as the stream, used again and again.
    mixed: Vec<f32>,
    /// How long no sound has arrived, how much of it one tick may add, and from when on it counts
    /// as lost.
    waited: Span,
    max_wait_per_tick: Span,
    lost_timeout: Span,
    /// The last tick.
    ticked: Micros,
    lost: bool,
    /// When the newest block was captured.
    newest: Micros,
}

struct Device {
    resampler: Resampler,
    drift: Drift,
}

impl Aligned {
    /// Without sound, for so many channels.
    pub(crate) fn new(channels: usize) -> Self {
        Self {
            channels,
            queue: vec![Vec::with_capacity(4096); channels],
            position: 0,
            device: None,
            mixer: Mixer::new(channels),
            mixed: Vec::new(),
            waited: Span::ZERO,
            max_wait_per_tick: MAX_WAIT_PER_TICK,
            lost_timeout: LOST_TIMEOUT,
            ticked: Micros::ZERO,
            lost: false,
            newest: Micros::ZERO,
        }
    }

    /// Waits for sound as needed for a file, where it is never late but may be stored some seconds
    /// behind its pictures.
    pub(crate) const fn wait_for_file(&mut self) {
        (self.lost_timeout, self.max_wait_per_tick) = (LOST_TIMEOUT_IN_FILE, Span(u64::MAX));
    }

    /// Declares the sound lost: what is missing is filled with silence from the next tick on, until
    /// sound comes again.
    pub(crate) const fn is_lost(&mut self) {
        self.lost = true;
    }

    /// Samples per channel that can be taken.
    pub(crate) fn ready(&self) -> usize {
        self.queue.first().map_or(0, Vec::len)
    }

    /// Some of the samples that can be taken, a plane for each channel.
    pub(crate) fn planes(&self, range: Range<usize>) -> impl Iterator<Item = &[f32]> {
        self.queue.iter().map(move |plane| &plane[range.clone()])
    }

    /// Takes the first samples out.
    pub(crate) fn drain(&mut self, samples: usize) {
        for plane in &mut self.queue {
            plane.drain(..samples);
        }
    }

    /// Takes a block of sound.
    pub(crate) fn hear(&mut self, samples: &Samples) -> Result<(), EncodeError> {
        let bad = |what| EncodeError::BadSound { at: samples.at, what };
        if !(4_000..=384_000).contains(&samples.rate_hz) {
            return Err(bad("its rate is not between 4 and 384 kHz"));
        }
        let channels = usize::from(samples.channels.count());
        if channels == 0 || !samples.interleaved.len().is_multiple_of(channels) {
            return Err(bad("its samples are not whole"));
        }
        if self.device.as_ref().is_some_and(|device| device.resampler.from_hz() != samples.rate_hz)
        {
            self.lose_device();
        }
        // Sound is back, though the silence filled in meanwhile may reach beyond it.
        if samples.at >= self.newest {
            (self.newest, self.lost, self.waited) = (samples.at, false, Span::ZERO);
        }
        self.mixed.clear();
        self.mixer.mix(samples, &mut self.mixed);

        let mut skip = 0;
        let mut distance = self.distance_us(samples.at);
        let (gap, exact) = (i64::try_from(GAP.0).unwrap_or(i64::MAX), self.device.is_none());
        if distance > gap || (exact && distance > 0) {
            self.lose_device();
            self.silence_until(samples.at);
            distance = 0;
        } else if distance < -gap || (exact && distance < 0) {
            let early = Span(distance.unsigned_abs());
            skip = usize::try_from(early.to_ticks(samples.rate_hz)).unwrap_or(usize::MAX);
            distance = 0;
        }
        if skip >= samples.frames() {
            return Ok(());
        }

        let device = self.device.get_or_insert_with(|| Device {
            resampler: Resampler::new(samples.rate_hz, SOUND_HZ, self.channels),
            drift: Drift::default(),
        });
        let block_s = (samples.frames() - skip) as f64 / f64::from(samples.rate_hz);
        let hurry = device.drift.follow(distance as f64 / 1e6, block_s);
        device.resampler.hurry(hurry);
        self.position +=
            device.resampler.push(&self.mixed[skip * self.channels..], &mut self.queue);
        Ok(())
    }

    /// Fills in silence if sound was lost.
    pub(crate) fn tick(&mut self, now: Micros) {
        // Ticks never go back; sound may reach beyond `now`, and then none is missing.
        self.waited += now.saturating_since(self.ticked).min(self.max_wait_per_tick);
        self.ticked = now;
        let missing = now.saturating_since(self.here());
        self.lost |= self.waited >= self.lost_timeout || missing >= TOO_LATE;
        if self.lost && missing > LATE_WHEN_LOST {
            self.lose_device();
            self.silence_until(now.saturating_sub(LATE_WHEN_LOST));
        }
    }

    /// Fills up to `end`, and on to a whole packet.
    pub(crate) fn finish(&mut self, end: Micros) {
        self.lose_device();
        self.silence_until(end);
        let ragged = self.position % PACKET_SAMPLES;
        if ragged > 0 {
            self.silence(PACKET_SAMPLES - ragged);
        }
    }

    /// The end of the sound, including what the resampler still holds.
    fn here(&self) -> Micros {
        let samples =
            self.position + self.device.as_ref().map_or(0, |device| device.resampler.pending());
        Micros::from_ticks(samples, SOUND_HZ).unwrap_or_default()
    }

    /// The distance from where the next sample would be placed to its capture time, in
    /// microseconds.
    fn distance_us(&self, at: Micros) -> i64 {
        let signed = |time: Micros| i64::try_from(time.0).unwrap_or(i64::MAX);
        signed(at) - signed(self.here())
    }

    fn lose_device(&mut self) {
        if let Some(device) = self.device.take() {
            self.position += device.resampler.flush(&mut self.queue);
        }
    }

    fn silence_until(&mut self, until: Micros) {
        self.silence(until.to_ticks(SOUND_HZ).saturating_sub(self.position));
    }

    fn silence(&mut self, samples: u64) {
        self.position += samples;
        let samples = usize::try_from(samples).unwrap_or(usize::MAX);
        for queue in &mut self.queue {
            queue.resize(queue.len() + samples, 0.0);
        }
    }
}
