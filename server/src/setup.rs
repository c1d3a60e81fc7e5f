//! The set-up link: behind it the first person makes their account, once. All who ask for it while nobody has an account get
//! the same one, so that a link that was passed on stays good when the library is started again, or while a command asks
//! beside it.

use std::io;

use vignette_library::Library;
use vignette_model::{ErrorCode, Secret};

use crate::folder::{Folder, FolderError, write_private};
use crate::headers;
use crate::opened::RunError;

/// The set-up link of the library in `folder`, while nobody has an account. A new one once the one before is too old.
///
/// # Errors
/// [`RunError::Library`] if the rows, [`RunError::Folder`] if the folder cannot be used.
pub(crate) async fn link(folder: &Folder, library: &Library) -> Result<Option<String>, RunError> {
    // One at a time: a new secret ends the one before, which another process may be about to print.
    let _turn = folder.opening().await?;
    let secret = match kept(folder, library).await? {
        Some(secret) => Some(secret),
        None => renewed(folder, library).await?,
    };
    Ok(secret.map(|secret| address(library, &secret)))
}

/// Where a set-up secret or an invitation is turned into an account.
#[must_use]
pub fn address(library: &Library, secret: &Secret) -> String {
    library.settings().address(&format!("/setup?secret={}", secret.expose()))
}

/// Where somebody chooses a new password with a reset secret.
#[must_use]
pub fn reset_address(library: &Library, secret: &Secret) -> String {
    library.settings().address(&format!("/reset?secret={}", secret.expose()))
}

/// The secret in the folder, if it still opens the door.
async fn kept(folder: &Folder, library: &Library) -> Result<Option<Secret>, RunError> {
    let Some(secret) = std::fs::read_to_string(folder.setup()).ok().and_then(|text| headers::secret(text.trim())) else {
        return Ok(None);
    };
    match library.check_invite(&secret).await {
        Ok(()) => Ok(Some(secret)),
        Err(problem) if problem.code == ErrorCode::NotFound => Ok(None),
        Err(problem) => Err(problem.into()),
    }
}

/// A new secret, kept in the folder; none and no file once somebody has an account.
async fn renewed(folder: &Folder, library: &Library) -> Result<Option<Secret>, RunError> {
    let secret = library.setup_secret().await?;
    let path = folder.setup();
    match &secret {
        Some(secret) => write_private(&path, secret.expose().as_bytes())?,
        None => match std::fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => return Err(FolderError::Io { path, source }.into()),
            _ => {}
        },
    }
    Ok(secret)
}
