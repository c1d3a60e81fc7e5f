//! Request bodies that are read with limits: so many bytes, no standing still, and an end when somebody else takes over.

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

use crate::payload::Who;
use crate::places::Place;

/// How much of a refused body is taken off the wire so that the client gets to read the refusal.
const LINGER_BYTES: u64 = 8 << 20;
const LINGER: Duration = Duration::from_secs(2);

/// How long a request's body may take.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Without a byte.
    pub stall: Duration,
    /// In all, if it is small.
    pub whole: Duration,
    /// How slow a larger one may be.
    pub slowest_bytes_per_second: u64,
}

impl Pace {
    /// The usual pace: a body may stand still for `stall`, and is as slow as half of what a modem did.
    #[must_use]
    pub fn usual(stall: Duration) -> Self {
        Self { stall, whole: Duration::from_secs(30), slowest_bytes_per_second: 4 << 10 }
    }

    /// How long it may have taken once so much has come.
    fn allowed(&self, received_bytes: u64) -> Duration {
        self.whole + Duration::from_secs(received_bytes / self.slowest_bytes_per_second)
    }
}

/// How the reading of a body ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// All of it is here.
    Whole,
    /// Enough of it is here for now; more may follow.
    Enough,
    /// There is more than is taken at once.
    TooLarge,
    /// Nothing came for too long.
    Stalled,
    /// The connection broke.
    Broken,
    /// A newer request for the same upload took over.
    TakenOver,
}

/// What was received of a body, and how it ended.
#[derive(Clone, Debug)]
pub struct Received {
    /// The bytes, from the first on.
    pub bytes: Bytes,
    /// Whether they are all.
    pub ended: Ended,
}

/// Reads `body` into memory: at most `most` bytes, and no more once `enough` are here, each out of `share`, no longer than `stall` without a byte or without room for
/// one, until `taken_over`.
pub async fn receive(
    body: &mut Body,
    most: u64,
    enough: u64,
    stall: Duration,
    share: &mut Place<Who>,
    taken_over: &CancellationToken,
) -> Received {
    let mut bytes = BytesMut::new();
    let ended = loop {
        let next = tokio::time::timeout(stall, body.frame());
        let frame = tokio::select! {
            biased;
            () = taken_over.cancelled() => break Ended::TakenOver,
            frame = next => frame,
        };
        match frame {
            Err(_) => break Ended::Stalled,
            Ok(None) => break Ended::Whole,
            Ok(Some(Err(_))) => break Ended::Broken,
            Ok(Some(Ok(frame))) => {
                let data = frame.into_data().unwrap_or_default();
                if (bytes.len() as u64).saturating_add(data.len() as u64) > most {
                    break Ended::TooLarge;
                }
                if tokio::time::timeout(stall, share.wait_to_grow(data.len())).await.is_err() {
                    break Ended::Stalled;
                }
                bytes.extend_from_slice(&data);
                if bytes.len() as u64 >= enough {
                    break Ended::Enough;
                }
            }
        }
    };
    Received { bytes: bytes.freeze(), ended }
}

/// Middleware that puts every request's body into a [`Paced`].
pub async fn paced(State(pace): State<Pace>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let body = if body.is_end_stream() { body } else { Body::new(Paced::new(body, pace)) };
    next.run(Request::from_parts(parts, body)).await
}

/// A body with deadlines: so long without a byte, and so long in all, which is longer the more has come. Whoever sends a byte now
/// and then holds a connection no longer than whoever sends nothing; a slow but steady sender is never cut off.
///
/// What is left of one that nobody reads to its end (a request that was refused) runs out for a moment in the background: a
/// connection closed on unread bytes would be reset, and the client would never read why it was refused.
struct Paced {
    body: Body,
    pace: Pace,
    received_bytes: u64,
    began: Option<Instant>,
    next_byte: Pin<Box<Sleep>>,
    whole: Pin<Box<Sleep>>,
    over: bool,
}

impl Paced {
    fn new(body: Body, pace: Pace) -> Self {
        let sleep = || Box::pin(tokio::time::sleep(pace.stall));
        Self { body, pace, received_bytes: 0, began: None, next_byte: sleep(), whole: sleep(), over: false }
    }

    /// Moves both deadlines, now that `more` bytes have come.
    fn came(&mut self, more: u64) {
        let now = Instant::now();
        self.received_bytes += more;
        let began = *self.began.get_or_insert(now);
        self.whole.as_mut().reset(began + self.pace.allowed(self.received_bytes));
        self.next_byte.as_mut().reset(now + self.pace.stall);
    }
}

impl HttpBody for Paced {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        if this.began.is_none() {
            this.came(0);
        }
        let frame = match Pin::new(&mut this.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                this.came(frame.data_ref().map_or(0, |data| data.len() as u64));
                // Bytes that come steadily are ready each time: the deadline for all of them is looked at here too.
                if this.whole.as_mut().poll(context).is_pending() {
                    return Poll::Ready(Some(Ok(frame)));
                }
                Some(Err(late()))
            }
            Poll::Ready(end) => end,
            Poll::Pending => {
                if this.next_byte.as_mut().poll(context).is_pending() && this.whole.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                Some(Err(late()))
            }
        };
        this.over = true;
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Paced {
    fn drop(&mut self) {
        if self.over || self.body.is_end_stream() {
            return;
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(run_out(std::mem::take(&mut self.body)));
        }
    }
}

fn late() -> axum::Error {
    axum::Error::new(std::io::Error::from(std::io::ErrorKind::TimedOut))
}

/// Takes a body off the wire and throws it away: so many bytes, for so long.
async fn run_out(mut body: Body) {
    let drain = async {
        let mut left = LINGER_BYTES;
        while let Some(Ok(frame)) = body.frame().await {
            left = left.saturating_sub(frame.data_ref().map_or(0, |data| data.len() as u64));
            if left == 0 {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(LINGER, drain).await;
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;
    use crate::places::Places;

    fn body(parts: &[&'static str], then_hang: bool) -> Body {
        let parts: Vec<_> = parts.iter().map(|part| Ok::<_, std::io::Error>(Bytes::from(*part))).collect();
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

    async fn read(mut body: Body, most: u64, taken_over: &CancellationToken) -> (String, Ended) {
        let mut share = Places::new(100, 100).share(Who::Household(std::net::Ipv4Addr::LOCALHOST.into()));
        let received = receive(&mut body, most, u64::MAX, Duration::from_millis(50), &mut share, taken_over).await;
        (String::from_utf8(received.bytes.to_vec()).unwrap(), received.ended)
    }

    #[tokio::test]
    async fn what_came_is_kept_however_it_ends() {
        let nobody = CancellationToken::new();
        assert_eq!(read(body(&["ab", "c"], false), 3, &nobody).await, ("abc".into(), Ended::Whole));
        assert_eq!(read(body(&["ab", "c"], false), 2, &nobody).await, ("ab".into(), Ended::TooLarge));
        assert_eq!(read(body(&["ab"], true), 9, &nobody).await, ("ab".into(), Ended::Stalled));
        let somebody = CancellationToken::new();
        somebody.cancel();
        assert_eq!(read(body(&["ab"], true), 9, &somebody).await.1, Ended::TakenOver);
    }

    /// A byte every `every`, for ever.
    fn drip(every: Duration) -> Body {
        Body::from_stream(stream::unfold((), move |()| async move {
            tokio::time::sleep(every).await;
            Some((Ok::<_, std::io::Error>(Bytes::from_static(b"x")), ()))
        }))
    }

    async fn read_to_its_end(body: Body) -> Result<(), axum::Error> {
        let pace =
            Pace { stall: Duration::from_millis(200), whole: Duration::from_millis(300), slowest_bytes_per_second: 1 << 20 };
        let mut body = Body::new(Paced::new(body, pace));
        let read = async {
            while let Some(frame) = body.frame().await {
                frame?;
            }
            Ok(())
        };
        tokio::time::timeout(Duration::from_secs(30), read).await.expect("it comes to an end, one or the other")
    }

    #[tokio::test]
    async fn a_byte_now_and_then_holds_nothing_open() {
        assert!(read_to_its_end(drip(Duration::from_millis(20))).await.is_err(), "though something comes all the time");
        assert!(read_to_its_end(body(&["ab"], true)).await.is_err(), "silence is not waited for");
        read_to_its_end(body(&["ab", "c"], false)).await.expect("what comes at once is whole");
    }

    #[test]
    fn a_slow_sender_has_time() {
        let usual = Pace::usual(Duration::from_secs(30));
        assert_eq!(usual.allowed(60), Duration::from_secs(30), "a form");
        assert_eq!(usual.allowed(1_500_000), Duration::from_secs(30 + 366), "a fragment at 5 KiB a second takes 293 s");
    }
}
