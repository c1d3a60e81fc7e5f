//! What people write and machines make, bounded: [`Title`], [`Summary`], [`ReplyBody`], [`PersonName`], [`Login`], [`CueText`] and
//! others.
//!
//! Each is checked where it enters, so that nothing behind has to. Text is text: it is never a path, never HTML, and in one
//! normal form (`text/form.rs`): nothing in it turns the text beside it around or stands there unseen.

mod form;
mod login;

pub use form::name_looks;
pub use login::Login;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use thiserror::Error;

use form::{TextForm, normal};

/// Text that is too long, or empty where something is needed.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum TextError {
    /// More characters than there is room for.
    #[error("{noun} has more than {most} characters")]
    TooLong {
        /// What it should have been.
        noun: &'static str,
        /// How many characters it may have.
        most: usize,
    },
    /// Nothing that can be seen.
    #[error("{noun} is empty")]
    Empty {
        /// What it should have been.
        noun: &'static str,
    },
}

fn check(
    text: &str,
    noun: &'static str,
    least: usize,
    most: usize,
    shape: TextForm,
) -> Result<String, TextError> {
    within(text, noun, most)?;
    let clean = normal(text, shape);
    if clean.is_empty() && least > 0 { Err(TextError::Empty { noun }) } else { Ok(clean) }
}

/// Counts text as it comes, so that the length in the API's description is meant strictly; a line ends with one character.
fn within(text: &str, noun: &'static str, most: usize) -> Result<(), TextError> {
    let chars = text.chars().count() - text.matches("\r\n").count();
    if chars > most { Err(TextError::TooLong { noun, most }) } else { Ok(()) }
}

/// What another computer called something, to be shown in a sentence of ours: one line of at most `most` characters, without
/// those that control a terminal or the direction of the text around it.
#[must_use]
pub fn one_line(text: &str, most: usize) -> String {
    let words = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !is_control(*c))
        .collect::<String>();
    words.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(most).collect()
}

/// Whether a character does something instead of being seen: control characters, and Unicode's marks for directions and lines.
#[must_use]
pub fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{feff}')
}

// The pattern is for the API's description: of what may not be empty something is to be seen.
macro_rules! bounded_text {
    ($(#[$doc:meta])* $name:ident, $noun:literal, $least:tt..=$most:tt, $shape:ident $(, $pattern:literal)?) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
        #[serde(transparent)]
        #[schema(value_type = String, min_length = $least, max_length = $most $(, pattern = $pattern)?)]
        pub struct $name(String);

        impl $name {
            /// The most characters it may have.
            pub const MAX_CHARS: usize = $most;

            /// Brings `text` into its normal form and checks its length, which is counted as it comes.
            ///
            /// # Errors
            /// [`TextError`] if it is too long, or empty where something is needed.
            pub fn new(text: &str) -> Result<Self, TextError> {
                check(text, $noun, $least, $most, TextForm::$shape).map(Self)
            }

            /// Like [`Self::new`], but of text that is too long the beginning is kept: for what machines write.
            ///
            /// # Errors
            /// [`TextError::Empty`].
            pub fn cut(text: &str) -> Result<Self, TextError> {
                check(&text.trim_start().chars().take($most).collect::<String>(), $noun, $least, $most, TextForm::$shape).map(Self)
            }

            /// Text that was checked when it was stored, in the normal form of today. What has nothing to be seen any more, but
            /// must not be empty, is `…`: one such row does not hide the others.
            #[must_use]
            pub fn stored(text: &str) -> Self {
                Self::cut(text).unwrap_or_else(|_| Self("…".to_owned()))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                Self::new(&String::deserialize(from)?).map_err(serde::de::Error::custom)
            }
        }
    };
}

bounded_text!(/// A clip's title, one line; may be empty.
    #[derive(Default)]
    Title, "the title", 0..=200, Line);
bounded_text!(/// A clip's summary in Markdown; may be empty.
    #[derive(Default)]
    Summary, "the summary", 0..=20_000, Lines);
bounded_text!(/// What a library is called by the people whose it is, one line: `Acme`.
    LibraryName, "the library's name", 1..=60, Line, r"\S");
bounded_text!(/// What a reply says, in Markdown.
    ReplyBody, "the reply", 1..=10_000, Lines, r"\S");
bounded_text!(/// What somebody is called.
    PersonName, "the name", 1..=80, Name, r"\S");
bounded_text!(/// What was said in one cue.
    CueText, "the cue", 1..=1_000, Line, r"\S");
bounded_text!(/// What a chapter is about.
    ChapterTitle, "the chapter's title", 1..=200, Line, r"\S");
bounded_text!(/// What a task asks for.
    TaskText, "the task", 1..=500, Line, r"\S");
bounded_text!(/// A few words beside others: who a task is for, a model's name, a language tag.
    Label, "the label", 1..=100, Line, r"\S");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_elsewhere_stays_within_its_sentence() {
        assert_eq!(one_line(" Ada\n Lovelace ", 80), "Ada Lovelace");
        assert_eq!(one_line("\u{1b}]0;x\u{7}\u{9b}31m\u{202e}adA\u{2066}", 80), "]0;x31madA");
        assert_eq!(one_line(&"ü".repeat(100), 80), "ü".repeat(80));
    }

    #[test]
    fn text_is_cleaned_and_bounded() {
        assert_eq!(
            Title::new("  a\0 path: ../../x\nand more ").unwrap().as_str(),
            "a path: ../../x and more"
        );
        assert_eq!(Summary::new("# one\r\ntwo\u{7}").unwrap().as_str(), "# one\ntwo");
        assert_eq!(PersonName::new(" \t "), Err(TextError::Empty { noun: "the name" }));
        assert!(Title::new(&"ü".repeat(200)).is_ok(), "length is counted in characters, not bytes");
        assert_eq!(
            Title::new(&"ü".repeat(201)),
            Err(TextError::TooLong { noun: "the title", most: 200 })
        );
        assert_eq!(
            Title::new(&" ".repeat(201)),
            Err(TextError::TooLong { noun: "the title", most: 200 }),
            "spaces count"
        );
        assert!(
            ReplyBody::new(&"a\r\n".repeat(5_000)).is_ok(),
            "the end of a line is one character"
        );
        assert_eq!(Title::cut(&"ü".repeat(201)).unwrap().as_str(), "ü".repeat(200));
        assert_eq!(CueText::cut("  "), Err(TextError::Empty { noun: "the cue" }));
        assert_eq!(
            PersonName::new("\u{3164}"),
            Err(TextError::Empty { noun: "the name" }),
            "a name can be seen"
        );
        assert_eq!(
            Title::new("\u{200b}").unwrap().as_str(),
            "",
            "a title that cannot be seen is none"
        );
        assert_eq!(PersonName::stored("\u{3164}").as_str(), "…");
    }
}
