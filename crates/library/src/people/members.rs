//! Members, as administrators list, suspend, resume and remove them, change their roles and give reset links.

use vignette_model::text::{Login, PersonName};
use vignette_model::{PersonId, Secret};

use super::{SessionView, TokenView};
use crate::actor::{Actor, Role};
use crate::error::{LibraryError, Missing};
use crate::library::{Library, member};
use crate::rules::{Action, Resource, may};
use crate::store::{AccountChange, AccountState, MemberRow, PersonRow, Reset};

/// How somebody who left is called beside what they made.
const LEFT: &str = " (left)";

impl Library {
    /// All who have an account or had one, in the order in which they came.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`, `password_needed`.
    pub async fn members(&self, actor: &Actor) -> Result<Vec<MemberRow>, LibraryError> {
        may(actor, Action::ManagePeople, Resource::Library)?;
        Ok(self.store().members().await?)
    }

    /// The member of an id, or else of a login: for commands. What has the form of an id is never taken for a login, since
    /// people choose those.
    ///
    /// # Errors
    /// As [`Library::members`]; `not_found`.
    pub async fn find_member(&self, actor: &Actor, text: &str) -> Result<PersonId, LibraryError> {
        may(actor, Action::ManagePeople, Resource::Library)?;
        let found = match text.parse() {
            Ok(id) => self.account(id).await?,
            Err(_) => {
                let stored = self.store().person_by_login(&Login::typed(text)).await?;
                stored.ok_or_else(no_account)?
            }
        };
        Ok(found.person.id)
    }

    /// Suspends an account: sessions end, tokens are refused from the next request on, event streams close. Recorders keep their
    /// takes, and go on once the account is resumed.
    ///
    /// # Errors
    /// As [`Library::members`]; `not_found`; `conflict` for the last administrator.
    pub async fn suspend_person(
        &self,
        actor: &Actor,
        person: PersonId,
    ) -> Result<(), LibraryError> {
        may(actor, Action::ManagePeople, Resource::Library)?;
        done(self.store().suspend(person, true, self.now()).await?)?;
        tracing::info!(person.id = %person, "An account was suspended");
        self.listeners().tell_ended(person);
        Ok(())
    }

    /// Resumes a suspended account.
    ///
    /// # Errors
    /// As [`Library::members`]; `not_found`.
    pub async fn resume_person(&self, actor: &Actor, person: PersonId) -> Result<(), LibraryError> {
        may(actor, Action::ManagePeople, Resource::Library)?;
        done(self.store().suspend(person, false, self.now()).await?)?;
        tracing::info!(person.id = %person, "An account was opened again");
        Ok(())
    }

    /// Ends an account for good. Clips and replies stay in the library under the name, marked as of somebody who left; the
    /// login is free for another.
    ///
    /// # Errors
    /// As [`Library::members`]; `not_found`; `conflict` for the last administrator.
    pub async fn remove_person(&self, actor: &Actor, person: PersonId) -> Result<(), LibraryError> {
        may(actor, Action::ManagePeople, Resource::Library)?;
        let stored = self.account(person).await?;
        let kept = PersonName::MAX_CHARS - LEFT.chars().count();
        let name: String = stored.person.name.as_str().chars().take(kept).collect();
        let name = PersonName::cut(&format!("{}{LEFT}", name.trim_end()))?;
        done(self.store().remove_person(person, &name, self.now()).await?)?;
        tracing::info!(person.id = %person, "An account was removed");
        self.listeners().tell_ended(person);
        Ok(())
    }

    /// Gives somebody a role. It counts from their next request on.
    ///
    /// # Errors
    /// As [`Library::members`]; `not_found`; `conflict` for the last administrator.
    pub async fn set_role(
        &self,
        actor: &Actor,
        person: PersonId,
        role: Role,
    ) -> Result<(), LibraryError> {
        may(actor, Action::ManagePeople, Resource::Library)?;
        done(self.store().set_role(person, role).await?)?;
        tracing::info!(person.id = %person, role = role.as_str(), "A role was given");
        Ok(())
    }

    /// A secret with which somebody chooses a new password, once, within a day. It ends the one before.
    ///
    /// # Errors
    /// As [`Library::members`]; `not_found`; `conflict` if the account is suspended.
    pub async fn reset_link(
        &self,
        actor: &Actor,
        person: PersonId,
    ) -> Result<Secret, LibraryError> {
        may(actor, Action::ManagePeople, Resource::Library)?;
        if self.account(person).await?.state != AccountState::Open {
            return Err(LibraryError::AccountNotOpen);
        }
        let secret = Secret::random("reset");
        let expires_at = self.now() + self.settings().reset_life;
        let made_by = member(actor)?.id;
        self.store().add_reset(&Reset { hash: secret.hash(), person, made_by, expires_at }).await?;
        Ok(secret)
    }

    /// What opens the library for somebody.
    ///
    /// # Errors
    /// As [`Library::members`].
    pub async fn access_of(
        &self,
        actor: &Actor,
        person: PersonId,
    ) -> Result<(Vec<SessionView>, Vec<TokenView>), LibraryError> {
        may(actor, Action::ManagePeople, Resource::Library)?;
        Ok((self.sessions_of(person, actor).await?, self.tokens_of(person).await?))
    }

    /// Ends all sessions and tokens of somebody.
    ///
    /// # Errors
    /// As [`Library::members`]; `not_found`.
    pub async fn end_access(&self, actor: &Actor, person: PersonId) -> Result<(), LibraryError> {
        may(actor, Action::ManagePeople, Resource::Library)?;
        self.account(person).await?;
        self.store().end_access(person, None, true, self.now()).await?;
        self.listeners().tell_ended(person);
        Ok(())
    }

    async fn account(&self, person: PersonId) -> Result<PersonRow, LibraryError> {
        let stored = self.store().person(person).await?;
        stored.filter(|stored| stored.state != AccountState::Left).ok_or_else(no_account)
    }
}

pub(super) fn done(change: AccountChange) -> Result<(), LibraryError> {
    match change {
        AccountChange::Done => Ok(()),
        AccountChange::NoAccount => Err(no_account()),
        AccountChange::LastAdmin => Err(LibraryError::LastAdmin),
    }
}

fn no_account() -> LibraryError {
    LibraryError::NotFound(Missing::Account)
}
