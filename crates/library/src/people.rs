//! People: who has an account, how they get one, how they sign in and out.

mod code;
mod hashing;
mod invitations;
mod members;
mod password;
mod patience;
mod reset;
mod session;
mod token;

pub use code::Authorization;
pub use invitations::InvitationId;
pub use session::{SessionId, SessionView};
pub use token::{TokenId, TokenView};

pub(crate) use password::Passwords;
pub(crate) use patience::Patience;

use std::str::FromStr;

use tokio::sync::broadcast;
use vignette_model::text::{PersonName, name_key, name_looks};
use vignette_model::{ErrorCode, PersonId, Problem, Secret};

use hashing::Queue;
use patience::Guesser;

use crate::library::{Library, member};
use crate::rules::{Action, Actor, Standing, may};
use crate::store::{AccountState, Invite, Joined, NewPerson, StoreError, Stored};

/// Somebody with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub id: PersonId,
    /// What they are called.
    pub name: PersonName,
}

/// What somebody may beyond their own clips.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// Records, watches, replies.
    #[default]
    Member,
    /// Looks after the library's people too. There is always one.
    Admin,
}

impl Role {
    /// The role as it is stored and typed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
        }
    }
}

impl FromStr for Role {
    type Err = NotARole;
    fn from_str(text: &str) -> Result<Self, NotARole> {
        [Self::Member, Self::Admin].into_iter().find(|role| role.as_str() == text).ok_or(NotARole)
    }
}

/// Text that is no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a role is `member` or `admin`")]
pub struct NotARole;

/// By what somebody comes to sign in, as the server sees it. Nobody believes it; it only counts and names.
#[derive(Clone, Copy, Debug, Default)]
pub struct Visit<'a> {
    /// Their address, or the part of the network that counts as one.
    pub from: &'a str,
    /// What their browser calls itself: "Firefox on Linux".
    pub browser: &'a str,
    /// The secrets that earlier sign-ins left in their browser.
    pub devices: &'a [Secret],
}

/// Somebody who has just signed in, and the session to put into their cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub person: Person,
    /// Their session.
    pub session: Secret,
    /// What their browser is to be known by at the next sign-in, if it has nothing yet.
    pub device: Option<Secret>,
}

impl Library {
    /// A fresh secret for the set-up link while nobody has an account, else `None`. Each call ends the one before.
    ///
    /// # Errors
    /// `internal`.
    pub async fn setup_secret(&self) -> Result<Option<Secret>, Problem> {
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
    pub async fn invite(&self, actor: &Actor) -> Result<Secret, Problem> {
        may(actor, Action::Invite, None)?;
        let secret = Secret::random("invite");
        self.keep_invite(&secret, Some(member(actor)?.id)).await?;
        Ok(secret)
    }

    /// Makes an account with the set-up secret, then the first one and an administrator's, or with an invitation, and signs in.
    ///
    /// # Errors
    /// `not_found` if the secret opens nothing; `bad_request` for a password under 8 or over 200 characters; `conflict` if the
    /// name is taken.
    pub async fn join(&self, secret: &Secret, name: PersonName, password: &str, visit: &Visit<'_>) -> Result<SignedIn, Problem> {
        // Hashing a password is work: not for those without an invitation.
        self.check_invite(secret).await?;
        let password = self.passwords().hash(password, &secret.hash().to_string()).await?;
        let new = self.new_person(name, Some(password));
        match self.store().join(secret.hash(), &new).await? {
            Joined::Added => {
                tracing::info!(person.id = %new.person.id, "Somebody joined");
                self.begin_session(new.person, visit).await
            }
            Joined::NotInvited => Err(not_invited()),
            Joined::NameTaken => {
                let taken = "Somebody here has that name already, or one that looks like it.";
                Err(Problem::new(ErrorCode::Conflict, taken).with_help("Choose another name."))
            }
        }
    }

    /// Whether a set-up secret or invitation still opens the door: before a form is shown.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn check_invite(&self, secret: &Secret) -> Result<(), Problem> {
        if self.store().invited(secret.hash(), self.now()).await? { Ok(()) } else { Err(not_invited()) }
    }

    /// Signs in by name and password. Takes as long for a name that does not exist; failures slow down whoever tries the name
    /// from there, and a device that signed in as that name before is counted apart from strangers.
    ///
    /// # Errors
    /// `sign_in_needed` (never says which of the two was wrong), `too_many_requests`; `not_allowed` if the account is suspended.
    pub async fn sign_in(&self, name: &str, password: &str, visit: &Visit<'_>) -> Result<SignedIn, Problem> {
        let key = name_key(name);
        let stored = self.store().person_by_name(&key).await?;
        let device = match &stored {
            Some(stored) => self.known_device(stored.person.id, visit).await?.map(|device| device.hash().to_string()),
            None => None,
        };
        let from = device.as_deref().map_or(Guesser::Address(visit.from), Guesser::KnownDevice);
        let right = self.compare(&key, stored.as_ref(), password, from).await?;
        match stored.filter(|_| right) {
            Some(stored) if stored.state != AccountState::Open => Err(session::suspended()),
            Some(stored) => self.begin_session(stored.person, visit).await,
            None => {
                tracing::info!("A sign-in was refused");
                Err(Problem::new(ErrorCode::SignInNeeded, "The name or the password is not right.").with_help("Try again."))
            }
        }
    }

    /// Whether it is the password of this account, if there is one, as a try that is counted.
    async fn compare(&self, name_key: &str, stored: Option<&Stored>, password: &str, from: Guesser<'_>) -> Result<bool, Problem> {
        let exists = stored.is_some();
        self.patience().try_again(name_key, exists, from, self.clock().monotonic())?;
        let (queue, place) = match from {
            Guesser::KnownDevice(device) => (Queue::KnownDevice, device),
            Guesser::Address(address) => (Queue::SignIn, address),
        };
        let hash = stored.and_then(|stored| stored.password.as_deref());
        let compared = self.passwords().is(password, hash, queue, place).await;
        match compared {
            Ok(true) => self.patience().forget(name_key, from),
            Ok(false) => {}
            // It was not compared, so nothing was learned from it.
            Err(_) => self.patience().take_back(name_key, exists, from),
        }
        compared
    }

    /// Ends a session or a token.
    ///
    /// # Errors
    /// `internal`; a secret that opens nothing is no error.
    pub async fn sign_out(&self, secret: &Secret) -> Result<(), Problem> {
        if let Some(person) = self.store().sign_out(secret.hash(), self.now()).await? {
            self.listeners().tell_ended(person);
        }
        Ok(())
    }

    /// Whose sessions and tokens end from now on: whoever listens as one of them asks again whether they still may.
    #[must_use]
    pub fn ends(&self) -> broadcast::Receiver<PersonId> {
        self.listeners().ended()
    }

    /// The owner of a library that is embedded in their own recorder: made on the first call, without a password.
    ///
    /// # Errors
    /// `internal`.
    pub async fn ensure_owner(&self, name: PersonName) -> Result<Actor, Problem> {
        let owner = match self.store().owner().await? {
            Some(owner) => owner,
            None => self.store().ensure_first(&self.new_person(name, None)).await?,
        };
        Ok(host(owner))
    }

    /// In whose name they act who hold the library's folder: the owner's, once anybody has an account.
    ///
    /// # Errors
    /// `internal`.
    pub async fn host(&self) -> Result<Option<Actor>, Problem> {
        Ok(self.store().owner().await?.map(host))
    }

    /// Keeps an invitation, or without anybody who gave it the set-up secret.
    async fn keep_invite(&self, secret: &Secret, made_by: Option<PersonId>) -> Result<bool, Problem> {
        let created_at = self.now();
        let expires_at = created_at + self.settings().invite_life;
        let invite = Invite { hash: secret.hash(), setup: made_by.is_none(), made_by, created_at, expires_at };
        Ok(self.store().add_invite(&invite).await?)
    }

    fn new_person(&self, name: PersonName, password: Option<String>) -> NewPerson {
        let (name_key, looks) = (name_key(name.as_str()), name_looks(name.as_str()));
        NewPerson { person: Person { id: PersonId::new(), name }, name_key, looks, password, at: self.now() }
    }
}

fn host(owner: Person) -> Actor {
    Actor::member(owner).with_role(Role::Admin).with_standing(Standing::Host)
}

/// A note that is only good to have: where the disk takes no writes, people still come in and watch.
fn noted(written: Result<(), StoreError>) -> Result<(), Problem> {
    match written {
        Err(error) if error.kind.is_disk() => {
            tracing::debug!(doing = error.doing, error = %error.source, "The disk takes no writes");
            Ok(())
        }
        other => Ok(other?),
    }
}

fn not_invited() -> Problem {
    Problem::new(ErrorCode::NotFound, "This invitation does not open the door any more.")
        .with_help("Ask for a new one; the set-up link stands in the library's log.")
}
