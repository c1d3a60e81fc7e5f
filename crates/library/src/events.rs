//! [`Events`]: what has just happened, for those who listen. Whole snapshots; a listener that was away asks for the whole again.
//!
//! ```text
//! something changed ─▶ queue (each thing once) ─▶ one task: read the row, render, send ─▶ listeners: for me? ─▶ what I see of it
//! ```
//! A change only puts its name into the queue: no acknowledgement waits for a row to be read again or for Markdown. One task
//! reads and sends, in order, so that what is sent last is what was read last.
//!
//! An event is sent with its [`Audience`]. Each listener has the viewer whom it listens for, passes over what is not for them,
//! and makes of the rest what they see, by [`may`]: two listeners need not get the same.

use std::collections::{HashMap, HashSet, VecDeque};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use vignette_model::api::{ClipEvent, ClipView, LibraryEvent, MemberClip};
use vignette_model::text::PersonName;
use vignette_model::{ClipId, ClipKey, PersonId, ReactionId, ReplyId};

use crate::actor::{Actor, Audience, Person};
use crate::rules::{Action, Resource, may};
use crate::shown;
use crate::store::{Clip, ReactionRow, ReplyRow};

/// How far a listener may fall behind before it is told to ask for the whole again.
const BEHIND: usize = 64;

/// How much may wait to be told. Beyond it all listeners are hung up on, so that they ask for the whole and listen again.
const WAITING: usize = 4096;

/// What has changed. It is looked up when it is told, so what is in the queue already need not be queued again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum News {
    /// A clip, or how many replies it has.
    Clip(ClipId),
    /// A clip was deleted, of which these could know.
    ClipDeleted(ClipId, Audience),
    /// A reply to a clip.
    Reply(ClipId, ReplyId),
    /// A reply to a clip was deleted.
    ReplyDeleted(ClipId, ReplyId),
    /// A reaction to a clip.
    Reaction(ClipId, ReactionId),
    /// A reaction to a clip was taken away.
    ReactionDeleted(ClipId, ReactionId),
}

/// An event on its way: read and rendered once for all who may get it.
#[derive(Debug)]
pub(crate) struct Event {
    /// Who may get it.
    pub(crate) audience: Audience,
    /// What happened.
    pub(crate) what: Happened,
}

/// What happened.
#[derive(Debug)]
pub(crate) enum Happened {
    /// A clip is as it is now.
    Clip(Box<ClipNow>),
    /// A clip is gone.
    ClipDeleted(ClipId),
    /// A reply is as it is now.
    Reply(Box<ReplyRow>),
    /// A reply is gone.
    ReplyDeleted(ReplyId),
    /// Somebody reacted.
    Reaction(Box<ReactionRow>),
    /// A reaction is gone.
    ReactionDeleted(ReactionId),
    /// The clip is gone for those who came by this link.
    Gone,
}

/// A clip as it is now, rendered for those who may play it and for those who may not.
#[derive(Debug)]
pub(crate) struct ClipNow {
    row: Clip,
    /// For a member who may play it.
    open: MemberClip,
    /// For those who may not.
    kept_back: ClipView,
}

impl ClipNow {
    /// Renders a clip, whose whole link is `link`.
    pub(crate) fn new(row: Clip, link: String) -> Self {
        // Its author may always play it, and who only has its link not while it is kept back.
        let name = PersonName::stored(&row.author_name);
        let author = Actor::member(Person { id: row.author, name });
        let guest = Actor::anonymous().with_link(row.key.clone());
        let open = shown::member_clip(&author, &row, link);
        Self { open, kept_back: shown::clip(&guest, &row), row }
    }

    fn view(&self, actor: &Actor) -> ClipView {
        let plays = may(actor, Action::Play, Resource::Clip(&self.row)).is_ok();
        let view = if plays { &self.open.view } else { &self.kept_back };
        ClipView { author_login: shown::author_login(actor, &self.row), ..view.clone() }
    }

    fn member_clip(&self, actor: &Actor) -> MemberClip {
        let mine = shown::is_author(actor, &self.row);
        let take = mine.then_some(self.row.take);
        MemberClip { mine, take, view: self.view(actor), ..self.open.clone() }
    }
}

/// The next event whose audience includes the viewer, as `seen` shows it to them; what it gives
/// nothing for is passed over.
async fn next<E>(
    receiver: &mut broadcast::Receiver<Arc<Event>>,
    actor: &Actor,
    seen: impl Fn(&Actor, &Happened) -> Option<E>,
) -> Result<E, RecvError> {
    loop {
        let event = receiver.recv().await?;
        let shown =
            event.audience.includes(&actor.viewer()).then(|| seen(actor, &event.what)).flatten();
        if let Some(shown) = shown {
            return Ok(shown);
        }
    }
}

/// What happens to one clip, for one viewer.
#[derive(Debug)]
pub struct ClipEvents {
    receiver: broadcast::Receiver<Arc<Event>>,
    actor: Actor,
}

impl ClipEvents {
    /// The next event that is for this viewer.
    ///
    /// # Errors
    /// [`RecvError`] if they fell behind or are hung up on: they ask for the whole and listen again.
    pub async fn recv(&mut self) -> Result<ClipEvent, RecvError> {
        next(&mut self.receiver, &self.actor, Self::seen).await
    }

    fn seen(actor: &Actor, what: &Happened) -> Option<ClipEvent> {
        Some(match what {
            Happened::Clip(clip) => ClipEvent::Clip { clip: clip.view(actor) },
            Happened::Reply(row) => {
                ClipEvent::Reply { reply: shown::reply(actor, (**row).clone()) }
            }
            Happened::ReplyDeleted(id) => ClipEvent::ReplyDeleted { id: *id },
            Happened::Reaction(row) => {
                ClipEvent::Reaction { reaction: shown::reaction(actor, (**row).clone()) }
            }
            Happened::ReactionDeleted(id) => ClipEvent::ReactionDeleted { id: *id },
            Happened::Gone => ClipEvent::Gone,
            Happened::ClipDeleted(_) => return None,
        })
    }
}

/// What happens in the library, for one of its members.
#[derive(Debug)]
pub struct LibraryEvents {
    receiver: broadcast::Receiver<Arc<Event>>,
    actor: Actor,
}

impl LibraryEvents {
    /// The next event that is for this member.
    ///
    /// # Errors
    /// [`RecvError`] if they fell behind or are hung up on: they ask for the whole and listen again.
    pub async fn recv(&mut self) -> Result<LibraryEvent, RecvError> {
        next(&mut self.receiver, &self.actor, Self::seen).await
    }

    fn seen(actor: &Actor, what: &Happened) -> Option<LibraryEvent> {
        Some(match what {
            Happened::Clip(clip) => LibraryEvent::Clip { clip: Box::new(clip.member_clip(actor)) },
            Happened::ClipDeleted(id) => LibraryEvent::ClipDeleted { id: *id },
            Happened::Reply(_)
            | Happened::ReplyDeleted(_)
            | Happened::Reaction(_)
            | Happened::ReactionDeleted(_)
            | Happened::Gone => return None,
        })
    }
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
    library: broadcast::Sender<Arc<Event>>,
    clips: HashMap<ClipKey, broadcast::Sender<Arc<Event>>>,
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
        self.library.receiver_count() > 0
            || self.clips.values().any(|sender| sender.receiver_count() > 0)
    }
}

impl Events {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Listens to the library for a member.
    pub(crate) fn library(&self, actor: Actor) -> LibraryEvents {
        LibraryEvents { receiver: self.inner().library.subscribe(), actor }
    }

    /// Listens to the clip of a key for a viewer.
    pub(crate) fn clip(&self, actor: Actor, key: &ClipKey) -> ClipEvents {
        let mut inner = self.inner();
        inner.clips.retain(|_, sender| sender.receiver_count() > 0);
        let sender =
            inner.clips.entry(key.clone()).or_insert_with(|| broadcast::Sender::new(BEHIND));
        ClipEvents { receiver: sender.subscribe(), actor }
    }

    /// Queues news, if anybody listens. `true` if a task has to be begun that tells what is queued.
    pub(crate) fn queue(&self, news: News) -> bool {
        let mut inner = self.inner();
        if !inner.heard() || inner.queued.contains(&news) {
            return false;
        }
        if inner.queue.len() >= WAITING {
            tracing::warn!(
                waiting = WAITING,
                "More happens than can be told; those who listen have to ask again"
            );
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

    /// Sends an event to those of its audience who listen: to the library, and to the clip of the link.
    pub(crate) fn send(&self, event: Event) {
        let event = Arc::new(event);
        let (library, clip) = {
            let inner = self.inner();
            (inner.library.clone(), inner.clips.get(&event.audience.link).cloned())
        };
        // An error means that nobody listens.
        let _ = library.send(event.clone());
        if let Some(clip) = clip {
            let _ = clip.send(event);
        }
    }

    /// Tells those who listen to the clip of a key that it is gone. At once: they hear nothing of it afterwards.
    pub(crate) fn close(&self, key: &ClipKey) {
        let sender = self.inner().clips.remove(key);
        if let Some(sender) = sender {
            let _ = sender.send(Arc::new(Event {
                audience: Audience { link: key.clone() },
                what: Happened::Gone,
            }));
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn member() -> Actor {
        Actor::member(Person { id: PersonId::new(), name: PersonName::new("Ann").unwrap() })
    }

    #[test]
    fn an_event_reaches_its_audience_alone() {
        let (events, key) = (Events::default(), ClipKey::random());
        let viewer = |key: &ClipKey| Actor::anonymous().with_link(key.clone());
        let mut by_link = events.clip(viewer(&key), &key);
        let mut by_another = events.clip(viewer(&ClipKey::random()), &key);
        let mut by_member = events.clip(member(), &key);
        let id = ReplyId::new();
        events.send(Event { audience: Audience { link: key }, what: Happened::ReplyDeleted(id) });
        let deleted = Some(Ok(ClipEvent::ReplyDeleted { id }));
        assert_eq!(by_link.recv().now_or_never(), deleted);
        assert_eq!(by_member.recv().now_or_never(), deleted);
        assert_eq!(by_another.recv().now_or_never(), None, "whatever they listen to");
    }

    fn queue_all(events: &Events, news: &[News]) -> Vec<bool> {
        news.iter().map(|news| events.queue(news.clone())).collect()
    }

    #[test]
    fn each_thing_waits_once_and_in_order() {
        let (events, key) = (Events::default(), ClipKey::random());
        let (clip, reply) = (News::Clip(ClipId::new()), News::Reply(ClipId::new(), ReplyId::new()));
        assert_eq!(
            queue_all(&events, std::slice::from_ref(&clip)),
            [false],
            "nobody listens, so nothing is to be told"
        );
        let _listener = events.clip(Actor::anonymous(), &key);
        assert_eq!(
            queue_all(&events, &[clip.clone(), reply.clone(), clip.clone()]),
            [true, false, false]
        );
        assert_eq!(events.next(), Some(clip.clone()));
        assert!(!events.queue(clip.clone()), "it changed again while it is told, by the same task");
        assert_eq!(
            [events.next(), events.next(), events.next()],
            [Some(reply), Some(clip.clone()), None]
        );
        assert!(events.queue(clip), "the task has ended, so another begins");
    }

    #[test]
    fn more_than_can_be_told_is_asked_for() {
        let events = Events::default();
        let mut listener = events.library(member());
        for _ in 0..WAITING {
            events.queue(News::Clip(ClipId::new()));
        }
        assert!(listener.recv().now_or_never().is_none(), "nothing was told yet");
        assert!(!events.queue(News::Clip(ClipId::new())), "the task that tells goes on");
        assert_eq!(
            listener.recv().now_or_never(),
            Some(Err(RecvError::Closed)),
            "it is hung up on"
        );
        assert_eq!(events.next(), None);
    }

    #[test]
    fn whoever_came_by_an_old_link_hears_the_end_and_no_more() {
        let (events, key) = (Events::default(), ClipKey::random());
        let viewer = Actor::anonymous().with_link(key.clone());
        let mut listener = events.clip(viewer, &key);
        events.close(&key);
        events.send(Event {
            audience: Audience { link: key },
            what: Happened::ReplyDeleted(ReplyId::new()),
        });
        assert_eq!(listener.recv().now_or_never(), Some(Ok(ClipEvent::Gone)));
        assert_eq!(listener.recv().now_or_never(), Some(Err(RecvError::Closed)));
    }
}
