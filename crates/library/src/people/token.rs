//! Tokens: bearer secrets by which programs act for a person, listed and revoked one by one.

use vignette_model::text::Label;
use vignette_model::{PersonId, Secret, UtcMicros};

use super::noted;
use crate::actor::{Actor, Person};
use crate::error::{LibraryError, Missing};
use crate::library::{Library, member};
use crate::rules::{Action, Resource, may};
use crate::store::{TokenId, TokenRow};

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

/// The time of use is stored at most this often, so that not every request writes a row.
const NOTE_AFTER: std::time::Duration = std::time::Duration::from_secs(60);

/// The most characters of a label.
const LABEL: usize = 80;

/// What a token is called: one short line.
pub(super) fn label(text: &str) -> String {
    let start: String = text.trim_start().chars().take(LABEL).collect();
    Label::cut(&start).map_or_else(|_| "Recorder".to_owned(), |label| label.to_string())
}

impl Library {
    /// Whose token this is.
    ///
    /// # Errors
    /// `sign_in_needed`.
    pub async fn actor_for_token(&self, token: &Secret) -> Result<Actor, LibraryError> {
        let (hash, now) = (token.hash(), self.now());
        let (person, role, used_at) =
            self.store().token(hash).await?.ok_or(LibraryError::UnknownToken)?;
        if used_at.is_none_or(|used_at| used_at + NOTE_AFTER <= now) {
            noted(self.store().use_token(hash, now).await)?;
        }
        Ok(Actor::member(person).with_role(role))
    }

    /// A token to be pasted into a recorder. It is shown once.
    ///
    /// # Errors
    /// `sign_in_needed`, `password_needed`; `not_allowed` for a token, which makes no others.
    pub async fn issue_token(&self, actor: &Actor, label: &str) -> Result<Secret, LibraryError> {
        may(actor, Action::KeepTokens, Resource::Library)?;
        self.new_token(member(actor)?, label).await
    }

    /// The tokens of whoever asks, newest first.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`.
    pub async fn tokens(&self, actor: &Actor) -> Result<Vec<TokenView>, LibraryError> {
        may(actor, Action::KeepAccount, Resource::Library)?;
        self.tokens_of(member(actor)?.id).await
    }

    pub(super) async fn tokens_of(&self, person: PersonId) -> Result<Vec<TokenView>, LibraryError> {
        let rows = self.store().tokens(person).await?;
        let view = |row: TokenRow| TokenView {
            id: row.id,
            label: row.label,
            created_at_us: row.created_at,
            used_at_us: row.used_at,
        };
        Ok(rows.into_iter().map(view).collect())
    }

    /// Ends one of one's own tokens.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`, `not_found`.
    pub async fn revoke_token(&self, actor: &Actor, token: TokenId) -> Result<(), LibraryError> {
        may(actor, Action::KeepAccount, Resource::Library)?;
        let person = member(actor)?.id;
        if !self.store().revoke_token(person, token, self.now()).await? {
            return Err(LibraryError::NotFound(Missing::Token));
        }
        self.listeners().tell_ended(person);
        Ok(())
    }

    pub(super) async fn new_token(
        &self,
        person: &Person,
        text: &str,
    ) -> Result<Secret, LibraryError> {
        let token = Secret::random("lib");
        self.store().add_token(token.hash(), person.id, &label(text), self.now()).await?;
        Ok(token)
    }
}
