//! Taking in video files.

use std::path::Path;

use tokio::sync::watch;
use vignette_model::text::{Summary, Title};
use vignette_model::{Micros, Span};
use vignette_recorder::{ImportProgress, ImportedFile};

use crate::{Studio, StudioError};

/// What the names of video files end in.
pub const VIDEO_EXTENSIONS: [&str; 5] = ["mp4", "m4v", "mov", "mkv", "webm"];

impl Studio {
    /// Takes in a video file, as [`vignette_recorder::Recorder::import`] does. `show` is called at
    /// first, and then whenever the hundredths of what is done have changed.
    ///
    /// # Errors
    /// As [`vignette_recorder::Recorder::import`].
    pub async fn import(
        &self,
        file: &Path,
        title: Title,
        summary: Summary,
        mut show: impl FnMut(ImportProgress),
    ) -> Result<ImportedFile, StudioError> {
        // A watch channel, since the progress is told by another thread, many times a second.
        let nothing = ImportProgress { done: Micros::ZERO, of: Span::ZERO };
        let (told, mut progress) = watch::channel(nothing);
        let tell = move |progress| {
            told.send_replace(progress);
        };
        let mut import = std::pin::pin!(self.recorder.import(file, title, summary, tell));
        let mut shown = None;
        loop {
            let now = *progress.borrow_and_update();
            let step = (now.of, now.percent());
            if shown.replace(step) != Some(step) {
                show(now);
            }
            tokio::select! {
                imported = &mut import => return Ok(imported?),
                Ok(()) = progress.changed() => {}
            }
        }
    }
}
