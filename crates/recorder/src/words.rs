//! The words of a take, made on this computer: while it is recorded by an [`Ear`], else afterwards from its stream.
//!
//! ```text
//!  conductor ─ samples ─▶ Ear ─▶ Listener ─ Heard ─▶ Scribe ─▶ spool (words.json) ─▶ uploader
//!  stream of a finished take ──▶ Listener ─ Heard ─▶ Scribe ─┘
//! ```
//!
//! Nothing here holds up a picture or a byte: the conductor hands samples over and forgets them, and a take is as safe
//! without words as with them.

mod afterwards;
mod ear;
mod scribe;

use serde::{Deserialize, Serialize};
use url::Url;
use vignette_model::{ErrorCode, Problem};

pub(crate) use afterwards::{Afterwards, hear_one, keep_catching_up};
pub(crate) use ear::{Ear, Hearing};

/// What a person chose about words. Which speech model is in use is kept beside the models.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WordsSettings {
    /// Whether no words are made at all.
    pub off: bool,
    /// Where models are downloaded from instead of their usual place.
    pub mirror: Option<Url>,
    /// A language model that makes title, summary, chapters and tasks; none: rules on this computer do. What was said
    /// leaves this computer only if there is one.
    pub endpoint: Option<EndpointSettings>,
}

/// An OpenAI-compatible service. Its key, if it wants one, lies with the tokens of libraries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointSettings {
    /// Its base address, such as `http://localhost:11434/v1`.
    pub url: Url,
    /// The language model to ask for.
    pub model: String,
}

/// How the words of a running take are coming along.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum WordsState {
    /// None are made: the person said so, or there is no microphone.
    Off,
    /// There is no speech model on this computer.
    NoModel {
        /// What is missing and how to get it.
        problem: Problem,
    },
    /// What is said is being written down.
    Listening {
        /// Cues so far.
        cues: usize,
    },
    /// All that was said is written down.
    Done {
        /// How many cues that are.
        cues: usize,
    },
    /// They are not made while recording; they are tried again afterwards.
    Failed {
        /// Why.
        problem: Problem,
    },
}

/// What is missing, and how to get it.
pub(crate) fn no_model() -> Problem {
    Problem::new(ErrorCode::NotFound, "There is no speech model on this computer, so no words are made.")
        .with_help("Get one in the settings or with `vignette models get`; takes without words get theirs then.")
}
