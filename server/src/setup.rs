//! The set-up link, by which the first account is made, once. Until then every start and every command
//! gives the same link, so that one that was already passed on stays valid.

use std::io;

use vignette_library::{Library, LibraryError};
use vignette_model::Secret;

use crate::access::credentials;
use crate::folder::{Folder, FolderError, write_private};
use crate::links::invitation_link;
use crate::run_error::RunError;

/// The set-up link of the library in `folder`, until there is an account. It is renewed when it expires.
///
/// # Errors
/// [`RunError::Library`] if the rows, [`RunError::Folder`] if the folder cannot be used.
pub(crate) async fn link(folder: &Folder, library: &Library) -> Result<Option<String>, RunError> {
    // Under the lock: a new secret ends the one before, which another process may be about to print.
    let _lock = folder.lock_for_opening().await?;
    let secret = match stored_secret(folder, library).await? {
        Some(secret) => Some(secret),
        None => new_secret(folder, library).await?,
    };
    Ok(secret.map(|secret| invitation_link(library, &secret)))
}

/// The secret in the folder, if it is still valid.
async fn stored_secret(folder: &Folder, library: &Library) -> Result<Option<Secret>, RunError> {
    let Some(secret) = std::fs::read_to_string(folder.setup_file())
        .ok()
        .and_then(|text| credentials::secret(text.trim()))
    else {
        return Ok(None);
    };
    match library.check_invite(&secret).await {
        Ok(()) => Ok(Some(secret)),
        Err(LibraryError::NotFound(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A new secret, stored in the folder. `None`, and no file, once there is an account.
async fn new_secret(folder: &Folder, library: &Library) -> Result<Option<Secret>, RunError> {
    let secret = library.setup_secret().await?;
    let path = folder.setup_file();
    match &secret {
        Some(secret) => write_private(&path, secret.expose().as_bytes())?,
        None => match std::fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                return Err(FolderError::Io { path, source }.into());
            }
            _ => {}
        },
    }
    Ok(secret)
}
