//! [`Warning`]: what a person should know while a take goes on.

use std::fmt;

use serde::Serialize;
use vignette_capture::SourceKind;

/// Something a person should know while the take goes on. Programs get it as a [`WarningView`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "WarningView")]
pub enum Warning {
    /// A source gives nothing at the moment.
    Lost {
        /// Which.
        source: SourceKind,
        /// What happened.
        text: String,
    },
    /// A source that is usually there could not be opened; the take goes on without it.
    Missing {
        /// What happened and what can be done.
        text: String,
    },
    /// The microphone has given nothing to hear for five seconds.
    Silent,
    /// The computer has not time enough for every picture; sound is not affected.
    Busy,
    /// The disk is nearly full.
    LittleSpace {
        /// How much is left.
        free_bytes: u64,
        /// On whose disk.
        folder: String,
    },
}

/// A [`Warning`] for a window or another program, with the sentence that a person reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(rename = "Warning")]
pub struct WarningView {
    /// What kind of warning it is.
    pub warning: WarningKind,
    /// The sentence that says it.
    pub text: String,
}

/// The kinds of [`Warning`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum WarningKind {
    /// A source gives nothing at the moment.
    Lost,
    /// A source could not be opened.
    Missing,
    /// The microphone gives nothing to hear.
    Silent,
    /// Fewer pictures are recorded.
    Busy,
    /// The disk is nearly full.
    LittleSpace,
}

impl From<Warning> for WarningView {
    fn from(warning: Warning) -> Self {
        let text = warning.to_string();
        let warning = match warning {
            Warning::Lost { .. } => WarningKind::Lost,
            Warning::Missing { .. } => WarningKind::Missing,
            Warning::Silent => WarningKind::Silent,
            Warning::Busy => WarningKind::Busy,
            Warning::LittleSpace { .. } => WarningKind::LittleSpace,
        };
        Self { warning, text }
    }
}

impl Warning {
    pub(crate) fn lost(source: SourceKind, text: String) -> Self {
        Self::Lost { source, text }
    }

    /// Whether it says that a source of this kind gives nothing.
    pub(crate) fn is_loss_of(&self, kind: SourceKind) -> bool {
        matches!(self, Self::Lost { source, .. } if *source == kind)
    }

    /// What it is about: of each subject only the newest warning stands.
    pub(crate) fn subject(&self) -> String {
        match self {
            Self::Lost { source, .. } => format!("lost {source}"),
            Self::Missing { text } => text.clone(),
            Self::Silent => "silent".into(),
            Self::Busy => "busy".into(),
            Self::LittleSpace { .. } => "space".into(),
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost { text, .. } | Self::Missing { text } => f.write_str(text),
            Self::Silent => f.write_str("We can’t hear you: is the microphone muted?"),
            Self::Busy => f.write_str("This computer is busy: recording fewer pictures a second"),
            Self::LittleSpace { free_bytes, folder } => {
                let free = free_bytes / 1_000_000;
                write!(
                    f,
                    "Only {free} MB are free on the disk of {folder}; recording stops by itself at \
                     500 MB, with everything kept"
                )
            }
        }
    }
}
