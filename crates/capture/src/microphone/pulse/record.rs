//! Records from a source of a sound server and stamps its sound with the time of capture.
//!
//! ```text
//!  sound ──▶ counted ──▶ kept until the server has told how late it is ──▶ stamped ──▶ items
//!  latency, ten times a second ──▶ when the count began ──▶ SampleClock ──────┘
//! ```

use std::time::Duration;

use crossbeam_channel::{Sender, TrySendError};
use pulseaudio::protocol::stream::{BufferAttr, StreamFlags};
use pulseaudio::protocol::{
    Command, CreateRecordStreamReply, LatencyParams, RecordLatency, RecordStreamParams,
    SampleFormat, SampleSpec,
};
use vignette_model::{Channels, Micros, Samples, Span, TakeClock};

use super::connection::{Message, PulseConnection};
use super::{PulseSource, SoundServerError, channels, tells_latency};
use crate::microphone::sample_clock::SampleClock;
use crate::supervise::Sink;

/// The maximum number of blocks a second.
const BLOCKS_A_SECOND: u32 = 30;
/// The same for PipeWire. Its period is the shortest that any of its clients asks for, and sound is
/// one period late, which it does not report: so blocks are shorter than its usual 21 ms.
const PIPEWIRE_BLOCKS_A_SECOND: u32 = 50;
/// The maximum buffer on the server in bytes: the maximum that PulseAudio allows, since this
/// program may be stopped for a while. PipeWire allots much less if the choice is left to it.
const MOST_KEPT: u32 = 4 * 1024 * 1024;
/// How often the latency is asked for.
const LATENCY_POLL_INTERVAL: Span = Span::from_millis(100);
/// An answer that took longer is imprecise, and is ignored while there is a better one.
const PROMPT: Span = Span::from_millis(20);
/// How long sound waits for the first latency; after that it is stamped by its arrival.
const TELLING: Span = Span::from_millis(300);
/// How long an answer is awaited.
const FORGOTTEN: Span = Span::from_secs(2);

impl PulseSource {
    /// Records until `sink` ends, or returns why it cannot.
    pub(in crate::microphone) fn run(
        mut self,
        clock: &TakeClock,
        sink: &Sink<Samples>,
    ) -> Result<(), SoundServerError> {
        let _interrupting = sink.on_interrupt(self.connection.interrupt());
        let asked = self.params();
        let stream: CreateRecordStreamReply =
            self.connection.ask(Command::CreateRecordStream(asked))?;
        let rate_hz = stream.sample_spec.sample_rate;
        let count = stream.sample_spec.channels;
        let layout = if count == self.info.sample_spec.channels {
            channels(&self.info)
        } else {
            u16::from(count).into()
        };
        tracing::info!(rate_hz, channels = count, "Opened a microphone of the sound server");
        let mut recording = Recording {
            connection: self.connection,
            stream: stream.channel,
            clock: clock.clone(),
            items: sink.items(),
            channels: layout,
            rate_hz,
            sample_clock: SampleClock::new(rate_hz),
            tells: tells_latency(&self.info),
            asked: None,
            ask_again: Micros::ZERO,
            flows: false,
            kept: Vec::new(),
            kept_since: None,
            part: Vec::new(),
        };
        loop {
            if sink.stop().asked() {
                return Ok(());
            }
            match recording.step() {
                // The connection was closed by the interrupt.
                Err(SoundServerError::Gone) if sink.stop().asked() => return Ok(()),
                step => step?,
            }
        }
    }

    fn params(&self) -> RecordStreamParams {
        let SampleSpec { sample_rate, channels, .. } = self.info.sample_spec;
        let format = if cfg!(target_endian = "little") {
            SampleFormat::Float32Le
        } else {
            SampleFormat::Float32Be
        };
        let pipewire =
            self.info.driver.as_ref().is_some_and(|driver| driver.to_bytes() == b"PipeWire");
        let blocks_a_second = if pipewire { PIPEWIRE_BLOCKS_A_SECOND } else { BLOCKS_A_SECOND };
        let block = (sample_rate / blocks_a_second).max(1) * u32::from(channels) * 4;
        RecordStreamParams {
            sample_spec: SampleSpec { format, sample_rate, channels },
            channel_map: self.info.channel_map,
            source_index: (!self.default).then_some(self.info.index),
            source_name: self.default.then(|| pulseaudio::protocol::DEFAULT_SOURCE.to_owned()),
            buffer_attr: BufferAttr {
                max_length: MOST_KEPT,
                fragment_size: block,
                ..BufferAttr::default()
            },
            flags: StreamFlags {
                adjust_latency: true,
                // The server must not move the stream to a microphone that was not selected.
                no_move: !self.default,
                ..StreamFlags::default()
            },
            ..RecordStreamParams::default()
        }
    }
}

struct Recording {
    connection: PulseConnection,
    stream: u32,
    clock: TakeClock,
    items: Sender<Samples>,
    channels: Channels,
    rate_hz: u32,
    sample_clock: SampleClock,
    /// Whether the server reports the latency.
    tells: bool,
    /// The number of the request that is not answered yet, and when it was sent.
    asked: Option<(u32, Micros)>,
    ask_again: Micros,
    /// Whether sound has arrived since the source changed: a latency before that is meaningless.
    flows: bool,
    /// Sound that waits to be stamped, with the arrival of each block, and since when there is any.
    kept: Vec<(Micros, Vec<f32>)>,
    kept_since: Option<Micros>,
    /// Bytes of an incomplete sample.
    part: Vec<u8>,
}

impl Recording {
    /// Asks for the latency if that is due, and handles the next message.
    fn step(&mut self) -> Result<(), SoundServerError> {
        // The clock never goes back: what was noted before is no later than `now`.
        let now = self.clock.now();
        if self.tells && self.flows && self.asked.is_none() && now >= self.ask_again {
            self.ask(now)?;
        }
        if let Some((_, since)) = self.asked
            && now.saturating_since(since) > FORGOTTEN
        {
            self.asked = None;
        }
        let due = self.tells && self.flows && self.asked.is_none();
        let timeout =
            if due { self.ask_again.saturating_since(now) } else { LATENCY_POLL_INTERVAL };
        match self.connection.receive(Duration::from(timeout))? {
            Some(Message::Sound(stream, bytes)) if stream == self.stream => self.sound(&bytes),
            Some(Message::Answer(number, answer)) => {
                if let Some((asked, since)) = self.asked
                    && asked == number
                {
                    self.asked = None;
                    match answer {
                        Ok(answer) => self.told(since, &self.connection.read(&answer)?),
                        Err(why) => {
                            tracing::debug!(%why, "The sound server does not tell how late \
                                its sound is");
                            self.tells = false;
                        }
                    }
                }
            }
            Some(Message::Event(event)) => self.event(&event)?,
            Some(Message::Sound(..)) | None => {}
        }
        self.release()
    }

    fn ask(&mut self, now: Micros) -> Result<(), SoundServerError> {
        // The time in the request is not used: the latency is related to our own clock.
        let question =
            LatencyParams { channel: self.stream, now: std::time::SystemTime::UNIX_EPOCH };
        let number = self.connection.send(&Command::GetRecordLatency(question))?;
        self.asked = Some((number, now));
        self.ask_again = now + LATENCY_POLL_INTERVAL;
        Ok(())
    }

    /// Takes a latency that was valid at some instant between `asked` and now.
    fn told(&mut self, asked: Micros, latency: &RecordLatency) {
        let now = self.clock.now();
        let took = now.saturating_since(asked);
        // Longer than the timeout if the program was stopped meanwhile.
        if took > FORGOTTEN || (took > PROMPT && self.sample_clock.was_told(now)) {
            return;
        }
        let signed = |time: u64| i64::try_from(time).unwrap_or(i64::MAX);
        let then = signed(asked.0 + took.0 / 2);
        let frame = i64::from(self.channels.count().max(1)) * 4;
        // Sound was captured before it was written; that of a monitor will be played after it.
        let written = self
            .sample_clock
            .ticks(u64::try_from(latency.write_offset / frame).unwrap_or_default());
        let age = signed(latency.source_usec).saturating_sub(signed(latency.sink_usec));
        self.sample_clock.told(
            now,
            then.saturating_sub(written).saturating_sub(age),
            signed(latency.sink_usec),
        );
    }

    fn event(&mut self, event: &Command) -> Result<(), SoundServerError> {
        match event {
            Command::RecordStreamKilled(stream) if *stream == self.stream => {
                Err(SoundServerError::Ended)
            }
            // The latency changes with the source, or sound is missing.
            Command::RecordStreamMoved(_) | Command::RecordStreamSuspended(_) => {
                self.sample_clock.missed();
                (self.asked, self.ask_again, self.flows) = (None, Micros::ZERO, false);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn sound(&mut self, bytes: &[u8]) {
        let now = self.clock.now();
        self.part.extend_from_slice(bytes);
        let frame = usize::from(self.channels.count().max(1)) * 4;
        let whole = self.part.len() / frame * frame;
        let samples = self.part[..whole]
            .as_chunks()
            .0
            .iter()
            .map(|bytes| f32::from_ne_bytes(*bytes))
            .collect();
        self.part.drain(..whole);
        self.kept.push((now, samples));
        self.kept_since.get_or_insert(now);
        self.flows = true;
    }

    /// Stamps and sends the sound that waits, unless the first latency is still awaited.
    fn release(&mut self) -> Result<(), SoundServerError> {
        let Some(since) = self.kept_since else { return Ok(()) };
        let now = self.clock.now();
        if self.tells && !self.sample_clock.is_told() && now.saturating_since(since) < TELLING {
            return Ok(());
        }
        self.kept_since = None;
        let channels = usize::from(self.channels.count().max(1));
        for (came, interleaved) in self.kept.drain(..) {
            let at = self.sample_clock.stamp(came, interleaved.len() / channels, None);
            let samples =
                Samples { at, rate_hz: self.rate_hz, channels: self.channels.clone(), interleaved };
            // The receiver is gone.
            if let Err(TrySendError::Disconnected(_)) = self.items.try_send(samples) {
                return Err(SoundServerError::Gone);
            }
        }
        Ok(())
    }
}
