//! [`Paths`]: the folders of this computer that Vignette uses.

use std::path::PathBuf;

use directories::ProjectDirs;

use crate::RecorderError;

/// Where things are kept for the person who is signed in to this computer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// Takes, until the library has them and for as long after as was chosen.
    pub spool: PathBuf,
    /// The library of one's own.
    pub library: PathBuf,
    /// Speech models.
    pub models: PathBuf,
    /// Settings, and the tokens of libraries.
    pub config: PathBuf,
    /// What programs that run find each other by, while they do.
    pub runtime: PathBuf,
}

impl Paths {
    /// The folders that the operating system has for this, or all below `VIGNETTE_HOME` if that is
    /// set.
    ///
    /// # Errors
    /// [`RecorderError::NoHomeFolder`].
    pub fn of_this_person() -> Result<Self, RecorderError> {
        if let Some(home) = std::env::var_os("VIGNETTE_HOME").filter(|home| !home.is_empty()) {
            return Ok(Self::below(home.into()));
        }
        let dirs =
            ProjectDirs::from("", "Vignette", "Vignette").ok_or(RecorderError::NoHomeFolder)?;
        let data = dirs.data_local_dir();
        Ok(Self {
            spool: data.join("spool"),
            library: data.join("library"),
            models: data.join("models"),
            config: dirs.config_dir().to_owned(),
            runtime: dirs.runtime_dir().unwrap_or(dirs.config_dir()).to_owned(),
        })
    }

    /// The file of tokens that open libraries, readable by this person alone.
    #[must_use]
    pub fn tokens(&self) -> PathBuf {
        self.config.join("tokens.json")
    }

    /// The file of keys that open speech and language models elsewhere, readable by this person
    /// alone.
    #[must_use]
    pub(crate) fn keys(&self) -> PathBuf {
        self.config.join("keys.json")
    }

    /// All below one folder.
    #[must_use]
    pub(crate) fn below(folder: PathBuf) -> Self {
        Self {
            spool: folder.join("spool"),
            library: folder.join("library"),
            models: folder.join("models"),
            runtime: folder.clone(),
            config: folder,
        }
    }
}
