//! [`Events`]: what has just happened, for whoever listens. Whole snapshots; who was away asks for the whole again.
//!
//! ```text
//! something changed ─▶ queue (each thing once) ─▶ one task: read the row, render, tell ─▶ listeners
//! ```
//! Whoever changes something only names it; nobody's acknowledgement waits for a row to be read again or for Markdown. One task
//! tells at a time, in order, so that what is told last is what was read last.

use std::collections::{HashMap, HashSet, VecDeque};
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;
use vignette_model::api::{ClipEvent, LibraryEvent};
use vignette_model::{ClipId, ClipKey, PersonId, ReplyId};

/// How far a listener may fall behind before it is told to ask for the whole again.
const BEHIND: usize = 64;

/// How much may wait to be told. Beyond it all listeners are hung up on, so that they ask for the whole and listen again.
const WAITING: usize = 4096;

/// What has changed. It is looked up when it is told, so what is in the queue already need not be queued again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum News {
    /// A clip, or how many replies it has.
    Clip(ClipId),
    /// A clip was deleted.
    ClipDeleted(ClipId),
    /// A reply, to those who came by this key.
    Reply(ClipKey, ClipId, ReplyId),
    /// A reply was deleted.
    ReplyDeleted(ClipKey, ReplyId),
}

/// The listeners of a library and of its clips. A clip is listened to by its key, so that a new link is not told to those who
/// came by the old one.
#[derive(Debug)]
pub(crate) struct Events {
    inner: Mutex<Inner>,
    /// Whose sessions and tokens end: told at once, and never cut off by what else happens.
    ended: broadcast::Sender<PersonId>,
}

impl Default for Events {
    fn default() -> Self {
        Self { inner: Mutex::default(), ended: broadcast::Sender::new(BEHIND) }
    }
}

#[derive(Debug)]
struct Inner {
    library: broadcast::Sender<LibraryEvent>,
    clips: HashMap<ClipKey, broadcast::Sender<ClipEvent>>,
    queue: VecDeque<News>,
    /// What is in the queue.
    queued: HashSet<News>,
    /// Whether a task tells what is in the queue.
    telling: bool,
}

impl Default for Inner {
    fn default() -> Self {
        Self {
            library: broadcast::Sender::new(BEHIND),
            clips: HashMap::new(),
            queue: VecDeque::new(),
            queued: HashSet::new(),
            telling: false,
        }
    }
}

impl Inner {
    fn heard(&self) -> bool {
        self.library.receiver_count() > 0 || self.clips.values().any(|sender| sender.receiver_count() > 0)
    }
}

impl Events {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Listens to the library.
    pub(crate) fn library(&self) -> broadcast::Receiver<LibraryEvent> {
        self.inner().library.subscribe()
    }

    /// Listens to the clip of a key.
    pub(crate) fn clip(&self, key: &ClipKey) -> broadcast::Receiver<ClipEvent> {
        let mut inner = self.inner();
        inner.clips.retain(|_, sender| sender.receiver_count() > 0);
        inner.clips.entry(key.clone()).or_insert_with(|| broadcast::Sender::new(BEHIND)).subscribe()
    }

    /// Queues news, if anybody listens. `true` if a task has to be begun that tells what is queued.
    pub(crate) fn queue(&self, news: News) -> bool {
        let mut inner = self.inner();
        if !inner.heard() || inner.queued.contains(&news) {
            return false;
        }
        if inner.queue.len() >= WAITING {
            tracing::warn!(waiting = WAITING, "More happens than can be told; those who listen have to ask again");
            *inner = Inner { telling: inner.telling, ..Inner::default() };
            return false;
        }
        inner.queued.insert(news.clone());
        inner.queue.push_back(news);
        !mem::replace(&mut inner.telling, true)
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

    /// What is to be told next. `None` ends the task that tells.
    pub(crate) fn next(&self) -> Option<News> {
        let mut inner = self.inner();
        let next = inner.queue.pop_front();
        match &next {
            Some(news) => _ = inner.queued.remove(news),
            None => inner.telling = false,
        }
        next
    }

    pub(crate) fn tell_library(&self, event: LibraryEvent) {
        // An error means that nobody listens.
        let _ = self.inner().library.send(event);
    }

    pub(crate) fn tell_clip(&self, key: &ClipKey, event: ClipEvent) {
        let sender = self.inner().clips.get(key).cloned();
        if let Some(sender) = sender {
            let _ = sender.send(event);
        }
    }

    /// Tells those who listen to the clip of a key that it is gone. At once: they hear nothing of it afterwards.
    pub(crate) fn close(&self, key: &ClipKey) {
        let sender = self.inner().clips.remove(key);
        if let Some(sender) = sender {
            let _ = sender.send(ClipEvent::Gone);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue_all(events: &Events, news: &[News]) -> Vec<bool> {
        news.iter().map(|news| events.queue(news.clone())).collect()
    }

    #[test]
    fn each_thing_waits_once_and_in_order() {
        let (events, key) = (Events::default(), ClipKey::random());
        let (clip, reply) = (News::Clip(ClipId::new()), News::Reply(key.clone(), ClipId::new(), ReplyId::new()));
        assert_eq!(queue_all(&events, std::slice::from_ref(&clip)), [false], "nobody listens, so nothing is to be told");
        let _listener = events.clip(&key);
        assert_eq!(queue_all(&events, &[clip.clone(), reply.clone(), clip.clone()]), [true, false, false]);
        assert_eq!(events.next(), Some(clip.clone()));
        assert!(!events.queue(clip.clone()), "it changed again while it is told, by the same task");
        assert_eq!([events.next(), events.next(), events.next()], [Some(reply), Some(clip.clone()), None]);
        assert!(events.queue(clip), "the task has ended, so another begins");
    }

    #[test]
    fn more_than_can_be_told_is_asked_for() {
        let events = Events::default();
        let mut listener = events.library();
        for _ in 0..WAITING {
            events.queue(News::Clip(ClipId::new()));
        }
        assert!(listener.try_recv().is_err_and(|error| error == broadcast::error::TryRecvError::Empty));
        assert!(!events.queue(News::Clip(ClipId::new())), "the task that tells goes on");
        assert_eq!(listener.try_recv().unwrap_err(), broadcast::error::TryRecvError::Closed, "it is hung up on");
        assert_eq!(events.next(), None);
    }

    #[test]
    fn whoever_came_by_an_old_link_hears_the_end_and_no_more() {
        let (events, key) = (Events::default(), ClipKey::random());
        let mut listener = events.clip(&key);
        events.close(&key);
        events.tell_clip(&key, ClipEvent::ReplyDeleted { id: ReplyId::new() });
        assert_eq!(listener.try_recv().unwrap(), ClipEvent::Gone);
        assert!(listener.try_recv().is_err());
    }
}
