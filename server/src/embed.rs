//! The embedded library: a library inside the recorder's own process, for its one user, without a
//! sign-in.
//!
//! ```text
//! first process   lock ─▶ open ─▶ listen ─▶ door.json {url, token}
//! second process  no lock ─▶ read door.json, use that library ─▶ (the first one ends) ─▶ lock ─▶ serve
//! ```
//!
//! Browsers use the port. While no process serves, another program may take it, also one of another
//! user. So the recorder uses the socket in the folder ([`EmbeddedLocation::socket`]) where there is one,
//! and is told when the library had to move to another port.

mod socket;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use url::Url;
use vignette_library::{Library, LibraryError};
use vignette_model::text::PersonName;
use vignette_model::{Clock, Problem, Secret};

use socket::SocketListener;

use crate::config::Config;
use crate::folder::{Folder, FolderError, write_private};
use crate::instance::LibraryInstance;
use crate::run_error::RunError;

/// The preferred port. Links stay valid as long as the library keeps its port.
const DEFAULT_PORT: u16 = 8455;
/// How often a second process checks whether the first one still serves.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// How long a second process waits for the first one to write its endpoint.
const START_TIMEOUT: Duration = Duration::from_secs(10);
/// The label of the token in the list of tokens.
const TOKEN_LABEL: &str = "This computer";

/// How to open an embedded library.
pub struct EmbedOptions {
    /// The library's data folder.
    pub data_dir: PathBuf,
    /// The name of its one user where they have chosen none.
    pub owner_name: String,
    /// The name that they have chosen. It is theirs from the next time on that the library is
    /// opened, also beside what they have made.
    pub chosen_name: Option<PersonName>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

/// What `door.json` says: where an embedded library is, for the folder's user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EmbeddedEndpoint {
    url: Url,
    token: Secret,
    /// Whether the library listens there. Without meaning while no process holds the folder's lock.
    open: bool,
    /// Whether there is a socket in the folder.
    #[serde(default)]
    private: bool,
}

impl EmbeddedEndpoint {
    fn read(folder: &Folder) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(folder.endpoint_file()).ok()?).ok()
    }

    fn write(&self, folder: &Folder) -> Result<(), FolderError> {
        let json = serde_json::to_vec_pretty(self).unwrap_or_default();
        write_private(&folder.endpoint_file(), &json)
    }

    /// Writes it, unless the disk refuses writes: the library then works for its own process alone.
    fn try_write(&self, folder: &Folder) -> Result<(), FolderError> {
        match self.write(folder) {
            Err(error) if error.is_disk() => {
                warn!(%error, "Other programs may not find this library");
                Ok(())
            }
            other => other,
        }
    }

    /// Whether the library accepts connections: by the socket where there is one, since another program
    /// may have the port.
    async fn is_reachable(&self, folder: &Folder) -> bool {
        if !self.open {
            return false;
        }
        if self.private {
            return socket::accepts(&folder.socket_file()).await;
        }
        let address =
            SocketAddr::from((Ipv4Addr::LOCALHOST, self.url.port().unwrap_or(DEFAULT_PORT)));
        matches!(tokio::time::timeout(POLL_INTERVAL, TcpStream::connect(address)).await, Ok(Ok(_)))
    }
}

/// The address of an embedded library, and its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbeddedLocation {
    /// The address for browsers, and the start of links.
    pub url: Url,
    /// The token of its owner.
    pub token: Secret,
    /// The socket for programs of the same user, where the system has them.
    pub socket: Option<PathBuf>,
}

impl EmbeddedLocation {
    fn of(endpoint: &EmbeddedEndpoint, folder: &Folder) -> Self {
        Self {
            url: endpoint.url.clone(),
            token: endpoint.token.clone(),
            socket: endpoint.private.then(|| folder.socket_file()),
        }
    }
}

/// An embedded library, served by this process or by another one of the same user. Dropping it shuts
/// this process's library down; [`EmbeddedLibrary::shutdown`] also waits for that.
pub struct EmbeddedLibrary {
    /// Where it was when it was opened.
    pub url: Url,
    /// The token of its owner.
    pub token: Secret,
    /// Where it is now: it moves when another process takes it over and the port is in use.
    pub location: watch::Receiver<EmbeddedLocation>,
    /// Where it was when it was last open, if that was elsewhere.
    pub previous_url: Option<Url>,
    /// Serves here; none: in another process.
    library: Option<Library>,
    end: CancellationToken,
    serving: Option<JoinHandle<()>>,
}

impl EmbeddedLibrary {
    /// Gives its owner another name, also beside what they have made. While another process serves
    /// it, that comes with the next opening ([`EmbedOptions::chosen_name`]).
    ///
    /// # Errors
    /// What [`Library::rename`] refuses it for.
    pub async fn rename_owner(&self, name: &PersonName) -> Result<(), Problem> {
        match &self.library {
            Some(library) => rename_owner(library, name).await.map_err(|error| (&error).into()),
            None => Ok(()),
        }
    }

    /// Stops serving or waiting to serve; requests under way may finish for at most ten seconds.
    pub async fn shutdown(mut self) {
        self.end.cancel();
        if let Some(serving) = self.serving.take() {
            let _ = serving.await;
        }
    }
}

impl Drop for EmbeddedLibrary {
    fn drop(&mut self) {
        self.end.cancel();
    }
}

/// Opens the library in `data_dir`, or finds the one that another process has already opened.
///
/// # Errors
/// [`RunError`]; [`FolderError::AlreadyServed`] if another process has the folder and does not write its endpoint within
/// ten seconds.
pub async fn start(embed: EmbedOptions) -> Result<EmbeddedLibrary, RunError> {
    let end = CancellationToken::new();
    let began = embed.clock.monotonic();
    loop {
        match Folder::lock(&embed.data_dir) {
            Ok(folder) => {
                let served = open(&embed, folder).await?;
                let (endpoint, previous_url) =
                    (served.endpoint.clone(), served.previous_url.clone());
                let plain = Folder::open(&embed.data_dir)?;
                let library = Some(served.instance.library.clone());
                let (_, location) = watch::channel(EmbeddedLocation::of(&endpoint, &plain));
                let serving = Some(tokio::spawn(served.serve(end.clone())));
                let EmbeddedEndpoint { url, token, .. } = endpoint;
                return Ok(EmbeddedLibrary {
                    url,
                    token,
                    location,
                    previous_url,
                    library,
                    end,
                    serving,
                });
            }
            Err(FolderError::AlreadyServed { path }) => {
                let folder = Folder::open(&embed.data_dir)?;
                if let Some(endpoint) = EmbeddedEndpoint::read(&folder)
                    && endpoint.is_reachable(&folder).await
                {
                    info!("Another process serves this computer's library");
                    let (moved, location) =
                        watch::channel(EmbeddedLocation::of(&endpoint, &folder));
                    let serving = Some(tokio::spawn(take_over(embed, moved, end.clone())));
                    let EmbeddedEndpoint { url, token, .. } = endpoint;
                    return Ok(EmbeddedLibrary {
                        url,
                        token,
                        location,
                        previous_url: None,
                        library: None,
                        end,
                        serving,
                    });
                }
                if embed.clock.monotonic() > began + START_TIMEOUT.into() {
                    return Err(FolderError::AlreadyServed { path }.into());
                }
                tokio::time::sleep(POLL_INTERVAL / 5).await;
            }
            Err(other) => return Err(other.into()),
        }
    }
}

/// A library that this process serves, with its listeners.
struct ServedLibrary {
    instance: LibraryInstance,
    listener: TcpListener,
    address: SocketAddr,
    socket: Option<SocketListener>,
    endpoint: EmbeddedEndpoint,
    /// Where it was when it was last open, if that was elsewhere.
    previous_url: Option<Url>,
}

impl ServedLibrary {
    async fn serve(self, end: CancellationToken) {
        let Self { instance, listener, address, socket, .. } = self;
        if let Some(socket) = socket {
            tokio::spawn(socket.serve(address, end.clone()));
        }
        instance.serve(listener, end).await;
    }
}

/// Opens the library of a locked folder, its listeners, and writes its endpoint.
async fn open(embed: &EmbedOptions, folder: Folder) -> Result<ServedLibrary, RunError> {
    let before = EmbeddedEndpoint::read(&folder);
    if let Some(endpoint) = &before {
        // Until this process listens on it, another program may have the port.
        EmbeddedEndpoint { open: false, ..endpoint.clone() }.try_write(&folder)?;
    }
    let listener = listen(before.as_ref().and_then(|endpoint| endpoint.url.port())).await?;
    let address = listener.local_addr().map_err(RunError::Listen)?;
    let plain = Folder::open(&embed.data_dir)?;
    let instance =
        LibraryInstance::open(Config::default(), folder, address, embed.clock.clone()).await?;
    let instance = instance.of_one_computer();
    let before_url = before.as_ref().map(|endpoint| endpoint.url.clone());
    let url = instance.library.settings().public_url.clone();
    let moved = before_url.as_ref().is_some_and(|before| *before != url);
    let token = match before {
        // If it moved, another program listens where it was and may have been sent the token.
        Some(endpoint)
            if !moved && instance.library.actor_for_token(&endpoint.token).await.is_ok() =>
        {
            endpoint.token
        }
        _ => {
            let made = new_token(&instance.library, &embed.owner_name).await;
            made.map_err(|source| RunError::In { folder: plain.path().to_owned(), source })?
        }
    };
    if let Some(name) = &embed.chosen_name
        && let Err(error) = rename_owner(&instance.library, name).await
    {
        // A disk that refuses writes; the library plays all the same.
        warn!(%error, "The owner could not be given the name that they chose");
    }
    let socket = SocketListener::bind(&plain.socket_file());
    let previous_url = before_url.filter(|_| moved);
    let endpoint = EmbeddedEndpoint { url, token, open: true, private: socket.is_some() };
    endpoint.try_write(&plain)?;
    Ok(ServedLibrary { instance, listener, address, socket, endpoint, previous_url })
}

async fn rename_owner(library: &Library, name: &PersonName) -> Result<(), LibraryError> {
    match library.host().await? {
        Some(owner) => library.rename(&owner, name).await,
        None => Ok(()),
    }
}

/// A new token for the owner's recorder; earlier ones are revoked.
async fn new_token(library: &Library, owner_name: &str) -> Result<Secret, LibraryError> {
    let name = PersonName::new(owner_name).or_else(|_| PersonName::new("Me"));
    let owner = library.ensure_owner(name?).await?;
    for old in library
        .tokens(&owner)
        .await?
        .into_iter()
        .filter(|token| token.label.as_str() == TOKEN_LABEL)
    {
        library.revoke_token(&owner, old.id).await?;
    }
    library.issue_token(&owner, TOKEN_LABEL).await
}

/// Listens on the previous port, so that links stay valid; else on the default one; else on any.
async fn listen(before: Option<u16>) -> Result<TcpListener, RunError> {
    let mut last = None;
    for port in before.into_iter().chain([DEFAULT_PORT, 0]) {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Ok(listener) => return Ok(listener),
            Err(error) => last = Some(error),
        }
    }
    Err(RunError::Listen(last.unwrap_or_else(|| std::io::ErrorKind::AddrInUse.into())))
}

/// Waits until the serving process ends, then serves in its place: with the same token and port, unless
/// another program has the port by then. Sends each new location to `moved`.
async fn take_over(
    embed: EmbedOptions,
    moved: watch::Sender<EmbeddedLocation>,
    end: CancellationToken,
) {
    let publish = |endpoint: &EmbeddedEndpoint, folder: &Folder| {
        let now = EmbeddedLocation::of(endpoint, folder);
        moved.send_if_modified(|location| std::mem::replace(location, now.clone()) != now);
    };
    while tokio::select! { () = end.cancelled() => false, () = tokio::time::sleep(POLL_INTERVAL) => true }
    {
        let Ok(plain) = Folder::open(&embed.data_dir) else { continue };
        let Ok(folder) = Folder::lock(&embed.data_dir) else {
            if let Some(endpoint) = EmbeddedEndpoint::read(&plain).filter(|endpoint| endpoint.open)
            {
                publish(&endpoint, &plain);
            }
            continue;
        };
        match open(&embed, folder).await {
            Ok(served) => {
                info!("This process serves the library now");
                publish(&served.endpoint, &plain);
                return served.serve(end).await;
            }
            Err(error) => warn!(%error, "The library could not be taken over"),
        }
    }
}
