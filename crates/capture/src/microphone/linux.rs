//! Microphones on Linux: those of the sound server (PulseAudio or PipeWire), otherwise those of
//! ALSA.

use std::path::Path;

use cpal::traits::HostTrait;
use cpal::{BufferSize, HostId};
use vignette_model::{Samples, TakeClock};

use super::Wanted;
use super::pulse::{self, SoundServerError};
use super::stream::{self, by_id, id, name};
use crate::supervise::Sink;
use crate::{CaptureError, Device};

/// Buffer sizes to try. One of the two periods must last until the other has been read. A card that
/// ALSA itself shares supports a single size, often the smallest of these.
const BUFFER_SIZES: [BufferSize; 4] = [
    BufferSize::Fixed(4096),
    BufferSize::Fixed(2048),
    BufferSize::Fixed(1024),
    BufferSize::Default,
];

/// A microphone that was found.
pub(super) enum FoundMicrophone {
    /// A source of the sound server.
    Server(Box<pulse::PulseSource>),
    /// A card, through ALSA.
    Card(cpal::Device),
}

impl FoundMicrophone {
    pub(super) fn name(&self) -> String {
        match self {
            Self::Server(source) => source.name(),
            Self::Card(device) => name(device),
        }
    }

    pub(super) fn run(self, clock: &TakeClock, sink: &Sink<Samples>) -> Result<(), String> {
        match self {
            Self::Server(source) => {
                source.run(clock, sink).map_err(|error| format!("the sound server {error}"))
            }
            Self::Card(device) => stream::run(&device, &BUFFER_SIZES, clock, sink),
        }
    }
}

/// ALSA, if it has a device to record from. Without cards it only prints errors to standard error.
fn alsa() -> Option<cpal::Host> {
    let has_cards =
        Path::new("/proc/asound/cards").exists() && Path::new("/proc/asound/card0").exists();
    if has_cards { cpal::host_from_id(HostId::Alsa).ok() } else { None }
}

pub(super) fn list() -> Result<Vec<Device>, CaptureError> {
    match pulse::list() {
        Ok(devices) => Ok(devices),
        Err(error) => match alsa().map(|alsa| of_alsa(&alsa)) {
            Some(devices) if !devices.is_empty() => Ok(devices),
            _ => error.or(Vec::new()),
        },
    }
}

/// The requested microphone, if it is there.
pub(super) fn find(wanted: &Wanted) -> Result<Option<FoundMicrophone>, CaptureError> {
    match wanted {
        Wanted::Default => match pulse::PulseSource::default() {
            Ok(source) => Ok(Some(FoundMicrophone::Server(Box::new(source)))),
            Err(SoundServerError::NotThere) => Ok(None),
            Err(error) => match alsa().and_then(|alsa| alsa.default_input_device()) {
                Some(device) => Ok(Some(FoundMicrophone::Card(device))),
                None => error.or(None),
            },
        },
        Wanted::Id(id) => match pulse::PulseSource::by_id(id) {
            Ok(Some(source)) => Ok(Some(FoundMicrophone::Server(Box::new(source)))),
            Ok(None) => Ok(by_id(id).map(FoundMicrophone::Card)),
            Err(error) => error.or(None),
        },
    }
}

impl SoundServerError {
    /// As an error, or `nothing` if there is no sound server.
    fn or<T>(self, nothing: T) -> Result<T, CaptureError> {
        match self {
            Self::Absent => Ok(nothing),
            other => Err(CaptureError::SoundServer { what: other.to_string() }),
        }
    }
}

/// The default, and each card that can record; none of them twice.
fn of_alsa(host: &cpal::Host) -> Vec<Device> {
    let mut found = Vec::new();
    if let Some(id) = host.default_input_device().as_ref().and_then(id) {
        found.push(Device {
            id,
            name: "Default microphone".to_owned(),
            default: true,
            width: None,
            height: None,
        });
    }
    let Ok(devices) = host.devices() else { return found };
    for device in devices {
        let Some(id) = id(&device) else { continue };
        if card_of(id.trim_start_matches("alsa:"))
            .is_some_and(|(card, number)| records(&card, number))
        {
            found.push(Device {
                id,
                name: name(&device),
                default: false,
                width: None,
                height: None,
            });
        }
    }
    found
}

/// Card and device of a name like `hw:CARD=PCH,DEV=0`. Names with a card number are ignored, since
/// numbers may change.
fn card_of(pcm: &str) -> Option<(String, u32)> {
    let (card, device) = pcm.strip_prefix("hw:CARD=")?.split_once(",DEV=")?;
    let named = card.parse::<u32>().is_err()
        && card.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    Some((named.then(|| card.to_owned())?, device.parse().ok()?))
}

fn records(card: &str, device: u32) -> bool {
    Path::new("/proc/asound").join(card).join(format!("pcm{device}c")).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_are_known_by_name() {
        assert_eq!(card_of("hw:CARD=PCH,DEV=0"), Some(("PCH".to_owned(), 0)));
        for other in [
            "hw:CARD=0,DEV=0",
            "plughw:CARD=PCH,DEV=0",
            "null",
            "hw:CARD=../x,DEV=0",
            "hw:CARD=PCH,DEV=x",
            "hw:0",
        ] {
            assert_eq!(card_of(other), None, "{other}");
        }
    }
}
