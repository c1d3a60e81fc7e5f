//! Tokens: what a person's programs hold in their place, listed and ended one by one.

use vignette_model::{ErrorCode, Problem, Secret, UtcMicros};

use super::Person;
use crate::library::{Library, member};
use crate::rules::{Action, Actor, may};

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

/// Use is written down at most this often, so that not every request writes a row.
const NOTE_AFTER: std::time::Duration = std::time::Duration::from_secs(60);

/// The most characters of a label.
const LABEL: usize = 80;

/// What a token is called: one short line.
pub(super) fn label(text: &str) -> String {
    let clean: String = text.chars().filter(|c| !c.is_control()).take(LABEL).collect();
    let clean = clean.trim();
    if clean.is_empty() { "Recorder".to_owned() } else { clean.to_owned() }
}

impl Library {
    /// Whose token this is.
    ///
    /// # Errors
    /// `sign_in_needed`.
    pub async fn actor_for_token(&self, token: &Secret) -> Result<Actor, Problem> {
        let (hash, now) = (token.hash(), self.now());
        let unknown = || Problem::new(ErrorCode::SignInNeeded, "This token opens nothing here.");
        let (person, used_at) = self.store().token(hash).await?.ok_or_else(unknown)?;
        if used_at.is_none_or(|used_at| used_at + NOTE_AFTER <= now) {
            self.store().use_token(hash, now).await?;
        }
        Ok(Actor::member(person))
    }

    /// A token to be pasted into a recorder. It is shown once.
    ///
    /// # Errors
    /// `sign_in_needed`.
    pub async fn issue_token(&self, actor: &Actor, label: &str) -> Result<Secret, Problem> {
        may(actor, Action::KeepTokens, None)?;
        self.new_token(member(actor)?, label).await
    }

    /// The tokens of whoever asks, newest first.
    ///
    /// # Errors
    /// `sign_in_needed`.
    pub async fn tokens(&self, actor: &Actor) -> Result<Vec<TokenView>, Problem> {
        may(actor, Action::KeepTokens, None)?;
        let rows = self.store().tokens(member(actor)?.id).await?;
        let view = |row: crate::store::TokenRow| TokenView {
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
    /// `sign_in_needed`, `not_found`.
    pub async fn revoke_token(&self, actor: &Actor, token: TokenId) -> Result<(), Problem> {
        may(actor, Action::KeepTokens, None)?;
        let missing = || Problem::new(ErrorCode::NotFound, "There is no such token.").with_help("It may have been ended before.");
        if self.store().revoke_token(member(actor)?.id, token).await? { Ok(()) } else { Err(missing()) }
    }

    pub(super) async fn new_token(&self, person: &Person, text: &str) -> Result<Secret, Problem> {
        let token = Secret::random("lib");
        self.store().add_token(token.hash(), person.id, &label(text), self.now()).await?;
        Ok(token)
    }
}
