//! [`Sound`]: samples of any rate to AAC at 48 kHz that keeps to the take's clock.
//!
//! ```text
//! samples ─ mix channels ─ resample (a little faster or slower, by drift) ─ queue ─ 1024 at a time ─▶ AAC
//!                 gap: silence ──────────────────────────────────────────────▲
//! ```
//!
//! The time stamp of sound is the count of its samples and nothing else: there is never a jump. Where sound comes to lie
//! away from when it was captured, it is played a little faster or slower; a hole is filled with silence; what was already
//! heard is left out.

use ff::format::sample::Type;
use ff::format::{self};
use ff::{ChannelLayout, Dictionary, Packet, Rational, codec, encoder, frame};
use ffmpeg_next as ff;
use vignette_model::{Micros, Samples};
use vignette_resample::{Mixer, Resampler};

use crate::drift::Drift;
use crate::frame_pacer::FRAGMENT;
use crate::stream::{PACKET, PACKET_SAMPLES, SOUND_HZ};
use crate::{EncodeError, Profile};

/// A hole, or an overlap, that is too large to be closed by changing the speed.
const GAP: Micros = Micros::from_millis(60);
/// For how long nothing may come before sound is taken as lost, if nobody says so: from a device, and in a file. A device that
/// gives nothing holds back a fragment no longer than the next one takes: what is held back is lost if the program is killed.
const LOST_TIMEOUT: Micros = FRAGMENT;
const LOST_TIMEOUT_IN_FILE: Micros = Micros::from_secs(10);
/// The most of that time that passes between two ticks: while the computer is too busy to tick, or stopped altogether, sound
/// cannot have come.
const MAX_WAIT_PER_TICK: Micros = Micros::from_millis(50);
/// How late lost sound may be when it comes again.
const LATE_WHEN_LOST: Micros = Micros::from_millis(150);
/// Sound that comes, but so late, is not waited for: pictures that wait for it fill the memory.
const TOO_LATE: Micros = Micros::from_secs(60);

/// Samples to AAC.
pub(crate) struct Sound {
    encoder: encoder::audio::Encoder,
    channels: usize,
    /// One packet's worth, used again and again.
    block: frame::Audio,
    packet: Packet,
    /// Samples that make no whole packet yet, per channel.
    queue: Vec<Vec<f32>>,
    /// Samples that were put into the queue, ever: the time stamp of the next.
    position: u64,
    /// Samples that were given to the encoder, ever.
    encoded: u64,
    /// The device that is being heard.
    device: Option<Device>,
    mixer: Mixer,
    /// Interleaved samples with as many channels as the stream, used again and again.
    mixed: Vec<f32>,
    /// For how long nothing has come, and how much of it may pass in one tick and in all before it is taken as lost.
    waited: Micros,
    max_wait_per_tick: Micros,
    lost_timeout: Micros,
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

impl Sound {
    pub(crate) fn open(profile: Profile) -> Result<Self, EncodeError> {
        let codec = encoder::find(codec::Id::AAC).ok_or(EncodeError::NoEncoder { name: "aac" })?;
        let channels = usize::from(profile.sound_channels.clamp(1, 2));
        let layout = if channels == 1 { ChannelLayout::MONO } else { ChannelLayout::STEREO };
        let mut audio =
            codec::Context::new_with_codec(codec).encoder().audio().map_err(EncodeError::at("preparing the sound encoder"))?;
        let planes = format::Sample::F32(Type::Planar);
        audio.set_rate(SOUND_HZ as i32);
        audio.set_channel_layout(layout);
        audio.set_format(planes);
        audio.set_bit_rate(profile.sound_bits_per_second as usize);
        audio.set_time_base(Rational(1, SOUND_HZ as i32));
        audio.set_flags(codec::Flags::GLOBAL_HEADER);
        let encoder = audio.open_with(Dictionary::new()).map_err(EncodeError::at("opening the sound encoder"))?;
        let mut block = frame::Audio::new(planes, PACKET, layout);
        block.set_rate(SOUND_HZ);
        Ok(Self {
            encoder,
            channels,
            block,
            packet: Packet::empty(),
            queue: vec![Vec::with_capacity(4096); channels],
            position: 0,
            encoded: 0,
            device: None,
            mixer: Mixer::new(channels),
            mixed: Vec::new(),
            waited: Micros::ZERO,
            max_wait_per_tick: MAX_WAIT_PER_TICK,
            lost_timeout: LOST_TIMEOUT,
            ticked: Micros::ZERO,
            lost: false,
            newest: Micros::ZERO,
        })
    }

    /// Sound of a file is never late; it may only be stored some seconds behind its pictures.
    pub(crate) const fn wait_for_file(&mut self) {
        (self.lost_timeout, self.max_wait_per_tick) = (LOST_TIMEOUT_IN_FILE, Micros(u64::MAX));
    }

    /// What is missing is filled in from the next tick on, until sound comes again.
    pub(crate) const fn is_lost(&mut self) {
        self.lost = true;
    }

    /// What the muxer needs to know.
    pub(crate) fn context(&self) -> &codec::Context {
        &self.encoder
    }

    /// Takes in sound; packets that are ready go to `out`.
    pub(crate) fn hear(&mut self, samples: &Samples, out: impl FnMut(Packet)) -> Result<(), EncodeError> {
        let bad = |what| EncodeError::BadSound { at: samples.at, what };
        if !(4_000..=384_000).contains(&samples.rate_hz) {
            return Err(bad("its rate is not between 4 and 384 kHz"));
        }
        let channels = usize::from(samples.channels.count());
        if channels == 0 || !samples.interleaved.len().is_multiple_of(channels) {
            return Err(bad("its samples are not whole"));
        }
        if self.device.as_ref().is_some_and(|device| device.resampler.from_hz() != samples.rate_hz) {
            self.lose_device();
        }
        // It comes again, though what was filled in meanwhile may reach beyond it.
        if samples.at >= self.newest {
            (self.newest, self.lost, self.waited) = (samples.at, false, Micros::ZERO);
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
            let early = Micros(distance.unsigned_abs());
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
        self.position += device.resampler.push(&self.mixed[skip * self.channels..], &mut self.queue);
        self.encode(out)
    }

    /// Fills in silence if sound was lost, so that pictures never wait for it.
    pub(crate) fn tick(&mut self, now: Micros, out: impl FnMut(Packet)) -> Result<(), EncodeError> {
        self.waited += (now - self.ticked).min(self.max_wait_per_tick);
        self.ticked = now;
        let missing = now - self.here();
        self.lost |= self.waited >= self.lost_timeout || missing >= TOO_LATE;
        if !self.lost || missing <= LATE_WHEN_LOST {
            return Ok(());
        }
        self.lose_device();
        self.silence_until(now - LATE_WHEN_LOST);
        self.encode(out)
    }

    /// Fills up to `end` and gives every packet that is left.
    pub(crate) fn finish(&mut self, end: Micros, mut out: impl FnMut(Packet)) -> Result<(), EncodeError> {
        self.lose_device();
        self.silence_until(end);
        let ragged = self.position % PACKET_SAMPLES;
        if ragged > 0 {
            self.silence(PACKET_SAMPLES - ragged);
        }
        self.encode(&mut out)?;
        self.encoder.send_eof().map_err(EncodeError::at("ending the sound"))?;
        self.receive(&mut out)
    }

    /// Up to where there is sound, including what the resampler still holds.
    fn here(&self) -> Micros {
        let samples = self.position + self.device.as_ref().map_or(0, |device| device.resampler.pending());
        Micros::from_ticks(samples, SOUND_HZ).unwrap_or_default()
    }

    /// From where the next sample would come to lie to where it belongs, in microseconds.
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

    fn encode(&mut self, mut out: impl FnMut(Packet)) -> Result<(), EncodeError> {
        let whole = self.queue[0].len() / PACKET;
        for block in 0..whole {
            for (channel, queue) in self.queue.iter().enumerate() {
                self.block.plane_mut::<f32>(channel).copy_from_slice(&queue[block * PACKET..(block + 1) * PACKET]);
            }
            self.block.set_pts(Some(i64::try_from(self.encoded).unwrap_or(i64::MAX)));
            self.encoded += PACKET_SAMPLES;
            self.encoder.send_frame(&self.block).map_err(EncodeError::at("encoding sound"))?;
            self.receive(&mut out)?;
        }
        for queue in &mut self.queue {
            queue.drain(..whole * PACKET);
        }
        Ok(())
    }

    fn receive(&mut self, out: &mut impl FnMut(Packet)) -> Result<(), EncodeError> {
        loop {
            match self.encoder.receive_packet(&mut self.packet) {
                Ok(()) => {
                    let mut packet = std::mem::replace(&mut self.packet, Packet::empty());
                    packet.set_duration(PACKET_SAMPLES as i64);
                    // The encoder's run-in lies before zero. Left out, no player needs an edit list to be in sync; all that
                    // is lost is the fade-in of the first 21 ms.
                    if packet.pts().is_some_and(|pts| pts >= 0) {
                        out(packet);
                    }
                }
                Err(ff::Error::Eof | ff::Error::Other { errno: ff::error::EAGAIN }) => return Ok(()),
                Err(error) => return Err(EncodeError::at("encoding sound")(error)),
            }
        }
    }
}
