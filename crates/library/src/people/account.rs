//! One's own account: the login, and the name that may change.

use vignette_model::text::{Login, PersonName};

use super::members::done;
use crate::actor::Actor;
use crate::error::{LibraryError, Missing};
use crate::library::{Library, member};
use crate::rules::{Action, Resource, may};

impl Library {
    /// What whoever asks types to sign in.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`; `not_found` if they have left meanwhile.
    pub async fn login(&self, actor: &Actor) -> Result<Login, LibraryError> {
        may(actor, Action::KeepAccount, Resource::Library)?;
        let stored = self.store().person(member(actor)?.id).await?;
        stored.and_then(|stored| stored.login).ok_or(LibraryError::NotFound(Missing::Account))
    }

    /// Changes what whoever asks is called, also beside what they have made. Their login stays.
    ///
    /// # Errors
    /// As [`Library::login`].
    pub async fn rename(&self, actor: &Actor, name: &PersonName) -> Result<(), LibraryError> {
        may(actor, Action::KeepAccount, Resource::Library)?;
        let person = member(actor)?.id;
        done(self.store().rename(person, name).await?)?;
        tracing::info!(person.id = %person, "A name was changed");
        Ok(())
    }
}
