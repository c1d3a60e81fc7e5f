//! People: who has an account, how they get one, how they sign in and out.

mod code;
mod password;
mod patience;
mod token;

pub use code::Authorization;
pub use token::{TokenId, TokenView};

pub(crate) use password::Passwords;
pub(crate) use patience::Patience;

use vignette_model::text::{PersonName, name_key};
use vignette_model::{ErrorCode, PersonId, Problem, Secret};

use crate::library::Library;
use crate::rules::{Action, Actor, may};
use crate::store::{Invite, Joined, NewPerson, SecretRow};

/// Somebody with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub id: PersonId,
    /// What they are called.
    pub name: PersonName,
}

/// Somebody who has just signed in, and the session to put into their cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub person: Person,
    /// Their session.
    pub session: Secret,
}

/// A session is lengthened at most this often, so that not every page writes a row.
const LENGTHEN_AFTER: std::time::Duration = std::time::Duration::from_secs(60 * 60);

impl Library {
    /// A fresh secret for the set-up link while nobody has an account, else `None`. Each call ends the one before.
    ///
    /// # Errors
    /// `internal`.
    pub async fn setup_secret(&self) -> Result<Option<Secret>, Problem> {
        let secret = Secret::random("setup");
        let kept = self.keep_invite(&secret, true).await?;
        Ok(kept.then_some(secret))
    }

    /// Makes the first account with the set-up secret and signs in.
    ///
    /// # Errors
    /// `not_found` if the secret opens nothing; `bad_request` for a password under 8 or over 200 characters; `conflict` if the
    /// name is taken.
    pub async fn complete_setup(&self, secret: &Secret, name: PersonName, password: &str) -> Result<SignedIn, Problem> {
        self.join(secret, name, password).await
    }

    /// A secret with which one more person can make an account, once.
    ///
    /// # Errors
    /// `sign_in_needed`.
    pub async fn invite(&self, actor: &Actor) -> Result<Secret, Problem> {
        may(actor, Action::Invite, None)?;
        let secret = Secret::random("invite");
        self.keep_invite(&secret, false).await?;
        Ok(secret)
    }

    /// Makes an account with an invitation and signs in.
    ///
    /// # Errors
    /// As [`Library::complete_setup`].
    pub async fn accept_invite(&self, secret: &Secret, name: PersonName, password: &str) -> Result<SignedIn, Problem> {
        self.join(secret, name, password).await
    }

    /// Whether a set-up secret or invitation still opens the door: before a form is shown.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn check_invite(&self, secret: &Secret) -> Result<(), Problem> {
        if self.store().invited(secret.hash(), self.now()).await? { Ok(()) } else { Err(not_invited()) }
    }

    /// Signs in by name and password, from an address (or a part of the network). Takes as long for a name that does not exist;
    /// failures slow down whoever tries the name from there.
    ///
    /// # Errors
    /// `sign_in_needed` (never says which of the two was wrong), `too_many_requests`.
    pub async fn sign_in(&self, name: &str, password: &str, from: &str) -> Result<SignedIn, Problem> {
        let key = name_key(name);
        // Counted before it is known to be wrong, so that many at once do not pass together.
        self.patience().try_again(&key, from, self.clock().monotonic())?;
        let stored = self.store().person_by_name(&key).await?;
        let hash = stored.as_ref().and_then(|stored| stored.password.as_deref());
        let right = self.passwords().is(password, hash).await?;
        match stored.filter(|_| right) {
            Some(stored) => {
                self.patience().forget(&key, from);
                self.begin_session(stored.person).await
            }
            None => {
                tracing::info!("A sign-in was refused");
                Err(Problem::new(ErrorCode::SignInNeeded, "The name or the password is not right.").with_help("Try again."))
            }
        }
    }

    /// Ends a session or a token.
    ///
    /// # Errors
    /// `internal`; a secret that opens nothing is no error.
    pub async fn sign_out(&self, secret: &Secret) -> Result<(), Problem> {
        Ok(self.store().sign_out(secret.hash()).await?)
    }

    /// Whose session this is. Each visit lengthens it.
    ///
    /// # Errors
    /// `sign_in_needed`.
    pub async fn actor_for_session(&self, session: &Secret) -> Result<Actor, Problem> {
        let (hash, now) = (session.hash(), self.now());
        let ended = || Problem::new(ErrorCode::SignInNeeded, "You are not signed in any more.");
        let (person, expires_at) = self.store().session(hash, now).await?.ok_or_else(ended)?;
        let longer = now + self.settings().session_life;
        if expires_at + LENGTHEN_AFTER < longer {
            self.store().extend_session(hash, longer).await?;
        }
        Ok(Actor::member(person))
    }

    /// The owner of a library that is embedded in their own recorder: made on the first call, without a password.
    ///
    /// # Errors
    /// `internal`.
    pub async fn ensure_owner(&self, name: PersonName) -> Result<Actor, Problem> {
        let owner = match self.store().first_person().await? {
            Some(owner) => owner,
            None => self.store().ensure_first(&self.new_person(name, None)).await?,
        };
        Ok(Actor::member(owner))
    }

    async fn keep_invite(&self, secret: &Secret, setup: bool) -> Result<bool, Problem> {
        let expires_at = self.now() + self.settings().invite_life;
        Ok(self.store().add_invite(&Invite { hash: secret.hash(), setup, expires_at }).await?)
    }

    async fn join(&self, secret: &Secret, name: PersonName, password: &str) -> Result<SignedIn, Problem> {
        // Hashing a password is work: not for those without an invitation.
        self.check_invite(secret).await?;
        let password = self.passwords().hash(password).await?;
        let new = self.new_person(name, Some(password));
        match self.store().join(secret.hash(), &new).await? {
            Joined::Added => {
                tracing::info!(person.id = %new.person.id, "Somebody joined");
                self.begin_session(new.person).await
            }
            Joined::NotInvited => Err(not_invited()),
            Joined::NameTaken => {
                Err(Problem::new(ErrorCode::Conflict, "Somebody here has that name already.").with_help("Choose another name."))
            }
        }
    }

    fn new_person(&self, name: PersonName, password: Option<String>) -> NewPerson {
        let name_key = name_key(name.as_str());
        NewPerson { person: Person { id: PersonId::new(), name }, name_key, password, at: self.now() }
    }

    async fn begin_session(&self, person: Person) -> Result<SignedIn, Problem> {
        let (session, at) = (Secret::random("ses"), self.now());
        let expires_at = at + self.settings().session_life;
        self.store().add_session(&SecretRow { hash: session.hash(), person: person.id, at, expires_at }).await?;
        Ok(SignedIn { person, session })
    }
}

fn not_invited() -> Problem {
    Problem::new(ErrorCode::NotFound, "This invitation does not open the door any more.")
        .with_help("Ask for a new one; the set-up link stands in the library's log.")
}
