//! Rows of people: their accounts, and how somebody gets one.

use std::str::FromStr;

use async_trait::async_trait;
use vignette_model::text::{Login, PersonName};
use vignette_model::{PersonId, Sha256, UtcMicros};

use crate::actor::{Person, Role, SessionId};
use crate::store::StoreError;

/// How it stands with somebody's account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountState {
    /// They can sign in.
    Open,
    /// Their sessions, tokens and uploads are refused until an administrator resumes the account.
    Suspended,
    /// They were removed. What they made stays; there is no way back.
    Left,
}

impl AccountState {
    /// The state as it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Suspended => "suspended",
            Self::Left => "left",
        }
    }
}

impl FromStr for AccountState {
    type Err = NotAState;
    fn from_str(text: &str) -> Result<Self, NotAState> {
        [Self::Open, Self::Suspended, Self::Left]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(NotAState)
    }
}

/// Text that is no state of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an account is `open`, `suspended` or `left`")]
pub struct NotAState;

/// A person as they are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    /// Who.
    pub person: Person,
    /// What they type to sign in; `None` once they have left.
    pub login: Option<Login>,
    /// What they may.
    pub role: Role,
    /// Whether they are let in.
    pub state: AccountState,
    /// Argon2 hash in PHC form; `None` for the owner of an embedded library, who signs in by a token alone.
    pub password: Option<String>,
}

/// A person to be added.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// Who.
    pub person: Person,
    /// What they will type to sign in: theirs alone.
    pub login: Login,
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
    /// Who gave it; it ends with their account. Nobody gave the set-up secret.
    pub made_by: Option<PersonId>,
    /// When it was given.
    pub created_at: UtcMicros,
    /// When it ends.
    pub expires_at: UtcMicros,
}

/// Names an invitation without being its secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvitationId(pub i64);

/// Who gave an invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inviter {
    /// What they are called.
    pub name: PersonName,
    /// What they type to sign in.
    pub login: Login,
}

/// An invitation in the list of those that are open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationRow {
    /// Which one.
    pub id: InvitationId,
    /// Who gave it; unknown of some that an earlier version gave.
    pub made_by: Option<Inviter>,
    /// When it was given; unknown likewise.
    pub created_at: Option<UtcMicros>,
    /// When it ends.
    pub expires_at: UtcMicros,
}

/// A link by which one person chooses a new password, once.
#[derive(Clone, Debug)]
pub struct Reset {
    /// Hash of the secret.
    pub hash: Sha256,
    /// Whose password. A new link ends the one before.
    pub person: PersonId,
    /// Who gave it; it ends with their account.
    pub made_by: PersonId,
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
    /// Somebody has that login, or one that looks like it; the invitation can be used again.
    LoginTaken,
}

/// What a new password ends beside itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewPassword<'a> {
    /// Whose.
    pub person: PersonId,
    /// Argon2 hash in PHC form.
    pub password: &'a str,
    /// The session that stays; all others end.
    pub keep: Option<SessionId>,
    /// Whether tokens end too.
    pub end_tokens: bool,
    /// Now.
    pub at: UtcMicros,
}

/// What came of a change to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountChange {
    /// It is done, or was so before.
    Done,
    /// There is no such account, or not any more.
    NoAccount,
    /// Nobody would be left to look after the library.
    LastAdmin,
}

/// A person in the list of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRow {
    /// Who.
    pub person: Person,
    /// What they type to sign in; `None` once they have left.
    pub login: Option<Login>,
    /// What they may.
    pub role: Role,
    /// Whether they are let in.
    pub state: AccountState,
    /// When they joined.
    pub created_at: UtcMicros,
    /// When a session or token of theirs was last used.
    pub used_at: Option<UtcMicros>,
    /// How many sessions they have.
    pub sessions: u32,
    /// How many tokens they have.
    pub tokens: u32,
}

/// The rows of people.
#[async_trait]
pub trait PeopleRows {
    /// The owner: the administrator who came first of those whose account is open. There is one once anybody has an account.
    async fn owner(&self) -> Result<Option<Person>, StoreError>;

    /// The person of a login. Who left has none.
    async fn person_by_login(&self, login: &Login) -> Result<Option<PersonRow>, StoreError>;

    /// Whether anybody with an account has this name, or one that shares a [look](vignette_model::text::name_looks) with it.
    async fn is_like_a_name(&self, name: &PersonName) -> Result<bool, StoreError>;

    /// The person of an id.
    async fn person(&self, id: PersonId) -> Result<Option<PersonRow>, StoreError>;

    /// All who have an account or had one, in the order in which they came.
    async fn members(&self) -> Result<Vec<MemberRow>, StoreError>;

    /// Adds the first person, an administrator; if anybody has an account already, gives the owner.
    async fn ensure_first(&self, new: &NewPerson) -> Result<Person, StoreError>;

    /// Changes what somebody is called; their login stays.
    async fn rename(
        &self,
        person: PersonId,
        name: &PersonName,
    ) -> Result<AccountChange, StoreError>;

    /// Gives somebody a role.
    async fn set_role(&self, person: PersonId, role: Role) -> Result<AccountChange, StoreError>;

    /// Suspends or resumes an account. Suspending ends its sessions, codes and reset links, and the invitations and reset links
    /// that it gave. Tokens stay, and are refused meanwhile.
    async fn suspend(
        &self,
        person: PersonId,
        suspended: bool,
        at: UtcMicros,
    ) -> Result<AccountChange, StoreError>;

    /// Ends an account with its sessions, tokens and links; the login is free. What they made stays, under `name`.
    async fn remove_person(
        &self,
        person: PersonId,
        name: &PersonName,
        at: UtcMicros,
    ) -> Result<AccountChange, StoreError>;

    /// Changes a password; other sessions, codes and reset links end with the old one.
    async fn set_password(&self, new: &NewPassword<'_>) -> Result<(), StoreError>;

    /// Keeps a reset link, in place of the one before.
    async fn add_reset(&self, reset: &Reset) -> Result<(), StoreError>;

    /// Whose password a reset link changes at `at`.
    async fn reset(&self, hash: Sha256, at: UtcMicros) -> Result<Option<Person>, StoreError>;

    /// Uses a reset link up and changes the password of its person, as [`PeopleRows::set_password`] does; `false` if it has
    /// been used, has ended, or is another's.
    async fn use_reset(&self, hash: Sha256, new: &NewPassword<'_>) -> Result<bool, StoreError>;

    /// Keeps an invitation. A set-up secret replaces the one before and is not kept if anybody has an account: `false` then.
    async fn add_invite(&self, invite: &Invite) -> Result<bool, StoreError>;

    /// The invitations that are valid at `at`, oldest first; the set-up secret is none of them.
    async fn invitations(&self, at: UtcMicros) -> Result<Vec<InvitationRow>, StoreError>;

    /// Ends an invitation; `false` if there is none of this number. The set-up secret has none.
    async fn revoke_invitation(&self, id: InvitationId) -> Result<bool, StoreError>;

    /// Whether an invitation is valid at `at`.
    async fn invited(&self, hash: Sha256, at: UtcMicros) -> Result<bool, StoreError>;

    /// Uses an invitation up that has not ended by `new.at` and adds the person, or neither. A login that shares a
    /// [look](vignette_model::text::name_looks) with another's is taken; a name may be another's too. A set-up secret opens
    /// nothing once somebody has an account.
    async fn join(&self, invite: Sha256, new: &NewPerson) -> Result<Joined, StoreError>;
}
