//! A [`LibraryInstance`]: a library opened with its folder, rows and media, ready to be served or swept.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use vignette_library::Library;
use vignette_library::error::chain;
use vignette_library::media::DiskMedia;
use vignette_model::{Clock, SystemClock, UtcMicros};
use vignette_store_sqlite::SqliteStore;

use crate::app::App;
use crate::config::Config;
use crate::folder::{Folder, FolderError, write_private};
use crate::http::descriptors;
use crate::http::listener::{self, ListenerOptions};
use crate::pages::assets;
use crate::router::router;
use crate::run_error::RunError;
use crate::setup;

/// Time between sweeps.
const SWEEP_INTERVAL: Duration = Duration::from_secs(5 * 60);
/// How often the rows are checked for access that a command ended.
const ACCESS_POLL_INTERVAL: Duration = Duration::from_secs(1);
/// How often a library that was opened read-only tries to write again.
const RECOVERY_INTERVAL: Duration = Duration::from_secs(5);
/// The largest database that is rewritten at start-up so that it can shrink; that takes seconds.
const MAX_REWRITE_BYTES: u64 = 1 << 30;
/// How long jobs may continue after the last request. What is cut off is done again after the next
/// start.
const JOBS_TIMEOUT: Duration = Duration::from_secs(5);

/// A library with its folder, rows and media.
pub struct LibraryInstance {
    /// The library.
    pub library: Library,
    config: Config,
    clock: Arc<dyn Clock>,
    /// Locked for as long as the library is open.
    folder: Folder,
    of_one_computer: bool,
}

impl LibraryInstance {
    /// Opens the library in `folder`. Links start with `listening` if the settings have no address.
    ///
    /// # Errors
    /// [`RunError`].
    pub async fn open(
        config: Config,
        folder: Folder,
        listening: SocketAddr,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, RunError> {
        let settings = config.library_settings(config.public_url(listening)?);
        let store = open_rows(&folder).await?;
        enable_shrinking(&store, &folder).await;
        let store = Arc::new(store);
        let media = Arc::new(open_media(&folder).await?);
        // For links that commands print while this process has the library. Written before this
        // process prints its own link, since who reads that may start such a command at once.
        let url = settings.public_url.as_str();
        if let Err(error) = write_private(&folder.address_file(), url.as_bytes()) {
            warn!(%error, "Commands do not know the address of this library");
        }
        let library = Library::new(store, media, clock.clone(), settings);
        if let Err(error) = library.read_name().await {
            warn!(error = chain(&error), "The library's name could not be read");
        }
        Ok(Self { library, config, clock, folder, of_one_computer: false })
    }

    /// The same as the library of one person's computer, which nobody signs in to with a browser.
    #[must_use]
    pub(crate) fn of_one_computer(self) -> Self {
        Self { of_one_computer: true, ..self }
    }

    /// The link to make the first account, until there is one.
    ///
    /// # Errors
    /// [`RunError`].
    pub async fn setup_link(&self) -> Result<Option<String>, RunError> {
        setup::link(&self.folder, &self.library).await
    }

    /// Serves the library on `listener` until `shutdown`, then finishes what is under way.
    pub async fn serve(self, listener: TcpListener, shutdown: CancellationToken) {
        let app = App::new(
            self.library.clone(),
            &self.config,
            self.folder.path(),
            self.clock.clone(),
            shutdown.clone(),
            self.of_one_computer,
        );
        let working = tokio::spawn({
            let (library, shutdown) = (self.library.clone(), shutdown.clone());
            async move { library.run_jobs(shutdown).await }
        });
        let sweeping = tokio::spawn(sweep(self.library.clone(), shutdown.clone()));
        let polling = tokio::spawn(poll_ended_access(self.library.clone(), shutdown.clone()));
        let recovering = tokio::spawn(recover(self.library.clone(), shutdown.clone()));
        if assets::links(&["watch.html"], None).script.is_none() {
            warn!("ui/dist is not built: pages have no script and no style");
        }
        info!(data.format = "sqlite and files", "Serving the library");
        let options = ListenerOptions {
            capacity: app.capacity,
            trusted_proxies: app.trusted_proxies.clone(),
            clock: self.clock.clone(),
        };
        listener::serve(listener, options, router(app), shutdown.clone()).await;
        shutdown.cancel();
        let _ = (sweeping.await, polling.await, recovering.await);
        let cut_off = working.abort_handle();
        let finish = async {
            let _ = working.await;
            self.library.settled().await;
        };
        if tokio::time::timeout(JOBS_TIMEOUT, finish).await.is_err() {
            cut_off.abort();
            warn!("Jobs that were cut off are done again after the next start");
        }
    }
}

/// Opens the rows in a folder. One process at a time makes or migrates them. On a disk that refuses
/// writes they are opened read-only.
pub(crate) async fn open_rows(folder: &Folder) -> Result<SqliteStore, RunError> {
    let _lock = folder.lock_for_opening().await?;
    let rows = folder.rows_file();
    match folder.create_rows_file() {
        Err(error) if !error.is_disk() => return Err(error.into()),
        _ => {}
    }
    if !folder.is_to_serve() && SqliteStore::is_behind(&rows).await && folder.is_served()? {
        return Err(FolderError::ServedByEarlier { path: folder.path().to_owned() }.into());
    }
    let error = match SqliteStore::open(&rows).await {
        Err(error) if error.kind.is_disk() => error,
        other => return Ok(other?),
    };
    match SqliteStore::open_read_only(&rows).await {
        Ok(store) => {
            warn!(folder = %folder.path().display(), error = %error.source, "The disk refuses writes: clips play, and none can be added");
            Ok(store)
        }
        Err(unread) => {
            warn!(error = %unread.source, "The rows could not be opened read-only either");
            Err(RunError::Disk { folder: folder.path().to_owned(), source: error })
        }
    }
}

/// Rewrites the rows of an earlier version, once, so that the file shrinks when rows are deleted. On
/// failure the library works as before, and the next start tries again.
async fn enable_shrinking(store: &SqliteStore, folder: &Folder) {
    let size_bytes = std::fs::metadata(folder.rows_file()).map_or(0, |rows| rows.len());
    let done = match store.shrinks().await {
        Ok(false) if size_bytes <= MAX_REWRITE_BYTES => store.rewrite().await,
        Ok(false) => {
            warn!(
                size_bytes,
                "The database is too large to be rewritten: its file does not shrink"
            );
            Ok(())
        }
        other => other.map(drop),
    };
    if let Err(error) = done {
        warn!(doing = error.doing, error = %error.source, "The file of the database does not shrink for now");
    }
}

/// Opens the media in a folder.
pub(crate) async fn open_media(folder: &Folder) -> Result<DiskMedia, RunError> {
    let path = folder.media_folder();
    DiskMedia::open(&path).await.map_err(|source| RunError::Media { path, source })
}

/// Sweeps the library every few minutes.
async fn sweep(library: Library, shutdown: CancellationToken) {
    let mut every = tokio::time::interval(SWEEP_INTERVAL);
    while tokio::select! { () = shutdown.cancelled() => false, _ = every.tick() => true } {
        if let Err(error) = library.sweep().await {
            warn!(error = chain(&error), "The library could not be swept");
        }
    }
}

/// Ends the event streams of people whose access a command in another process ended.
async fn poll_ended_access(library: Library, shutdown: CancellationToken) {
    let mut every = tokio::time::interval(ACCESS_POLL_INTERVAL);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last = UtcMicros(0);
    while tokio::select! { () = shutdown.cancelled() => false, _ = every.tick() => true } {
        match library.notice_ends(last).await {
            Ok(seen) => last = seen,
            Err(error) => warn!(error = chain(&error), "Ended access could not be read"),
        }
    }
}

/// Tries to reopen rows for writing that could only be opened read-only.
async fn recover(library: Library, shutdown: CancellationToken) {
    let mut every = tokio::time::interval(RECOVERY_INTERVAL);
    while tokio::select! { () = shutdown.cancelled() => false, _ = every.tick() => true } {
        if let Err(error) = library.recover().await {
            warn!(error = chain(&error), "The rows could not be reopened for writing");
        }
    }
}

/// Serves the library of `config` on `listener` until `shutdown`. Prints the set-up link while there is
/// no account.
///
/// # Errors
/// [`RunError`] if it does not start.
pub async fn run(
    config: Config,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), RunError> {
    let address = listener.local_addr().map_err(RunError::Listen)?;
    descriptors::raise_limit();
    let folder = Folder::lock(&config.data_folder()?)?;
    let instance =
        LibraryInstance::open(config, folder, address, Arc::new(SystemClock::new())).await?;
    let mut out = std::io::stdout();
    let _ = writeln!(
        out,
        "{} is at {}",
        instance.library.name(),
        instance.library.settings().public_url
    );
    let link = match instance.setup_link().await {
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
    instance.serve(listener, token).await;
    Ok(())
}
