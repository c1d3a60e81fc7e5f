//! Request bodies that are read with limits: so many bytes, no standing still, and an end when somebody else takes over.

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use tokio_util::sync::CancellationToken;

/// How much of a refused body is taken off the wire so that the client gets to read the refusal.
const LINGER_BYTES: u64 = 8 << 20;
const LINGER: Duration = Duration::from_secs(2);

/// How the reading of a body ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// All of it is here.
    Whole,
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

/// Reads `body` into memory: at most `most` bytes, no longer than `stall` without a byte, until `taken_over`.
pub async fn receive(body: &mut Body, most: u64, stall: Duration, taken_over: &CancellationToken) -> Received {
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
                bytes.extend_from_slice(&data);
            }
        }
    };
    Received { bytes: bytes.freeze(), ended }
}

/// Lets a refused body run out for a moment in the background: a connection closed on unread bytes would be reset, and the
/// client would never read why it was refused.
pub fn linger(mut body: Body) {
    tokio::spawn(async move {
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
    });
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

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
        let received = receive(&mut body, most, Duration::from_millis(50), taken_over).await;
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
}
