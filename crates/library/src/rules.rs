//! Who may do what: an [`Actor`] holds things, an [`Action`] is asked for, [`may`] decides. Nothing else does.

use vignette_model::{ClipId, ClipKey, Problem, Secret};

use crate::people::Person;

/// Whoever asks, as the things they hold: an account, a clip's link, a clip's upload address, a reply's secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    person: Option<Person>,
    link: Option<ClipKey>,
    upload: Option<ClipId>,
    reply: Option<Secret>,
}

impl Actor {
    /// Holds nothing.
    #[must_use]
    pub fn nobody() -> Self {
        Self::default()
    }

    /// Signed in as `person`, by a session or a token.
    #[must_use]
    pub fn member(person: Person) -> Self {
        Self { person: Some(person), ..Self::default() }
    }

    /// The same, who also presents the secret of a reply they wrote as a guest.
    #[must_use]
    pub fn with_reply_secret(mut self, secret: Secret) -> Self {
        self.reply = Some(secret);
        self
    }

    /// The same, who came by a clip's link.
    pub(crate) fn with_link(&self, key: &ClipKey) -> Self {
        Self { link: Some(key.clone()), ..self.clone() }
    }

    /// Who they are, if they are signed in.
    #[must_use]
    pub fn person(&self) -> Option<&Person> {
        self.person.as_ref()
    }
}

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Make a clip.
    Create,
    /// List the library's clips and hear of their changes.
    List,
}

/// Whether `actor` may do `action`.
///
/// # Errors
/// The [`Problem`] to show if not.
pub fn may(_actor: &Actor, _action: Action) -> Result<(), Problem> {
    unimplemented!()
}
