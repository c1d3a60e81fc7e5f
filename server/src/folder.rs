//! The [`Folder`]: the data folder of a library, readable by its user alone and served by one process at
//! a time.
//!
//! ```text
//! <data>/lock            held while a process serves the folder
//! <data>/opening         held while a process makes or migrates the rows
//! <data>/library.sqlite  rows
//! <data>/media/          bytes
//! <data>/setup           the secret of the set-up link, until there is an account
//! <data>/door.json       of an embedded library: its address and its owner's token
//! <data>/address         where the library was last served
//! <data>/socket          of an embedded library: for other programs of its user
//! ```

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use vignette_durable as durable;
use vignette_library::media::refuses_writes;

/// How often a process that waits for the lock tries again.
const LOCK_RETRY_DELAY: Duration = Duration::from_millis(5);
/// How long it tries: migrating the rows of a large library takes a while.
const OPEN_TIMEOUT: Duration = Duration::from_secs(60);

mod permissions;

/// Why a folder could not be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another process serves it.
    #[error("{path} is already served by another process")]
    AlreadyServed {
        /// The folder.
        path: PathBuf,
    },
    /// Another process serves it with rows of an earlier version, which this version would change
    /// under it.
    #[error(
        "{path} is served by an earlier version of vignette-library: restart that with this version first"
    )]
    ServedByEarlier {
        /// The folder.
        path: PathBuf,
    },
    /// There is no library.
    #[error(
        "there is no library in {path}: name its folder with --data, or make one with `vignette-library serve`"
    )]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// Another process makes or migrates its rows and does not finish.
    #[error("{path} is being opened by another process, which does not finish")]
    OpenTimeout {
        /// The folder.
        path: PathBuf,
    },
    /// Others can read it, and its permissions cannot be changed.
    #[error(
        "{path} can be read by others, and its permissions could not be changed: chmod -R go= it as the user who owns it"
    )]
    ReadableByOthers {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The disk refused an operation.
    #[error("{}", describe(.path, .source))]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Name of the rows' file in the folder.
pub(crate) const ROWS: &str = "library.sqlite";

/// A library's data folder. One made by [`Folder::lock`] holds the lock for serving until it is dropped.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    lock: Option<File>,
}

/// The lock for making or migrating the rows of a [`Folder`], held until it is dropped.
#[derive(Debug)]
pub(crate) struct OpenLock {
    _lock: File,
}

impl FolderError {
    /// Whether the disk refuses writes; what is on it can still be read then.
    #[must_use]
    pub fn is_disk(&self) -> bool {
        matches!(self, Self::Io { source, .. } if refuses_writes(source))
    }
}

impl Folder {
    /// The folder without the lock for serving it: for commands, which run beside a served library. The
    /// permissions of a folder that others can read, and of what is in it, are restricted.
    ///
    /// # Errors
    /// [`FolderError::Io`], [`FolderError::ReadableByOthers`].
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        durable::create_folder(path).map_err(at(path))?;
        let folder = Self { path: path.to_owned(), lock: None };
        permissions::restrict(path, &folder.media_folder())?;
        Ok(folder)
    }

    /// The folder with the lock for serving it. The system releases the lock when the process ends,
    /// however it ends.
    ///
    /// # Errors
    /// [`FolderError::AlreadyServed`] if another process has it.
    pub fn lock(path: &Path) -> Result<Self, FolderError> {
        let folder = Self::open(path)?;
        match lock_file(&path.join("lock"))? {
            Some(lock) => Ok(Self { lock: Some(lock), ..folder }),
            None => Err(FolderError::AlreadyServed { path: folder.path }),
        }
    }

    /// Whether this process has the lock for serving it.
    pub(crate) fn is_to_serve(&self) -> bool {
        self.lock.is_some()
    }

    /// Whether any process has the lock for serving it. Takes that lock for a moment where it is
    /// free, so a process that is just starting may find it taken: ask only where it matters.
    ///
    /// # Errors
    /// [`FolderError::Io`].
    pub(crate) fn is_served(&self) -> Result<bool, FolderError> {
        Ok(lock_file(&self.path.join("lock"))?.is_none())
    }

    /// Waits for the lock for making or migrating the rows. Commands take it too, since two processes
    /// that find no rows at the same time would both make them.
    ///
    /// # Errors
    /// [`FolderError::OpenTimeout`] if another process holds it for more than a minute.
    pub(crate) async fn lock_for_opening(&self) -> Result<OpenLock, FolderError> {
        let file = self.path.join("opening");
        let lock = async {
            loop {
                match lock_file(&file)? {
                    Some(lock) => return Ok(OpenLock { _lock: lock }),
                    None => tokio::time::sleep(LOCK_RETRY_DELAY).await,
                }
            }
        };
        let waited = tokio::time::timeout(OPEN_TIMEOUT, lock).await;
        waited.unwrap_or_else(|_| Err(FolderError::OpenTimeout { path: self.path.clone() }))
    }

    /// Creates the file of the rows, empty, if there is none, so that it is private from the start:
    /// SQLite gives its other files the same permissions.
    ///
    /// # Errors
    /// [`FolderError::Io`].
    pub(crate) fn create_rows_file(&self) -> Result<(), FolderError> {
        let path = self.rows_file();
        durable::private_file()
            .create(true)
            .truncate(false)
            .open(&path)
            .map(drop)
            .map_err(at(&path))
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file of the rows.
    #[must_use]
    pub(crate) fn rows_file(&self) -> PathBuf {
        self.path.join(ROWS)
    }

    /// The folder of the media.
    #[must_use]
    pub(crate) fn media_folder(&self) -> PathBuf {
        self.path.join("media")
    }

    /// The file of the set-up link's secret.
    #[must_use]
    pub(crate) fn setup_file(&self) -> PathBuf {
        self.path.join("setup")
    }

    /// The file of the address where the library was last served.
    #[must_use]
    pub(crate) fn address_file(&self) -> PathBuf {
        self.path.join("address")
    }

    /// The file of the embedded library's endpoint.
    #[must_use]
    pub(crate) fn endpoint_file(&self) -> PathBuf {
        self.path.join("door.json")
    }

    /// The embedded library's socket.
    #[must_use]
    pub(crate) fn socket_file(&self) -> PathBuf {
        self.path.join("socket")
    }
}

/// Writes a file that only its user can read, atomically: new file, fsync, rename, fsync of the folder.
///
/// # Errors
/// [`FolderError::Io`]; the old content is still there then.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> Result<(), FolderError> {
    durable::write(path, content).map_err(at(path))
}

/// Locks a file until the result is dropped or the process ends. `None` if another process has the
/// lock.
fn lock_file(path: &Path) -> Result<Option<File>, FolderError> {
    let file = durable::private_file().create(true).truncate(false).open(path);
    // On a disk that refuses writes, an existing file can still be locked.
    let file = file.or_else(|error| {
        if refuses_writes(&error) { File::open(path).map_err(|_| error) } else { Err(error) }
    });
    let file = file.map_err(at(path))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(source)) => Err(FolderError::Io { path: path.to_owned(), source }),
    }
}

/// The message of [`FolderError::Io`].
fn describe(path: &Path, source: &io::Error) -> String {
    let path = path.display();
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            format!("there is no space left on the disk of {path}")
        }
        io::ErrorKind::ReadOnlyFilesystem => format!("the disk of {path} is read-only"),
        _ => format!("{path} could not be used: {source}"),
    }
}

fn at(path: &Path) -> impl Fn(io::Error) -> FolderError {
    move |source| FolderError::Io { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn one_process_serves_a_folder() {
        let dir = tempfile::tempdir().unwrap();
        let first = Folder::lock(dir.path()).unwrap();
        assert!(matches!(Folder::lock(dir.path()), Err(FolderError::AlreadyServed { .. })));
        drop(first);
        Folder::lock(dir.path()).expect("the lock ends with whoever held it");
    }

    #[tokio::test]
    async fn one_process_opens_a_folder_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let served = Folder::lock(dir.path()).unwrap();
        let turn = served.lock_for_opening().await.unwrap();
        let beside = Folder::open(dir.path()).unwrap();
        let early = tokio::time::timeout(LOCK_RETRY_DELAY * 4, beside.lock_for_opening()).await;
        assert!(early.is_err(), "a command waits while another process opens the folder");
        drop(turn);
        beside.lock_for_opening().await.expect("its turn comes, though the folder is served");
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
        assert_eq!(
            fs::read_dir(dir.path()).unwrap().count(),
            1,
            "nothing half-written stays behind"
        );
    }
}
