//! Rows of people and of the secrets that speak for them.

use async_trait::async_trait;
use vignette_model::{PersonId, Sha256, UtcMicros};

use crate::people::{Person, TokenId};
use crate::store::StoreError;

/// A person as they are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Who.
    pub person: Person,
    /// Argon2 hash in PHC form; `None` for the owner of an embedded library, who signs in by a token alone.
    pub password: Option<String>,
}

/// A person to be added.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// Who.
    pub person: Person,
    /// Their name as it is compared: no two people share one.
    pub name_key: String,
    /// Argon2 hash in PHC form.
    pub password: Option<String>,
    /// Now.
    pub at: UtcMicros,
}

/// An invitation, or the one set-up secret.
#[derive(Clone, Debug)]
pub struct Invite {
    /// Hash of the secret.
    pub hash: Sha256,
    /// Whether it makes the first account: there is at most one, and only while nobody has an account.
    pub setup: bool,
    /// When it ends.
    pub expires_at: UtcMicros,
}

/// What came of an attempt to join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// The person was added and the invitation used up.
    Added,
    /// There is no such invitation.
    NotInvited,
    /// Somebody has that name; the invitation can be used again.
    NameTaken,
}

/// A session to be kept.
#[derive(Clone, Debug)]
pub struct SecretRow {
    /// Hash of the secret.
    pub hash: Sha256,
    /// Whose.
    pub person: PersonId,
    /// Now.
    pub at: UtcMicros,
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

/// The rows of people.
#[async_trait]
pub trait PeopleRows {
    /// The person who came first, if anybody has an account.
    async fn first_person(&self) -> Result<Option<Person>, StoreError>;

    /// The person of a name, compared by its key.
    async fn person_by_name(&self, name_key: &str) -> Result<Option<Stored>, StoreError>;

    /// Adds the first person; if there is one already, gives that one.
    async fn ensure_first(&self, new: &NewPerson) -> Result<Person, StoreError>;

    /// Keeps an invitation. A set-up secret replaces the one before and is not kept if anybody has an account: `false` then.
    async fn add_invite(&self, invite: &Invite) -> Result<bool, StoreError>;

    /// Whether an invitation opens the door at `at`.
    async fn invited(&self, hash: Sha256, at: UtcMicros) -> Result<bool, StoreError>;

    /// Uses an invitation up that has not ended by `new.at` and adds the person, or neither. A set-up secret opens nothing once
    /// somebody has an account.
    async fn join(&self, invite: Sha256, new: &NewPerson) -> Result<Joined, StoreError>;

    /// Keeps a session.
    async fn add_session(&self, session: &SecretRow) -> Result<(), StoreError>;

    /// Whose session this is, if it has not ended at `at`, and when it ends.
    async fn session(&self, hash: Sha256, at: UtcMicros) -> Result<Option<(Person, UtcMicros)>, StoreError>;

    /// Lets a session end later.
    async fn extend_session(&self, hash: Sha256, expires_at: UtcMicros) -> Result<(), StoreError>;

    /// Keeps a token.
    async fn add_token(&self, hash: Sha256, person: PersonId, label: &str, at: UtcMicros) -> Result<TokenId, StoreError>;

    /// Whose token this is, and when it was last used.
    async fn token(&self, hash: Sha256) -> Result<Option<(Person, Option<UtcMicros>)>, StoreError>;

    /// Writes down when a token was used.
    async fn use_token(&self, hash: Sha256, at: UtcMicros) -> Result<(), StoreError>;

    /// A person's tokens, newest first.
    async fn tokens(&self, person: PersonId) -> Result<Vec<TokenRow>, StoreError>;

    /// Ends a person's token; `false` if they have no such token.
    async fn revoke_token(&self, person: PersonId, token: TokenId) -> Result<bool, StoreError>;

    /// Ends whatever session or token has this hash.
    async fn sign_out(&self, hash: Sha256) -> Result<(), StoreError>;

    /// Keeps a code.
    async fn add_code(&self, code: &CodeRow) -> Result<(), StoreError>;

    /// Takes a code out: whoever asks second gets `None`.
    async fn take_code(&self, hash: Sha256) -> Result<Option<CodeRow>, StoreError>;

    /// Removes sessions, codes and invitations that ended before `at`.
    async fn purge(&self, at: UtcMicros) -> Result<(), StoreError>;
}
