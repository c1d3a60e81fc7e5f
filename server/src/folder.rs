//! The [`Folder`]: everything a library keeps, in one place on disk, served by one process at a time.
//!
//! ```text
//! <data>/lock            held while a process serves the folder
//! <data>/library.sqlite  rows
//! <data>/media/          bytes
//! <data>/door.json       of an embedded library: its address and its owner's token, readable by its user alone
//! ```

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Why a folder could not be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another process serves it.
    #[error("{path} is already served by another process")]
    Taken {
        /// The folder.
        path: PathBuf,
    },
    /// The disk does not let us.
    #[error("{path} could not be used")]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A library's data folder. Whoever made it by [`Folder::lock`] is the one who serves it, until it is dropped.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    _lock: Option<File>,
}

impl Folder {
    /// The folder without the right to serve it: for looking, and for commands beside a running library.
    ///
    /// # Errors
    /// [`FolderError::Io`].
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        private_folder().create(path).map_err(at(path))?;
        Ok(Self { path: path.to_owned(), _lock: None })
    }

    /// The folder with the right to serve it. The system takes the lock back when the process ends, however it ends.
    ///
    /// # Errors
    /// [`FolderError::Taken`] if another process has it.
    pub fn lock(path: &Path) -> Result<Self, FolderError> {
        let folder = Self::open(path)?;
        let file = path.join("lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&file).map_err(at(&file))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { _lock: Some(lock), ..folder }),
            Err(TryLockError::WouldBlock) => Err(FolderError::Taken { path: folder.path }),
            Err(TryLockError::Error(source)) => Err(FolderError::Io { path: file, source }),
        }
    }

    /// The rows' file.
    #[must_use]
    pub fn rows(&self) -> PathBuf {
        self.path.join("library.sqlite")
    }

    /// The media's folder.
    #[must_use]
    pub fn media(&self) -> PathBuf {
        self.path.join("media")
    }

    /// The door's file.
    #[must_use]
    pub fn door(&self) -> PathBuf {
        self.path.join("door.json")
    }
}

/// Writes a file that only its user can read, whole or not at all: a new file, fsync, rename, fsync of the folder.
///
/// # Errors
/// [`FolderError::Io`]; what was there before is still there then.
#[expect(clippy::disallowed_methods, reason = "the one durable write of this room")]
pub fn write_private(path: &Path, content: &[u8]) -> Result<(), FolderError> {
    let new = path.with_extension("new");
    let written = || -> io::Result<()> {
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = private_file().open(&new)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&new, path)?;
        sync_folder(path.parent().unwrap_or(Path::new(".")))
    };
    written().map_err(at(path))
}

fn at(path: &Path) -> impl Fn(io::Error) -> FolderError {
    move |source| FolderError::Io { path: path.to_owned(), source }
}

#[cfg(unix)]
fn private_folder() -> DirBuilder {
    use std::os::unix::fs::DirBuilderExt;
    let mut folder = DirBuilder::new();
    folder.recursive(true).mode(0o700);
    folder
}

#[cfg(unix)]
fn private_file() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// A user's data folder is private on Windows by where it lies.
#[cfg(not(unix))]
fn private_folder() -> DirBuilder {
    let mut folder = DirBuilder::new();
    folder.recursive(true);
    folder
}

#[cfg(not(unix))]
fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    options
}

/// Windows keeps renames in its journal and cannot sync a folder.
#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_serves_a_folder() {
        let dir = tempfile::tempdir().unwrap();
        let first = Folder::lock(dir.path()).unwrap();
        assert!(matches!(Folder::lock(dir.path()), Err(FolderError::Taken { .. })));
        drop(first);
        Folder::lock(dir.path()).expect("the lock ends with whoever held it");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_private_is_readable_by_its_user_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("door.json");
        write_private(&file, b"one").unwrap();
        write_private(&file, b"two").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"two");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing half-written stays behind");
    }
}
