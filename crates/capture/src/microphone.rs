//! The microphone: what the sound server or the system records from, in its own rate and channels, as `f32`.
//!
//! Whatever the sound server can record from can be picked by its id, so system audio is one as well: on PulseAudio and
//! PipeWire the *monitor* of what is played on (`pulseaudio:<sink>.monitor`). It is not listed unless it is the default.

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;
mod stream;
mod timeline;

#[cfg(not(target_os = "linux"))]
use elsewhere as system;
#[cfg(target_os = "linux")]
use linux as system;

use std::str::FromStr;

use cpal::DeviceId;
use cpal::traits::{DeviceTrait, HostTrait};
use crossbeam_channel::Sender;
use vignette_model::{Captured, TakeClock};

use self::stream::Drive;
use crate::source::{Outlet, Running, Source};
use crate::watch::watch;
use crate::{CaptureError, Device, Kind, Pick, synthetic};

/// The microphones worth offering.
pub(crate) fn list() -> Vec<Device> {
    system::list()
}

/// A source of one microphone. The default one is looked up again whenever it has to be opened again.
///
/// # Errors
/// [`CaptureError`] if there is no such microphone.
pub fn microphone(pick: &Pick) -> Result<Box<dyn Source>, CaptureError> {
    if *pick == Pick::Synthetic {
        return Ok(Box::new(synthetic::Microphone));
    }
    if *pick == Pick::Named(synthetic::Talker::PICK.into()) {
        return Ok(Box::new(synthetic::Talker));
    }
    // What is not offered can be picked all the same.
    if let Pick::Named(id) = pick
        && let Some(device) = by_id(id)
    {
        return Ok(Box::new(Microphone { wanted: Wanted::Id(id.clone()), name: name(&device) }));
    }
    let devices = list();
    let Device { id, name, .. } = pick.find(Kind::Microphone, &devices)?.clone();
    let wanted = if *pick == Pick::Default { Wanted::Default } else { Wanted::Id(id) };
    Ok(Box::new(Microphone { wanted, name }))
}

/// Which device to open, each time anew.
#[derive(Clone, Debug)]
enum Wanted {
    /// Whichever is the default then.
    Default,
    /// The one with this id.
    Id(String),
}

impl Wanted {
    fn find(&self) -> Option<cpal::Device> {
        match self {
            Self::Default => system::default(),
            Self::Id(id) => by_id(id),
        }
    }
}

/// The device with this id on its own host, listed or not.
fn by_id(id: &str) -> Option<cpal::Device> {
    let id = DeviceId::from_str(id).ok()?;
    let device = cpal::host_from_id(id.host()).ok()?.device_by_id(&id)?;
    device.supports_input().then_some(device)
}

fn name(device: &cpal::Device) -> String {
    device.description().map_or_else(|_| "Microphone".to_owned(), |description| description.name().to_owned())
}

/// A microphone that has been found and is not open yet.
struct Microphone {
    wanted: Wanted,
    name: String,
}

impl Source for Microphone {
    fn describe(&self) -> String {
        self.name.clone()
    }

    fn start(self: Box<Self>, clock: TakeClock, out: Sender<Captured>) -> Result<Running, CaptureError> {
        Running::spawn(Kind::Microphone, move |stop| {
            let outlet = Outlet::new(out, stop.clone());
            let drive = Drive::new(self.wanted, clock);
            watch(Kind::Microphone, &self.name, drive, &stop, &outlet);
        })
    }
}
