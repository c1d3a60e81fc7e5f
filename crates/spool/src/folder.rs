//! Folders: made private to the person, and made durable. Each system has its own way.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use unix::{make, sync};
#[cfg(windows)]
pub(crate) use windows::{make, sync};
