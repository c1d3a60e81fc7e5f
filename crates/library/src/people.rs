//! People: who has an account, how they get one, how they sign in and out.

mod account;
mod code;
mod invitations;
mod members;
mod reset;
mod session;
mod token;

pub use code::Authorization;
pub use session::SessionView;
pub use token::TokenView;

use tokio::sync::broadcast;
use vignette_model::text::{LibraryName, Login, PersonName};
use vignette_model::{PersonId, Secret};

use crate::actor::{Actor, Person, Role, Standing};
use crate::error::{LibraryError, Missing};
use crate::library::{Library, member};
use crate::passwords::{LoginSource, Queue};
use crate::rules::{Action, Resource, may};
use crate::store::{AccountState, Invite, Joined, NewPerson, PersonRow, StoreError};

/// What the server sees of a browser that signs in: for the login throttle and the list of sessions. Clients can send
/// anything, so it proves nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Visit<'a> {
    /// Their address, or the part of the network that counts as one.
    pub from: &'a str,
    /// What their browser calls itself: "Firefox on Linux".
    pub browser: &'a str,
    /// The secrets that earlier sign-ins left in their browser.
    pub devices: &'a [Secret],
}

/// With what somebody makes their account.
#[derive(Clone, Debug)]
pub struct Newcomer<'a> {
    /// What they are called. Others may be called the same.
    pub name: PersonName,
    /// What they will type to sign in.
    pub login: Login,
    /// The password they choose.
    pub password: &'a str,
}

/// Somebody who has just signed in, and the session to put into their cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub person: Person,
    /// Their session.
    pub session: Secret,
    /// The secret of a device cookie, if their browser has none yet that is theirs.
    pub device: Option<Secret>,
}

impl Library {
    /// A fresh secret for the set-up link while nobody has an account, else `None`. Each call ends the one before.
    ///
    /// # Errors
    /// `internal`.
    pub async fn setup_secret(&self) -> Result<Option<Secret>, LibraryError> {
        if self.store().owner().await?.is_some() {
            return Ok(None);
        }
        let secret = Secret::random("setup");
        let kept = self.keep_invite(&secret, None).await?;
        Ok(kept.then_some(secret))
    }

    /// A secret with which one more person can make an account, once. It ends with the account of who gave it.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`, `password_needed`.
    pub async fn invite(&self, actor: &Actor) -> Result<Secret, LibraryError> {
        may(actor, Action::Invite, Resource::Library)?;
        let secret = Secret::random("invite");
        self.keep_invite(&secret, Some(member(actor)?.id)).await?;
        Ok(secret)
    }

    /// Makes an account and signs in: with the set-up secret the first account, an administrator's; with an invitation one more.
    ///
    /// # Errors
    /// `not_found` if the secret opens nothing; `bad_request` for a password under 8 or over 200 characters; `conflict` if the
    /// login is taken.
    pub async fn join(
        &self,
        secret: &Secret,
        newcomer: Newcomer<'_>,
        visit: &Visit<'_>,
    ) -> Result<SignedIn, LibraryError> {
        // Hashing is expensive: without a valid secret it is not reached.
        self.check_invite(secret).await?;
        let Newcomer { name, login, password } = newcomer;
        // Commands take an id or a login; this one would name somebody else there.
        if login.as_str().parse::<PersonId>().is_ok() {
            return Err(LibraryError::LoginTaken);
        }
        let password = self.passwords().hash(password, &secret.hash().to_string()).await?;
        let new = self.new_person(name, login, Some(password));
        match self.store().join(secret.hash(), &new).await? {
            Joined::Added => {
                tracing::info!(person.id = %new.person.id, "Somebody joined");
                self.begin_session(new.person, visit).await
            }
            Joined::NotInvited => Err(LibraryError::NotFound(Missing::OpenInvitation)),
            Joined::LoginTaken => Err(LibraryError::LoginTaken),
        }
    }

    /// Makes the first account with the set-up secret, and names the library.
    ///
    /// # Errors
    /// As [`Library::join`]; `not_found` if somebody has an account.
    pub async fn set_up(
        &self,
        secret: &Secret,
        name: &LibraryName,
        newcomer: Newcomer<'_>,
        visit: &Visit<'_>,
    ) -> Result<SignedIn, LibraryError> {
        if self.is_set_up().await? {
            return Err(LibraryError::NotFound(Missing::OpenInvitation));
        }
        let signed_in = self.join(secret, newcomer, visit).await?;
        self.keep_name(name).await?;
        Ok(signed_in)
    }

    /// Whether anybody has an account.
    ///
    /// # Errors
    /// `internal`.
    pub async fn is_set_up(&self) -> Result<bool, LibraryError> {
        Ok(self.store().owner().await?.is_some())
    }

    /// Whether a set-up secret or invitation is still valid: checked before a form is shown.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn check_invite(&self, secret: &Secret) -> Result<(), LibraryError> {
        if self.store().invited(secret.hash(), self.now()).await? {
            Ok(())
        } else {
            Err(LibraryError::NotFound(Missing::OpenInvitation))
        }
    }

    /// Signs in by login and password. Takes as long for a login that does not exist; failures slow down whoever tries the login
    /// from there, and a device that signed in by that login before is counted apart from strangers.
    ///
    /// # Errors
    /// `sign_in_needed` (never says which of the two was wrong), `too_many_requests`; `not_allowed` if the account is suspended.
    pub async fn sign_in(
        &self,
        login: &str,
        password: &str,
        visit: &Visit<'_>,
    ) -> Result<SignedIn, LibraryError> {
        let login = Login::typed(login);
        let stored = self.store().person_by_login(&login).await?;
        let device = match &stored {
            Some(stored) => self
                .known_device(stored.person.id, visit)
                .await?
                .map(|device| device.hash().to_string()),
            None => None,
        };
        let from =
            device.as_deref().map_or(LoginSource::Address(visit.from), LoginSource::KnownDevice);
        let right = self.compare(login.as_str(), stored.as_ref(), password, from).await?;
        match stored.filter(|_| right) {
            Some(stored) if stored.state != AccountState::Open => Err(LibraryError::Suspended),
            Some(stored) => self.begin_session(stored.person, visit).await,
            None => {
                tracing::info!("A sign-in was refused");
                Err(LibraryError::WrongLogin)
            }
        }
    }

    /// Compares a password with that of this account, if there is one, and counts the try in the login throttle.
    async fn compare(
        &self,
        login: &str,
        stored: Option<&PersonRow>,
        password: &str,
        from: LoginSource<'_>,
    ) -> Result<bool, LibraryError> {
        let exists = stored.is_some();
        self.login_throttle().try_again(login, exists, from, self.clock().monotonic())?;
        let (queue, place) = match from {
            LoginSource::KnownDevice(device) => (Queue::KnownDevice, device),
            LoginSource::Address(address) => (Queue::SignIn, address),
        };
        let hash = stored.and_then(|stored| stored.password.as_deref());
        let compared = self.passwords().is(password, hash, queue, place).await;
        match compared {
            Ok(true) => self.login_throttle().forget(login, from),
            Ok(false) => {}
            // The queue was full and nothing was compared, so the try does not count.
            Err(_) => self.login_throttle().take_back(login, exists, from),
        }
        compared
    }

    /// Ends a session or a token.
    ///
    /// # Errors
    /// `internal`; a secret that opens nothing is no error.
    pub async fn sign_out(&self, secret: &Secret) -> Result<(), LibraryError> {
        if let Some(person) = self.store().sign_out(secret.hash(), self.now()).await? {
            self.listeners().tell_ended(person);
        }
        Ok(())
    }

    /// A broadcast of whose sessions and tokens end from now on: an open event stream of theirs checks again whether it may go on.
    #[must_use]
    pub fn ends(&self) -> broadcast::Receiver<PersonId> {
        self.listeners().ended()
    }

    /// The owner of a library that is embedded in their own recorder: made on the first call, without a password. Their login
    /// is their name.
    ///
    /// # Errors
    /// `internal`.
    pub async fn ensure_owner(&self, name: PersonName) -> Result<Actor, LibraryError> {
        let owner = match self.store().owner().await? {
            Some(owner) => owner,
            None => {
                let login = Login::typed(name.as_str());
                self.store().ensure_first(&self.new_person(name, login, None)).await?
            }
        };
        Ok(host(owner))
    }

    /// The actor for whoever holds the library's folder: the owner, once anybody has an account.
    ///
    /// # Errors
    /// `internal`.
    pub async fn host(&self) -> Result<Option<Actor>, LibraryError> {
        Ok(self.store().owner().await?.map(host))
    }

    /// Stores an invitation; without `made_by`, the set-up secret.
    async fn keep_invite(
        &self,
        secret: &Secret,
        made_by: Option<PersonId>,
    ) -> Result<bool, LibraryError> {
        let created_at = self.now();
        let expires_at = created_at + self.settings().invite_life;
        let invite = Invite {
            hash: secret.hash(),
            setup: made_by.is_none(),
            made_by,
            created_at,
            expires_at,
        };
        Ok(self.store().add_invite(&invite).await?)
    }

    fn new_person(&self, name: PersonName, login: Login, password: Option<String>) -> NewPerson {
        NewPerson { person: Person { id: PersonId::new(), name }, login, password, at: self.now() }
    }
}

fn host(owner: Person) -> Actor {
    Actor::member(owner).with_role(Role::Admin).with_standing(Standing::Host)
}

/// Ignores that the disk takes no writes, for times of use: without them people can still sign in and watch.
fn noted(written: Result<(), StoreError>) -> Result<(), LibraryError> {
    match written {
        Err(error) if error.kind.is_disk() => {
            tracing::debug!(doing = error.doing, error = %error.source, "The disk takes no writes");
            Ok(())
        }
        other => Ok(other?),
    }
}
