//! New passwords: by typing the one before, or by a link that an administrator gave.

use vignette_model::Secret;

use super::{SignedIn, Visit};
use crate::actor::{Actor, Person};
use crate::error::{LibraryError, Missing};
use crate::library::{Library, member};
use crate::store::NewPassword;

impl Library {
    /// Changes one's own password, by typing the present one. All other sessions end, and if that is wished all tokens too.
    ///
    /// # Errors
    /// `bad_request` if the present password is not right or the new one is none; `too_many_requests`, `sign_in_needed`,
    /// `not_allowed`.
    pub async fn change_password(
        &self,
        actor: &Actor,
        present: &str,
        new: &str,
        end_tokens: bool,
    ) -> Result<(), LibraryError> {
        let session = self.own_password(actor, present, LibraryError::WrongPresentPassword).await?;
        let (person, at) = (member(actor)?.id, self.now());
        let password = self.passwords().hash(new, &person.to_string()).await?;
        self.store()
            .set_password(&NewPassword {
                person,
                password: &password,
                keep: Some(session),
                end_tokens,
                at,
            })
            .await?;
        self.store().confirm_session(session, at).await?;
        tracing::info!(person.id = %person, "A password was changed");
        self.listeners().tell_ended(person);
        Ok(())
    }

    /// Whose password a reset link changes: before a form is shown.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn check_reset(&self, secret: &Secret) -> Result<Person, LibraryError> {
        self.store()
            .reset(secret.hash(), self.now())
            .await?
            .ok_or(LibraryError::NotFound(Missing::OpenReset))
    }

    /// Changes a password by a reset link, which is used up, and signs in. All other sessions end, and if that is wished all
    /// tokens too.
    ///
    /// # Errors
    /// `not_found` if the link changes nothing any more; `bad_request` if the password is none.
    pub async fn reset_password(
        &self,
        secret: &Secret,
        new: &str,
        end_tokens: bool,
        visit: &Visit<'_>,
    ) -> Result<SignedIn, LibraryError> {
        let person = self.check_reset(secret).await?;
        let password = self.passwords().hash(new, &person.id.to_string()).await?;
        let new = NewPassword {
            person: person.id,
            password: &password,
            keep: None,
            end_tokens,
            at: self.now(),
        };
        if !self.store().use_reset(secret.hash(), &new).await? {
            return Err(LibraryError::NotFound(Missing::OpenReset));
        }
        tracing::info!(person.id = %person.id, "A password was reset");
        self.listeners().tell_ended(person.id);
        self.begin_session(person, visit).await
    }
}
