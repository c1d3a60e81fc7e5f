//! One opened microphone, driven by cpal: converts the format of the device to [`Samples`] with the
//! time of their capture.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{
    BufferSize, Data, DeviceId, ErrorKind, FromSample, InputCallbackInfo, SampleFormat,
    SizedSample, SupportedStreamConfig,
};
use crossbeam_channel::{Sender, bounded};
use vignette_model::{Channels, Samples, Span, TakeClock};

use super::sample_clock::SampleClock;
use crate::source::ReceiveOutcome;
use crate::supervise::Sink;

/// The maximum age of sound when it arrives. If the driver reports a higher one, it is ignored.
const MAX_AGE: Duration = Duration::from_secs(1);
/// How long to wait for a stream to open.
const OPEN_TIMEOUT: Duration = Duration::from_secs(3);

/// The device with this id on its own host, listed or not.
pub(super) fn by_id(id: &str) -> Option<cpal::Device> {
    let id = DeviceId::from_str(id).ok()?;
    let device = cpal::host_from_id(id.host()).ok()?.device_by_id(&id)?;
    device.supports_input().then_some(device)
}

/// The id by which a device is found again.
pub(super) fn id(device: &cpal::Device) -> Option<String> {
    device.id().ok().map(|id| id.to_string())
}

/// The name of a device, for a person.
pub(super) fn name(device: &cpal::Device) -> String {
    device
        .description()
        .map_or_else(|_| "Microphone".to_owned(), |description| description.name().to_owned())
}

/// Records from `device` until `sink` ends, or returns why it cannot. Uses the first of
/// `buffer_sizes` that the device accepts.
pub(super) fn run(
    device: &cpal::Device,
    buffer_sizes: &[BufferSize],
    clock: &TakeClock,
    sink: &Sink<Samples>,
) -> Result<(), String> {
    let (failed, failure) = bounded(1);
    let stream = open(device, buffer_sizes, clock, &sink.items(), &failed)?;
    loop {
        match sink.stop().receive(&failure, Duration::from_secs(60)) {
            ReceiveOutcome::Got(why) => {
                drop(stream);
                return Err(why);
            }
            ReceiveOutcome::Nothing => {}
            ReceiveOutcome::Gone | ReceiveOutcome::Stop => return Ok(()),
        }
    }
}

/// A running stream; its callback sends to `items`, and its end is sent to `failed`.
fn open(
    device: &cpal::Device,
    buffer_sizes: &[BufferSize],
    clock: &TakeClock,
    items: &Sender<Samples>,
    failed: &Sender<String>,
) -> Result<cpal::Stream, String> {
    let config = device.default_input_config().map_err(|why| plain(&why))?;
    let convert = converter(config.sample_format())
        .ok_or_else(|| format!("it speaks {}", config.sample_format()))?;
    let mut refusal = "it has no format".to_owned();
    for &buffer_size in buffer_sizes {
        let mut stream_config = config.config();
        stream_config.buffer_size = buffer_size;
        let missed = Arc::new(AtomicBool::new(false));
        let heard = listener(clock.clone(), &config, convert, missed.clone(), items.clone());
        let failed = failed.clone();
        let on_error = move |error: cpal::Error| match error.kind() {
            ErrorKind::Xrun => {
                tracing::debug!("The microphone lost some sound and goes on");
                missed.store(true, Ordering::Relaxed);
            }
            ErrorKind::RealtimeDenied | ErrorKind::DeviceChanged => {
                tracing::debug!(%error, "The microphone goes on");
            }
            // Only the first error is reported; later ones follow from it.
            _ => drop(failed.try_send(plain(&error))),
        };
        match device.build_input_stream_raw(
            stream_config,
            config.sample_format(),
            heard,
            on_error,
            Some(OPEN_TIMEOUT),
        ) {
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
    clock: TakeClock,
    config: &SupportedStreamConfig,
    convert: Convert,
    missed: Arc<AtomicBool>,
    items: Sender<Samples>,
) -> impl FnMut(&Data, &InputCallbackInfo) + Send + 'static {
    let (rate_hz, channels) = (config.sample_rate(), Channels::from(config.channels()));
    let mut sample_clock = SampleClock::new(rate_hz);
    move |data, info| {
        let now = clock.now();
        let mut samples =
            Samples { at: now, rate_hz, channels: channels.clone(), interleaved: convert(data) };
        let stamps = info.timestamp();
        let age =
            stamps.callback.checked_duration_since(stamps.capture).filter(|age| *age <= MAX_AGE);
        if missed.swap(false, Ordering::Relaxed) {
            sample_clock.missed();
        }
        samples.at = sample_clock.stamp(now, samples.frames(), age.map(Span::from));
        // Never blocks in the callback: if the channel is full or closed, the block is dropped.
        let _ = items.try_send(samples);
    }
}

type Convert = fn(&Data) -> Vec<f32>;

/// The conversion of this format to `f32`; `None` for formats that are not PCM.
fn converter(format: SampleFormat) -> Option<Convert> {
    fn convert<T: SizedSample>(data: &Data) -> Vec<f32>
    where
        f32: FromSample<T>,
    {
        data.as_slice::<T>()
            .unwrap_or_default()
            .iter()
            .map(|&sample| f32::from_sample_(sample))
            .collect()
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

/// An error of cpal in plain words.
fn plain(error: &cpal::Error) -> String {
    match error.kind() {
        ErrorKind::DeviceBusy => "another program uses it".to_owned(),
        ErrorKind::DeviceNotAvailable => "it is not connected".to_owned(),
        ErrorKind::HostUnavailable => "the sound system does not answer".to_owned(),
        ErrorKind::PermissionDenied => "this system does not let Vignette use it".to_owned(),
        ErrorKind::StreamInvalidated => "the sound system ended the recording".to_owned(),
        _ => error.to_string(),
    }
}
