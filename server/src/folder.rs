//! The [`Folder`]: everything a library keeps, in one place on disk, readable by its user alone, served by one process at a
//! time.
//!
//! ```text
//! <data>/lock            held while a process serves the folder
//! <data>/opening         held for a moment by whoever makes the rows or brings them up to date
//! <data>/library.sqlite  rows
//! <data>/media/          bytes
//! <data>/setup           the secret of the set-up link while nobody has an account, readable by its user alone
//! <data>/door.json       of an embedded library: its address and its owner's token, readable by its user alone
//! <data>/socket          of an embedded library: the way in for programs of its user
//! ```

use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use vignette_library::durable;
use vignette_library::media::refuses_writes;

/// How often a process that waits for its turn looks.
const LOOK: Duration = Duration::from_millis(5);
/// How long it looks: bringing the rows of a large library up to date takes a while.
const PATIENCE: Duration = Duration::from_secs(60);

mod private;

/// Why a folder could not be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another process serves it.
    #[error("{path} is already served by another process")]
    Taken {
        /// The folder.
        path: PathBuf,
    },
    /// There is no library.
    #[error("there is no library in {path}: name its folder with --data, or make one with `vignette-library serve`")]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// Another process makes its rows, or brings them up to date, and does not come to an end.
    #[error("{path} is being opened by another process, which does not come to an end")]
    Opening {
        /// The folder.
        path: PathBuf,
    },
    /// Others can look into it, and it is not ours to close.
    #[error("{path} can be read by others, and its rights could not be changed: chmod -R go= it as the user who owns it")]
    Public {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The disk does not let us.
    #[error("{}", told(.path, .source))]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Name of the rows' file in the folder.
pub const ROWS: &str = "library.sqlite";

/// A library's data folder. Whoever made it by [`Folder::lock`] is the one who serves it, until it is dropped.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    _lock: Option<File>,
}

/// The turn to make what lies in a [`Folder`], one process at a time, until it is dropped.
#[derive(Debug)]
pub struct Opening {
    _lock: File,
}

impl FolderError {
    /// Whether the disk takes no writes now; what lies on it can still be read then.
    #[must_use]
    pub fn is_disk(&self) -> bool {
        matches!(self, Self::Io { source, .. } if refuses_writes(source))
    }
}

impl Folder {
    /// The folder without the right to serve it: for looking, and for commands beside a running library. A folder of before
    /// that others can read is closed to them, with what lies in it.
    ///
    /// # Errors
    /// [`FolderError::Io`], [`FolderError::Public`].
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        durable::private_folder().create(path).map_err(at(path))?;
        let folder = Self { path: path.to_owned(), _lock: None };
        private::close(path, &folder.media())?;
        Ok(folder)
    }

    /// The folder with the right to serve it. The system takes the lock back when the process ends, however it ends.
    ///
    /// # Errors
    /// [`FolderError::Taken`] if another process has it.
    pub fn lock(path: &Path) -> Result<Self, FolderError> {
        let folder = Self::open(path)?;
        match lock_file(&path.join("lock"))? {
            Some(lock) => Ok(Self { _lock: Some(lock), ..folder }),
            None => Err(FolderError::Taken { path: folder.path }),
        }
    }

    /// Waits for the turn to make what lies in the folder, or to bring it up to date. Commands take it as well as whoever
    /// serves: two processes that find no rows at the same instant would both make them.
    ///
    /// # Errors
    /// [`FolderError::Opening`] if the turn of another process does not end within a minute.
    pub async fn opening(&self) -> Result<Opening, FolderError> {
        let file = self.path.join("opening");
        let turn = async {
            loop {
                match lock_file(&file)? {
                    Some(lock) => return Ok(Opening { _lock: lock }),
                    None => tokio::time::sleep(LOOK).await,
                }
            }
        };
        let waited = tokio::time::timeout(PATIENCE, turn).await;
        waited.unwrap_or_else(|_| Err(FolderError::Opening { path: self.path.clone() }))
    }

    /// Makes the rows' file, empty, if there is none, so that it is private from its first byte on: SQLite gives the files
    /// beside it the same rights.
    ///
    /// # Errors
    /// [`FolderError::Io`].
    pub fn make_rows(&self) -> Result<(), FolderError> {
        let path = self.rows();
        durable::private_file().create(true).truncate(false).open(&path).map(drop).map_err(at(&path))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The rows' file.
    #[must_use]
    pub fn rows(&self) -> PathBuf {
        self.path.join(ROWS)
    }

    /// The media's folder.
    #[must_use]
    pub fn media(&self) -> PathBuf {
        self.path.join("media")
    }

    /// The file of the set-up link's secret.
    #[must_use]
    pub fn setup(&self) -> PathBuf {
        self.path.join("setup")
    }

    /// The door's file.
    #[must_use]
    pub fn door(&self) -> PathBuf {
        self.path.join("door.json")
    }

    /// The embedded library's socket.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.path.join("socket")
    }
}

/// Writes a file that only its user can read, whole or not at all: a new file, fsync, rename, fsync of the folder.
///
/// # Errors
/// [`FolderError::Io`]; what was there before is still there then.
pub fn write_private(path: &Path, content: &[u8]) -> Result<(), FolderError> {
    durable::replace(path, |file| file.write_all(content)).map_err(at(path))
}

/// A file that is locked, until it is dropped or the process ends; `None` while another one has it.
fn lock_file(path: &Path) -> Result<Option<File>, FolderError> {
    let file = durable::private_file().create(true).truncate(false).open(path);
    // On a disk that takes no writes, a lock that is there can be held all the same.
    let file = file.or_else(|error| if refuses_writes(&error) { File::open(path).map_err(|_| error) } else { Err(error) });
    let file = file.map_err(at(path))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(source)) => Err(FolderError::Io { path: path.to_owned(), source }),
    }
}

/// What is wrong with the disk, or that something is: the source says what.
fn told(path: &Path, source: &io::Error) -> String {
    let path = path.display();
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => format!("there is no space left on the disk of {path}"),
        io::ErrorKind::ReadOnlyFilesystem => format!("the disk of {path} is read-only"),
        _ => format!("{path} could not be used"),
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
        assert!(matches!(Folder::lock(dir.path()), Err(FolderError::Taken { .. })));
        drop(first);
        Folder::lock(dir.path()).expect("the lock ends with whoever held it");
    }

    #[tokio::test]
    async fn the_folder_is_opened_in_turns() {
        let dir = tempfile::tempdir().unwrap();
        let served = Folder::lock(dir.path()).unwrap();
        let turn = served.opening().await.unwrap();
        let beside = Folder::open(dir.path()).unwrap();
        let early = tokio::time::timeout(LOOK * 4, beside.opening()).await;
        assert!(early.is_err(), "a command waits while another process opens the folder");
        drop(turn);
        beside.opening().await.expect("its turn comes, though the folder is served");
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
