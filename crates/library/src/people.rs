//! People: who has an account, how they sign in, and what their programs hold.

use vignette_model::api::{TokenAnswer, TokenRequest};
use vignette_model::text::PersonName;
use vignette_model::{PersonId, Problem, Secret, UtcMicros};

use crate::library::Library;
use crate::rules::Actor;

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

/// Which token, without being the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TokenId(pub i64);

/// A token that was given out, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenView {
    /// Which.
    pub id: TokenId,
    /// What its owner called it.
    pub label: String,
    /// When it was given out.
    pub created_at_us: UtcMicros,
    /// When it last opened something, to within a minute.
    pub used_at_us: Option<UtcMicros>,
}

/// What a recorder asks a signed-in browser for (RFC 6749 §4.1.1, RFC 7636 §4.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// Must be `S256`.
    pub code_challenge_method: String,
    /// Base64url of the SHA-256 of the verifier.
    pub code_challenge: String,
    /// Where the code goes: `http://127.0.0.1:PORT/…` or `http://[::1]:PORT/…` (RFC 8252 §7.3).
    pub redirect_uri: String,
    /// What the token will be called in the list of tokens.
    pub label: String,
}

impl Authorization {
    /// Whether it can be granted at all: to be asked before a person is asked.
    ///
    /// # Errors
    /// `bad_request`. Never redirect to the address then.
    pub fn check(&self) -> Result<(), Problem> {
        unimplemented!()
    }
}

impl Library {
    /// A fresh secret for the set-up link while nobody has an account, else `None`. Each call ends the one before.
    ///
    /// # Errors
    /// `internal`.
    pub async fn setup_secret(&self) -> Result<Option<Secret>, Problem> {
        unimplemented!()
    }

    /// Makes the first account with the set-up secret and signs in.
    ///
    /// # Errors
    /// `not_found` if the secret opens nothing; `bad_request` for a password under 8 or over 200 characters; `conflict` if the
    /// name is taken.
    pub async fn complete_setup(&self, _secret: &Secret, _name: PersonName, _password: &str) -> Result<SignedIn, Problem> {
        unimplemented!()
    }

    /// A secret with which one more person can make an account, once.
    ///
    /// # Errors
    /// `sign_in_needed`.
    pub async fn invite(&self, _actor: &Actor) -> Result<Secret, Problem> {
        unimplemented!()
    }

    /// Makes an account with an invitation and signs in.
    ///
    /// # Errors
    /// As [`Library::complete_setup`].
    pub async fn accept_invite(&self, _secret: &Secret, _name: PersonName, _password: &str) -> Result<SignedIn, Problem> {
        unimplemented!()
    }

    /// Whether a set-up secret or invitation still opens the door: before a form is shown.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn check_invite(&self, _secret: &Secret) -> Result<(), Problem> {
        unimplemented!()
    }

    /// Signs in by name and password. Takes as long for a name that does not exist; failures slow a name down.
    ///
    /// # Errors
    /// `sign_in_needed` (never says which of the two was wrong), `too_many_requests`.
    pub async fn sign_in(&self, _name: &str, _password: &str) -> Result<SignedIn, Problem> {
        unimplemented!()
    }

    /// Ends a session or a token.
    ///
    /// # Errors
    /// `internal`; a secret that opens nothing is no error.
    pub async fn sign_out(&self, _secret: &Secret) -> Result<(), Problem> {
        unimplemented!()
    }

    /// Whose token this is.
    ///
    /// # Errors
    /// `sign_in_needed`.
    pub async fn actor_for_token(&self, _token: &Secret) -> Result<Actor, Problem> {
        unimplemented!()
    }

    /// Whose session this is.
    ///
    /// # Errors
    /// `sign_in_needed`.
    pub async fn actor_for_session(&self, _session: &Secret) -> Result<Actor, Problem> {
        unimplemented!()
    }

    /// Gives a single-use code for a token; lives for 60 seconds.
    ///
    /// # Errors
    /// `sign_in_needed`; `bad_request` as [`Authorization::check`].
    pub async fn authorize(&self, _actor: &Actor, _asked: &Authorization) -> Result<Secret, Problem> {
        unimplemented!()
    }

    /// Turns a code into a token.
    ///
    /// # Errors
    /// `bad_request` if the code is unknown, used, expired or another's, or the verifier or address does not fit.
    pub async fn exchange(&self, _asked: &TokenRequest) -> Result<TokenAnswer, Problem> {
        unimplemented!()
    }

    /// A token to be pasted into a recorder. It is shown once.
    ///
    /// # Errors
    /// `sign_in_needed`.
    pub async fn issue_token(&self, _actor: &Actor, _label: &str) -> Result<Secret, Problem> {
        unimplemented!()
    }

    /// The tokens of whoever asks, newest first.
    ///
    /// # Errors
    /// `sign_in_needed`.
    pub async fn tokens(&self, _actor: &Actor) -> Result<Vec<TokenView>, Problem> {
        unimplemented!()
    }

    /// Ends one of one's own tokens.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_found`.
    pub async fn revoke_token(&self, _actor: &Actor, _token: TokenId) -> Result<(), Problem> {
        unimplemented!()
    }

    /// The owner of a library that is embedded in their own recorder: made on the first call, without a password.
    ///
    /// # Errors
    /// `internal`.
    pub async fn ensure_owner(&self, _name: PersonName) -> Result<Actor, Problem> {
        unimplemented!()
    }
}
