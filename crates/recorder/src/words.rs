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
mod better;
mod ear;
mod scribe;
mod service;
mod setup;

use serde::Serialize;
use vignette_model::{ErrorCode, Problem};

pub(crate) use afterwards::{Afterwards, hear_one, keep_catching_up};
pub(crate) use better::better;
pub(crate) use ear::{Ear, Hearing};
pub(crate) use setup::Hearer;
pub use setup::{EndpointSettings, WordsSettings, WordsSetup};

/// How the words of a running take are coming along.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum WordsState {
    /// None are made: the person said so, or there is no microphone.
    Off,
    /// They are made after the recording, by a service.
    Later,
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
