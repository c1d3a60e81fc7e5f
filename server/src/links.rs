//! Links that carry a secret: an invitation, and a reset of a password.

use vignette_library::Library;
use vignette_model::{Secret, paths};

/// The link to make an account, by an invitation or the set-up secret.
#[must_use]
pub fn invitation_link(library: &Library, secret: &Secret) -> String {
    library.settings().address(&format!("{}?secret={}", paths::SETUP, secret.expose()))
}

/// The link to choose a new password.
#[must_use]
pub fn reset_link(library: &Library, secret: &Secret) -> String {
    library.settings().address(&format!("{}?secret={}", paths::RESET, secret.expose()))
}
