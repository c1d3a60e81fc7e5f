//! Devices to frames: screen, camera, microphone, synthetic.
//!
//! ```text
//!  DeviceSelector ──▶ screen() ─────┐                                  ┌─▶ Frame    what changed, and when it was captured
//!  DeviceSelector ──▶ camera() ─────┼─▶ Source ── start() ─▶ Captured ─┼─▶ Samples  sound, and when it was captured
//!  DeviceSelector ──▶ microphone() ─┘              └▶ RunningSource          └─▶ Notice   lost, back
//! ```
//!
//! A [`Source`] runs on threads of its own and sends [`Captured`](vignette_model::Captured) through a bounded channel;
//! dropping its [`RunningSource`] stops it. A device that fails does not end its source: the source says `Lost`, looks for the
//! device again by its name, and says `Back`.
//!
//! Architecture invariant: nothing here encodes, writes a file or speaks to a network, but to a sound server that the
//! user named.

mod camera;
mod device;
mod devices;
mod error;
mod level;
mod microphone;
mod permission;
mod screen;
mod selector;
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
pub use screen::screen;
pub use selector::DeviceSelector;
pub use source::{RunningSource, Source};
pub use start_options::{CaptureTarget, Choice, ChooseFuture, RestoreToken, StartOptions};
pub use vignette_model::SourceKind;
