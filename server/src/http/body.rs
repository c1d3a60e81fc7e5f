//! Request bodies read with limits: so many bytes, deadlines, and an end when a newer request for the
//! same upload takes over.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep};
use tokio_util::sync::CancellationToken;

use super::body_budget::BodyOwner;
use super::keyed_limit::Permit;

/// How many bytes of a refused body are read and dropped, so that the client gets to read the refusal.
const DRAIN_BYTES: u64 = 8 << 20;
/// How long that may take.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(2);

/// How long a request's body may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyDeadlines {
    /// The longest time without a byte.
    pub idle: Duration,
    /// The longest time for the whole of a small body.
    pub whole: Duration,
    /// The rate of a large body that adds to `whole`.
    pub min_bytes_per_second: u64,
}

impl BodyDeadlines {
    /// The deadlines of every route, with the given `idle` timeout: 30 s and a second for each 4 KiB.
    #[must_use]
    pub(crate) fn standard(idle: Duration) -> Self {
        Self { idle, whole: Duration::from_secs(30), min_bytes_per_second: 4 << 10 }
    }

    /// How long a body may have taken by the time `received_bytes` have arrived.
    fn allowed(&self, received_bytes: u64) -> Duration {
        self.whole + Duration::from_secs(received_bytes / self.min_bytes_per_second)
    }
}

/// How the reading of a body ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyEnd {
    /// The whole body was read.
    Complete,
    /// As many bytes as wanted were read; more may follow.
    Enough,
    /// There are more bytes than are taken at once.
    TooLarge,
    /// Nothing arrived within the idle timeout.
    Stalled,
    /// The connection broke.
    Broken,
    /// A newer request for the same upload took over.
    Superseded,
}

/// What was read of a body, and how that ended.
#[derive(Clone, Debug)]
pub(crate) struct ReceivedBody {
    /// The bytes, from the first on.
    pub bytes: Bytes,
    /// Why there are no more.
    pub end: BodyEnd,
}

/// The limits of [`receive`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReceiveLimits {
    /// More bytes than these are refused.
    pub most: u64,
    /// Once these are here, no more are read.
    pub enough: u64,
    /// The longest time without a byte, or without budget for one.
    pub idle_timeout: Duration,
}

/// Reads `body` into memory, growing `permit` with each byte, until its end, a limit, or `superseded`.
pub(crate) async fn receive(
    body: &mut Body,
    limits: ReceiveLimits,
    permit: &mut Permit<BodyOwner>,
    superseded: &CancellationToken,
) -> ReceivedBody {
    let ReceiveLimits { most, enough, idle_timeout } = limits;
    let mut bytes = BytesMut::new();
    let end = loop {
        let next = tokio::time::timeout(idle_timeout, body.frame());
        let frame = tokio::select! {
            biased;
            () = superseded.cancelled() => break BodyEnd::Superseded,
            frame = next => frame,
        };
        match frame {
            Err(_) => break BodyEnd::Stalled,
            Ok(None) => break BodyEnd::Complete,
            Ok(Some(Err(_))) => break BodyEnd::Broken,
            Ok(Some(Ok(frame))) => {
                let data = frame.into_data().unwrap_or_default();
                if (bytes.len() as u64).saturating_add(data.len() as u64) > most {
                    break BodyEnd::TooLarge;
                }
                let grown = tokio::time::timeout(idle_timeout, permit.grow(data.len())).await;
                if grown.is_err() {
                    break BodyEnd::Stalled;
                }
                bytes.extend_from_slice(&data);
                if bytes.len() as u64 >= enough {
                    break BodyEnd::Enough;
                }
            }
        }
    };
    ReceivedBody { bytes: bytes.freeze(), end }
}

/// Middleware that wraps every request's body in a [`DeadlineBody`].
pub(crate) async fn enforce_body_deadlines(
    State(deadlines): State<BodyDeadlines>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let body =
        if body.is_end_stream() { body } else { Body::new(DeadlineBody::new(body, deadlines)) };
    next.run(Request::from_parts(parts, body)).await
}

/// A body with two deadlines: one between bytes, and one for the whole, which moves on as bytes
/// arrive. So a byte now and then does not keep a connection open, and a slow but steady sender is
/// never cut off.
///
/// If the handler refuses the request without reading the body, the rest is drained in the background
/// for a moment: closing a connection with unread bytes resets it, and the client would never read
/// the refusal.
struct DeadlineBody {
    body: Body,
    deadlines: BodyDeadlines,
    received_bytes: u64,
    began: Option<Instant>,
    idle: Pin<Box<Sleep>>,
    whole: Pin<Box<Sleep>>,
    ended: bool,
}

impl DeadlineBody {
    fn new(body: Body, deadlines: BodyDeadlines) -> Self {
        let sleep = || Box::pin(tokio::time::sleep(deadlines.idle));
        Self {
            body,
            deadlines,
            received_bytes: 0,
            began: None,
            idle: sleep(),
            whole: sleep(),
            ended: false,
        }
    }

    /// Counts `more` bytes and moves both deadlines.
    fn extend_deadlines(&mut self, more: u64) {
        let now = Instant::now();
        self.received_bytes += more;
        let began = *self.began.get_or_insert(now);
        self.whole.as_mut().reset(began + self.deadlines.allowed(self.received_bytes));
        self.idle.as_mut().reset(now + self.deadlines.idle);
    }

    fn is_late(&mut self, context: &mut Context<'_>) -> bool {
        self.idle.as_mut().poll(context).is_ready() || self.whole.as_mut().poll(context).is_ready()
    }
}

impl HttpBody for DeadlineBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        if this.began.is_none() {
            this.extend_deadlines(0);
        }
        let frame = match Pin::new(&mut this.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                this.extend_deadlines(frame.data_ref().map_or(0, |data| data.len() as u64));
                // Bytes that always arrive in time never let the poll below run.
                if this.whole.as_mut().poll(context).is_pending() {
                    return Poll::Ready(Some(Ok(frame)));
                }
                Some(Err(timed_out()))
            }
            Poll::Ready(end) => end,
            Poll::Pending if !this.is_late(context) => return Poll::Pending,
            Poll::Pending => Some(Err(timed_out())),
        };
        this.ended = true;
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for DeadlineBody {
    fn drop(&mut self) {
        if self.ended || self.body.is_end_stream() {
            return;
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(drain(std::mem::take(&mut self.body)));
        }
    }
}

fn timed_out() -> axum::Error {
    axum::Error::new(std::io::Error::from(std::io::ErrorKind::TimedOut))
}

/// Reads a body and drops it, up to a number of bytes and for a limited time.
async fn drain(mut body: Body) {
    let drained = async {
        let mut left = DRAIN_BYTES;
        while let Some(Ok(frame)) = body.frame().await {
            left = left.saturating_sub(frame.data_ref().map_or(0, |data| data.len() as u64));
            if left == 0 {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(DRAIN_TIMEOUT, drained).await;
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;
    use crate::http::keyed_limit::KeyedLimit;
    use crate::http::peer::RateLimitKey;

    fn body(parts: &[&'static str], then_hang: bool) -> Body {
        let parts: Vec<_> =
            parts.iter().map(|part| Ok::<_, std::io::Error>(Bytes::from(*part))).collect();
        let rest = if then_hang { stream::pending().left() } else { stream::empty().right() };
        Body::from_stream(futures_util::StreamExt::chain(stream::iter(parts), rest))
    }

    trait Sides: Sized {
        fn left<R>(self) -> futures_util::future::Either<Self, R> {
            futures_util::future::Either::Left(self)
        }
        fn right<L>(self) -> futures_util::future::Either<L, Self> {
            futures_util::future::Either::Right(self)
        }
    }
    impl<T> Sides for T {}

    async fn read(mut body: Body, most: u64, superseded: &CancellationToken) -> (String, BodyEnd) {
        let owner = BodyOwner::Address(RateLimitKey::of(std::net::Ipv4Addr::LOCALHOST.into()));
        let mut permit = KeyedLimit::new(100, 100).empty_permit(owner);
        let limits =
            ReceiveLimits { most, enough: u64::MAX, idle_timeout: Duration::from_millis(50) };
        let received = receive(&mut body, limits, &mut permit, superseded).await;
        (String::from_utf8(received.bytes.to_vec()).unwrap(), received.end)
    }

    #[tokio::test]
    async fn what_came_is_kept_however_it_ends() {
        let never = CancellationToken::new();
        assert_eq!(
            read(body(&["ab", "c"], false), 3, &never).await,
            ("abc".into(), BodyEnd::Complete)
        );
        assert_eq!(
            read(body(&["ab", "c"], false), 2, &never).await,
            ("ab".into(), BodyEnd::TooLarge)
        );
        assert_eq!(read(body(&["ab"], true), 9, &never).await, ("ab".into(), BodyEnd::Stalled));
        let cancelled = CancellationToken::new();
        cancelled.cancel();
        assert_eq!(read(body(&["ab"], true), 9, &cancelled).await.1, BodyEnd::Superseded);
    }

    /// A byte every `every`, for ever.
    fn drip(every: Duration) -> Body {
        Body::from_stream(stream::unfold((), move |()| async move {
            tokio::time::sleep(every).await;
            Some((Ok::<_, std::io::Error>(Bytes::from_static(b"x")), ()))
        }))
    }

    async fn read_to_its_end(body: Body) -> Result<(), axum::Error> {
        let deadlines = BodyDeadlines {
            idle: Duration::from_millis(200),
            whole: Duration::from_millis(300),
            min_bytes_per_second: 1 << 20,
        };
        let mut body = Body::new(DeadlineBody::new(body, deadlines));
        let read = async {
            while let Some(frame) = body.frame().await {
                frame?;
            }
            Ok(())
        };
        tokio::time::timeout(Duration::from_secs(30), read)
            .await
            .expect("it comes to an end, one or the other")
    }

    #[tokio::test]
    async fn a_byte_now_and_then_holds_nothing_open() {
        assert!(
            read_to_its_end(drip(Duration::from_millis(20))).await.is_err(),
            "though something comes all the time"
        );
        assert!(read_to_its_end(body(&["ab"], true)).await.is_err(), "silence is not waited for");
        read_to_its_end(body(&["ab", "c"], false)).await.expect("what comes at once is whole");
    }

    #[test]
    fn a_slow_sender_has_time() {
        let usual = BodyDeadlines::standard(Duration::from_secs(30));
        assert_eq!(usual.allowed(60), Duration::from_secs(30), "a form");
        assert_eq!(
            usual.allowed(1_500_000),
            Duration::from_secs(30 + 366),
            "a fragment at 5 KiB a second takes 293 s"
        );
    }
}
