//! Files and folders of a library: private to its user, and written so that a power cut does not undo it. The only place of
//! library and server that renames a file.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::path::Path;

/// Makes `folder` and what lies above it, for this user alone; its name is durable when this returns.
///
/// # Errors
/// What the disk says.
pub fn create_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    private_folder().create(folder)?;
    folder.parent().map_or(Ok(()), sync_folder)
}

/// Puts a new file in place of `path`, readable by this user alone, or leaves all as it was: written beside it, made durable,
/// renamed.
///
/// # Errors
/// What the disk says, or `write`.
pub fn replace(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    create_folder(folder)?;
    let beside = path.with_extension("part");
    let written = private_file().create(true).truncate(true).open(&beside).and_then(|mut file| {
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

/// How folders are made: with all above them, readable by this user alone.
#[cfg(unix)]
#[must_use]
pub fn private_folder() -> DirBuilder {
    use std::os::unix::fs::DirBuilderExt as _;
    let mut folder = DirBuilder::new();
    folder.recursive(true).mode(0o700);
    folder
}

/// How files are opened for writing: a new one is readable by this user alone.
#[cfg(unix)]
#[must_use]
pub fn private_file() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = OpenOptions::new();
    file.write(true).mode(0o600);
    file
}

/// A user's data folder is private on Windows by where it lies.
#[cfg(not(unix))]
#[must_use]
pub fn private_folder() -> DirBuilder {
    let mut folder = DirBuilder::new();
    folder.recursive(true);
    folder
}

/// As the folder it lies in.
#[cfg(not(unix))]
#[must_use]
pub fn private_file() -> OpenOptions {
    let mut file = OpenOptions::new();
    file.write(true);
    file
}

/// Makes the names in a folder durable.
///
/// # Errors
/// What the disk says.
#[cfg(unix)]
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Makes the names in a folder durable: NTFS journals them, and a folder cannot be opened as a file.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
