//! [`Actor`]: who sends a request, as the account, links and secrets that come with it. [`crate::rules`] decides what they may do.

use std::str::FromStr;

use vignette_model::text::PersonName;
use vignette_model::{ClipId, ClipKey, PersonId, Secret};

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

/// Which session, without being the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionId(pub i64);

/// By what somebody with an account is known to be who they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// A token: a program speaks in their place, and may have been stolen with the computer it is on.
    #[default]
    Token,
    /// A session: a browser in which they typed their password.
    Session {
        /// Which.
        id: SessionId,
        /// Whether they typed it in the last ten minutes.
        fresh: bool,
    },
    /// They hold the library's folder, and could do as they like: its commands, or the recorder in whose process it runs.
    Host,
}

/// Who lists, searches or listens, as far as it decides what they see: a store's queries take it, and find what
/// [`may`](crate::rules::may) allows the actor that it was made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Viewer {
    /// Their account, if they have one.
    pub person: Option<PersonId>,
    /// The link that they came by.
    pub link: Option<ClipKey>,
}

/// Who may know of a clip and hear what happens to it: all members of the library, and those who came by its link.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Audience {
    /// The key of the clip's link.
    pub link: ClipKey,
}

impl Audience {
    /// Whether this viewer is one of them.
    #[must_use]
    pub(crate) fn includes(&self, viewer: &Viewer) -> bool {
        viewer.person.is_some() || viewer.link.as_ref() == Some(&self.link)
    }
}

/// Whoever asks, as the things they hold: an account, a clip's link, a clip's upload secret, a reply's secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    person: Option<Person>,
    role: Role,
    standing: Standing,
    link: Option<ClipKey>,
    upload: Option<ClipId>,
    reply: Option<Secret>,
}

impl Actor {
    /// Holds nothing.
    #[must_use]
    pub fn anonymous() -> Self {
        Self::default()
    }

    /// Signed in as `person`, with the least that shows it: by a token, without a role beyond a member's.
    #[must_use]
    pub fn member(person: Person) -> Self {
        Self { person: Some(person), ..Self::default() }
    }

    /// The same, known by more than a token.
    #[must_use]
    pub fn with_standing(mut self, standing: Standing) -> Self {
        self.standing = standing;
        self
    }

    /// The same in another role.
    #[must_use]
    pub(crate) fn with_role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    /// The same, who also presents the secret of a reply they wrote as a guest.
    #[must_use]
    pub fn with_reply_secret(mut self, secret: Secret) -> Self {
        self.reply = Some(secret);
        self
    }

    /// The same, who came by a clip's link.
    #[must_use]
    pub fn with_link(mut self, key: ClipKey) -> Self {
        self.link = Some(key);
        self
    }

    /// Whoever holds the upload secret of a clip: the library has found it by the secret's hash.
    #[cfg_attr(
        not(test),
        expect(
            dead_code,
            reason = "the row that an upload's secret opens is all it may add to: tested here"
        )
    )]
    pub(crate) fn uploader(clip: ClipId) -> Self {
        Self { upload: Some(clip), ..Self::default() }
    }

    /// Who they are, if they are signed in.
    #[must_use]
    pub fn person(&self) -> Option<&Person> {
        self.person.as_ref()
    }

    /// By what they are known, if they are signed in.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// The session they are signed in with, if it is one.
    #[must_use]
    pub(crate) fn session(&self) -> Option<SessionId> {
        match self.standing {
            Standing::Session { id, .. } => Some(id),
            Standing::Token | Standing::Host => None,
        }
    }

    /// Who they are to a store's listings and searches.
    #[must_use]
    pub(crate) fn viewer(&self) -> Viewer {
        Viewer { person: self.person.as_ref().map(|person| person.id), link: self.link.clone() }
    }

    /// Whether they look after the library.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.person.is_some() && self.role == Role::Admin
    }

    /// Whether they hold the upload secret of this clip.
    pub(crate) fn uploads_to(&self, clip: ClipId) -> bool {
        self.upload == Some(clip)
    }

    /// The secret of a reply that they present.
    pub(crate) fn reply_secret(&self) -> Option<&Secret> {
        self.reply.as_ref()
    }
}
