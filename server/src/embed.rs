//! The embedded library: a library inside the recorder's own process, for its one user, without a sign-in.
//!
//! ```text
//! first process   lock ─▶ open ─▶ listen ─▶ door.json {url, token}
//! second process  no lock ─▶ read door.json, use what runs ─▶ (the first one ends) ─▶ lock ─▶ serve on
//! ```
//!
//! The port is for browsers. Between two processes it may become anybody's, another user's too, so what records uses the socket
//! in the folder ([`Place::socket`]) where there is one, and is told when the library had to go to another port.

mod private;

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
use vignette_library::Library;
use vignette_model::text::PersonName;
use vignette_model::{Clock, ErrorCode, Problem, Secret};

use private::PrivateListener;

use crate::config::Config;
use crate::folder::{Folder, FolderError, write_private};
use crate::opened::{Opened, RunError};

/// The port that links are good on for ever, unless something else has it.
const PORT: u16 = 8455;
/// How often a second process looks whether the first one still serves.
const LOOK: Duration = Duration::from_millis(500);
/// How long a second process waits for the first one to open its door.
const PATIENCE: Duration = Duration::from_secs(10);
/// What the token is called in the list of tokens.
const LABEL: &str = "This computer";

/// What an embedded library needs.
pub struct Embed {
    /// The library's own folder.
    pub data_dir: PathBuf,
    /// What its one user is called on clips and replies.
    pub owner_name: String,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

/// Where an embedded library is, for the folder's own user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Door {
    url: Url,
    token: Secret,
    /// Whether somebody listens there. Says nothing while nobody holds the folder's lock.
    open: bool,
    /// Whether there is a socket too.
    #[serde(default)]
    private: bool,
}

impl Door {
    fn read(folder: &Folder) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(folder.door()).ok()?).ok()
    }

    fn write(&self, folder: &Folder) -> Result<(), FolderError> {
        let json = serde_json::to_vec_pretty(self).unwrap_or_default();
        write_private(&folder.door(), &json)
    }

    /// The same, or nothing on a disk that takes no writes: the library is open to its own process there.
    fn write_if_it_goes(&self, folder: &Folder) -> Result<(), FolderError> {
        match self.write(folder) {
            Err(error) if error.is_disk() => {
                warn!(%error, "Other programs may not find this library");
                Ok(())
            }
            other => other,
        }
    }

    /// Whether somebody answers there: by the socket, where there is one, since on the port it could be anybody.
    async fn answers(&self, folder: &Folder) -> bool {
        if !self.open {
            return false;
        }
        if self.private {
            return private::answers(&folder.socket()).await;
        }
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.url.port().unwrap_or(PORT)));
        matches!(tokio::time::timeout(LOOK, TcpStream::connect(address)).await, Ok(Ok(_)))
    }
}

/// Where an embedded library is, and what opens it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// For browsers, and what links begin with.
    pub url: Url,
    /// What opens it.
    pub token: Secret,
    /// For programs of the same user; none where the system has no such sockets.
    pub socket: Option<PathBuf>,
}

impl Place {
    fn of(door: &Door, folder: &Folder) -> Self {
        Self { url: door.url.clone(), token: door.token.clone(), socket: door.private.then(|| folder.socket()) }
    }
}

/// A library at hand: this process's own, or that of another process of the same user. Dropping it tells this process's own
/// to end; [`Embedded::shutdown`] also waits until it has.
pub struct Embedded {
    /// Where it is.
    pub url: Url,
    /// What opens it.
    pub token: Secret,
    /// Where it is now: another process, or another program on the port, may have made it move.
    pub place: watch::Receiver<Place>,
    /// Where it was when it was last open, if that was elsewhere.
    pub before: Option<Url>,
    end: CancellationToken,
    serving: Option<JoinHandle<()>>,
}

impl Embedded {
    /// Ends this process's part in it; what is under way may finish for at most ten seconds.
    pub async fn shutdown(mut self) {
        self.end.cancel();
        if let Some(serving) = self.serving.take() {
            let _ = serving.await;
        }
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.end.cancel();
    }
}

/// Opens the library in `data_dir`, or finds the one that another process has already opened.
///
/// # Errors
/// [`RunError`]; [`FolderError::Taken`] if another process has the folder and does not open its door within ten seconds.
pub async fn start(embed: Embed) -> Result<Embedded, RunError> {
    let end = CancellationToken::new();
    let began = embed.clock.monotonic();
    loop {
        match Folder::lock(&embed.data_dir) {
            Ok(folder) => {
                let served = open(&embed, folder).await?;
                let (door, before) = (served.door.clone(), served.before.clone());
                let (_, place) = watch::channel(Place::of(&door, &Folder::open(&embed.data_dir)?));
                let serving = tokio::spawn(served.serve(end.clone()));
                return Ok(Embedded { url: door.url, token: door.token, place, before, end, serving: Some(serving) });
            }
            Err(FolderError::Taken { path }) => {
                let folder = Folder::open(&embed.data_dir)?;
                if let Some(door) = Door::read(&folder)
                    && door.answers(&folder).await
                {
                    info!("Another process serves this computer's library");
                    let (moved, place) = watch::channel(Place::of(&door, &folder));
                    let serving = tokio::spawn(take_over(embed, moved, end.clone()));
                    return Ok(Embedded { url: door.url, token: door.token, place, before: None, end, serving: Some(serving) });
                }
                if Duration::from(embed.clock.monotonic() - began) > PATIENCE {
                    return Err(FolderError::Taken { path }.into());
                }
                tokio::time::sleep(LOOK / 5).await;
            }
            Err(other) => return Err(other.into()),
        }
    }
}

/// A library that is ours to serve, with its ways in.
struct Served {
    opened: Opened,
    listener: TcpListener,
    address: SocketAddr,
    private: Option<PrivateListener>,
    door: Door,
    /// Where it was before, if that was elsewhere.
    before: Option<Url>,
}

impl Served {
    async fn serve(self, end: CancellationToken) {
        let Self { opened, listener, address, private, .. } = self;
        if let Some(private) = private {
            tokio::spawn(private.serve(address, end.clone()));
        }
        opened.serve(listener, end).await;
    }
}

/// Opens a folder that is ours to serve: the library, what it listens on, and the door to it.
async fn open(embed: &Embed, folder: Folder) -> Result<Served, RunError> {
    let before = Door::read(&folder);
    if let Some(door) = &before {
        // Until it is listened on again, the port may be anybody's.
        Door { open: false, ..door.clone() }.write_if_it_goes(&folder)?;
    }
    let listener = listen(before.as_ref().and_then(|door| door.url.port())).await?;
    let address = listener.local_addr().map_err(RunError::Listen)?;
    let door_of = Folder::open(&embed.data_dir)?;
    let opened = Opened::open(Config::default(), folder, address, embed.clock.clone()).await?;
    let before_url = before.as_ref().map(|door| door.url.clone());
    let url = opened.library.settings().public_url.clone();
    let moved = before_url.as_ref().is_some_and(|before| *before != url);
    let token = match before {
        // Somebody else is where it was, and may have been sent the token.
        Some(door) if !moved && opened.library.actor_for_token(&door.token).await.is_ok() => door.token,
        _ => {
            let made = new_token(&opened.library, &embed.owner_name).await;
            made.map_err(|problem| RunError::In { folder: door_of.path().to_owned(), problem })?
        }
    };
    let private = PrivateListener::bind(&door_of.socket());
    let before = before_url.filter(|_| moved);
    let door = Door { url, token, open: true, private: private.is_some() };
    door.write_if_it_goes(&door_of)?;
    Ok(Served { opened, listener, address, private, door, before })
}

/// A token for the owner's own recorder, in place of those before.
async fn new_token(library: &Library, owner_name: &str) -> Result<Secret, Problem> {
    let name = PersonName::new(owner_name).or_else(|_| PersonName::new("Me"));
    let name = name.map_err(|error| Problem::new(ErrorCode::Internal, error.to_string()))?;
    let owner = library.ensure_owner(name).await?;
    for old in library.tokens(&owner).await?.into_iter().filter(|token| token.label.as_str() == LABEL) {
        library.revoke_token(&owner, old.id).await?;
    }
    library.issue_token(&owner, LABEL).await
}

/// The port used before, so that links stay good; else the usual one; else any.
async fn listen(before: Option<u16>) -> Result<TcpListener, RunError> {
    let mut last = None;
    for port in before.into_iter().chain([PORT, 0]) {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Ok(listener) => return Ok(listener),
            Err(error) => last = Some(error),
        }
    }
    Err(RunError::Listen(last.unwrap_or_else(|| std::io::ErrorKind::AddrInUse.into())))
}

/// Waits until the process that serves ends, and serves in its place with the same token, on the same port unless another
/// program has it by then. Tells `moved` where the library is, whichever process serves it.
async fn take_over(embed: Embed, moved: watch::Sender<Place>, end: CancellationToken) {
    let tell = |door: &Door, folder: &Folder| {
        let now = Place::of(door, folder);
        moved.send_if_modified(|place| std::mem::replace(place, now.clone()) != now);
    };
    while tokio::select! { () = end.cancelled() => false, () = tokio::time::sleep(LOOK) => true } {
        let Ok(plain) = Folder::open(&embed.data_dir) else { continue };
        let Ok(folder) = Folder::lock(&embed.data_dir) else {
            if let Some(door) = Door::read(&plain).filter(|door| door.open) {
                tell(&door, &plain);
            }
            continue;
        };
        match open(&embed, folder).await {
            Ok(served) => {
                info!("This process serves the library now");
                tell(&served.door, &plain);
                return served.serve(end).await;
            }
            Err(error) => warn!(%error, "The library could not be taken over"),
        }
    }
}
