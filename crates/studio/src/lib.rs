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
//! and hands the answer in; what is decided then is decided here, so that all programs decide
//! alike.
#![forbid(unsafe_code)]

mod bar_place;
mod bar_view;
mod browser_sign_in;
mod demo;
mod error;
mod file_name;
mod following;
mod given_files;
mod importing;
mod models;
mod own_library;
mod policy;
mod questions;
mod remote;
mod sign_in;
mod signals;
mod speech;
mod studio;
mod take_status;
mod target;
mod transcripts;
mod until;
mod window_memory;

pub use bar_place::{BAR_MARGIN, BarPlace, DesktopRect};
pub use bar_view::BarView;
pub use browser_sign_in::BrowserSignIn;
pub use demo::demo_plan;
pub use error::StudioError;
pub use following::{Ended, Snapshot, TakeNews, follow, narrate};
pub use given_files::{FileNumber, GivenFile, GivenFiles};
pub use importing::VIDEO_EXTENSIONS;
pub use models::{Downloaded, MODEL_EXTENSIONS, PendingDownload, SpeechModels};
pub use policy::policy_with_library;
pub use questions::Question;
pub use remote::{RemoteCommand, RemoteState, RemoteStatus, ask_app, serve_remote, start_app};
pub use sign_in::{SignIn, open_page};
pub use signals::EndSignals;
pub use speech::{ChosenEndpoint, ChosenSpeech, EndpointView, ModelDownload, Speech, SpeechView};
pub use studio::{
    LibraryAccess, LibraryChoice, RehearsalWatch, Studio, StudioOptions, devices, windows,
};
pub use take_status::TakeStatus;
pub use target::target;
pub use transcripts::{Transcribed, TranscriptNews};
pub use until::SendOutcome;
pub use window_memory::{WindowMemory, WindowPlace, Zoom};
