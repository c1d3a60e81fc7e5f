//! Downloading a speech model, with its progress.

use std::path::PathBuf;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use url::Url;
use vignette_recorder::models::{DefaultFor, DownloadProgress, KnownModel, TABLE};
use vignette_recorder::{Models, TranscribeError};

/// The model of the table that has this name; without a name the usual one for English.
///
/// # Errors
/// [`TranscribeError::UnknownModel`].
pub fn default_model(name: Option<&str>) -> Result<&'static KnownModel, TranscribeError> {
    let found = match name {
        Some(name) => TABLE.iter().find(|model| model.name == name),
        None => TABLE.iter().find(|model| model.default_for == Some(DefaultFor::English)),
    };
    found.ok_or_else(|| TranscribeError::UnknownModel(name.unwrap_or_default().to_owned()))
}

/// Downloads a model and gives its file. `progress` is called with each step; `cancel` ends it, and
/// what has arrived is kept for the next time.
///
/// # Errors
/// As [`Models::get`].
pub async fn download_model(
    models: &Models,
    name: &str,
    mirror: Option<&Url>,
    cancel: &CancellationToken,
    mut progress: impl FnMut(DownloadProgress),
) -> Result<PathBuf, TranscribeError> {
    let (sender, mut steps) = watch::channel(DownloadProgress::default());
    let getting = models.get(name, mirror, &sender, cancel);
    tokio::pin!(getting);
    progress(*steps.borrow_and_update());
    loop {
        tokio::select! {
            got = &mut getting => return got,
            Ok(()) = steps.changed() => progress(*steps.borrow_and_update()),
        }
    }
}
