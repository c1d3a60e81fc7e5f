//! [`TranscriptProgress`]: how the transcript of a running take is coming along.

use serde::Serialize;
use vignette_model::Problem;

/// How the transcript of a running take is coming along.
#[derive(Clone, Debug, PartialEq, Serialize, ts_rs::TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum TranscriptProgress {
    /// There is none: the person said so, or there is no microphone.
    Off,
    /// It is made after the recording, by an endpoint.
    Later,
    /// There is no speech model on this computer.
    NoModel {
        /// What is missing and how to get it.
        #[ts(type = "Problem")]
        problem: Problem,
    },
    /// What is said is being transcribed.
    Listening {
        /// Cues so far.
        cues: usize,
    },
    /// All that was said is transcribed.
    Done {
        /// How many cues that are.
        cues: usize,
    },
    /// It is not made while recording; it is tried again afterwards.
    Failed {
        /// Why.
        #[ts(type = "Problem")]
        problem: Problem,
    },
}
