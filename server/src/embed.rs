//! The embedded library: a library inside the recorder's own process, for its one user, without a sign-in.
//!
//! ```text
//! first process   lock ─▶ open ─▶ listen ─▶ door.json {url, token}
//! second process  no lock ─▶ read door.json, use what runs ─▶ (the first one ends) ─▶ lock ─▶ serve on
//! ```

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use url::Url;
use vignette_model::text::PersonName;
use vignette_model::{Clock, Secret};

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
}

impl Door {
    fn read(folder: &Folder) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(folder.door()).ok()?).ok()
    }

    fn write(&self, folder: &Folder) -> Result<(), FolderError> {
        let json = serde_json::to_vec_pretty(self).unwrap_or_default();
        write_private(&folder.door(), &json)
    }

    /// Whether somebody answers there.
    async fn answers(&self) -> bool {
        if !self.open {
            return false;
        }
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.url.port().unwrap_or(PORT)));
        matches!(tokio::time::timeout(LOOK, TcpStream::connect(address)).await, Ok(Ok(_)))
    }
}

/// A library at hand: this process's own, or that of another process of the same user. Dropping it tells this process's own
/// to end; [`Embedded::shutdown`] also waits until it has.
pub struct Embedded {
    /// Where it is.
    pub url: Url,
    /// What opens it.
    pub token: Secret,
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
                let (opened, listener, door) = open(&embed, folder).await?;
                let serving = tokio::spawn(opened.serve(listener, end.clone()));
                return Ok(Embedded { url: door.url, token: door.token, end, serving: Some(serving) });
            }
            Err(FolderError::Taken { path }) => {
                let door = Door::read(&Folder::open(&embed.data_dir)?);
                if let Some(door) = door
                    && door.answers().await
                {
                    info!("Another process serves this computer's library");
                    let serving = tokio::spawn(take_over(embed, end.clone()));
                    return Ok(Embedded { url: door.url, token: door.token, end, serving: Some(serving) });
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

/// Opens a folder that is ours to serve: the library, a listener, and the door to it.
async fn open(embed: &Embed, folder: Folder) -> Result<(Opened, TcpListener, Door), RunError> {
    let before = Door::read(&folder);
    if let Some(door) = &before {
        // Until it is listened on again, the port may be anybody's.
        Door { open: false, ..door.clone() }.write(&folder)?;
    }
    let listener = listen(before.as_ref().and_then(|door| door.url.port())).await?;
    let address = listener.local_addr().map_err(RunError::Listen)?;
    let door_of = Folder::open(&embed.data_dir)?;
    let opened = Opened::open(Config::default(), folder, address, embed.clock.clone()).await?;
    let token = match before {
        Some(door) if opened.library.actor_for_token(&door.token).await.is_ok() => door.token,
        _ => {
            let name = PersonName::new(&embed.owner_name).or_else(|_| PersonName::new("Me"));
            let name =
                name.map_err(|error| vignette_model::Problem::new(vignette_model::ErrorCode::Internal, error.to_string()))?;
            let owner = opened.library.ensure_owner(name).await?;
            opened.library.issue_token(&owner, LABEL).await?
        }
    };
    let door = Door { url: opened.library.settings().public_url.clone(), token, open: true };
    door.write(&door_of)?;
    Ok((opened, listener, door))
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

/// Waits until the process that serves ends, and serves in its place, on the same port with the same token.
async fn take_over(embed: Embed, end: CancellationToken) {
    while tokio::select! { () = end.cancelled() => false, () = tokio::time::sleep(LOOK) => true } {
        let Ok(folder) = Folder::lock(&embed.data_dir) else { continue };
        match open(&embed, folder).await {
            Ok((opened, listener, _)) => {
                info!("This process serves the library now");
                return opened.serve(listener, end).await;
            }
            Err(error) => warn!(%error, "The library could not be taken over"),
        }
    }
}
