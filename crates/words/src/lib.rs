//! Samples to words: what was said, and the title, summary, chapters and tasks that are made of it.
#![forbid(unsafe_code)]

mod cues;
mod error;
pub mod insights;
mod listener;
pub mod models;
mod mono;
mod piece;
mod pitch;
mod priority;
mod sieve;
mod speech;
mod voice;

pub use error::WordsError;
pub use listener::{Heard, Listener};
pub use models::Models;
pub use speech::Speech;
