//! The screen of a Wayland session: not yet. It will be the ScreenCast portal and PipeWire.

use crate::CaptureError;

pub(super) const NOT_YET: CaptureError = CaptureError::NotOnThisSystem {
    what: "The screen of a Wayland session",
    help: "Sign out and choose an X11 (Xorg) session where you sign in, or record the camera and \
        the microphone without the screen.",
};
