//! Samples to a transcript: speech models on this computer, their downloads, and the
//! [`Transcriber`] that runs one.
#![forbid(unsafe_code)]

mod cues;
mod error;
mod hallucination_filter;
pub mod models;
mod mono;
mod pitch;
mod priority;
mod speech_model;
mod transcriber;
mod utterance;
mod voice_activity;

pub use error::TranscribeError;
pub use models::Models;
pub use speech_model::SpeechModel;
pub use transcriber::{Transcriber, Transcript};
