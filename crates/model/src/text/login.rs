//! [`Login`]: what somebody types to sign in.

use std::fmt;

use super::form::name_key;
use super::{TextError, within};

/// What one person of a library types to sign in, and nobody else there: folded, so that capitals, width, spaces around it
/// and what cannot be seen make no difference. Any script will do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login(String);

impl Login {
    /// The most characters it may have, as it is typed and as it is compared.
    pub const MAX_CHARS: usize = 80;

    const NOUN: &str = "the sign-in name";

    /// A login for a new account.
    ///
    /// # Errors
    /// [`TextError`] if it is too long, or nothing in it can be seen.
    pub fn new(text: &str) -> Result<Self, TextError> {
        within(text, Self::NOUN, Self::MAX_CHARS)?;
        let login = Self::typed(text);
        // Some characters fold to several.
        within(&login.0, Self::NOUN, Self::MAX_CHARS)?;
        if login.0.is_empty() { Err(TextError::Empty { noun: Self::NOUN }) } else { Ok(login) }
    }

    /// What somebody typed, to be compared with logins: of any length, and possibly nobody's.
    #[must_use]
    pub fn typed(text: &str) -> Self {
        Self(name_key(text))
    }

    /// A login as it was stored, possibly folded by earlier rules.
    #[must_use]
    pub fn stored(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The folded text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_the_same_however_it_is_typed() {
        let login = Login::new("Anna Lee").unwrap();
        assert_eq!(login.as_str(), "anna lee");
        for typed in [" ANNA  LEE ", "Ａｎｎａ\u{a0}lee", "anna\u{200b} lee", "anna lee"] {
            assert_eq!(Login::typed(typed), login, "{}", typed.escape_unicode());
        }
        assert_ne!(Login::typed("annalee"), login);
        assert_eq!(Login::typed(login.as_str()), login, "folding twice changes nothing");
    }

    #[test]
    fn a_login_is_bounded_and_can_be_seen() {
        assert!(Login::new(&"ü".repeat(80)).is_ok());
        let too_long = Err(TextError::TooLong { noun: "the sign-in name", most: 80 });
        assert_eq!(Login::new(&"ü".repeat(81)), too_long);
        assert_eq!(Login::new(&"\u{fdfa}".repeat(80)), too_long, "one character that folds to 18");
        for nothing in ["", " \t", "\u{3164}", "\u{b4}"] {
            let empty = Err(TextError::Empty { noun: "the sign-in name" });
            assert_eq!(Login::new(nothing), empty, "{}", nothing.escape_unicode());
        }
    }
}
