//! What people write and machines make, bounded: [`Title`], [`Summary`], [`ReplyBody`], [`PersonName`], [`CueText`] and others.
//!
//! Each is checked where it enters, so that nothing behind has to. Text is text: it is never a path, never HTML.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use thiserror::Error;

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
    /// Nothing but white space.
    #[error("{noun} is empty")]
    Empty {
        /// What it should have been.
        noun: &'static str,
    },
}

fn check(text: &str, noun: &'static str, least: usize, most: usize, lines: bool) -> Result<String, TextError> {
    let keep = |c: &char| !c.is_control() || (lines && matches!(c, '\n' | '\t'));
    let clean: String =
        text.replace("\r\n", "\n").chars().map(|c| if c == '\n' && !lines { ' ' } else { c }).filter(keep).collect();
    let clean = clean.trim();
    match clean.chars().count() {
        n if n > most => Err(TextError::TooLong { noun, most }),
        n if n < least => Err(TextError::Empty { noun }),
        _ => Ok(clean.to_owned()),
    }
}

macro_rules! bounded_text {
    ($(#[$doc:meta])* $name:ident, $noun:literal, $least:tt..=$most:tt, lines: $lines:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
        #[serde(transparent)]
        #[schema(value_type = String, max_length = $most)]
        pub struct $name(String);

        impl $name {
            /// The most characters it may have.
            pub const MAX_CHARS: usize = $most;

            /// Trims `text`, drops control characters and checks its length.
            ///
            /// # Errors
            /// [`TextError`] if it is too long, or empty where something is needed.
            pub fn new(text: &str) -> Result<Self, TextError> {
                check(text, $noun, $least, $most, $lines).map(Self)
            }

            /// Like [`Self::new`], but of text that is too long the beginning is kept: for what machines write.
            ///
            /// # Errors
            /// [`TextError::Empty`].
            pub fn cut(text: &str) -> Result<Self, TextError> {
                check(&text.trim_start().chars().take($most).collect::<String>(), $noun, $least, $most, $lines).map(Self)
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
    Title, "the title", 0..=200, lines: false);
bounded_text!(/// A clip's summary in Markdown; may be empty.
    #[derive(Default)]
    Summary, "the summary", 0..=20_000, lines: true);
bounded_text!(/// What a reply says, in Markdown.
    ReplyBody, "the reply", 1..=10_000, lines: true);
bounded_text!(/// What somebody is called.
    PersonName, "the name", 1..=80, lines: false);
bounded_text!(/// What was said in one cue.
    CueText, "the cue", 1..=1_000, lines: false);
bounded_text!(/// What a chapter is about.
    ChapterTitle, "the chapter's title", 1..=200, lines: false);
bounded_text!(/// What a task asks for.
    TaskText, "the task", 1..=500, lines: false);
bounded_text!(/// A few words beside others: who a task is for, a model's name, a language tag.
    Label, "the label", 1..=100, lines: false);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cleaned_and_bounded() {
        assert_eq!(Title::new("  a\0 path: ../../x\nand more ").unwrap().as_str(), "a path: ../../x and more");
        assert_eq!(Summary::new("# one\r\ntwo\u{7}").unwrap().as_str(), "# one\ntwo");
        assert_eq!(PersonName::new(" \t "), Err(TextError::Empty { noun: "the name" }));
        assert!(Title::new(&"ü".repeat(200)).is_ok(), "length is counted in characters, not bytes");
        assert_eq!(Title::new(&"ü".repeat(201)), Err(TextError::TooLong { noun: "the title", most: 200 }));
        assert_eq!(Title::cut(&"ü".repeat(201)).unwrap().as_str(), "ü".repeat(200));
        assert_eq!(CueText::cut("  "), Err(TextError::Empty { noun: "the cue" }));
    }
}
