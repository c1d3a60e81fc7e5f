//! Rows of the secrets that speak for people: sessions, tokens, codes, and the devices they sign in from.

use async_trait::async_trait;
use vignette_model::{PersonId, Sha256, UtcMicros};

use crate::actor::{Person, Role, SessionId};
use crate::store::StoreError;

/// Which token, without being the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TokenId(pub i64);

/// A session to be kept.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Hash of the secret.
    pub hash: Sha256,
    /// Whose.
    pub person: PersonId,
    /// What their browser calls itself.
    pub device: String,
    /// Now: their password was typed.
    pub at: UtcMicros,
    /// When it ends unless it is used.
    pub expires_at: UtcMicros,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// Which.
    pub id: SessionId,
    /// What the browser called itself.
    pub device: String,
    /// When it began.
    pub created_at: UtcMicros,
    /// When it was last used, to within some minutes.
    pub used_at: UtcMicros,
    /// When the password was last typed in it.
    pub confirmed_at: UtcMicros,
    /// When it ends unless it is used.
    pub expires_at: UtcMicros,
}

/// A token as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    /// Which.
    pub id: TokenId,
    /// What its owner called it.
    pub label: String,
    /// When it was given out.
    pub created_at: UtcMicros,
    /// When it was last used.
    pub used_at: Option<UtcMicros>,
}

/// A code that waits to be turned into a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeRow {
    /// Hash of the code.
    pub hash: Sha256,
    /// Who gave it.
    pub person: Person,
    /// SHA-256 of the verifier.
    pub challenge: Sha256,
    /// Where it was sent.
    pub redirect_uri: String,
    /// What the token will be called.
    pub label: String,
    /// When it ends.
    pub expires_at: UtcMicros,
}

/// The rows of what gives somebody access to a library. None of it is valid while their account is suspended.
#[async_trait]
pub trait AccessRows {
    /// Whether this device has signed in as this person before.
    async fn knows_device(&self, hash: Sha256, person: PersonId) -> Result<bool, StoreError>;

    /// Keeps a device that has signed in as this person, and of all of theirs the `most` newest.
    async fn add_device(
        &self,
        hash: Sha256,
        person: PersonId,
        at: UtcMicros,
        most: u32,
    ) -> Result<(), StoreError>;

    /// Keeps a session; `false` if the account is not open.
    async fn add_session(&self, session: &NewSession) -> Result<bool, StoreError>;

    /// Whose session this is, if it has not ended at `at` and their account is open.
    async fn session(
        &self,
        hash: Sha256,
        at: UtcMicros,
    ) -> Result<Option<(Person, Role, SessionRow)>, StoreError>;

    /// Writes down when a session was used, and lets it end later.
    async fn use_session(
        &self,
        id: SessionId,
        at: UtcMicros,
        expires_at: UtcMicros,
    ) -> Result<(), StoreError>;

    /// Writes down that the password was typed in a session.
    async fn confirm_session(&self, id: SessionId, at: UtcMicros) -> Result<(), StoreError>;

    /// A person's sessions that have not ended at `at`, last used first.
    async fn sessions(
        &self,
        person: PersonId,
        at: UtcMicros,
    ) -> Result<Vec<SessionRow>, StoreError>;

    /// Ends a person's session; `false` if they have no such session.
    async fn end_session(
        &self,
        person: PersonId,
        session: SessionId,
        at: UtcMicros,
    ) -> Result<bool, StoreError>;

    /// Ends all sessions of a person but one, and all tokens if that is asked too.
    async fn end_access(
        &self,
        person: PersonId,
        keep: Option<SessionId>,
        tokens: bool,
        at: UtcMicros,
    ) -> Result<(), StoreError>;

    /// Keeps a token.
    async fn add_token(
        &self,
        hash: Sha256,
        person: PersonId,
        label: &str,
        at: UtcMicros,
    ) -> Result<TokenId, StoreError>;

    /// Whose token this is, if their account is open, and when it was last used.
    async fn token(
        &self,
        hash: Sha256,
    ) -> Result<Option<(Person, Role, Option<UtcMicros>)>, StoreError>;

    /// Writes down when a token was used.
    async fn use_token(&self, hash: Sha256, at: UtcMicros) -> Result<(), StoreError>;

    /// A person's tokens, newest first.
    async fn tokens(&self, person: PersonId) -> Result<Vec<TokenRow>, StoreError>;

    /// Ends a person's token; `false` if they have no such token.
    async fn revoke_token(
        &self,
        person: PersonId,
        token: TokenId,
        at: UtcMicros,
    ) -> Result<bool, StoreError>;

    /// Ends whatever session or token has this hash, and says whose it was.
    async fn sign_out(&self, hash: Sha256, at: UtcMicros) -> Result<Option<PersonId>, StoreError>;

    /// Those of whom something has ended that opened the library, after `since`, and the last moment at which it did.
    async fn ended_since(&self, since: UtcMicros)
    -> Result<(Vec<PersonId>, UtcMicros), StoreError>;

    /// Keeps a code.
    async fn add_code(&self, code: &CodeRow) -> Result<(), StoreError>;

    /// Takes a code out, if the account of who gave it is open: whoever asks second gets `None`.
    async fn take_code(&self, hash: Sha256) -> Result<Option<CodeRow>, StoreError>;

    /// Removes sessions, codes, invitations and reset links that ended before `at`.
    async fn purge(&self, at: UtcMicros) -> Result<(), StoreError>;
}
