//! Detects whether this is an X or a Wayland session, which decides how the screen is recorded.

use std::env;

use super::{wayland, x11};
use crate::{CaptureError, Device, DeviceSelector, ShownWindow, Source};

/// The kind of session.
#[derive(Debug, PartialEq, Eq)]
enum Session {
    /// An X server.
    X11,
    /// A Wayland compositor, with or without an X server for old programs.
    Wayland,
    /// No graphical session.
    Headless,
}

impl Session {
    fn current() -> Self {
        let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        Self::of(set("WAYLAND_DISPLAY"), set("DISPLAY"))
    }

    fn of(wayland_display: bool, display: bool) -> Self {
        match (wayland_display, display) {
            // The X server of a Wayland session sees only the windows of X programs; everything
            // else is black.
            (true, _) => Self::Wayland,
            (false, true) => Self::X11,
            (false, false) => Self::Headless,
        }
    }
}

const HEADLESS: CaptureError = CaptureError::NotOnThisSystem {
    what: "A computer without a display",
    help: "Start it from a graphical session (DISPLAY is not set), or use the synthetic screen.",
};

pub(super) fn list() -> Result<Vec<Device>, CaptureError> {
    match Session::current() {
        Session::X11 => x11::list(),
        Session::Wayland => Err(wayland::NOT_YET),
        Session::Headless => Err(HEADLESS),
    }
}

pub(super) fn open(selector: &DeviceSelector) -> Result<Box<dyn Source>, CaptureError> {
    match Session::current() {
        Session::X11 => x11::open(selector),
        Session::Wayland => Err(wayland::NOT_YET),
        Session::Headless => Err(HEADLESS),
    }
}

pub(super) fn windows(pictures: bool) -> Result<Vec<ShownWindow>, CaptureError> {
    match Session::current() {
        Session::X11 => x11::list_windows(pictures),
        Session::Wayland => Err(wayland::NOT_YET),
        Session::Headless => Err(HEADLESS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_x_server_inside_wayland_is_not_the_screen() {
        assert_eq!(Session::of(true, true), Session::Wayland);
        assert_eq!(Session::of(true, false), Session::Wayland);
        assert_eq!(Session::of(false, true), Session::X11);
        assert_eq!(Session::of(false, false), Session::Headless);
    }
}
