//! Folders on Windows.

use std::fs;
use std::io;
use std::path::Path;

/// Makes a folder. It inherits the rights of the person's own data folder, which others cannot look into.
pub(crate) fn make(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}

/// NTFS writes changes of names to its journal before it answers, and a folder cannot be opened to be flushed.
pub(crate) fn sync(_path: &Path) -> io::Result<()> {
    Ok(())
}
