//! [`Settings`]: what a person chose once and means from then on.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use url::Url;
use vignette_model::{ErrorCode, Problem};

use crate::{Sources, WordsSettings};

/// SpoolOutcome as `settings.json` in the folder for settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The library that new takes go to; none: this computer's own.
    pub library: Option<Url>,
    /// What was recorded last time.
    pub sources: Sources,
    /// Seconds of countdown; none: three.
    pub countdown_s: Option<u8>,
    /// How words are made.
    pub words: WordsSettings,
}

impl Settings {
    /// What is kept in `folder`; the usual if nothing is.
    ///
    /// # Errors
    /// A [`Problem`] if the file is there and cannot be read or understood; it is left as it is.
    pub fn open(folder: &Path) -> Result<Self, Problem> {
        let path = path(folder);
        let unreadable = |why: String| {
            Problem::new(ErrorCode::Internal, format!("The settings in {} cannot be read: {why}", path.display()))
                .with_help("Correct the file, or move it away to begin with the usual settings.")
        };
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|e| unreadable(e.to_string())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(unreadable(error.to_string())),
        }
    }

    /// Keeps them in `folder`.
    ///
    /// # Errors
    /// A [`Problem`] of the disk; then the file is as it was.
    pub fn keep(&self, folder: &Path) -> Result<(), Problem> {
        let kept = vignette_durable::create_folder(folder)
            .and_then(|()| serde_json::to_vec_pretty(self).map_err(std::io::Error::other))
            .and_then(|bytes| vignette_durable::write(&path(folder), &bytes));
        kept.map_err(|error| {
            Problem::new(ErrorCode::Internal, format!("The settings cannot be kept: {error}"))
                .with_help("Check the disk and the folder's permissions and try again.")
        })
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join("settings.json")
}
