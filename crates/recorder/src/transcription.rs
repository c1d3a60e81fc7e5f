//! Transcripts of takes, made on this computer: while recording by a [`LiveTranscription`], else afterwards from the take's stream
//! by the [`Backfill`].
//!
//! ```text
//!  conductor ─ samples ─▶ LiveTranscription ─▶ Transcriber ─▶ TranscriptWriter ─▶ spool (words.json) ─▶ uploader
//!  stream of a finished take ── Backfill ────▶ Transcriber ─▶ TranscriptWriter ─┘
//! ```
//!
//! Nothing here blocks a picture or a byte: the conductor sends samples over a channel and forgets them, and a take is as safe
//! without a transcript as with one.

mod backfill;
mod live;
mod refine;
mod service;
mod setup;
mod writer;

use serde::Serialize;
use vignette_model::{ErrorCode, Problem};

pub(crate) use backfill::{Backfill, run_backfill, transcribe_take};
pub(crate) use live::{LiveOptions, LiveTranscription};
pub(crate) use refine::refine_with_llm;
pub(crate) use setup::SpeechEngine;
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
