//! One opened microphone, driven by cpal: the device's own format in, [`Samples`] with the time of their capture out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use cpal::traits::{DeviceTrait, StreamTrait};
use cpal::{Data, ErrorKind, FromSample, InputCallbackInfo, SampleFormat, SizedSample, SupportedStreamConfig};
use crossbeam_channel::{Sender, bounded};
use vignette_model::{Captured, Channels, Micros, Samples, TakeClock};

use super::timeline::Timeline;
use super::{Wanted, system};
use crate::source::Received;
use crate::watch::{self, Giver};

/// A driver that says that sound is older than this is mistaken.
const OLDEST: Duration = Duration::from_secs(1);
/// A sound server that takes longer to open a stream has forgotten it.
const OPENING: Duration = Duration::from_secs(3);

/// Drives one microphone.
pub(super) struct Drive {
    wanted: Wanted,
    clock: TakeClock,
    last: AtomicU64,
}

impl Drive {
    pub(super) fn new(wanted: Wanted, clock: TakeClock) -> Self {
        Self { wanted, clock, last: AtomicU64::new(0) }
    }

    /// A running stream and what it is like; its callback sends into `items`, and `failed` hears of the end.
    fn open(&self, items: &Sender<Samples>, failed: &Sender<String>) -> Result<cpal::Stream, String> {
        let device = self.wanted.find().ok_or("it is not there")?;
        let config = device.default_input_config().map_err(|why| plain(&why))?;
        let convert = converter(config.sample_format()).ok_or_else(|| format!("it speaks {}", config.sample_format()))?;
        let host = device.id().ok().map(|id| id.host());
        let mut refusal = "it has no format".to_owned();
        for buffer_size in system::buffer_sizes(host, config.sample_rate()) {
            let mut stream_config = config.config();
            stream_config.buffer_size = buffer_size;
            let missed = Arc::new(AtomicBool::new(false));
            let heard = self.listener(&config, convert, system::knows_age(host), missed.clone(), items.clone());
            let failed = failed.clone();
            let on_error = move |error: cpal::Error| match error.kind() {
                ErrorKind::Xrun => {
                    tracing::debug!("The microphone lost some sound and goes on");
                    missed.store(true, Ordering::Relaxed);
                }
                ErrorKind::RealtimeDenied | ErrorKind::DeviceChanged => {
                    tracing::debug!(%error, "The microphone goes on");
                }
                // The first reason is told; the others follow from it.
                _ => drop(failed.try_send(plain(&error))),
            };
            match device.build_input_stream_raw(stream_config, config.sample_format(), heard, on_error, Some(OPENING)) {
                Ok(stream) => {
                    stream.play().map_err(|why| plain(&why))?;
                    tracing::info!(
                        rate_hz = config.sample_rate(),
                        channels = config.channels(),
                        ?buffer_size,
                        "Opened the microphone"
                    );
                    return Ok(stream);
                }
                Err(why) => refusal = plain(&why),
            }
        }
        Err(refusal)
    }

    fn listener(
        &self,
        config: &SupportedStreamConfig,
        convert: Convert,
        knows_age: bool,
        missed: Arc<AtomicBool>,
        items: Sender<Samples>,
    ) -> impl FnMut(&Data, &InputCallbackInfo) + Send + 'static {
        let (clock, rate_hz, channels) = (self.clock.clone(), config.sample_rate(), Channels::from(config.channels()));
        let mut timeline = Timeline::new(rate_hz);
        move |data, info| {
            let now = clock.now();
            let mut samples = Samples { at: now, rate_hz, channels: channels.clone(), interleaved: convert(data) };
            let stamps = info.timestamp();
            let age = stamps.callback.checked_duration_since(stamps.capture).filter(|age| knows_age && *age <= OLDEST);
            if missed.swap(false, Ordering::Relaxed) {
                timeline.missed();
            }
            samples.at = timeline.stamp(now, samples.frames(), age.map(Micros::from));
            // Nobody takes them, or wants them any more: a callback does not wait.
            let _ = items.try_send(samples);
        }
    }
}

type Convert = fn(&Data) -> Vec<f32>;

/// How samples of this format become `f32`; `None` for formats that are not samples of a wave.
fn converter(format: SampleFormat) -> Option<Convert> {
    fn convert<T: SizedSample>(data: &Data) -> Vec<f32>
    where
        f32: FromSample<T>,
    {
        data.as_slice::<T>().unwrap_or_default().iter().map(|&sample| f32::from_sample_(sample)).collect()
    }
    Some(match format {
        SampleFormat::I8 => convert::<i8>,
        SampleFormat::I16 => convert::<i16>,
        SampleFormat::I24 => convert::<cpal::I24>,
        SampleFormat::I32 => convert::<i32>,
        SampleFormat::I64 => convert::<i64>,
        SampleFormat::U8 => convert::<u8>,
        SampleFormat::U16 => convert::<u16>,
        SampleFormat::U24 => convert::<cpal::U24>,
        SampleFormat::U32 => convert::<u32>,
        SampleFormat::U64 => convert::<u64>,
        SampleFormat::F32 => convert::<f32>,
        SampleFormat::F64 => convert::<f64>,
        _ => return None,
    })
}

/// An error of cpal as a person would put it.
fn plain(error: &cpal::Error) -> String {
    match error.kind() {
        ErrorKind::DeviceBusy => "another program uses it".to_owned(),
        ErrorKind::DeviceNotAvailable => "it is not connected".to_owned(),
        ErrorKind::HostUnavailable => "the sound server does not answer".to_owned(),
        ErrorKind::PermissionDenied => "this system does not let Vignette use it".to_owned(),
        ErrorKind::StreamInvalidated => "the sound system ended the recording".to_owned(),
        _ => error.to_string(),
    }
}

impl watch::Drive for Drive {
    type Item = Samples;
    // Some seconds' worth, for whoever takes them may be busy writing.
    const ROOM: usize = 256;
    const OVERLAPS: bool = true;

    fn run(&self, give: &Giver<Samples>) -> Result<(), String> {
        let (failed, failure) = bounded(1);
        let stream = self.open(&give.items(), &failed)?;
        loop {
            match give.stop().receive(&failure, Duration::from_secs(60)) {
                Received::Got(why) => {
                    drop(stream);
                    return Err(why);
                }
                Received::Nothing => {}
                Received::Gone | Received::Stop => return Ok(()),
            }
        }
    }

    fn captured(&self, mut samples: Samples) -> Option<Captured> {
        // Times rise, whatever two streams of one device or a wandering latency say.
        let least = self.last.load(Ordering::Relaxed);
        samples.at = samples.at.max(Micros(least));
        self.last.store(samples.at.0.saturating_add(1), Ordering::Relaxed);
        (!samples.interleaved.is_empty()).then_some(Captured::Samples(samples))
    }
}
