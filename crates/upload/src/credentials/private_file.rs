//! A small file that only its owner can read: its version, its lock, its mode.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::SystemTime;

/// The version of a file. Each replacement has another inode, so that two of the same instant and
/// size differ too.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FileVersion {
    modified: Option<SystemTime>,
    size_bytes: u64,
    number: u64,
}

/// The version of the file.
pub(super) fn version(path: &Path) -> io::Result<FileVersion> {
    let metadata = fs::metadata(path)?;
    Ok(FileVersion {
        modified: metadata.modified().ok(),
        size_bytes: metadata.len(),
        number: system::number(&metadata),
    })
}

/// Locks the file against replacement by other programs until the answer is dropped.
pub(super) fn lock(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        vignette_durable::create_folder(folder)?;
    }
    let lock = vignette_durable::private_file()
        .create(true)
        .truncate(false)
        .open(path.with_added_extension("lock"))?;
    lock.lock()?;
    Ok(lock)
}

/// Removes the rights of everybody but the owner.
pub(super) fn make_private(path: &Path) -> io::Result<()> {
    system::make_private(path)
}

#[cfg(unix)]
mod system {
    use std::fs::{self, Metadata, Permissions};
    use std::io;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::path::Path;

    pub(super) fn number(metadata: &Metadata) -> u64 {
        metadata.ino()
    }

    pub(super) fn make_private(path: &Path) -> io::Result<()> {
        if fs::metadata(path)?.permissions().mode() & 0o077 == 0 {
            return Ok(());
        }
        tracing::warn!("The file of tokens was readable by others and is private again");
        fs::set_permissions(path, Permissions::from_mode(0o600))
    }
}

/// Elsewhere the folders of a person's profile are theirs alone.
#[cfg(not(unix))]
mod system {
    use std::fs::Metadata;
    use std::io;
    use std::path::Path;

    pub(super) fn number(_: &Metadata) -> u64 {
        0
    }

    pub(super) fn make_private(_: &Path) -> io::Result<()> {
        Ok(())
    }
}
