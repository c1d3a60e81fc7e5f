//! [`App`]: the studio of this process, and what belongs to its windows alone.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use tauri::async_runtime::JoinHandle;
use vignette_model::TakeId;
use vignette_recorder::Paths;
use vignette_studio::{LibraryChoice, Studio, StudioError, StudioOptions, WindowMemory};

/// What commands work with.
pub(crate) struct App {
    pub(crate) studio: Studio,
    /// Whether a take is thrown away only to begin anew, so that its end is not shown.
    pub(crate) restarting: AtomicBool,
    copied: Mutex<Option<TakeId>>,
    /// What tells the window of the rehearsal.
    rehearsal: Mutex<Vec<JoinHandle<()>>>,
    memory: Mutex<WindowMemory>,
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
        let memory = Mutex::new(WindowMemory::open(&studio.paths.config));
        Ok(Self {
            studio,
            restarting: AtomicBool::new(false),
            copied: Mutex::default(),
            rehearsal: Mutex::default(),
            memory,
        })
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

    /// Where the windows were left.
    pub(crate) fn memory(&self) -> WindowMemory {
        *self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes that, and keeps it for the next start.
    pub(crate) fn remember<T>(&self, change: impl FnOnce(&mut WindowMemory) -> T) -> T {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let before = *memory;
        let changed = change(&mut memory);
        let kept = if *memory == before { Ok(()) } else { memory.keep(&self.studio.paths.config) };
        if let Err(error) = kept {
            tracing::info!(%error, "The places of windows could not be kept");
        }
        changed
    }

    /// Whether a take is being thrown away to begin anew.
    pub(crate) fn is_restarting(&self) -> bool {
        self.restarting.load(Ordering::Acquire)
    }
}
