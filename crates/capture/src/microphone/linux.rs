//! Microphones on Linux: those of the sound server (PulseAudio, or PipeWire in its place), or else of ALSA.

use std::path::Path;

use cpal::traits::{DeviceTrait, HostTrait};
use cpal::{BufferSize, HostId};

use super::name;
use crate::Device;

/// The sound server, if one answers.
fn server() -> Option<cpal::Host> {
    cpal::host_from_id(HostId::PulseAudio).ok()
}

/// ALSA, if it has anything to record from: without cards it only fills the standard error with complaints.
fn alsa() -> Option<cpal::Host> {
    let has_cards = Path::new("/proc/asound/cards").exists() && Path::new("/proc/asound/card0").exists();
    if has_cards { cpal::host_from_id(HostId::Alsa).ok() } else { None }
}

pub(super) fn list() -> Vec<Device> {
    match (server(), alsa()) {
        (Some(server), _) => of_server(&server),
        (None, Some(alsa)) => of_alsa(&alsa),
        (None, None) => Vec::new(),
    }
}

pub(super) fn default() -> Option<cpal::Device> {
    server().or_else(alsa)?.default_input_device()
}

/// Buffer sizes to try, the best first.
pub(super) fn buffer_sizes(host: Option<HostId>, rate_hz: u32) -> Vec<BufferSize> {
    match host {
        // 83 ms. The server keeps no more than one such block for us, so with short ones it drops sound under load.
        Some(HostId::PulseAudio) => vec![BufferSize::Fixed(rate_hz.div_ceil(12)), BufferSize::Default],
        // Of the two periods there are, one has to last until the other was fetched. A card shared by ALSA itself allows
        // one size only, often the smallest of these.
        _ => [4096, 2048, 1024].map(BufferSize::Fixed).into_iter().chain([BufferSize::Default]).collect(),
    }
}

/// Whether a host tells truly how old its sound is. The sound server is asked between blocks, and answers anything from
/// nothing to three blocks.
pub(super) fn knows_age(host: Option<HostId>) -> bool {
    host != Some(HostId::PulseAudio)
}

fn of_server(host: &cpal::Host) -> Vec<Device> {
    let default = host.default_input_device().and_then(|device| device.id().ok());
    let Ok(devices) = host.input_devices() else { return Vec::new() };
    devices
        .filter_map(|device| {
            let id = device.id().ok()?;
            let default = default.as_ref() == Some(&id);
            // What is played is no microphone, unless somebody made it the default.
            let offered = default || !id.id().ends_with(".monitor");
            offered.then(|| Device { id: id.to_string(), name: name(&device), default, width: None, height: None })
        })
        .collect()
}

/// The default, and each card that can record, once.
fn of_alsa(host: &cpal::Host) -> Vec<Device> {
    let mut found = Vec::new();
    if let Some(id) = host.default_input_device().and_then(|device| device.id().ok()) {
        found.push(Device {
            id: id.to_string(),
            name: "Default microphone".to_owned(),
            default: true,
            width: None,
            height: None,
        });
    }
    let Ok(devices) = host.devices() else { return found };
    for device in devices {
        let Ok(id) = device.id() else { continue };
        if card_of(id.id()).is_some_and(|(card, number)| records(&card, number)) {
            found.push(Device { id: id.to_string(), name: name(&device), default: false, width: None, height: None });
        }
    }
    found
}

/// Card and device number of a name like `hw:CARD=PCH,DEV=0`; not of those that number the cards, which may change.
fn card_of(pcm: &str) -> Option<(String, u32)> {
    let (card, device) = pcm.strip_prefix("hw:CARD=")?.split_once(",DEV=")?;
    let named = card.parse::<u32>().is_err() && card.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
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
        for other in ["hw:CARD=0,DEV=0", "plughw:CARD=PCH,DEV=0", "null", "hw:CARD=../x,DEV=0", "hw:CARD=PCH,DEV=x", "hw:0"] {
            assert_eq!(card_of(other), None, "{other}");
        }
    }
}
