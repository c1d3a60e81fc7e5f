//! Devices to frames: screen, camera, microphone, synthetic.
//!
//! ```text
//!  DeviceSelector ──▶ screen() ─────┐                                  ┌─▶ Frame    what changed
//!  DeviceSelector ──▶ camera() ─────┼─▶ Source ── start() ─▶ Captured ─┼─▶ Samples  sound
//!  DeviceSelector ──▶ microphone() ─┘              └▶ RunningSource    └─▶ Notice   lost, back
//! ```
//!
//! A [`Source`] runs on threads of its own and sends [`Captured`](vignette_model::Captured) through
//! a bounded channel; dropping its [`RunningSource`] stops it. If a device fails, the source sends
//! `Lost`, looks for the device again by its name, and sends `Back`.
//!
//! Architecture invariant: nothing here encodes, writes a file or uses a network, except to reach a
//! sound server that the user configured.

mod camera;
mod device;
mod devices;
mod error;
mod level;
mod microphone;
mod permission;
mod screen;
mod selector;
mod shown_window;
mod source;
mod start_options;
mod supervise;
pub mod synthetic;

pub use camera::camera;
pub use device::Device;
pub use devices::{Devices, devices, permission};
pub use error::CaptureError;
pub use level::{level, peak};
pub use microphone::microphone;
pub use permission::Permission;
pub use screen::{screen, windows};
pub use selector::DeviceSelector;
pub use shown_window::ShownWindow;
pub use source::{RunningSource, Source};
pub use start_options::{
    CaptureTarget, Choice, ChooseFuture, RestoreToken, StartOptions, TargetKind,
};
pub use vignette_model::SourceKind;
