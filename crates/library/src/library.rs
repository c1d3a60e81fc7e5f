//! [`Library`]: the one door to clips, replies and people.

use std::sync::Arc;

use tokio::sync::broadcast;
use vignette_model::api::{ClipEvent, LibraryEvent, Me};
use vignette_model::{ClipKey, Clock, Problem};

use crate::media::Media;
use crate::rules::Actor;
use crate::settings::Settings;
use crate::store::Store;

/// A library: rows in a store, bytes in media, and the rules between them. Cloning gives another handle to the same.
#[derive(Clone)]
pub struct Library {
    settings: Arc<Settings>,
}

impl Library {
    /// Opens a library and takes up, in the background, what was left half done.
    ///
    /// # Errors
    /// `internal` if the rows cannot be read.
    pub async fn open(
        _store: Arc<dyn Store>,
        _media: Arc<dyn Media>,
        _clock: Arc<dyn Clock>,
        _settings: Settings,
    ) -> Result<Self, Problem> {
        unimplemented!()
    }

    /// What this library is called and takes.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Who asks, and which library this is.
    ///
    /// # Errors
    /// `sign_in_needed`.
    pub fn me(&self, _actor: &Actor) -> Result<Me, Problem> {
        unimplemented!()
    }

    /// What happens to the clip of a link from now on. A listener that falls behind is told so and asks for the whole again.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn events(&self, _actor: &Actor, _key: &ClipKey) -> Result<broadcast::Receiver<ClipEvent>, Problem> {
        unimplemented!()
    }

    /// What happens in the library from now on, for those who may list it.
    ///
    /// # Errors
    /// `sign_in_needed`.
    pub fn library_events(&self, _actor: &Actor) -> Result<broadcast::Receiver<LibraryEvent>, Problem> {
        unimplemented!()
    }

    /// Whether rows and bytes can be written: for `/readyz`.
    ///
    /// # Errors
    /// `internal` or `no_space`.
    pub async fn ready(&self) -> Result<(), Problem> {
        unimplemented!()
    }

    /// Marks and seals uploads that have been silent for long, takes up what a crash left half done, removes expired
    /// sessions, codes and invitations, and bytes that belong to no clip. Call it every few minutes.
    ///
    /// # Errors
    /// `internal`.
    pub async fn sweep(&self) -> Result<(), Problem> {
        unimplemented!()
    }

    /// Waits until no work goes on in the background (sealing): before the process ends, and in tests.
    pub async fn settled(&self) {
        unimplemented!()
    }
}
