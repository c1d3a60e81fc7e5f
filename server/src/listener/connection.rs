//! A [`Connection`]: what is known of it while it lasts, from which its deadlines are judged.

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use axum::http::Version;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tokio_util::sync::CancellationToken;
use vignette_model::{Clock, Micros};

use super::{Deadlines, HeldPlace};

/// How long after it was asked to close an idle connection is cut off.
const CLOSING: Micros = Micros::from_secs(10);
/// How long a response may stand still while others need room.
const STANDS_STILL: Micros = Micros::from_secs(3);

/// What is to become of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It goes on.
    GoOn,
    /// It is asked to close.
    Close,
    /// It is cut off.
    Cut,
}

/// One connection.
pub(super) struct Connection {
    household: IpAddr,
    trusted: bool,
    deadlines: Deadlines,
    clock: Arc<dyn Clock>,
    cut: CancellationToken,
    state: Mutex<State>,
}

struct State {
    /// Since when no request has been under way.
    quiet_since: Micros,
    /// Whether there was a request at all.
    asked: bool,
    /// Whether one connection carries several at once.
    multiplexed: bool,
    under_way: usize,
    responses: Vec<Arc<Mutex<Response>>>,
}

/// A response on its way out.
struct Response {
    /// Taken away from a client that does not read it, with the file and the bytes that it holds.
    body: Option<Body>,
    /// When a piece was given that the client has not asked on from yet.
    given_at: Option<Micros>,
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Connection {
    pub(super) fn new(household: IpAddr, trusted: bool, deadlines: Deadlines, clock: Arc<dyn Clock>) -> Self {
        let state =
            State { quiet_since: clock.monotonic(), asked: false, multiplexed: false, under_way: 0, responses: Vec::new() };
        Self { household, trusted, deadlines, clock, cut: CancellationToken::new(), state: Mutex::new(state) }
    }

    /// Whose it is, unless it is a proxy's, which is many people's.
    pub(super) fn household(&self) -> Option<IpAddr> {
        (!self.trusted).then_some(self.household)
    }

    /// Cuts it off.
    pub(super) fn cut(&self) {
        self.cut.cancel();
    }

    /// Ends when it is cut off.
    pub(super) async fn cut_off(&self) {
        self.cut.cancelled().await;
    }

    /// A request has come.
    pub(super) fn begin(self: &Arc<Self>, version: Version) -> UnderWay {
        let mut state = lock(&self.state);
        state.asked = true;
        state.multiplexed = version == Version::HTTP_2;
        state.under_way += 1;
        UnderWay { connection: self.clone() }
    }

    /// What is to become of it now. A response that its client does not read is let go of.
    pub(super) fn verdict(&self) -> Verdict {
        let now = self.clock.monotonic();
        let state = lock(&self.state);
        let quiet = now - state.quiet_since;
        let Deadlines { first_request, idle, progress } = self.deadlines;
        if state.under_way == 0 {
            return match state.asked {
                false if quiet >= first_request => Verdict::Cut,
                true if quiet >= idle + CLOSING => Verdict::Cut,
                true if quiet >= idle => Verdict::Close,
                _ => Verdict::GoOn,
            };
        }
        let mut stalled = false;
        for response in &state.responses {
            let mut response = lock(response);
            if response.given_at.is_some_and(|at| now - at >= progress) {
                response.body = None;
                response.given_at = None;
                stalled = true;
            }
        }
        // What a proxy carries beside it belongs to other people.
        let alone = !(self.trusted && state.multiplexed);
        if stalled && alone { Verdict::Cut } else { Verdict::GoOn }
    }

    /// How quiet it is, the quietest first: without a request, and since when; or with responses that nobody reads.
    pub(super) fn quiet(&self, now: Micros) -> Option<(u8, Micros)> {
        let state = lock(&self.state);
        if self.cut.is_cancelled() {
            return None;
        }
        if state.under_way == 0 {
            return Some((u8::from(state.asked), state.quiet_since));
        }
        if self.trusted {
            return None;
        }
        drop(state);
        let oldest = self.unread_since()?;
        (now - oldest >= STANDS_STILL).then_some((2, oldest))
    }

    /// Since when a piece of a response has been given that its client has not read yet; `None` if it is cut off already.
    pub(super) fn unread_since(&self) -> Option<Micros> {
        if self.cut.is_cancelled() {
            return None;
        }
        lock(&self.state).responses.iter().filter_map(|response| lock(response).given_at).min()
    }
}

/// A request under way, from its head until its response has left.
pub(super) struct UnderWay {
    connection: Arc<Connection>,
}

impl UnderWay {
    /// Its response, to be watched.
    pub(super) fn sent(self, body: Body, place: Option<HeldPlace>) -> Sent {
        let response = Arc::new(Mutex::new(Response { body: Some(body), given_at: None }));
        lock(&self.connection.state).responses.push(response.clone());
        Sent { response, under_way: self, _place: place }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut state = lock(&self.connection.state);
        state.under_way -= 1;
        state.quiet_since = self.connection.clock.monotonic();
    }
}

/// The body of a response, watched as it leaves.
pub(super) struct Sent {
    response: Arc<Mutex<Response>>,
    under_way: UnderWay,
    _place: Option<HeldPlace>,
}

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut response = lock(&self.response);
        let Some(body) = &mut response.body else {
            let late = std::io::Error::from(std::io::ErrorKind::TimedOut);
            return Poll::Ready(Some(Err(axum::Error::new(late))));
        };
        let frame = Pin::new(body).poll_frame(context);
        let given = matches!(frame, Poll::Ready(Some(Ok(_))));
        response.given_at = given.then(|| self.under_way.connection.clock.monotonic());
        frame
    }

    fn is_end_stream(&self) -> bool {
        lock(&self.response).body.as_ref().is_some_and(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        lock(&self.response).body.as_ref().map(HttpBody::size_hint).unwrap_or_default()
    }
}

impl Drop for Sent {
    fn drop(&mut self) {
        lock(&self.under_way.connection.state).responses.retain(|one| !Arc::ptr_eq(one, &self.response));
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
        let household = [192, 0, 2, 1].into();
        (Arc::new(Connection::new(household, trusted, Deadlines::USUAL, clock.clone())), clock)
    }

    fn pieces(then_hang: bool) -> Body {
        let two = stream::iter(["a", "b"].map(|piece| Ok::<_, std::io::Error>(Bytes::from(piece))));
        let rest = stream::poll_fn(move |_| if then_hang { Poll::Pending } else { Poll::Ready(None) });
        Body::from_stream(futures_util::StreamExt::chain(two, rest))
    }

    #[test]
    fn silence_is_not_waited_for() {
        let (connection, clock) = connection(false);
        assert_eq!(connection.verdict(), Verdict::GoOn);
        clock.advance(Deadlines::USUAL.first_request);
        assert_eq!(connection.verdict(), Verdict::Cut, "no request has come");
        drop(connection.begin(Version::HTTP_11));
        assert_eq!(connection.verdict(), Verdict::GoOn);
        clock.advance(Deadlines::USUAL.idle);
        assert_eq!(connection.verdict(), Verdict::Close);
        clock.advance(CLOSING);
        assert_eq!(connection.verdict(), Verdict::Cut);
    }

    #[tokio::test]
    async fn whoever_does_not_read_is_cut_off_and_whoever_listens_is_not() {
        let (connection, clock) = connection(false);
        let mut sent = connection.begin(Version::HTTP_11).sent(pieces(true), None);
        for _ in 0..2 {
            sent.frame().await.unwrap().unwrap();
        }
        clock.advance(Deadlines::USUAL.progress);
        assert_eq!(connection.verdict(), Verdict::Cut, "a piece was given and nobody asked for the next");

        let mut sent = connection.begin(Version::HTTP_11).sent(pieces(true), None);
        for _ in 0..2 {
            sent.frame().await.unwrap().unwrap();
        }
        assert!(futures_util::poll!(sent.frame()).is_pending());
        clock.advance(Micros::from_secs(24 * 60 * 60));
        assert_eq!(connection.verdict(), Verdict::GoOn, "a listener waits for us");
    }

    #[tokio::test]
    async fn one_who_does_not_read_behind_a_proxy_ends_nobody_elses() {
        let (connection, clock) = connection(true);
        let mut stalled = connection.begin(Version::HTTP_2).sent(pieces(false), None);
        stalled.frame().await.unwrap().unwrap();
        clock.advance(Deadlines::USUAL.progress);
        let mut other = connection.begin(Version::HTTP_2).sent(pieces(false), None);
        other.frame().await.unwrap().unwrap();
        assert_eq!(connection.verdict(), Verdict::GoOn);
        assert!(stalled.frame().await.unwrap().is_err(), "what it did not read is let go of");
        assert_eq!(other.collect().await.unwrap().to_bytes(), "b");
    }
}
