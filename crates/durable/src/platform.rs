//! What differs between systems: modes, and making the names in a folder durable.

#[cfg(unix)]
mod unix;
#[cfg(not(unix))]
mod windows;

#[cfg(unix)]
pub(crate) use unix::{make_private_file, make_private_folder, sync_folder};
#[cfg(not(unix))]
pub(crate) use windows::{make_private_file, make_private_folder, sync_folder};
