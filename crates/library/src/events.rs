//! [`Events`]: what has just happened, for whoever listens. Whole snapshots; who was away asks for the whole again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Mutex as AsyncMutex, MutexGuard as AsyncMutexGuard, broadcast};
use vignette_model::api::{ClipEvent, LibraryEvent};
use vignette_model::{ClipKey, PersonId};

/// How far a listener may fall behind before it is told to ask for the whole again.
const BEHIND: usize = 64;

/// The listeners of a library and of its clips. A clip is listened to by its key, so that a new link is not told to those who
/// came by the old one.
#[derive(Debug)]
pub(crate) struct Events {
    library: broadcast::Sender<LibraryEvent>,
    clips: Mutex<HashMap<ClipKey, broadcast::Sender<ClipEvent>>>,
    ended: broadcast::Sender<PersonId>,
    order: AsyncMutex<()>,
}

impl Events {
    pub(crate) fn new() -> Self {
        let (library, ended) = (broadcast::Sender::new(BEHIND), broadcast::Sender::new(BEHIND));
        Self { library, clips: Mutex::default(), ended, order: AsyncMutex::default() }
    }

    fn clips(&self) -> MutexGuard<'_, HashMap<ClipKey, broadcast::Sender<ClipEvent>>> {
        self.clips.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Held from reading a row to telling of it, so that what is told last is what was read last.
    pub(crate) async fn in_order(&self) -> AsyncMutexGuard<'_, ()> {
        self.order.lock().await
    }

    /// Listens to the library.
    pub(crate) fn library(&self) -> broadcast::Receiver<LibraryEvent> {
        self.library.subscribe()
    }

    /// Listens to the clip of a key.
    pub(crate) fn clip(&self, key: &ClipKey) -> broadcast::Receiver<ClipEvent> {
        let mut clips = self.clips();
        clips.retain(|_, sender| sender.receiver_count() > 0);
        clips.entry(key.clone()).or_insert_with(|| broadcast::Sender::new(BEHIND)).subscribe()
    }

    /// Whether anybody listens to anything.
    pub(crate) fn heard(&self) -> bool {
        self.library.receiver_count() > 0 || self.clips().values().any(|sender| sender.receiver_count() > 0)
    }

    /// Listens to whose sessions and tokens end.
    pub(crate) fn ended(&self) -> broadcast::Receiver<PersonId> {
        self.ended.subscribe()
    }

    /// Whether anybody listens to that.
    pub(crate) fn ended_heard(&self) -> bool {
        self.ended.receiver_count() > 0
    }

    /// Tells those who listen for it that something of this person's has ended which opened the library.
    pub(crate) fn tell_ended(&self, person: PersonId) {
        let _ = self.ended.send(person);
    }

    /// Tells those who listen to the library.
    pub(crate) fn tell_library(&self, event: LibraryEvent) {
        // An error means that nobody listens.
        let _ = self.library.send(event);
    }

    /// Tells those who listen to the clip of a key; the last they hear is that it is gone.
    pub(crate) fn tell_clip(&self, key: &ClipKey, event: ClipEvent) {
        let mut clips = self.clips();
        let sender = if event == ClipEvent::Gone { clips.remove(key) } else { clips.get(key).cloned() };
        if let Some(sender) = sender {
            let _ = sender.send(event);
        }
    }
}
