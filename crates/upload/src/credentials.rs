//! [`Credentials`]: the tokens of this person's libraries and the API keys of their endpoints, in
//! one file that only they can read. Programs see each other's changes by the file's version
//! (inode, size, time), and change it under one lock.
//!
//! Not in the system's keyring: command line and desktop share the tokens, also where there is no
//! session to open a keyring (ssh, cron), and takes go to their library after a start without
//! anybody typing a password.

mod private_file;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use thiserror::Error;
use tokio::sync::watch;
use url::Url;
use vignette_model::{ErrorCode, Problem, Secret};

use crate::{Client, ClientError};

/// More than any such file has.
const MAX_BYTES: u64 = 1 << 20;

/// Why tokens could not be read or kept.
#[derive(Debug, Error)]
pub enum CredentialsError {
    /// The disk did not do what it was asked.
    #[error("{action} {}: {source}", path.display())]
    Disk {
        /// What was tried: "read", "write".
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it did not work.
        source: io::Error,
    },
    /// It is no such file. Its contents are in no message: they may be tokens.
    #[error("{} is damaged", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
    },
}

impl From<CredentialsError> for Problem {
    fn from(error: CredentialsError) -> Self {
        let help = match &error {
            CredentialsError::Disk { source, .. }
                if source.kind() == io::ErrorKind::StorageFull =>
            {
                return Self::new(
                    ErrorCode::NoSpace,
                    format!("Signing in could not be remembered: {error}."),
                )
                .with_help("Free some space there and try again.");
            }
            CredentialsError::Disk { .. } => {
                "Check the disk and the folder's permissions and try again."
            }
            CredentialsError::Damaged { .. } => "Move the file away and sign in again.",
        };
        Self::new(ErrorCode::Internal, format!("Signing in could not be remembered: {error}."))
            .with_help(help)
    }
}

/// The tokens of this person's libraries. Clones share one state; other running programs see
/// changes too.
#[derive(Clone, Debug)]
pub struct Credentials {
    file: Arc<TokenFile>,
}

#[derive(Debug)]
struct TokenFile {
    path: PathBuf,
    known: Mutex<Known>,
    /// Sockets of libraries on this computer.
    sockets: Mutex<BTreeMap<Url, PathBuf>>,
    changes: watch::Sender<u64>,
}

/// The tokens as last read, and the version of the file that they are from.
#[derive(Debug, Default)]
struct Known {
    tokens: BTreeMap<Url, Secret>,
    version: Option<private_file::FileVersion>,
}

impl Credentials {
    /// Opens the file at `path`, which need not exist yet. One that others can read is made
    /// private.
    ///
    /// # Errors
    /// [`CredentialsError`] if it cannot be read.
    pub fn open(path: &Path) -> Result<Self, CredentialsError> {
        let file = TokenFile {
            path: path.to_owned(),
            known: Mutex::default(),
            sockets: Mutex::default(),
            changes: watch::Sender::new(0),
        };
        file.refresh(&mut file.known())?;
        Ok(Self { file: Arc::new(file) })
    }

    /// The token for a library, if this person has signed in there.
    #[must_use]
    pub fn token(&self, library: &Url) -> Option<Secret> {
        self.up_to_date().tokens.get(library).cloned()
    }

    /// Keeps the token of a library of this computer, which this program reaches by its socket from
    /// now on, where it has one: its port could be anybody's while the library is not open, and
    /// would be sent the token.
    ///
    /// # Errors
    /// [`CredentialsError`]; then nothing has changed.
    pub fn keep_own(
        &self,
        library: &Url,
        token: Secret,
        socket: Option<PathBuf>,
    ) -> Result<(), CredentialsError> {
        if let Some(socket) = socket {
            self.file
                .sockets
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(library.clone(), socket);
        }
        self.keep(library, token)
    }

    /// The API of a library, with the token for it.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub(crate) fn client(&self, library: &Url) -> Result<Client, ClientError> {
        let socket =
            self.file.sockets.lock().unwrap_or_else(PoisonError::into_inner).get(library).cloned();
        Client::with_socket(library, self.token(library), socket.as_deref())
    }

    /// Keeps a token, durably, in place of the one before.
    ///
    /// # Errors
    /// [`CredentialsError`]; then nothing has changed.
    pub fn keep(&self, library: &Url, token: Secret) -> Result<(), CredentialsError> {
        if self.token(library).as_ref() == Some(&token) {
            return Ok(()); // Nothing is written, so that a read-only disk does no harm.
        }
        self.change(|tokens| drop(tokens.insert(library.clone(), token)))
    }

    /// Removes the token for a library from this computer. It still opens the library: see
    /// [`crate::Client::sign_out`].
    ///
    /// # Errors
    /// [`CredentialsError`]; then nothing has changed.
    pub fn forget(&self, library: &Url) -> Result<(), CredentialsError> {
        self.change(|tokens| drop(tokens.remove(library)))
    }

    /// Changes with each change by this program.
    #[must_use]
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.file.changes.subscribe()
    }

    fn up_to_date(&self) -> MutexGuard<'_, Known> {
        let mut known = self.file.known();
        if let Err(error) = self.file.refresh(&mut known) {
            tracing::warn!(%error, "Tokens could not be read again; those read before are used");
        }
        known
    }

    fn change(
        &self,
        change: impl FnOnce(&mut BTreeMap<Url, Secret>),
    ) -> Result<(), CredentialsError> {
        let path = &self.file.path;
        let disk =
            |action| move |source| CredentialsError::Disk { action, path: path.clone(), source };
        let mut known = self.file.known();
        // Read, change and write under one lock, since another program may do the same.
        let lock = private_file::lock(path).map_err(disk("lock"))?;
        self.file.refresh(&mut known)?;
        let mut tokens = known.tokens.clone();
        change(&mut tokens);
        let by_library: BTreeMap<&str, &str> =
            tokens.iter().map(|(url, token)| (url.as_str(), token.expose())).collect();
        let json =
            serde_json::to_vec_pretty(&by_library).map_err(|error| disk("write")(error.into()))?;
        vignette_durable::write(path, &json).map_err(disk("write"))?;
        *known = Known { tokens, version: private_file::version(path).ok() };
        drop(lock);
        drop(known);
        self.file.changes.send_modify(|changes| *changes += 1);
        Ok(())
    }
}

impl TokenFile {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the file if its version is another than that of the last read.
    fn refresh(&self, known: &mut Known) -> Result<(), CredentialsError> {
        let disk =
            |source| CredentialsError::Disk { action: "read", path: self.path.clone(), source };
        let version = match private_file::version(&self.path) {
            Ok(version) => version,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                *known = Known::default();
                return Ok(());
            }
            Err(error) => return Err(disk(error)),
        };
        if known.version.as_ref() == Some(&version) {
            return Ok(());
        }
        private_file::make_private(&self.path).map_err(disk)?;
        let mut json = Vec::new();
        File::open(&self.path)
            .and_then(|file| file.take(MAX_BYTES).read_to_end(&mut json))
            .map_err(disk)?;
        let damaged = |_| CredentialsError::Damaged { path: self.path.clone() };
        *known = Known {
            tokens: serde_json::from_slice(&json).map_err(damaged)?,
            version: Some(version),
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library(name: &str) -> Url {
        crate::library_url(name).unwrap()
    }

    #[test]
    fn tokens_are_kept_and_seen_by_other_programs() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new folder/credentials.json");
        let (one, other) = (Credentials::open(&path).unwrap(), Credentials::open(&path).unwrap());
        let (a, b) = (library("a.example"), library("b.example"));
        let changes = one.changes();

        one.keep(&a, Secret::presented("lib_a")).unwrap();
        other.keep(&b, Secret::presented("lib_b")).unwrap();
        assert!(changes.has_changed().unwrap());
        assert_eq!(
            one.token(&b),
            Some(Secret::presented("lib_b")),
            "what another program wrote is seen"
        );
        assert_eq!(
            other.token(&a),
            Some(Secret::presented("lib_a")),
            "and did not replace what was there"
        );

        other.forget(&a).unwrap();
        assert_eq!(one.token(&a), None);
        assert!(one.token(&b).is_some(), "what is not forgotten stays");
        let names: Vec<_> = std::fs::read_dir(path.parent().unwrap())
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        assert_eq!(names.len(), 2, "nothing but the file and its lock stays: {names:?}");
    }

    #[test]
    fn a_damaged_file_is_neither_shown_nor_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("credentials.json");
        std::io::Write::write_all(
            &mut File::create(&path).unwrap(),
            b"{\"https://a.example/\": \"lib_secret\"",
        )
        .unwrap();
        let error = Credentials::open(&path).unwrap_err();
        assert!(matches!(error, CredentialsError::Damaged { .. }));
        assert!(!format!("{error} {error:?}").contains("lib_secret"));
    }

    #[test]
    fn tokens_do_not_show_in_logs() {
        let dir = tempfile::tempdir().unwrap();
        let credentials = Credentials::open(&dir.path().join("credentials.json")).unwrap();
        credentials.keep(&library("a.example"), Secret::presented("lib_secret")).unwrap();
        assert!(!format!("{credentials:?}").contains("lib_secret"));
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;

        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("credentials.json");
        let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        Credentials::open(&path)
            .unwrap()
            .keep(&library("a.example"), Secret::presented("lib_a"))
            .unwrap();
        assert_eq!(mode(), 0o600);

        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let credentials = Credentials::open(&path).unwrap();
        assert_eq!(mode(), 0o600, "a file that was made readable is closed again");
        assert_eq!(credentials.token(&library("a.example")), Some(Secret::presented("lib_a")));
    }
}
