//! The screen: the picture of a display, with the pointer.

#[cfg(target_os = "linux")]
mod fps_limit;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "linux")]
mod wayland;
#[cfg(windows)]
mod windows;
#[cfg(target_os = "linux")]
mod x11;

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(target_os = "macos")]
use macos as system;
#[cfg(windows)]
use windows as system;

use crate::{CaptureError, Device, DeviceSelector, ShownWindow, Source, SourceKind, synthetic};

/// The displays that can be recorded.
pub(crate) fn list() -> Result<Vec<Device>, CaptureError> {
    system::list()
}

/// The windows of other programs that can be recorded alone ([`crate::CaptureTarget::Window`]), the
/// one in front first; with the picture of each if `pictures` says so.
///
/// # Errors
/// [`CaptureError`] if this system's windows cannot be recorded.
pub fn windows(pictures: bool) -> Result<Vec<ShownWindow>, CaptureError> {
    system::windows(pictures)
}

/// A source of one display, or of the whole screen that several displays form.
///
/// # Errors
/// [`CaptureError`] if there is no such display, or this system's cannot be recorded yet.
pub fn screen(selector: &DeviceSelector) -> Result<Box<dyn Source>, CaptureError> {
    match selector {
        DeviceSelector::Off => Err(CaptureError::Off(SourceKind::Screen)),
        DeviceSelector::Synthetic => Ok(Box::new(synthetic::Screen::default())),
        DeviceSelector::Default | DeviceSelector::Named(_) => system::open(selector),
    }
}
