//! [`Events`]: what has just happened, for whoever listens. Whole snapshots; who was away asks for the whole again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;
use vignette_model::ClipId;
use vignette_model::api::{ClipEvent, LibraryEvent};

/// How far a listener may fall behind before it is told to ask for the whole again.
const BEHIND: usize = 64;

/// The listeners of a library and of its clips.
#[derive(Debug)]
pub(crate) struct Events {
    library: broadcast::Sender<LibraryEvent>,
    clips: Mutex<HashMap<ClipId, broadcast::Sender<ClipEvent>>>,
}

impl Events {
    pub(crate) fn new() -> Self {
        Self { library: broadcast::Sender::new(BEHIND), clips: Mutex::default() }
    }

    fn clips(&self) -> MutexGuard<'_, HashMap<ClipId, broadcast::Sender<ClipEvent>>> {
        self.clips.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Listens to the library.
    pub(crate) fn library(&self) -> broadcast::Receiver<LibraryEvent> {
        self.library.subscribe()
    }

    /// Listens to a clip.
    pub(crate) fn clip(&self, clip: ClipId) -> broadcast::Receiver<ClipEvent> {
        let mut clips = self.clips();
        clips.retain(|_, sender| sender.receiver_count() > 0);
        clips.entry(clip).or_insert_with(|| broadcast::Sender::new(BEHIND)).subscribe()
    }

    /// Whether anybody would hear of a change of this clip.
    pub(crate) fn heard(&self, clip: ClipId) -> bool {
        self.library.receiver_count() > 0 || self.clips().get(&clip).is_some_and(|sender| sender.receiver_count() > 0)
    }

    /// Tells those who listen to the library.
    pub(crate) fn tell_library(&self, event: LibraryEvent) {
        // An error means that nobody listens.
        let _ = self.library.send(event);
    }

    /// Tells those who listen to a clip.
    pub(crate) fn tell_clip(&self, clip: ClipId, event: ClipEvent) {
        let mut clips = self.clips();
        let gone = event == ClipEvent::Gone;
        if let Some(sender) = clips.get(&clip) {
            let _ = sender.send(event);
        }
        if gone {
            clips.remove(&clip);
        }
    }
}
