//! [`App`]: the studio of this process, and what belongs to its window alone.

use std::sync::{Mutex, PoisonError};

use tauri::async_runtime::JoinHandle;
use vignette_model::TakeId;
use vignette_recorder::Paths;
use vignette_studio::{LibraryChoice, Studio, StudioError, StudioOptions};

/// What commands work with.
pub(crate) struct App {
    pub(crate) studio: Studio,
    copied: Mutex<Option<TakeId>>,
    /// What tells the window of the rehearsal.
    rehearsal: Mutex<Vec<JoinHandle<()>>>,
}

impl App {
    /// Opens the studio, and lets takes from before get their transcripts.
    pub(crate) async fn open() -> Result<Self, StudioError> {
        let options = StudioOptions {
            paths: Paths::of_this_person()?,
            library: LibraryChoice::Settings,
            token: None,
            always_open_own: true,
            needs_token: false,
        };
        let studio = Studio::open(options).await?;
        studio.recorder.catch_up();
        Ok(Self { studio, copied: Mutex::default(), rehearsal: Mutex::default() })
    }

    /// Notes what tells the window of the rehearsal, in place of what told of the one before.
    pub(crate) fn note_rehearsal(&self, tells: [JoinHandle<()>; 3]) {
        let mut told = self.rehearsal.lock().unwrap_or_else(PoisonError::into_inner);
        told.drain(..).for_each(|before| before.abort());
        told.extend(tells);
    }

    /// Notes that this take's link was put on the clipboard when it was stopped.
    pub(crate) fn note_copied(&self, take: TakeId) {
        *self.copied.lock().unwrap_or_else(PoisonError::into_inner) = Some(take);
    }

    /// Whether that is so.
    pub(crate) fn was_copied(&self, take: TakeId) -> bool {
        *self.copied.lock().unwrap_or_else(PoisonError::into_inner) == Some(take)
    }
}
