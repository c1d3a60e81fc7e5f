//! [`Models`]: the speech models of this computer: which there are, which is in use, and where they
//! come from.
//!
//! The folder holds `NAME.gguf` for each model that is here, `NAME.gguf.part` for what has arrived
//! of one, and `in-use.json`. Only a file whose SHA-256 was checked bears a model's name.

mod download;
mod table;

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use url::Url;

pub use download::{DownloadProgress, Stage};
pub use table::{DefaultFor, HOST, KnownModel, TABLE};

use crate::{SpeechModel, TranscribeError};

/// A folder with speech models. All state is on the disk: any number may be open on one folder.
#[derive(Clone, Debug)]
pub struct Models {
    folder: PathBuf,
    table: &'static [KnownModel],
    free_bytes: fn(&Path) -> io::Result<u64>,
}

/// A model of the table, and whether it is on this computer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ListedModel {
    /// The model.
    #[serde(flatten)]
    #[ts(flatten)]
    pub model: &'static KnownModel,
    /// Bytes of it on this computer.
    pub here_bytes: u64,
    /// Whether it is complete and checked.
    pub ready: bool,
    /// Whether it is the model in use.
    pub in_use: bool,
}

/// The model in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Choice {
    /// A model of the table.
    Name(String),
    /// A file that the person chose.
    File(PathBuf),
}

impl Models {
    /// The models in `folder`, which need not be there yet.
    #[must_use]
    pub fn open(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            table: TABLE,
            free_bytes: |folder| fs4::available_space(folder),
        }
    }

    /// The models of the table.
    #[must_use]
    pub fn list(&self) -> Vec<ListedModel> {
        let in_use = self.in_use();
        let length = |path: &Path| path.metadata().map_or(0, |file| file.len());
        let listed = |model: &'static KnownModel| {
            let path = self.path(model);
            let ready = path.is_file();
            let here_bytes = if ready { length(&path) } else { length(&download::part(&path)) };
            ListedModel {
                model,
                here_bytes,
                ready,
                in_use: ready && in_use.as_ref() == Some(&path),
            }
        };
        self.table.iter().map(listed).collect()
    }

    /// The file of the model in use; none if none was chosen or it is gone. Without one nothing is
    /// transcribed.
    #[must_use]
    pub fn in_use(&self) -> Option<PathBuf> {
        let path = match self.choice()? {
            Choice::Name(name) => self.path(self.find(&name).ok()?),
            Choice::File(path) => path,
        };
        path.is_file().then_some(path)
    }

    /// Uses a model that is here.
    ///
    /// # Errors
    /// [`TranscribeError::UnknownModel`], [`TranscribeError::NotHere`], or
    /// [`TranscribeError::Disk`].
    pub fn choose(&self, name: &str) -> Result<(), TranscribeError> {
        let model = self.find(name)?;
        if !self.path(model).is_file() {
            return Err(TranscribeError::NotHere(name.to_owned()));
        }
        self.set(&Choice::Name(name.to_owned()))
    }

    /// Uses a file that the person has, where it lies. Loads it once to see that it is a model.
    ///
    /// # Errors
    /// Those of [`SpeechModel::open`], or [`TranscribeError::Disk`].
    pub fn use_file(&self, file: &Path) -> Result<SpeechModel, TranscribeError> {
        let file = std::path::absolute(file).map_err(TranscribeError::disk(file))?;
        let speech = SpeechModel::open(&file)?;
        self.set(&Choice::File(file))?;
        Ok(speech)
    }

    /// Deletes a model of the table, and what has arrived of it. If it was in use, none is then.
    ///
    /// # Errors
    /// [`TranscribeError::UnknownModel`], or [`TranscribeError::Disk`].
    pub fn remove(&self, name: &str) -> Result<(), TranscribeError> {
        let path = self.path(self.find(name)?);
        for path in [download::part(&path), download::tag(&path), path] {
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(TranscribeError::disk(path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Downloads a model and checks it. If none is in use, it is then. A model that is here already
    /// is left as it is, and what has arrived of one is gone on with. `mirror` stands in for
    /// [`HOST`]; `progress` is told where it stands; once `cancel` is cancelled it stops and keeps
    /// what has arrived.
    ///
    /// # Errors
    /// [`TranscribeError`]: every case but those of using a model.
    pub async fn get(
        &self,
        name: &str,
        mirror: Option<&Url>,
        progress: &watch::Sender<DownloadProgress>,
        cancel: &CancellationToken,
    ) -> Result<PathBuf, TranscribeError> {
        let model = self.find(name)?;
        let path = self.path(model);
        if !path.is_file() {
            vignette_durable::create_folder(&self.folder)
                .map_err(TranscribeError::disk(&self.folder))?;
            let download = download::Download::new(model, path.clone(), self.free_bytes, progress)?;
            let whole = cancel.run_until_cancelled(download.run(mirror)).await;
            whole.unwrap_or_else(|| Err(TranscribeError::Cancelled(name.to_owned())))?;
        }
        if self.in_use().is_none() {
            self.choose(name)?;
        }
        Ok(path)
    }

    fn find(&self, name: &str) -> Result<&'static KnownModel, TranscribeError> {
        self.table
            .iter()
            .find(|model| model.name == name)
            .ok_or_else(|| TranscribeError::UnknownModel(name.to_owned()))
    }

    fn path(&self, model: &KnownModel) -> PathBuf {
        self.folder.join(format!("{}.gguf", model.name))
    }

    fn choice_path(&self) -> PathBuf {
        self.folder.join("in-use.json")
    }

    fn choice(&self) -> Option<Choice> {
        let bytes = std::fs::read(self.choice_path()).ok()?;
        serde_json::from_slice(&bytes)
            .inspect_err(|error| tracing::warn!(%error, "Cannot read which model is in use"))
            .ok()
    }

    fn set(&self, choice: &Choice) -> Result<(), TranscribeError> {
        let path = self.choice_path();
        let write = || {
            vignette_durable::create_folder(&self.folder)?;
            vignette_durable::write(&path, &serde_json::to_vec(choice)?)
        };
        write().map_err(TranscribeError::disk(&path))
    }
}

#[cfg(test)]
mod tests;
