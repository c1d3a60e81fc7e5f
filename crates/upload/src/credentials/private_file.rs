//! A small file that only its owner can read, replaced as a whole or not at all.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What tells one state of a file from another. Each replacement is another file, so that even two of the same instant
/// and size differ where files have numbers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FileVersion {
    modified: Option<SystemTime>,
    size_bytes: u64,
    number: u64,
}

/// How the file looks.
pub(super) fn version(path: &Path) -> io::Result<FileVersion> {
    let metadata = fs::metadata(path)?;
    Ok(FileVersion { modified: metadata.modified().ok(), size_bytes: metadata.len(), number: system::number(&metadata) })
}

/// Keeps other programs from replacing the file until the answer is dropped.
pub(super) fn lock(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        system::create_private_folder(folder)?;
    }
    let lock = OpenOptions::new().create(true).append(true).open(beside(path, "lock"))?;
    lock.lock()?;
    Ok(lock)
}

/// Takes from everybody but the owner the right to read the file.
pub(super) fn make_private(path: &Path) -> io::Result<()> {
    system::make_private(path)
}

/// Puts these bytes in the file's place, durably. Whoever calls has the lock.
#[expect(clippy::disallowed_methods, reason = "this is the durable write for tokens, which must never be readable by others")]
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = beside(path, "new");
    // One that a crash left behind.
    if let Err(error) = fs::remove_file(&new)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error);
    }
    let mut file = system::create_private(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&new, path)?;
    path.parent().map_or(Ok(()), system::sync_folder)
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().map_or_else(OsString::new, OsString::from);
    name.push(".");
    name.push(ending);
    path.with_file_name(name)
}

#[cfg(unix)]
mod system {
    use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions};
    use std::io;
    use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
    use std::path::Path;

    pub(super) fn number(metadata: &Metadata) -> u64 {
        metadata.ino()
    }

    pub(super) fn create_private_folder(folder: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)
    }

    pub(super) fn create_private(path: &Path) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
    }

    pub(super) fn make_private(path: &Path) -> io::Result<()> {
        if fs::metadata(path)?.permissions().mode() & 0o077 == 0 {
            return Ok(());
        }
        tracing::warn!("The file of tokens was readable by others and is private again");
        fs::set_permissions(path, Permissions::from_mode(0o600))
    }

    pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }
}

/// Elsewhere the folders of a person's profile are theirs alone, and folders cannot be synced.
#[cfg(not(unix))]
mod system {
    use std::fs::{File, Metadata, OpenOptions};
    use std::io;
    use std::path::Path;

    pub(super) fn number(_: &Metadata) -> u64 {
        0
    }

    pub(super) fn create_private_folder(folder: &Path) -> io::Result<()> {
        std::fs::create_dir_all(folder)
    }

    pub(super) fn create_private(path: &Path) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(true).open(path)
    }

    pub(super) fn make_private(_: &Path) -> io::Result<()> {
        Ok(())
    }

    pub(super) fn sync_folder(_: &Path) -> io::Result<()> {
        Ok(())
    }
}
