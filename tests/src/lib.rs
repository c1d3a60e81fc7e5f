//! The rigs of the journeys: a real X server, a real sound server, real browsers, the real binaries, and what reads media.
//!
//! Every rig is a process of its own on free addresses, ends when it is dropped, and takes what it needs with it.
// The rigs are made of X servers, sound servers and kernel drivers: there is nothing here for other systems.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]

pub mod browser;
pub mod chance;
pub mod clapperboard;
pub mod desk;
pub mod display;
pub mod drag;
pub mod fault_proxy;
pub mod ground;
pub mod hostile;
pub mod household;
pub mod media;
pub mod process;
pub mod program;
pub mod sound;
pub mod speech;
pub mod team;
pub mod visitor;
