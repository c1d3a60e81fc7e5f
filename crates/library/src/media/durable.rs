//! Writes to disk that a power cut does not undo. The only place of this room that renames a file.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Makes `folder` and what lies above it; its name is durable when this returns.
pub(super) fn create_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    folder.parent().map_or(Ok(()), sync_folder)
}

/// Puts a new file in place of `path`, or leaves all as it was: written beside it, made durable, renamed.
pub(super) fn replace(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    create_folder(folder)?;
    let beside = path.with_extension("part");
    let written = File::create(&beside).and_then(|mut file| {
        write(&mut file)?;
        file.sync_all()
    });
    if let Err(error) = written {
        // A leftover would only be overwritten by the next attempt; on a full disk its room is wanted now.
        let _ = fs::remove_file(&beside);
        return Err(error);
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "the one durable rename: the file before it and the folder after it are synced"
    )]
    fs::rename(&beside, path)?;
    sync_folder(folder)
}

/// Makes the names in a folder durable.
#[cfg(unix)]
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Makes the names in a folder durable: NTFS journals them, and a folder cannot be opened as a file.
#[cfg(not(unix))]
pub(super) fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
