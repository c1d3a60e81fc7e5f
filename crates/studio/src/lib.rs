//! What the programs that record share: a [`Studio`] opens everything that one of them needs, once.
//!
//! ```text
//!  desktop app ─┐             ┌─ recorder: spool, uploader, takes
//!               ├─▶ Studio ───┼─ this computer's own library, and where it moves
//!  command line ┘             ├─ settings and tokens, which other programs may change too
//!                             └─ speech models, downloads, endpoints
//! ```
//!
//! Architecture invariant: nothing here prints, draws or asks a person. A program asks the person
//! and hands the answer in; what is decided then is decided here, so that all programs decide alike.
#![forbid(unsafe_code)]

mod download;
mod own_library;
mod sign_in;
mod speech;
mod studio;
mod until;

pub use download::{default_model, download_model};
pub use sign_in::SignIn;
pub use speech::{ChosenEndpoint, ChosenSpeech, EndpointView, ModelDownload, Speech, SpeechView};
pub use studio::{LibraryAccess, LibraryChoice, Studio, StudioOptions};
pub use until::SendOutcome;
