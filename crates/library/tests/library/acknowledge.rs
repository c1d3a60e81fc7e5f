//! Acknowledgements wait for nobody who listens: a recorder is answered while an event is still being rendered.

use std::fmt::Debug;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, Once};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::task;
use tokio::time::timeout;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use vignette_library::Actor;
use vignette_model::ClipId;
use vignette_model::api::{ClipChange, LibraryEvent, NewReply};
use vignette_model::text::{PersonName, ReplyBody, Title};

use crate::rig::{STREAM, World, pieces};

/// Stands still where the rendering of one clip's event says that it begins.
static HELD: Mutex<Option<Held>> = Mutex::new(None);

struct Held {
    clip: String,
    reached: Sender<()>,
    go_on: Receiver<()>,
}

/// Reads what is logged, on the thread that logs it.
struct Reader;

impl Subscriber for Reader {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "vignette_library::announce"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut said = Said::default();
        event.record(&mut said);
        if !said.message.starts_with("Rendering a clip") {
            return;
        }
        let held = HELD.lock().unwrap().take_if(|held| held.clip == said.clip);
        if let Some(held) = held {
            held.reached.send(()).unwrap();
            // An error means that the test is over.
            let _ = held.go_on.recv();
        }
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Said {
    message: String,
    clip: String,
}

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            "clip.id" => self.clip = format!("{value:?}"),
            _ => {}
        }
    }
}

/// Holds up the next rendering of a clip's event: the first channel tells when it has begun, the second lets it go on.
fn hold_up(clip: ClipId) -> (Receiver<()>, Sender<()>) {
    static READS: Once = Once::new();
    READS.call_once(|| tracing::subscriber::set_global_default(Reader).unwrap());
    let ((reached, begun), (release, go_on)) = (mpsc::channel(), mpsc::channel());
    *HELD.lock().unwrap() = Some(Held { clip: clip.to_string(), reached, go_on });
    (begun, release)
}

/// Long enough on any machine; nothing waits for it.
const LONG: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_recorder_is_answered_while_an_event_is_rendered() {
    let world = World::new().await;
    let (clip, library) = (world.create(true).await, &world.library);
    library.settled().await;
    let mut events = library.library_events(&world.ann).unwrap();
    let (begun, go_on) = hold_up(clip.created.id);
    let change =
        ClipChange { title: Some(Title::new("Changed").unwrap()), ..ClipChange::default() };
    timeout(LONG, library.change_clip(&world.ann, clip.created.id, change))
        .await
        .expect("a change is answered")
        .unwrap();
    task::spawn_blocking(move || begun.recv_timeout(LONG))
        .await
        .unwrap()
        .expect("its event is being rendered");

    for range in pieces(STREAM).0 {
        let (start, end) = (range.start, range.end);
        let sent = world.send(&clip, start, &STREAM[range], end == STREAM.len());
        timeout(LONG, sent).await.expect("an append is acknowledged").unwrap();
    }
    timeout(LONG, world.create(false)).await.expect("a clip is made");
    let name = Some(PersonName::new("Gus").unwrap());
    let reply =
        NewReply { name, body: ReplyBody::new("Hello").unwrap(), anchor: None, parent: None };
    let nobody = Actor::anonymous();
    let posted = library.post_reply(&nobody, &clip.created.key, reply);
    timeout(LONG, posted).await.expect("a reply is taken").unwrap();
    assert!(events.recv().now_or_never().is_none(), "nobody has heard of it yet");

    go_on.send(()).unwrap();
    let mut heard = 0;
    let last = loop {
        let event = timeout(LONG, events.recv()).await.expect("then they hear").unwrap();
        let LibraryEvent::Clip { clip: now } = event else { panic!("a clip has changed") };
        heard += 1;
        if now.id == clip.created.id && now.view.replies == 1 {
            break now;
        }
    };
    assert_eq!(last.view.size_bytes, STREAM.len() as u64, "the newest is told");
    assert!(
        heard <= 4,
        "and what was overtaken is not: {heard} events of {} changes",
        pieces(STREAM).0.len() + 3
    );
}
