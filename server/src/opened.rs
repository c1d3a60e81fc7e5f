//! An [`Opened`] library: its folder, rows and media, ready to be served or looked after.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use vignette_library::media::DiskMedia;
use vignette_library::store::{StoreError, StoreErrorKind};
use vignette_library::{Library, Settings};
use vignette_model::{Clock, ErrorCode, Problem, SystemClock, UtcMicros};
use vignette_store_sqlite::SqliteStore;

use crate::app::{self, App};
use crate::config::{Config, ConfigError};
use crate::descriptors;
use crate::folder::{Folder, FolderError};
use crate::listener;
use crate::setup;

const SWEEP: Duration = Duration::from_secs(5 * 60);
/// How often it is looked whether a command has ended somebody's access.
const NOTICE: Duration = Duration::from_secs(1);
/// How often a library that could only be opened for reading looks whether it can write again.
const RECOVER: Duration = Duration::from_secs(5);
/// The largest database that is written anew at the start so that it shrinks from then on, a matter of seconds.
const REWRITE_BYTES: u64 = 1 << 30;
/// How long sealing may go on after the last request; the next start takes up what is cut off here.
const SETTLE: Duration = Duration::from_secs(5);

/// Why a library does not run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The rows in it.
    #[error("the library's rows could not be opened: {}", .0.source)]
    Rows(#[from] StoreError),
    /// The disk under it.
    #[error("the rows in {folder} could not be opened: {}", disk(.source))]
    Disk {
        /// The data folder.
        folder: PathBuf,
        /// What the disk refused.
        source: StoreError,
    },
    /// The media in it.
    #[error("the library's media in {path} could not be opened")]
    Media {
        /// Their folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What is in them.
    #[error("the library could not be opened: {0}")]
    Library(#[from] Problem),
    /// What is in them, for whoever has the folder.
    #[error("the library in {} could not be opened: {problem}", folder.display())]
    In {
        /// The data folder.
        folder: PathBuf,
        /// Why.
        problem: Problem,
    },
    /// The address.
    #[error("the library's address could not be used")]
    Listen(#[source] std::io::Error),
}

impl RunError {
    /// Whether the disk takes no writes now; what lies on it can still be read then.
    #[must_use]
    pub fn is_disk(&self) -> bool {
        match self {
            Self::Folder(error) => error.is_disk(),
            Self::Library(problem) | Self::In { problem, .. } => {
                matches!(problem.code, ErrorCode::NoSpace | ErrorCode::CannotWrite)
            }
            Self::Rows(error) => error.kind.is_disk(),
            Self::Disk { .. } => true,
            Self::Config(_) | Self::Media { .. } | Self::Listen(_) => false,
        }
    }
}

/// What is wrong with the disk.
fn disk(error: &StoreError) -> String {
    match error.kind {
        StoreErrorKind::NoSpace => "there is no space left on its disk".to_owned(),
        _ => format!("the disk cannot be written ({})", error.source),
    }
}

/// A library with its folder, rows and media.
pub struct Opened {
    /// The library.
    pub library: Library,
    config: Config,
    clock: Arc<dyn Clock>,
    /// Held for as long as the library is open.
    folder: Folder,
}

impl Opened {
    /// Opens what lies in `folder`; `listening` is where it is served if the settings name no address.
    ///
    /// # Errors
    /// [`RunError`].
    pub async fn open(config: Config, folder: Folder, listening: SocketAddr, clock: Arc<dyn Clock>) -> Result<Self, RunError> {
        let mut settings = Settings::new(config.public_url(listening)?, config.name.clone());
        settings.max_clip_bytes = config.max_clip_bytes;
        let store = open_rows(&folder).await?;
        make_shrinkable(&store, &folder).await;
        let store = Arc::new(store);
        let media = Arc::new(open_media(&folder).await?);
        let library = Library::new(store, media, clock.clone(), settings);
        library.resume_pending().await?;
        Ok(Self { library, config, clock, folder })
    }

    /// The link with which the first person makes their account, while nobody has one.
    ///
    /// # Errors
    /// [`RunError`].
    pub async fn setup_link(&self) -> Result<Option<String>, RunError> {
        setup::link(&self.folder, &self.library).await
    }

    /// Serves it on `listener` until `shutdown` and brings everything under way to an end.
    pub async fn serve(self, listener: TcpListener, shutdown: CancellationToken) {
        let app = App::new(self.library.clone(), &self.config, self.folder.path(), self.clock.clone(), shutdown.clone());
        let sweeping = tokio::spawn(sweep(self.library.clone(), shutdown.clone()));
        let noticing = tokio::spawn(notice_ends(self.library.clone(), shutdown.clone()));
        let recovering = tokio::spawn(recover(self.library.clone(), shutdown.clone()));
        if crate::assets::links(&["watch.html"], &[]).script.is_none() {
            warn!("ui/dist is not built: pages have no script and no style");
        }
        info!(data.format = "sqlite and files", "The library answers");
        listener::serve(listener, &app, app::router(app.clone()), shutdown.clone()).await;
        shutdown.cancel();
        let _ = (sweeping.await, noticing.await, recovering.await);
        if tokio::time::timeout(SETTLE, self.library.settled()).await.is_err() {
            warn!("Sealing is taken up again at the next start");
        }
    }
}

/// The rows in a folder: made, or brought up to date, by one process at a time; for reading alone where the disk takes no
/// writes.
pub(crate) async fn open_rows(folder: &Folder) -> Result<SqliteStore, RunError> {
    let _turn = folder.opening().await?;
    let rows = folder.rows();
    match folder.make_rows() {
        Err(error) if !error.is_disk() => return Err(error.into()),
        _ => {}
    }
    let error = match SqliteStore::open(&rows).await {
        Err(error) if error.kind.is_disk() => error,
        other => return Ok(other?),
    };
    let looking = SqliteStore::open_read_only(&rows).await;
    match looking {
        Ok(store) => {
            warn!(folder = %folder.path().display(), error = %error.source, "The disk takes no writes: clips play, and none can be added");
            Ok(store)
        }
        Err(unread) => {
            warn!(error = %unread.source, "Nor could the rows be opened for reading");
            Err(RunError::Disk { folder: folder.path().to_owned(), source: error })
        }
    }
}

/// Writes the rows of an earlier version anew, once, so that deleted ones leave the file. If it does not work the library is as
/// good as before, and the next start tries again.
async fn make_shrinkable(store: &SqliteStore, folder: &Folder) {
    let size_bytes = std::fs::metadata(folder.rows()).map_or(0, |rows| rows.len());
    let done = match store.shrinks().await {
        Ok(false) if size_bytes <= REWRITE_BYTES => store.rewrite().await,
        Ok(false) => {
            warn!(size_bytes, "The database is too large to be written anew: it keeps the room of deleted rows");
            Ok(())
        }
        other => other.map(drop),
    };
    if let Err(error) = done {
        warn!(doing = error.doing, error = %error.source, "The database keeps the room of deleted rows for now");
    }
}

/// The media in a folder.
pub(crate) async fn open_media(folder: &Folder) -> Result<DiskMedia, RunError> {
    let path = folder.media();
    DiskMedia::open(&path).await.map_err(|source| RunError::Media { path, source })
}

/// Looks after the library every few minutes.
async fn sweep(library: Library, shutdown: CancellationToken) {
    let mut every = tokio::time::interval(SWEEP);
    while tokio::select! { () = shutdown.cancelled() => false, _ = every.tick() => true } {
        if let Err(problem) = library.sweep().await {
            warn!(code = %problem.code, "The library could not be swept");
        }
    }
}

/// Ends what listens for those whose access a command beside this process has ended.
async fn notice_ends(library: Library, shutdown: CancellationToken) {
    let mut every = tokio::time::interval(NOTICE);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last = UtcMicros(0);
    while tokio::select! { () = shutdown.cancelled() => false, _ = every.tick() => true } {
        match library.notice_ends(last).await {
            Ok(seen) => last = seen,
            Err(problem) => warn!(code = %problem.code, "It could not be seen whose access has ended"),
        }
    }
}

/// Tries to write again every few seconds where the rows could only be opened for reading.
async fn recover(library: Library, shutdown: CancellationToken) {
    let mut every = tokio::time::interval(RECOVER);
    while tokio::select! { () = shutdown.cancelled() => false, _ = every.tick() => true } {
        if let Err(problem) = library.recover().await {
            warn!(code = %problem.code, "The library could not be made to write again");
        }
    }
}

/// Serves the library of `config` on `listener` until `shutdown`, and prints the set-up link if nobody has an account yet.
///
/// # Errors
/// [`RunError`] if it does not even begin.
pub async fn run(
    config: Config,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), RunError> {
    let address = listener.local_addr().map_err(RunError::Listen)?;
    descriptors::raise();
    let folder = Folder::lock(&config.data_folder()?)?;
    let opened = Opened::open(config, folder, address, Arc::new(SystemClock::new())).await?;
    let mut out = std::io::stdout();
    let _ = writeln!(out, "{} is at {}", opened.library.settings().name, opened.library.settings().public_url);
    let link = match opened.setup_link().await {
        Err(error) if error.is_disk() => {
            warn!(%error, "The set-up link could not be made");
            None
        }
        link => link?,
    };
    if let Some(link) = link {
        let _ = writeln!(out, "Nobody has an account yet. Make the first one here, once:\n{link}");
    }
    let token = CancellationToken::new();
    tokio::spawn({
        let token = token.clone();
        async move {
            shutdown.await;
            token.cancel();
        }
    });
    opened.serve(listener, token).await;
    Ok(())
}
