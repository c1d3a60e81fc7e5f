//! Events of a clip or of the library, as server-sent events. The name of each is its `event` tag.

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
use vignette_model::{ClipKey, ErrorCode, paths};

use crate::access::allowed::{Allowed, ByLink, InLibrary, List, See};
use crate::app::{EventListener, SharedApp};
use crate::http::api_error::{ApiError, ApiErrors};
use crate::http::peer::RateLimitKey;

/// How often a comment is sent so that proxies keep the connection open.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(15);
/// How often access is checked again, since sessions expire without an event.
const ACCESS_CHECK_INTERVAL: Duration = Duration::from_secs(60);

/// What happens to the clip from now on. The first event is the clip as it is. Whoever falls behind is hung up on, asks for
/// the replies again and listens again.
#[utoipa::path(get, path = paths::LINK_EVENTS, tag = "by link", operation_id = "clip_events", params(("key" = ClipKey, Path)), responses(
    (status = 200, description = "Server-sent events, named by their `event` tag", body = ClipEvent, content_type = "text/event-stream"),
    ApiErrors,
))]
pub(crate) async fn stream_clip_events(
    Allowed { requester, target: key }: Allowed<ByLink<See>>,
    State(app): State<SharedApp>,
) -> Result<Response, ApiError> {
    let listener = match requester.actor.person() {
        Some(person) => EventListener::Member(person.id),
        None => EventListener::Link(RateLimitKey::of(requester.address), key.clone()),
    };
    // Subscribed before the clip is read, so that no event in between is missed.
    let receiver = app.library.events(&requester.actor, &key).await?;
    let now = ClipEvent::Clip { clip: app.library.watch(&requester.actor, &key).await? };
    let events = stream::unfold((receiver, Some(now)), async |(mut receiver, first)| {
        let event = match first {
            Some(first) => first,
            None => receiver.recv().await.ok()?,
        };
        Some((event, (receiver, None)))
    });
    // `Gone` is the last event.
    let mut gone = false;
    let events = events.take_while(move |event| {
        let over = std::mem::replace(&mut gone, *event == ClipEvent::Gone);
        std::future::ready(!over)
    });
    respond(&app, listener, events)
}

/// What happens in the library from now on. Whoever falls behind is hung up on, asks for the clips and listens again.
#[utoipa::path(get, path = paths::EVENTS, tag = "clips", operation_id = "library_events", security(("token" = [])), responses(
    (status = 200, description = "Server-sent events, named by their `event` tag", body = LibraryEvent, content_type = "text/event-stream"),
    ApiErrors,
))]
pub(crate) async fn stream_library_events(
    Allowed { requester, .. }: Allowed<InLibrary<List>>,
    State(app): State<SharedApp>,
) -> Result<Response, ApiError> {
    let receiver = app.library.library_events(&requester.actor)?;
    // Subscribed before the requester is looked up again, so that no end of access is missed.
    let ends = app.library.ends();
    let me = requester.current_actor(&app).await?.person().map(|person| person.id);
    let me = me
        .ok_or_else(|| ApiError::new(ErrorCode::SignInNeeded, "You are not signed in any more."))?;
    let mut recheck = tokio::time::interval(ACCESS_CHECK_INTERVAL);
    recheck.reset();
    let state = (receiver, ends, recheck, requester, app.clone());
    let events = stream::unfold(
        state,
        move |(mut receiver, mut ends, mut recheck, requester, app)| async move {
            loop {
                // `biased`: an end of access is handled before the events that follow it.
                let concerned = tokio::select! {
                    biased;
                    ended = ends.recv() => match ended {
                        Ok(person) => person == me,
                        Err(RecvError::Lagged(_)) => true,
                        Err(RecvError::Closed) => return None,
                    },
                    event = receiver.recv() => return Some((event.ok()?, (receiver, ends, recheck, requester, app))),
                    _ = recheck.tick() => true,
                };
                if concerned {
                    requester.current_actor(&app).await.ok()?.person()?;
                }
            }
        },
    );
    respond(&app, EventListener::Member(me), events)
}

/// The response that sends `events` until they end or the library shuts down.
fn respond<E: Serialize + Send + 'static>(
    app: &SharedApp,
    listener: EventListener,
    events: impl Stream<Item = E> + Send + 'static,
) -> Result<Response, ApiError> {
    let permit = app.event_streams.try_acquire(listener);
    let permit = permit.ok_or_else(|| {
        ApiError::new(ErrorCode::TooManyRequests, "Too many event streams are open.")
    })?;
    let events =
        events.take_until(app.shutdown.clone().cancelled_owned()).filter_map(move |event| {
            let _held = &permit;
            std::future::ready(named(&event).map(Ok::<_, Infallible>))
        });
    let sse = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE_INTERVAL));
    // Proxies that buffer responses would delay the events.
    Ok(([(HeaderName::from_static("x-accel-buffering"), "no")], sse).into_response())
}

/// The event with its tag as its name.
fn named(event: &impl Serialize) -> Option<Event> {
    let value = serde_json::to_value(event).ok()?;
    let name = value.get("event")?.as_str()?.to_owned();
    Some(Event::default().event(name).data(value.to_string()))
}
