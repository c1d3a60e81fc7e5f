//! [`App`]: the recorder and the library of this process, opened once.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use tauri::AppHandle;
use url::Url;
use vignette_model::take::{TakeView, Whereabouts};
use vignette_model::{Clock, ErrorCode, Problem, Secret, SystemClock, TakeId};
use vignette_recorder::{Credentials, Options, Paths, Recorder, Recording, Rehearsal, Settings, Sources};
use vignette_server::embed::{self, EmbedOptions, EmbeddedLibrary};

use crate::window;

/// What commands work with.
pub(crate) struct App {
    pub(crate) recorder: Recorder,
    pub(crate) paths: Paths,
    pub(crate) credentials: Credentials,
    /// This computer's own library. It serves even while new takes go to another, since links to its clips were given out.
    own: EmbeddedLibrary,
    copied: Mutex<Option<TakeId>>,
    rehearsal: Mutex<Option<Rehearsal>>,
}

/// Where new takes go, and what opens it for the window.
#[derive(Debug, Serialize)]
pub(crate) struct LibraryDoor {
    url: Url,
    token: Option<Secret>,
    own: bool,
}

impl App {
    /// Opens this computer's own library and the recorder.
    pub(crate) async fn open() -> Result<Self, Problem> {
        let paths = Paths::of_this_person()?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let credentials = Credentials::open(&paths.tokens())?;
        let embed = EmbedOptions { data_dir: paths.library.clone(), owner_name: owner_name(), clock: clock.clone() };
        let own = embed::start(embed).await.map_err(|error| {
            Problem::new(ErrorCode::Internal, format!("This computer's own library cannot be opened: {error}"))
        })?;
        let place = own.location.borrow().clone();
        credentials.keep_own(&place.url, place.token.clone(), place.socket.clone())?;
        let library = Settings::open(&paths.config)?.library.unwrap_or_else(|| place.url.clone());
        let recorder = Recorder::open(Options { spool: paths.spool.clone(), library, credentials: credentials.clone(), clock })?;
        if let Some(before) = &own.previous_url {
            recorder.library_moved(before, &place.url, &credentials)?;
        }
        Ok(Self { recorder, paths, credentials, own, copied: Mutex::default(), rehearsal: Mutex::default() })
    }

    /// Follows this computer's own library for as long as the app runs: where it moves, takes and the window go too.
    pub(crate) fn follow_own(&self, handle: &AppHandle) {
        let (mut place, recorder, credentials) = (self.own.location.clone(), self.recorder.clone(), self.credentials.clone());
        let handle = handle.clone();
        tauri::async_runtime::spawn(async move {
            loop {
                let before = place.borrow_and_update().clone();
                if place.changed().await.is_err() {
                    return;
                }
                let now = place.borrow_and_update().clone();
                let kept = credentials.keep_own(&now.url, now.token, now.socket);
                let followed =
                    kept.map_err(Problem::from).and_then(|()| recorder.library_moved(&before.url, &now.url, &credentials));
                if let Err(problem) = followed {
                    tracing::warn!(%problem, "The library on this computer could not be followed");
                }
                window::reload(&handle);
            }
        });
    }

    /// Where this computer's own library is.
    fn own_url(&self) -> Url {
        self.own.location.borrow().url.clone()
    }

    /// The running take.
    pub(crate) fn running(&self) -> Result<Recording, Problem> {
        let nothing = || Problem::new(ErrorCode::Conflict, "Nothing is being recorded").with_help("Press record first.");
        self.recorder.running().ok_or_else(nothing)
    }

    /// Whether anything is on its way to a library right now. What only waits for a library to answer is not.
    pub(crate) fn is_sending(&self) -> bool {
        let on_its_way = |take: &TakeView| take.problem.is_none() && !matches!(take.whereabouts, Whereabouts::Safe { .. });
        self.recorder.takes().borrow().iter().any(on_its_way)
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
        let rehearsal = self.recorder.rehearse(sources).await?;
        let watch = RehearsalWatch { view: rehearsal.view(), preview: rehearsal.preview() };
        *self.rehearsal() = Some(rehearsal);
        Ok(watch)
    }

    /// Closes camera and microphone again.
    pub(crate) fn end_rehearsal(&self) {
        drop(self.rehearsal().take());
    }

    fn rehearsal(&self) -> std::sync::MutexGuard<'_, Option<Rehearsal>> {
        self.rehearsal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where new takes go, and what opens it.
    pub(crate) fn library(&self) -> Result<LibraryDoor, Problem> {
        let url = self.library_url()?;
        Ok(LibraryDoor { token: self.credentials.token(&url), own: url == self.own_url(), url })
    }

    /// Where new takes go.
    pub(crate) fn library_url(&self) -> Result<Url, Problem> {
        Ok(Settings::open(&self.paths.config)?.library.unwrap_or_else(|| self.own_url()))
    }

    /// Sends new takes to `library` from now on.
    pub(crate) fn use_library(&self, library: Url, token: Secret) -> Result<(), Problem> {
        self.credentials.keep(&library, token)?;
        self.choose(Some(library))
    }

    /// Sends new takes to this computer's own library from now on.
    pub(crate) fn use_own_library(&self) -> Result<(), Problem> {
        self.choose(None)
    }

    fn choose(&self, library: Option<Url>) -> Result<(), Problem> {
        let settings = Settings { library: library.clone(), ..Settings::open(&self.paths.config)? };
        settings.keep(&self.paths.config)?;
        self.recorder.use_library(library.unwrap_or_else(|| self.own_url()));
        Ok(())
    }
}

/// What a rehearsal shows.
pub(crate) struct RehearsalWatch {
    pub(crate) view: tokio::sync::watch::Receiver<vignette_recorder::RehearsalView>,
    pub(crate) preview: tokio::sync::watch::Receiver<Option<bytes::Bytes>>,
}

/// What the owner of this computer's own library is called.
fn owner_name() -> String {
    let user = ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    user.filter(|name| !name.is_empty()).unwrap_or_else(|| "Me".into())
}
