//! Microphones on systems with a single sound system: all that it lists.

use cpal::BufferSize;
use cpal::traits::HostTrait;
use vignette_model::{Samples, TakeClock};

use super::Wanted;
use super::stream::{self, by_id, id, name};
use crate::supervise::Sink;
use crate::{CaptureError, Device};

/// A microphone that was found.
pub(super) struct FoundMicrophone(cpal::Device);

impl FoundMicrophone {
    pub(super) fn name(&self) -> String {
        name(&self.0)
    }

    pub(super) fn run(self, clock: &TakeClock, sink: &Sink<Samples>) -> Result<(), String> {
        stream::run(&self.0, &[BufferSize::Default], clock, sink)
    }
}

#[expect(clippy::unnecessary_wraps, reason = "other systems have something to say")]
pub(super) fn list() -> Result<Vec<Device>, CaptureError> {
    let host = cpal::default_host();
    let default = host.default_input_device().as_ref().and_then(id);
    let Ok(devices) = host.input_devices() else { return Ok(Vec::new()) };
    let devices = devices.filter_map(|device| {
        let id = id(&device)?;
        let default = default.as_ref() == Some(&id);
        Some(Device { id, name: name(&device), default, width: None, height: None })
    });
    Ok(devices.collect())
}

/// The requested microphone, if it is there.
#[expect(clippy::unnecessary_wraps, reason = "other systems have something to say")]
pub(super) fn find(wanted: &Wanted) -> Result<Option<FoundMicrophone>, CaptureError> {
    let device = match wanted {
        Wanted::Default => cpal::default_host().default_input_device(),
        Wanted::Id(id) => by_id(id),
    };
    Ok(device.map(FoundMicrophone))
}
