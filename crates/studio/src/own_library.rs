//! [`OwnLibrary`]: the library of this computer, opened by this program or by another one that
//! runs.

use std::sync::Arc;

use tokio::sync::watch;
use url::Url;
use vignette_model::Clock;
use vignette_model::text::PersonName;
use vignette_recorder::{Credentials, Paths, Recorder, RecorderError};
use vignette_server::embed::{self, EmbedOptions, EmbeddedLibrary, EmbeddedLocation};

use crate::StudioError;

/// This computer's own library, while this program runs.
pub(crate) struct OwnLibrary {
    embedded: EmbeddedLibrary,
    moves: watch::Sender<u64>,
}

impl OwnLibrary {
    /// Opens it, and keeps what opens it for the recorder.
    pub(crate) async fn open(
        paths: &Paths,
        credentials: &Credentials,
        chosen_name: Option<PersonName>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StudioError> {
        let data_dir = paths.library.clone();
        let embed = EmbedOptions { data_dir, owner_name: owner_name(), chosen_name, clock };
        let embedded = embed::start(embed).await.map_err(StudioError::OwnLibrary)?;
        let location = embedded.location.borrow().clone();
        credentials.keep_own(&location.url, location.token, location.socket)?;
        Ok(Self { embedded, moves: watch::Sender::new(0) })
    }

    /// Gives its owner another name, also beside what they have made.
    pub(crate) async fn rename_owner(&self, name: &PersonName) -> Result<(), StudioError> {
        self.embedded.rename_owner(name).await.map_err(StudioError::NotRenamed)
    }

    /// Where it is now.
    pub(crate) fn url(&self) -> Url {
        self.embedded.location.borrow().url.clone()
    }

    /// Counts its moves to another address, each once the recorder knows of it.
    pub(crate) fn moves(&self) -> watch::Receiver<u64> {
        self.moves.subscribe()
    }

    /// Tells the recorder where it has moved since it was last open, and of each later move.
    pub(crate) fn follow(
        &self,
        recorder: &Recorder,
        credentials: &Credentials,
    ) -> Result<(), StudioError> {
        if let Some(before) = &self.embedded.previous_url {
            recorder.library_moved(before, &self.url(), credentials)?;
        }
        let location = self.embedded.location.clone();
        tokio::spawn(follow(location, recorder.clone(), credentials.clone(), self.moves.clone()));
        Ok(())
    }

    /// Ends this program's part in it.
    pub(crate) async fn shutdown(self) {
        self.embedded.shutdown().await;
    }
}

async fn follow(
    mut location: watch::Receiver<EmbeddedLocation>,
    recorder: Recorder,
    credentials: Credentials,
    moves: watch::Sender<u64>,
) {
    loop {
        let before = location.borrow_and_update().url.clone();
        if location.changed().await.is_err() {
            return;
        }
        let now = location.borrow_and_update().clone();
        let kept = credentials.keep_own(&now.url, now.token, now.socket);
        let followed = kept
            .map_err(RecorderError::from)
            .and_then(|()| recorder.library_moved(&before, &now.url, &credentials));
        if let Err(error) = followed {
            tracing::warn!(%error, "The library on this computer could not be followed");
        }
        moves.send_modify(|moves| *moves += 1);
    }
}

/// What the owner of this computer's own library is called on clips and replies: their name on this
/// computer.
fn owner_name() -> String {
    let user =
        ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    user.filter(|name| !name.is_empty()).unwrap_or_else(|| "Me".into())
}
