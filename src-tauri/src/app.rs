//! [`App`]: the studio of this process, and what belongs to its window alone.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tauri::AppHandle;
use tokio::sync::watch;
use vignette_model::take::{TakeView, Whereabouts};
use vignette_model::{ErrorCode, Problem, TakeId};
use vignette_recorder::{Paths, Recorder, Recording, Rehearsal, RehearsalView, Sources};
use vignette_studio::{LibraryChoice, Studio, StudioOptions};

use crate::window;

/// What commands work with.
pub(crate) struct App {
    pub(crate) studio: Studio,
    copied: Mutex<Option<TakeId>>,
    rehearsal: Mutex<Option<Rehearsal>>,
}

impl App {
    /// Opens the studio, and lets takes from before get their transcripts.
    pub(crate) async fn open() -> Result<Self, Problem> {
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

    pub(crate) fn recorder(&self) -> &Recorder {
        &self.studio.recorder
    }

    /// Loads the window again whenever this computer's own library has moved: its policy names the
    /// library.
    pub(crate) fn follow_own_library(&self, handle: &AppHandle) {
        let Some(mut moves) = self.studio.own_library_moves() else { return };
        let handle = handle.clone();
        tauri::async_runtime::spawn(async move {
            while moves.changed().await.is_ok() {
                window::reload(&handle);
            }
        });
    }

    /// The running take.
    pub(crate) fn running(&self) -> Result<Recording, Problem> {
        let nothing = || {
            Problem::new(ErrorCode::Conflict, "Nothing is being recorded")
                .with_help("Press record first.")
        };
        self.recorder().running().ok_or_else(nothing)
    }

    /// Whether anything is on its way to a library right now. What only waits for a library to
    /// answer is not.
    pub(crate) fn is_sending(&self) -> bool {
        let on_its_way = |take: &TakeView| {
            take.problem.is_none() && !matches!(take.whereabouts, Whereabouts::Safe { .. })
        };
        self.recorder().takes().borrow().iter().any(on_its_way)
    }

    /// Notes that this take's link was put on the clipboard when it was stopped.
    pub(crate) fn note_copied(&self, take: TakeId) {
        *self.copied.lock().unwrap_or_else(PoisonError::into_inner) = Some(take);
    }

    /// Whether that is so.
    pub(crate) fn was_copied(&self, take: TakeId) -> bool {
        *self.copied.lock().unwrap_or_else(PoisonError::into_inner) == Some(take)
    }

    /// Opens camera and microphone for the person to try, in place of those open before.
    pub(crate) async fn rehearse(&self, sources: Sources) -> Result<RehearsalWatch, Problem> {
        self.end_rehearsal();
        let rehearsal = self.recorder().rehearse(sources).await?;
        let watch = RehearsalWatch { view: rehearsal.view(), preview: rehearsal.preview() };
        *self.rehearsal() = Some(rehearsal);
        Ok(watch)
    }

    /// Closes camera and microphone again.
    pub(crate) fn end_rehearsal(&self) {
        drop(self.rehearsal().take());
    }

    fn rehearsal(&self) -> MutexGuard<'_, Option<Rehearsal>> {
        self.rehearsal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a rehearsal shows.
pub(crate) struct RehearsalWatch {
    pub(crate) view: watch::Receiver<RehearsalView>,
    pub(crate) preview: watch::Receiver<Option<Bytes>>,
}
