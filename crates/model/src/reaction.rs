//! What people can feel at a moment of a clip, and show with one press.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::not_an_id::NotAnId;

/// A kind of reaction: what it says, and the sign that stands for it.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ReactionKind {
    /// 👍
    ThumbsUp,
    /// ❤️
    Heart,
    /// 👏
    Clap,
    /// 😂
    Laugh,
    /// 🤔
    Thinking,
    /// 🎉
    Celebrate,
}

impl ReactionKind {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 6] =
        [Self::ThumbsUp, Self::Heart, Self::Clap, Self::Laugh, Self::Thinking, Self::Celebrate];

    /// The kind as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ThumbsUp => "thumbs_up",
            Self::Heart => "heart",
            Self::Clap => "clap",
            Self::Laugh => "laugh",
            Self::Thinking => "thinking",
            Self::Celebrate => "celebrate",
        }
    }
}

impl fmt::Display for ReactionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ReactionKind {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(NotAnId("reaction"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_has_one_name_wherever_it_is_written() {
        for kind in ReactionKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        assert!("shrug".parse::<ReactionKind>().is_err());
    }
}
