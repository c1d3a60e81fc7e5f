//! [`EventStream`]: server-sent events (HTML Living Standard §9.2) of one connection. When it ends,
//! the caller asks for the whole again and subscribes again.

use std::collections::VecDeque;
use std::marker::PhantomData;
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Method, Response};
use serde::de::DeserializeOwned;
use url::Url;

use super::{Client, REQUEST_TIMEOUT, response};
use crate::error::ClientError;

/// The library sends at least a comment every 15 s.
const IDLE_TIMEOUT: Duration = Duration::from_secs(45);
const MAX_EVENT_BYTES: usize = 1 << 20;

/// Events of one library or clip.
#[derive(Debug)]
pub struct EventStream<T> {
    response: Response,
    library: Url,
    parser: Parser,
    waiting: VecDeque<Vec<u8>>,
    event: PhantomData<fn() -> T>,
}

impl Client {
    pub(super) async fn events_at<T>(&self, path: &str) -> Result<EventStream<T>, ClientError> {
        let request = self.request(Method::GET, path).header(ACCEPT, "text/event-stream");
        let library = self.library.clone();
        let response = tokio::time::timeout(REQUEST_TIMEOUT, self.send(request)).await;
        let response = response
            .map_err(|_| response::unreachable("it did not answer in time", &library))??;
        let kind = response.headers().get(CONTENT_TYPE).map_or(&b""[..], |kind| kind.as_bytes());
        if !kind.starts_with(b"text/event-stream") {
            return Err(response::not_a_library(response.status(), &library));
        }
        Ok(EventStream {
            response,
            library,
            parser: Parser::default(),
            waiting: VecDeque::new(),
            event: PhantomData,
        })
    }
}

impl<T: DeserializeOwned> EventStream<T> {
    /// The next event, or `None` when the library ends the connection. Events of kinds that this
    /// version does not know are passed over. May be dropped while it waits; nothing is lost then.
    ///
    /// # Errors
    /// `unreachable` if the connection breaks or the library falls silent.
    pub async fn next(&mut self) -> Result<Option<T>, ClientError> {
        loop {
            while let Some(data) = self.waiting.pop_front() {
                match serde_json::from_slice(&data) {
                    Ok(event) => return Ok(Some(event)),
                    Err(_) => tracing::debug!(
                        size_bytes = data.len(),
                        "Passed over an event of an unknown kind"
                    ),
                }
            }
            match tokio::time::timeout(IDLE_TIMEOUT, self.response.chunk()).await {
                Err(_) => return Err(response::unreachable("it fell silent", &self.library)),
                Ok(Err(error)) => return Err(response::broken(&error, &self.library)),
                Ok(Ok(None)) => return Ok(None),
                Ok(Ok(Some(bytes))) => match self.parser.push(&bytes) {
                    Some(events) => self.waiting.extend(events),
                    None => {
                        return Err(ClientError::AnswerTooLarge {
                            library: self.library.clone(),
                            max_bytes: MAX_EVENT_BYTES,
                        });
                    }
                },
            }
        }
    }
}

/// Turns bytes, split anywhere, into the data of events. Names, ids and retry times are not needed
/// here: the JSON says what it is.
#[derive(Debug, Default)]
struct Parser {
    line: Vec<u8>,
    data: Vec<u8>,
    after_return: bool,
}

impl Parser {
    /// The data of the events that these bytes end, or `None` if one is too large.
    fn push(&mut self, bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
        let mut events = Vec::new();
        for &byte in bytes {
            let after_return = std::mem::take(&mut self.after_return);
            match byte {
                b'\n' if after_return => {}
                b'\n' | b'\r' => {
                    self.after_return = byte == b'\r';
                    events.extend(self.end_line());
                }
                _ if self.line.len() + self.data.len() >= MAX_EVENT_BYTES => return None,
                _ => self.line.push(byte),
            }
        }
        Some(events)
    }

    fn end_line(&mut self) -> Option<Vec<u8>> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            let mut data = std::mem::take(&mut self.data);
            return data.pop().map(|_| data);
        }
        if let Some(data) = line.strip_prefix(b"data:") {
            self.data.extend_from_slice(data.strip_prefix(b" ").unwrap_or(data));
            self.data.push(b'\n');
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STREAM: &[u8] = b": hello\n\nevent: clip\ndata: one\n\ndata:two\r\ndata: \
        three\r\n\r\nid: 7\rdata:  four\r\rdata\n\nretry: 5\n\ndata: unfinished";

    #[test]
    fn events_are_read_whatever_ends_their_lines() {
        let events = Parser::default().push(STREAM).unwrap();
        assert_eq!(events, [b"one".to_vec(), b"two\nthree".to_vec(), b" four".to_vec()]);
    }

    #[test]
    fn an_event_without_end_is_refused() {
        let mut parser = Parser::default();
        parser.push(b"data: ").unwrap();
        assert_eq!(parser.push(&vec![b'x'; MAX_EVENT_BYTES]), None);
    }

    proptest! {
        #[test]
        fn bytes_may_be_split_anywhere(at in prop::collection::vec(0..STREAM.len(), 0..8)) {
            let mut at = at;
            at.sort_unstable();
            let mut parser = Parser::default();
            let (mut events, mut from) = (vec![], 0);
            for end in at.into_iter().chain([STREAM.len()]) {
                events.extend(parser.push(&STREAM[from..end]).unwrap());
                from = end;
            }
            prop_assert_eq!(events, Parser::default().push(STREAM).unwrap());
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>) {
            let _ = Parser::default().push(&bytes);
        }
    }
}
