//! [`Library`]: the one door to clips, replies and people.

use std::future::Future;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::Notify;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;
use vignette_model::api::{Me, MemberClip};
use vignette_model::text::LibraryName;
use vignette_model::{ClipId, ClipKey, Clock, Micros, UtcMicros, paths};

use crate::actor::Actor;
use crate::error::{LibraryError, Missing};
use crate::events::{ClipEvents, Events, LibraryEvents};
use crate::library_settings::LibrarySettings;
use crate::locks::{LocalLocks, Locks};
use crate::media::Media;
use crate::passwords::{LoginThrottle, Passwords};
use crate::rules::{Action, Resource, may};
use crate::shown;
use crate::store::{Clip, Store};

/// No clip is longer, so no reply, cue, chapter or task has a later moment.
pub(crate) const LATEST: Micros = Micros::LATEST;

/// A library: rows in a store, bytes in media, and the rules between them. Cloning gives another handle to the same.
#[derive(Clone)]
pub struct Library {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<dyn Store>,
    media: Arc<dyn Media>,
    clock: Arc<dyn Clock>,
    settings: LibrarySettings,
    events: Events,
    locks: Arc<dyn Locks>,
    /// Told of each job that this process enqueues.
    job_enqueued: Notify,
    background: TaskTracker,
    passwords: Passwords,
    login_throttle: LoginThrottle,
    /// What its people have named it, as far as this process has read.
    name: RwLock<Option<LibraryName>>,
}

impl Library {
    /// A library over rows and bytes that are open. It begins no work by itself: the process that serves the library calls
    /// [`Library::run_jobs`], a command beside that process must not.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        media: Arc<dyn Media>,
        clock: Arc<dyn Clock>,
        settings: LibrarySettings,
    ) -> Self {
        Self::with_locks(store, media, Arc::new(LocalLocks::default()), clock, settings)
    }

    /// The same with locks that it shares with other libraries over the same rows and bytes.
    #[must_use]
    pub fn with_locks(
        store: Arc<dyn Store>,
        media: Arc<dyn Media>,
        locks: Arc<dyn Locks>,
        clock: Arc<dyn Clock>,
        settings: LibrarySettings,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                store,
                media,
                clock,
                settings,
                events: Events::default(),
                locks,
                job_enqueued: Notify::new(),
                background: TaskTracker::new(),
                passwords: Passwords::default(),
                login_throttle: LoginThrottle::default(),
                name: RwLock::default(),
            }),
        }
    }

    /// What this library takes, and where it is reached.
    #[must_use]
    pub fn settings(&self) -> &LibrarySettings {
        &self.inner.settings
    }

    /// What this library is called: as its host has named it, else as its people have.
    #[must_use]
    pub fn name(&self) -> String {
        let given = self.inner.name.read().unwrap_or_else(PoisonError::into_inner);
        let given = given.as_ref().filter(|_| !self.settings().is_named);
        given.map_or_else(|| self.settings().name.clone(), LibraryName::to_string)
    }

    /// Reads what its people have named it: when it is opened to be served.
    ///
    /// # Errors
    /// `internal`.
    pub async fn read_name(&self) -> Result<(), LibraryError> {
        let name = self.store().library_name().await?;
        *self.inner.name.write().unwrap_or_else(PoisonError::into_inner) = name;
        Ok(())
    }

    /// Names it anew. Has no effect while its host has named it.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`, `password_needed`.
    pub async fn rename_library(
        &self,
        actor: &Actor,
        name: &LibraryName,
    ) -> Result<(), LibraryError> {
        may(actor, Action::ManagePeople, Resource::Library)?;
        self.keep_name(name).await
    }

    pub(crate) async fn keep_name(&self, name: &LibraryName) -> Result<(), LibraryError> {
        self.store().name_library(name).await?;
        *self.inner.name.write().unwrap_or_else(PoisonError::into_inner) = Some(name.clone());
        Ok(())
    }

    /// Who asks, and which library this is.
    ///
    /// # Errors
    /// `sign_in_needed`.
    pub fn me(&self, actor: &Actor) -> Result<Me, LibraryError> {
        may(actor, Action::List, Resource::Library)?;
        let person = member(actor)?;
        Ok(Me {
            person: person.id,
            name: person.name.to_string(),
            library: self.name(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        })
    }

    /// What happens to the clip of a link from now on, as far as `actor` may know of it. A listener that falls behind is told so
    /// and asks for the whole again.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn events(&self, actor: &Actor, key: &ClipKey) -> Result<ClipEvents, LibraryError> {
        let (viewer, _) = self.by_key(actor, key, Action::See).await?;
        let events = self.inner.events.clip(viewer, key);
        // A link that was replaced in between would never be heard of again.
        self.by_key(actor, key, Action::See).await?;
        Ok(events)
    }

    /// What happens in the library from now on, as far as `actor` may know of it.
    ///
    /// # Errors
    /// `sign_in_needed`.
    pub fn library_events(&self, actor: &Actor) -> Result<LibraryEvents, LibraryError> {
        may(actor, Action::List, Resource::Library)?;
        Ok(self.inner.events.library(actor.clone()))
    }

    /// Whether rows and bytes can be written: for `/readyz`.
    ///
    /// # Errors
    /// `internal`, `cannot_write` or `no_space`.
    pub async fn ready(&self) -> Result<(), LibraryError> {
        self.store().ready().await?;
        Ok(self.media_store().ready().await?)
    }

    /// Tries to write again after the rows could only be opened for reading. Does nothing at any other time, or while the disk
    /// still takes no writes.
    ///
    /// # Errors
    /// `internal`.
    pub async fn recover(&self) -> Result<(), LibraryError> {
        match self.store().recover().await {
            Ok(true) => {
                tracing::info!("The library can write again");
                self.job_enqueued().notify_one();
                Ok(())
            }
            Ok(false) => Ok(()),
            Err(error) if error.kind.is_disk() => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Runs the jobs that are due, and waits until no work goes on in the background (appends,
    /// jobs): before the process ends, and in tests. A job that fails is left for later.
    pub async fn settled(&self) {
        loop {
            self.inner.background.close();
            self.inner.background.wait().await;
            self.inner.background.reopen();
            if !self.run_due_jobs().await && self.inner.background.is_empty() {
                return;
            }
        }
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &*self.inner.store
    }

    pub(crate) fn media_store(&self) -> &dyn Media {
        &*self.inner.media
    }

    pub(crate) fn now(&self) -> UtcMicros {
        self.inner.clock.utc()
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.inner.clock
    }

    pub(crate) fn listeners(&self) -> &Events {
        &self.inner.events
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.inner.passwords
    }

    pub(crate) fn login_throttle(&self) -> &LoginThrottle {
        &self.inner.login_throttle
    }

    /// Notified of each job that this process enqueues.
    pub(crate) fn job_enqueued(&self) -> &Notify {
        &self.inner.job_enqueued
    }

    /// Counts as work in the background until it is dropped.
    pub(crate) fn track(&self) -> TaskTrackerToken {
        self.inner.background.token()
    }

    pub(crate) fn locks(&self) -> &dyn Locks {
        &*self.inner.locks
    }

    /// Does work to its end, whoever stops waiting for it.
    pub(crate) async fn run_detached<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, LibraryError>> + Send + 'static,
    ) -> Result<T, LibraryError> {
        let done = self.inner.background.spawn(work).await;
        done.unwrap_or_else(|source| Err(LibraryError::Task { doing: "change a clip", source }))
    }

    /// Does work that nobody waits for. Whoever does it logs what goes wrong.
    pub(crate) fn spawn_background(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.inner.background.spawn(work);
    }

    /// Whether `actor` may do `action` to the clip of a link: asked before anything else of a request is read.
    ///
    /// # Errors
    /// What the rules say, see [`may`].
    pub async fn allow_by_key(
        &self,
        actor: &Actor,
        key: &ClipKey,
        action: Action,
    ) -> Result<(), LibraryError> {
        self.by_key(actor, key, action).await.map(drop)
    }

    /// Whether `actor` may do `action` to the clip of an id: asked before anything else of a request is read.
    ///
    /// # Errors
    /// What the rules say, see [`may`].
    pub async fn allow_by_id(
        &self,
        actor: &Actor,
        id: ClipId,
        action: Action,
    ) -> Result<(), LibraryError> {
        self.by_id(actor, id, action).await.map(drop)
    }

    /// The clip of a link, and the actor as one who holds that link, if they may do `action` to it.
    pub(crate) async fn by_key(
        &self,
        actor: &Actor,
        key: &ClipKey,
        action: Action,
    ) -> Result<(Actor, Clip), LibraryError> {
        let clip = self.store().clip_by_key(key).await?;
        let clip = clip.ok_or(LibraryError::NotFound(Missing::Clip))?;
        let actor = actor.clone().with_link(key.clone());
        may(&actor, action, Resource::Clip(&clip))?;
        Ok((actor, clip))
    }

    /// The clip of an id, if the actor may do `action` to it.
    pub(crate) async fn by_id(
        &self,
        actor: &Actor,
        id: ClipId,
        action: Action,
    ) -> Result<Clip, LibraryError> {
        // Without an account nothing is said of ids, not even whether they exist.
        may(actor, Action::List, Resource::Library)?;
        let clip = self.store().clip(id).await?.ok_or(LibraryError::NotFound(Missing::Clip))?;
        may(actor, action, Resource::Clip(&clip))?;
        Ok(clip)
    }

    /// What those with an account see of a clip.
    pub(crate) fn member_view(&self, actor: &Actor, clip: &Clip) -> MemberClip {
        let link = self.settings().address(&paths::page(&clip.key));
        shown::member_clip(actor, clip, link)
    }
}

/// Whoever asks, if they have an account.
pub(crate) fn member(actor: &Actor) -> Result<&crate::Person, LibraryError> {
    actor.person().ok_or(LibraryError::AccountNeeded)
}
