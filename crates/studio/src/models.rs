//! [`SpeechModels`]: the speech models of this computer, one of which may be in use, and the
//! download of one.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use url::Url;
use vignette_recorder::models::{DefaultFor, DownloadProgress, KnownModel, ListedModel, TABLE};
use vignette_recorder::{Models, Paths, Settings, TranscribeError};

use crate::StudioError;

/// What the names of model files end in.
pub const MODEL_EXTENSIONS: [&str; 2] = ["gguf", "bin"];

/// The speech models of this computer. Clones are the same.
#[derive(Clone, Debug)]
pub struct SpeechModels {
    pub(crate) models: Models,
    /// Folder of the settings.
    config: PathBuf,
    /// Ends the download, while there is one.
    download: Arc<Mutex<Option<CancellationToken>>>,
}

/// A download that may run: the only one of its [`SpeechModels`] until it is dropped.
#[derive(Debug)]
pub struct PendingDownload {
    models: SpeechModels,
    model: &'static KnownModel,
    cancel: CancellationToken,
}

/// How a download ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Downloaded {
    /// The model is here, and the one that is used.
    InUse,
    /// The model is here, and another one is used.
    Here,
    /// It was stopped; what has arrived is kept for the next time.
    Stopped,
}

impl SpeechModels {
    /// Those of this person.
    #[must_use]
    pub fn of(paths: &Paths) -> Self {
        Self::new(Models::open(&paths.models), paths.config.clone())
    }

    pub(crate) fn new(models: Models, config: PathBuf) -> Self {
        Self { models, config, download: Arc::default() }
    }

    /// The models there are, and the person's own model file if that is in use.
    #[must_use]
    pub fn list(&self) -> (Vec<ListedModel>, Option<PathBuf>) {
        let listed = self.models.list();
        let own = self.models.in_use().filter(|_| !listed.iter().any(|model| model.in_use));
        (listed, own)
    }

    /// Begins the download of a model; without a name of the usual one for English.
    ///
    /// # Errors
    /// [`TranscribeError::UnknownModel`]; [`TranscribeError::Busy`] while another is downloaded.
    pub fn download(&self, name: Option<&str>) -> Result<PendingDownload, TranscribeError> {
        let found = match name {
            Some(name) => TABLE.iter().find(|model| model.name == name),
            None => TABLE.iter().find(|model| model.default_for == Some(DefaultFor::English)),
        };
        let unknown = || TranscribeError::UnknownModel(name.unwrap_or_default().to_owned());
        let model = found.ok_or_else(unknown)?;
        let mut download = self.download_slot();
        if download.is_some() {
            return Err(TranscribeError::Busy(model.name.to_owned()));
        }
        let cancel = download.insert(CancellationToken::new()).clone();
        Ok(PendingDownload { models: self.clone(), model, cancel })
    }

    /// Stops the download; what has arrived is kept.
    pub fn stop_download(&self) {
        self.download_slot().iter().for_each(CancellationToken::cancel);
    }

    /// Uses a model that is here.
    ///
    /// # Errors
    /// As [`Models::choose`].
    pub fn use_model(&self, name: &str) -> Result<(), TranscribeError> {
        self.models.choose(name)
    }

    /// Uses a model file that the person has, and gives its name.
    ///
    /// # Errors
    /// As [`Models::use_file`].
    pub async fn use_file(&self, file: &Path) -> Result<String, TranscribeError> {
        let (models, file) = (self.models.clone(), file.to_owned());
        let name = move || models.use_file(&file).map(|model| model.name().to_string());
        let used = tokio::task::spawn_blocking(name).await;
        used.unwrap_or_else(|error| Err(TranscribeError::Engine(error.to_string())))
    }

    /// Uses a model by its name, or if none is called so a model file by its path. Gives its name.
    ///
    /// # Errors
    /// As [`Models::choose`] and [`Models::use_file`].
    pub async fn use_model_or_file(&self, model: &str) -> Result<String, TranscribeError> {
        if TABLE.iter().any(|known| known.name == model) {
            self.use_model(model).map(|()| model.to_owned())
        } else {
            self.use_file(Path::new(model)).await
        }
    }

    /// Deletes a model from this computer.
    ///
    /// # Errors
    /// As [`Models::remove`].
    pub fn remove(&self, name: &str) -> Result<(), TranscribeError> {
        self.models.remove(name)
    }

    fn download_slot(&self) -> MutexGuard<'_, Option<CancellationToken>> {
        self.download.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PendingDownload {
    /// What is downloaded.
    #[must_use]
    pub const fn model(&self) -> &'static KnownModel {
        self.model
    }

    /// Downloads it from `mirror`, else from the mirror of the settings, else from its usual place.
    /// `show` is called with each step.
    ///
    /// # Errors
    /// As [`Models::get`] and [`Settings::open`].
    pub async fn run(
        self,
        mirror: Option<Url>,
        mut show: impl FnMut(DownloadProgress),
    ) -> Result<Downloaded, StudioError> {
        let mirror = match mirror {
            None => Settings::open(&self.models.config)?.speech.mirror,
            given => given,
        };
        let models = &self.models.models;
        let (sender, mut steps) = watch::channel(DownloadProgress::default());
        let got = models.get(self.model.name, mirror.as_ref(), &sender, &self.cancel);
        let mut got = std::pin::pin!(got);
        show(*steps.borrow_and_update());
        let got = loop {
            tokio::select! {
                got = &mut got => break got,
                Ok(()) = steps.changed() => show(*steps.borrow_and_update()),
            }
        };
        match got {
            Ok(file) if models.in_use().as_ref() == Some(&file) => Ok(Downloaded::InUse),
            Ok(_) => Ok(Downloaded::Here),
            Err(TranscribeError::Cancelled(_)) => Ok(Downloaded::Stopped),
            Err(error) => Err(error.into()),
        }
    }
}

impl Drop for PendingDownload {
    fn drop(&mut self) {
        *self.models.download_slot() = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_model_is_downloaded_at_a_time() {
        let home = tempfile::tempdir().unwrap();
        let models = SpeechModels::new(Models::open(home.path()), home.path().to_owned());
        let first = models.download(None).unwrap();
        assert_eq!(first.model().default_for, Some(DefaultFor::English));
        let busy = models.clone().download(Some(TABLE[0].name));
        assert!(matches!(busy, Err(TranscribeError::Busy(_))), "{busy:?}");
        drop(first);
        let again = models.download(Some(TABLE[0].name)).unwrap();
        models.stop_download();
        assert!(again.cancel.is_cancelled());
        let unknown = models.download(Some("no such model"));
        assert!(matches!(unknown, Err(TranscribeError::UnknownModel(_))), "{unknown:?}");
    }
}
