//! Files and folders on Windows. They inherit the rights of the person's own data folder, which
//! others cannot look into.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::path::Path;

pub(crate) fn make_private_file(_: &mut OpenOptions) {}

pub(crate) fn make_private_folder(_: &mut DirBuilder) {}

/// NTFS writes changes of names to its journal before it answers, and a folder cannot be opened to
/// be flushed.
pub(crate) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
