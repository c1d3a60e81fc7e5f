//! A [`Connection`]: the state of one connection, by which its deadlines are checked.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use axum::http::Version;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tokio_util::sync::CancellationToken;
use vignette_model::{Clock, Micros, Span};

use super::{Deadlines, RequestPermit};
use crate::http::peer::RateLimitKey;

/// How long a connection that was asked to close may take before it is cut.
const CLOSE_TIMEOUT: Span = Span::from_secs(10);
/// How long a connection must have been idle since its last request before it may be cut for another
/// one: until then the next request is likely to be on its way.
const IDLE_BEFORE_EVICTION: Span = Span::from_secs(1);
/// How long a response must have gone unread before its connection may be cut for another one.
const UNREAD_BEFORE_EVICTION: Span = Span::from_secs(3);

/// What to do with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConnectionAction {
    /// Leave it open.
    Keep,
    /// Ask it to close.
    Close,
    /// Cut it.
    Cut,
}

/// One connection.
pub(super) struct Connection {
    client: RateLimitKey,
    /// Whether it comes from a trusted proxy.
    trusted: bool,
    deadlines: Deadlines,
    clock: Arc<dyn Clock>,
    cut: CancellationToken,
    state: Mutex<State>,
}

struct State {
    /// Since when no request has been under way.
    idle_since: Micros,
    /// Whether there was a request at all.
    requested: bool,
    /// Whether it carries several requests at once (HTTP/2).
    multiplexed: bool,
    active_requests: usize,
    responses: Vec<Arc<Mutex<TrackedResponse>>>,
}

/// A response that is being sent.
struct TrackedResponse {
    /// Dropped if the client does not read it, with the file and the bytes that it holds.
    body: Option<Body>,
    /// When the last piece was handed out, until the next is asked for.
    given_at: Option<Micros>,
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Connection {
    pub(super) fn new(
        client: RateLimitKey,
        trusted: bool,
        deadlines: Deadlines,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let state = State {
            idle_since: clock.monotonic(),
            requested: false,
            multiplexed: false,
            active_requests: 0,
            responses: Vec::new(),
        };
        Self {
            client,
            trusted,
            deadlines,
            clock,
            cut: CancellationToken::new(),
            state: Mutex::new(state),
        }
    }

    /// The client, unless it is a trusted proxy, whose connections carry many clients.
    pub(super) fn client(&self) -> Option<RateLimitKey> {
        (!self.trusted).then_some(self.client)
    }

    /// Ends the connection without waiting for its requests.
    pub(super) fn cut(&self) {
        self.cut.cancel();
    }

    /// Whether it was cut.
    pub(super) fn is_cut(&self) -> bool {
        self.cut.is_cancelled()
    }

    /// Completes when the connection is cut.
    pub(super) async fn cut_off(&self) {
        self.cut.cancelled().await;
    }

    /// Counts a request as active until the returned value is dropped.
    pub(super) fn begin_request(self: &Arc<Self>, version: Version) -> ActiveRequest {
        let mut state = lock(&self.state);
        state.requested = true;
        state.multiplexed = version == Version::HTTP_2;
        state.active_requests += 1;
        ActiveRequest { connection: self.clone() }
    }

    /// Checks the deadlines, and drops responses that the client does not read.
    pub(super) fn check_deadlines(&self) -> ConnectionAction {
        let now = self.clock.monotonic();
        let state = lock(&self.state);
        let idle_for = now.saturating_since(state.idle_since);
        let Deadlines { first_request, idle, progress } = self.deadlines;
        if state.active_requests == 0 {
            return match state.requested {
                false if idle_for >= first_request => ConnectionAction::Cut,
                true if idle_for >= idle + CLOSE_TIMEOUT => ConnectionAction::Cut,
                true if idle_for >= idle => ConnectionAction::Close,
                _ => ConnectionAction::Keep,
            };
        }
        let mut stalled = false;
        for response in &state.responses {
            let mut response = lock(response);
            if response.given_at.is_some_and(|at| now >= at + progress) {
                response.body = None;
                response.given_at = None;
                stalled = true;
            }
        }
        // Other requests on a proxy's HTTP/2 connection belong to other clients.
        let one_client = !(self.trusted && state.multiplexed);
        if stalled && one_client { ConnectionAction::Cut } else { ConnectionAction::Keep }
    }

    /// The order in which connections are closed to make room, lowest first: those without a request
    /// so far, then idle ones, then those whose responses go unread; each by how long. `None` if it
    /// must stay open.
    pub(super) fn eviction_order(&self, now: Micros) -> Option<(u8, Micros)> {
        let state = lock(&self.state);
        if self.is_cut() {
            return None;
        }
        if state.active_requests == 0 {
            let expects_request = state.requested && now < state.idle_since + IDLE_BEFORE_EVICTION;
            let order = (u8::from(state.requested), state.idle_since);
            return (!expects_request).then_some(order);
        }
        if self.trusted {
            return None;
        }
        drop(state);
        let oldest = self.unread_since()?;
        (now >= oldest + UNREAD_BEFORE_EVICTION).then_some((2, oldest))
    }

    /// Since when the client has not read a piece of a response. `None` if all are read, or if the
    /// connection is already cut.
    pub(super) fn unread_since(&self) -> Option<Micros> {
        if self.is_cut() {
            return None;
        }
        lock(&self.state).responses.iter().filter_map(|response| lock(response).given_at).min()
    }
}

/// A request under way, from its head until its response is sent.
pub(super) struct ActiveRequest {
    connection: Arc<Connection>,
}

impl ActiveRequest {
    /// Wraps the body of its response, so that unread pieces are noticed.
    pub(super) fn track(self, body: Body, permit: Option<RequestPermit>) -> TrackedBody {
        let response = Arc::new(Mutex::new(TrackedResponse { body: Some(body), given_at: None }));
        lock(&self.connection.state).responses.push(response.clone());
        TrackedBody { response, request: self, _permit: permit }
    }
}

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        let mut state = lock(&self.connection.state);
        state.active_requests -= 1;
        state.idle_since = self.connection.clock.monotonic();
    }
}

/// The body of a response that records when its pieces are read.
pub(super) struct TrackedBody {
    response: Arc<Mutex<TrackedResponse>>,
    request: ActiveRequest,
    _permit: Option<RequestPermit>,
}

impl HttpBody for TrackedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut response = lock(&self.response);
        let Some(body) = &mut response.body else {
            let late = std::io::Error::from(std::io::ErrorKind::TimedOut);
            return Poll::Ready(Some(Err(axum::Error::new(late))));
        };
        let frame = Pin::new(body).poll_frame(context);
        let given = matches!(frame, Poll::Ready(Some(Ok(_))));
        response.given_at = given.then(|| self.request.connection.clock.monotonic());
        frame
    }

    fn is_end_stream(&self) -> bool {
        lock(&self.response).body.as_ref().is_some_and(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        lock(&self.response).body.as_ref().map(HttpBody::size_hint).unwrap_or_default()
    }
}

impl Drop for TrackedBody {
    fn drop(&mut self) {
        let mut state = lock(&self.request.connection.state);
        state.responses.retain(|one| !Arc::ptr_eq(one, &self.response));
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use http_body_util::BodyExt as _;
    use vignette_model::{SimulatedClock, UtcMicros};

    use super::*;

    fn connection(trusted: bool) -> (Arc<Connection>, Arc<SimulatedClock>) {
        let clock = Arc::new(SimulatedClock::at(UtcMicros(0)));
        let client = RateLimitKey::of([192, 0, 2, 1].into());
        let connection = Connection::new(client, trusted, Deadlines::STANDARD, clock.clone());
        (Arc::new(connection), clock)
    }

    fn pieces(then_hang: bool) -> Body {
        let two = stream::iter(["a", "b"].map(|piece| Ok::<_, std::io::Error>(Bytes::from(piece))));
        let rest =
            stream::poll_fn(move |_| if then_hang { Poll::Pending } else { Poll::Ready(None) });
        Body::from_stream(futures_util::StreamExt::chain(two, rest))
    }

    #[test]
    fn silence_is_not_waited_for() {
        let (connection, clock) = connection(false);
        assert_eq!(connection.check_deadlines(), ConnectionAction::Keep);
        clock.advance(Deadlines::STANDARD.first_request);
        assert_eq!(connection.check_deadlines(), ConnectionAction::Cut, "no request has come");
        drop(connection.begin_request(Version::HTTP_11));
        assert_eq!(connection.check_deadlines(), ConnectionAction::Keep);
        clock.advance(Deadlines::STANDARD.idle);
        assert_eq!(connection.check_deadlines(), ConnectionAction::Close);
        clock.advance(CLOSE_TIMEOUT);
        assert_eq!(connection.check_deadlines(), ConnectionAction::Cut);
    }

    #[tokio::test]
    async fn whoever_does_not_read_is_cut_off_and_whoever_listens_is_not() {
        let (connection, clock) = connection(false);
        let mut sent = connection.begin_request(Version::HTTP_11).track(pieces(true), None);
        for _ in 0..2 {
            sent.frame().await.unwrap().unwrap();
        }
        clock.advance(Deadlines::STANDARD.progress);
        assert_eq!(
            connection.check_deadlines(),
            ConnectionAction::Cut,
            "a piece was given and nobody asked for the next"
        );

        let mut sent = connection.begin_request(Version::HTTP_11).track(pieces(true), None);
        for _ in 0..2 {
            sent.frame().await.unwrap().unwrap();
        }
        assert!(futures_util::poll!(sent.frame()).is_pending());
        clock.advance(Span::from_secs(24 * 60 * 60));
        assert_eq!(connection.check_deadlines(), ConnectionAction::Keep, "a listener waits for us");
    }

    #[tokio::test]
    async fn one_who_does_not_read_behind_a_proxy_ends_nobody_elses() {
        let (connection, clock) = connection(true);
        let mut stalled = connection.begin_request(Version::HTTP_2).track(pieces(false), None);
        stalled.frame().await.unwrap().unwrap();
        clock.advance(Deadlines::STANDARD.progress);
        let mut other = connection.begin_request(Version::HTTP_2).track(pieces(false), None);
        other.frame().await.unwrap().unwrap();
        assert_eq!(connection.check_deadlines(), ConnectionAction::Keep);
        assert!(stalled.frame().await.unwrap().is_err(), "what it did not read is let go of");
        assert_eq!(other.collect().await.unwrap().to_bytes(), "b");
    }
}
