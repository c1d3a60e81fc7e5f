//! Conducts a take from countdown to "safe in the library".
//!
//! ```text
//!  Plan ─▶ Recorder::start ─▶ Recording (pause, resume, stop, cancel)
//!              │
//!              ├─ conductor   sources ─▶ encoder      one thread
//!              ├─ spool_writer fragments ─▶ spool      one thread
//!              └─ uploader    spool ─▶ library        a task, whatever else happens
//! ```
//!
//! Architecture invariant: a program that uses this room holds no truth. It shows whole snapshots
//! ([`RecordingView`], [`vignette_model::take::TakeView`]) and can be killed at any time; what was
//! kept is recovered at the next start.
#![forbid(unsafe_code)]

mod active_take;
mod bubble_view;
mod command;
mod conductor;
mod error;
mod heartbeat;
mod in_order;
mod inputs;
mod load;
mod loudness;
mod paths;
mod picture_address;
mod plan;
mod preview;
mod recorder;
mod recording;
mod rehearsal;
mod screen_preview;
mod settings;
mod shortcut_action;
mod sources;
mod speech_settings;
mod spool_writer;
mod takes;
mod timeline;
mod transcript_progress;
mod transcription;
mod warning;
mod windows;

pub use bubble_view::BubbleView;
pub use error::RecorderError;
pub use loudness::SILENCE_THRESHOLD_DBFS;
pub use paths::Paths;
pub use picture_address::picture_address;
pub use plan::Plan;
pub use recorder::{ImportedFile, Options, Recorder};
pub use recording::{Outcome, Pictures, Recording, RecordingView};
pub use rehearsal::{Rehearsal, RehearsalView};
pub use screen_preview::ScreenPicture;
pub use settings::Settings;
pub use shortcut_action::ShortcutAction;
pub use sources::{SourceChoice, Sources};
pub use speech_settings::{EndpointSettings, SpeechSettings};
pub use transcript_progress::TranscriptProgress;
pub use transcription::SpeechSetup;
pub use vignette_capture::synthetic::Talker as SyntheticTalker;
pub use vignette_capture::{
    CaptureTarget, Device, DeviceSelector, Devices, RestoreToken, SourceKind, TargetKind, devices,
};
pub use vignette_encode::{Bubble, Corner, ImportProgress, Profile};
pub use vignette_insights::{Endpoint, EndpointError};
pub use vignette_transcribe::{Models, TranscribeError, models};
pub use vignette_upload::{
    Client, ClientError, Credentials, CredentialsError, NotALibraryAddress, SignInError,
    is_readable_on_the_way, library_url, sign_in,
};
pub use warning::{Warning, WarningKind, WarningView};
pub use windows::{WindowView, windows};
