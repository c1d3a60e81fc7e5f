//! Microphones of systems with one sound system: all it knows.

use cpal::traits::{DeviceTrait, HostTrait};
use cpal::{BufferSize, HostId};

use super::name;
use crate::Device;

pub(super) fn list() -> Vec<Device> {
    let host = cpal::default_host();
    let default = host.default_input_device().and_then(|device| device.id().ok());
    let Ok(devices) = host.input_devices() else { return Vec::new() };
    devices
        .filter_map(|device| {
            let id = device.id().ok()?;
            let default = default.as_ref() == Some(&id);
            Some(Device { id: id.to_string(), name: name(&device), default, width: None, height: None })
        })
        .collect()
}

pub(super) fn default() -> Option<cpal::Device> {
    cpal::default_host().default_input_device()
}

/// Buffer sizes to try, the best first.
pub(super) fn buffer_sizes(_host: Option<HostId>, _rate_hz: u32) -> Vec<BufferSize> {
    vec![BufferSize::Default]
}

/// Whether a host tells truly how old its sound is.
pub(super) fn knows_age(_host: Option<HostId>) -> bool {
    true
}
