//! The microphone: whatever the sound server or the system records from, in its own rate and
//! channels, as `f32`.
//!
//! Everything that the sound server can record from can be selected by its id, including system
//! audio: on PulseAudio and PipeWire the *monitor* of an output (`pulseaudio:<sink>.monitor`). A
//! monitor is not listed unless it is the default.
//!
//! ```text
//!  DeviceSelector ──▶ Wanted ──▶ system::find ─┬─▶ pulse::Source  the sound server, spoken to directly (Linux)
//!             ▲ each attempt anew     └─▶ cpal::Device   ALSA, and the other systems
//! ```

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod pulse;
mod sample_clock;
mod stream;

#[cfg(not(target_os = "linux"))]
use elsewhere as system;
#[cfg(target_os = "linux")]
use linux as system;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crossbeam_channel::Sender;
use vignette_model::{Backoff, Captured, Micros, Samples, TakeClock};

use crate::source::{CaptureOutput, RunningSource, Source};
use crate::supervise::{self, Sink, supervise};
use crate::{CaptureError, Device, DeviceSelector, SourceKind, StartOptions, synthetic};

/// The microphones to offer for selection.
///
/// # Errors
/// [`CaptureError::SoundServer`] if there is a sound server that does not answer, and nothing else
/// to record from.
pub(crate) fn list() -> Result<Vec<Device>, CaptureError> {
    system::list()
}

/// A source of one microphone. The default one is looked up again each time it is opened.
///
/// # Errors
/// [`CaptureError`] if there is no such microphone.
pub fn microphone(selector: &DeviceSelector) -> Result<Box<dyn Source>, CaptureError> {
    if *selector == DeviceSelector::Synthetic {
        return Ok(Box::new(synthetic::Microphone));
    }
    if *selector == DeviceSelector::Named(synthetic::Talker::SELECTOR.into()) {
        return Ok(Box::new(synthetic::Talker));
    }
    // Devices that are not listed can be selected too.
    if let DeviceSelector::Named(id) = selector {
        let wanted = Wanted::Id(id.clone());
        if let Some(found) = system::find(&wanted)? {
            return Ok(Box::new(Microphone { wanted, name: found.name() }));
        }
    }
    let devices = list()?;
    let Device { id, name, .. } = selector.find(SourceKind::Microphone, &devices)?.clone();
    let wanted =
        if *selector == DeviceSelector::Default { Wanted::Default } else { Wanted::Id(id) };
    Ok(Box::new(Microphone { wanted, name }))
}

/// Which device to open; resolved again at each attempt.
#[derive(Clone, Debug)]
enum Wanted {
    /// The device that is the default at that moment.
    Default,
    /// The one with this id.
    Id(String),
}

/// A microphone that was found and is not open yet.
struct Microphone {
    wanted: Wanted,
    name: String,
}

impl Source for Microphone {
    fn describe(&self) -> String {
        self.name.clone()
    }

    fn start(
        self: Box<Self>,
        _options: &StartOptions,
        clock: TakeClock,
        out: Sender<Captured>,
    ) -> Result<RunningSource, CaptureError> {
        RunningSource::spawn(SourceKind::Microphone, move |stop| {
            let output = CaptureOutput::new(out, stop.clone());
            let driver = MicrophoneDriver { wanted: self.wanted, clock, last: AtomicU64::new(0) };
            supervise(SourceKind::Microphone, &self.name, driver, &stop, &output);
        })
    }
}

/// Drives one microphone.
struct MicrophoneDriver {
    wanted: Wanted,
    clock: TakeClock,
    /// The lowest time stamp, in microseconds, that the next block may have.
    last: AtomicU64,
}

impl supervise::Driver for MicrophoneDriver {
    type Item = Samples;
    // Enough for some seconds: the receiver may be busy writing.
    const CAPACITY: usize = 256;
    const OVERLAPS: bool = true;
    // Short delays: opening is cheap, and a person who plugs a microphone in again expects it to
    // work at once.
    const BACKOFF: Backoff = Backoff::new(Duration::from_millis(250), Duration::from_millis(500));

    fn run(&self, sink: &Sink<Samples>) -> Result<(), String> {
        let found = system::find(&self.wanted).map_err(|why| why.reason())?;
        found.ok_or("it is not there")?.run(&self.clock, sink)
    }

    fn captured(&self, mut samples: Samples) -> Option<Captured> {
        // Time stamps must rise, also across two streams of one device and while the latency
        // varies.
        let least = self.last.load(Ordering::Relaxed);
        samples.at = samples.at.max(Micros(least));
        self.last.store(samples.at.0.saturating_add(1), Ordering::Relaxed);
        (!samples.interleaved.is_empty()).then_some(Captured::Samples(samples))
    }
}
