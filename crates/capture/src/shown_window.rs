//! [`ShownWindow`]: a window of another program, as it is shown now.

use vignette_model::Frame;

/// A window of another program, as it is shown now.
#[derive(Clone, Debug)]
pub struct ShownWindow {
    /// The system's number of it, which [`crate::CaptureTarget::Window`] takes. It is another one
    /// after the window was closed.
    pub id: u64,
    /// Its title; may be empty.
    pub title: String,
    /// The program that it belongs to; may be empty.
    pub program: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// All of it, if it was asked for and the system gave it.
    pub picture: Option<Frame>,
}
