//! [`ShortcutAction`]: what keys can do in any program.

use serde::{Deserialize, Serialize};

/// What a global shortcut does.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS,
)]
#[serde(rename_all = "snake_case")]
pub enum ShortcutAction {
    /// Starts a recording, or stops the one that runs.
    Record,
    /// Pauses, or goes on.
    Pause,
    /// Throws the recording away and begins again.
    Restart,
    /// Throws it away.
    Discard,
}

impl ShortcutAction {
    /// All of them, as a person reads them.
    pub const ALL: [Self; 4] = [Self::Record, Self::Pause, Self::Restart, Self::Discard];

    /// The keys that do it unless a person chose others. What throws something away has none.
    #[must_use]
    pub const fn usual_keys(self) -> Option<&'static str> {
        match self {
            Self::Record => Some("Ctrl+Shift+R"),
            Self::Pause => Some("Ctrl+Shift+P"),
            Self::Restart | Self::Discard => None,
        }
    }
}
