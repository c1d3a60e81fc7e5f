//! Events: what happens to a clip or in the library, as server-sent events. The name of each event is its `event` tag.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderName;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt, stream};
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;
use vignette_model::api::{ClipEvent, LibraryEvent};
use vignette_model::{ClipKey, ErrorCode, Problem};

use crate::allowed::{Allowed, ByLink, InLibrary, List, See};
use crate::app::{Listener, Shared};
use crate::peer::household;
use crate::refusal::Refusal;

const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How often it is asked whether a session that listens has come to its end by itself.
const RECHECK: Duration = Duration::from_secs(60);

/// What happens to the clip from now on. The first event is the clip as it is. Whoever falls behind is hung up on, asks for
/// the replies again and listens again.
#[utoipa::path(get, path = "/api/v1/c/{key}/events", tag = "by link", operation_id = "clip_events", params(("key" = ClipKey, Path)), responses(
    (status = 200, description = "Server-sent events, named by their `event` tag", body = ClipEvent, content_type = "text/event-stream"),
    (status = "4XX", description = "Refused", body = Problem, content_type = "application/problem+json"),
))]
pub async fn clip(Allowed { asker, of: key }: Allowed<ByLink<See>>, State(app): State<Shared>) -> Result<Response, Refusal> {
    let listener = match asker.actor.person() {
        Some(person) => Listener::Member(person.id),
        None => Listener::Link(household(asker.peer), key.clone()),
    };
    // First the ear, then the look: nothing that happens in between is missed.
    let receiver = app.library.events(&asker.actor, &key).await?;
    let now = ClipEvent::Clip { clip: app.library.watch(&asker.actor, &key).await? };
    let events = stream::unfold((receiver, Some(now)), async |(mut receiver, first)| {
        let event = match first {
            Some(first) => first,
            None => receiver.recv().await.ok()?,
        };
        Some((event, (receiver, None)))
    });
    // A clip that is gone has nothing more to tell.
    let mut gone = false;
    let events = events.take_while(move |event| {
        let over = std::mem::replace(&mut gone, *event == ClipEvent::Gone);
        std::future::ready(!over)
    });
    respond(&app, listener, events)
}

/// What happens in the library from now on. Whoever falls behind is hung up on, asks for the clips and listens again.
#[utoipa::path(get, path = "/api/v1/events", tag = "clips", operation_id = "library_events", security(("token" = [])), responses(
    (status = 200, description = "Server-sent events, named by their `event` tag", body = LibraryEvent, content_type = "text/event-stream"),
    (status = "4XX", description = "Refused", body = Problem, content_type = "application/problem+json"),
))]
pub async fn library(Allowed { asker, .. }: Allowed<InLibrary<List>>, State(app): State<Shared>) -> Result<Response, Refusal> {
    let receiver = app.library.library_events(&asker.actor)?;
    // Listened to before it is asked once more who asks: what ends from then on is heard of.
    let ends = app.library.ends();
    let me = asker.again(&app).await?.person().map(|person| person.id);
    let me = me.ok_or_else(|| Refusal::new(ErrorCode::SignInNeeded, "You are not signed in any more."))?;
    let mut recheck = tokio::time::interval(RECHECK);
    recheck.reset();
    let listening = (receiver, ends, recheck, asker, app.clone());
    let events = stream::unfold(listening, move |(mut receiver, mut ends, mut recheck, asker, app)| async move {
        loop {
            // What ends is heard before what happens: whoever is out hears nothing more.
            let concerned = tokio::select! {
                biased;
                ended = ends.recv() => match ended {
                    Ok(person) => person == me,
                    Err(RecvError::Lagged(_)) => true,
                    Err(RecvError::Closed) => return None,
                },
                event = receiver.recv() => return Some((event.ok()?, (receiver, ends, recheck, asker, app))),
                _ = recheck.tick() => true,
            };
            if concerned {
                asker.again(&app).await.ok()?.person()?;
            }
        }
    });
    respond(&app, Listener::Member(me), events)
}

/// Sends events until there are no more or the library ends.
fn respond<E: Serialize + Send + 'static>(
    app: &Shared,
    listener: Listener,
    events: impl Stream<Item = E> + Send + 'static,
) -> Result<Response, Refusal> {
    let place = app.listeners.take(listener);
    let place = place.ok_or_else(|| Refusal::new(ErrorCode::TooManyRequests, "Too many are listening."))?;
    let events = events.take_until(app.shutdown.clone().cancelled_owned()).filter_map(move |event| {
        let _held = &place;
        std::future::ready(named(&event).map(Ok::<_, Infallible>))
    });
    let sse = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    // Proxies that collect answers would hold events back.
    Ok(([(HeaderName::from_static("x-accel-buffering"), "no")], sse).into_response())
}

/// The event, named by its tag.
fn named(event: &impl Serialize) -> Option<Event> {
    let value = serde_json::to_value(event).ok()?;
    let name = value.get("event")?.as_str()?.to_owned();
    Some(Event::default().event(name).data(value.to_string()))
}
