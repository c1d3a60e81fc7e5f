//! Calls of the resumable upload (draft-ietf-httpbis-resumable-upload): where it stands, and what
//! follows. See `docs/protocol.md`.

use std::convert::Infallible;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream;
use reqwest::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Body, Method};
use vignette_model::api::header;
use vignette_model::{Sha256, UploadHeaders, paths};

use super::{Client, REQUEST_TIMEOUT, response};
use crate::error::ClientError;

/// How much of an append is handed to the connection at once; each part that goes shows that the
/// network moves.
const CHUNK_BYTES: usize = 64 << 10;
/// How long an append may stand still, or its answer take. Long appends on slow networks are fine.
const STALL_TIMEOUT: Duration = Duration::from_secs(30);

/// Where an upload stands, as the library says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemoteUpload {
    /// Bytes it has made durable.
    pub offset_bytes: u64,
    /// Whether it has been told that nothing follows.
    pub complete: bool,
    /// Digest of the stream, once sealed.
    pub sealed: Option<Sha256>,
    /// Whether the library has lost some of what it had acknowledged, so that it will never be
    /// sealed.
    pub damaged: bool,
    /// The most bytes it takes in one append, if it says so.
    pub most_append_bytes: Option<u64>,
}

/// Bytes that follow what the library has.
#[derive(Clone, Debug)]
pub(crate) struct AppendRequest {
    /// Where in the stream they begin: what the library has acknowledged.
    pub offset_bytes: u64,
    /// The bytes; may be empty to say that nothing follows.
    pub bytes: Bytes,
    /// Digest of the whole stream, if it ends with these bytes.
    pub completes: Option<Sha256>,
}

impl AppendRequest {
    /// Where in the stream the bytes lie.
    #[must_use]
    pub(crate) fn range(&self) -> Range<u64> {
        self.offset_bytes..self.offset_bytes + self.bytes.len() as u64
    }
}

/// An append that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub(crate) struct AppendError {
    /// Why.
    pub error: ClientError,
    /// Where the upload really stands, if the library said so.
    pub status: Option<RemoteUpload>,
}

impl From<ClientError> for AppendError {
    fn from(error: ClientError) -> Self {
        Self { error, status: None }
    }
}

impl Client {
    /// Where an upload stands. `upload` is [`vignette_model::api::CreatedClip::upload`].
    ///
    /// # Errors
    /// `not_found`, `unreachable`.
    pub async fn upload_status(&self, upload: &str) -> Result<RemoteUpload, ClientError> {
        // No cache may answer: an old offset costs an append.
        let request =
            self.anonymous_request(Method::HEAD, path(upload)?).header(CACHE_CONTROL, "no-store");
        let response = self.send(request.timeout(REQUEST_TIMEOUT)).await?;
        status(response.headers())
            .ok_or_else(|| response::not_a_library(response.status(), &self.library))
    }

    /// Appends to an upload: all of the bytes or none.
    ///
    /// # Errors
    /// `offset_mismatch` with the true offset; `not_found`, `digest_mismatch`, `not_a_stream`,
    /// `too_large`, `no_space`; `unreachable` if it is not known whether the bytes arrived.
    pub(crate) async fn append(
        &self,
        upload: &str,
        append: AppendRequest,
    ) -> Result<RemoteUpload, AppendError> {
        let request = self
            .anonymous_request(Method::PATCH, path(upload)?)
            .header(CONTENT_TYPE, "application/partial-upload")
            .header(CONTENT_LENGTH, append.bytes.len())
            .header(header::UPLOAD_OFFSET, append.offset_bytes)
            .header(header::UPLOAD_COMPLETE, if append.completes.is_some() { "?1" } else { "?0" })
            .header(header::CONTENT_DIGEST, Sha256::of(&append.bytes).to_header());
        let request = match append.completes {
            Some(whole) => request.header(header::REPR_DIGEST, whole.to_header()),
            None => request,
        };
        let sent_chunks = Arc::new(AtomicU64::new(0));
        let request = request.body(chunked_body(append.bytes, sent_chunks.clone()));
        let response = tokio::select! {
            response = request.send() => response.map_err(|error| response::broken(&error, &self.library))?,
            () = stalled(&sent_chunks) => {
                return Err(response::unreachable("the connection stands still", &self.library).into());
            }
        };
        let status = status(response.headers());
        if response.status().is_success() {
            return status
                .ok_or_else(|| response::not_a_library(response.status(), &self.library).into());
        }
        let error =
            tokio::time::timeout(REQUEST_TIMEOUT, response::refusal(response, &self.library)).await;
        let error = error.unwrap_or_else(|_| {
            response::unreachable("its answer did not come to its end", &self.library)
        });
        Err(AppendError { error, status })
    }
}

/// The path to send to, if it is an upload's: the library must not lead bytes elsewhere.
fn path(upload: &str) -> Result<&str, ClientError> {
    paths::secret_of_upload(upload).map(|_| upload).ok_or(ClientError::UploadAddress)
}

/// Where an upload stands, if these headers say so.
fn status(headers: &HeaderMap) -> Option<RemoteUpload> {
    let read = UploadHeaders::read(|name| {
        headers.get_all(name).iter().map(HeaderValue::as_bytes).collect()
    })?;
    Some(RemoteUpload {
        offset_bytes: read.offset_bytes,
        complete: read.complete == Some(true),
        sealed: read.sealed_sha256,
        damaged: read.damaged,
        most_append_bytes: read.max_append_bytes,
    })
}

/// A body that counts the parts which the connection has taken.
fn chunked_body(bytes: Bytes, sent_chunks: Arc<AtomicU64>) -> Body {
    if bytes.is_empty() {
        return Body::from(bytes);
    }
    let chunks = stream::iter((0..bytes.len()).step_by(CHUNK_BYTES)).map(move |from| {
        sent_chunks.fetch_add(1, Ordering::Relaxed);
        Ok::<_, Infallible>(bytes.slice(from..bytes.len().min(from + CHUNK_BYTES)))
    });
    Body::wrap_stream(chunks)
}

/// Ends when nothing has moved for [`STALL_TIMEOUT`], or for at most twice as long.
async fn stalled(sent_chunks: &AtomicU64) {
    loop {
        let before = sent_chunks.load(Ordering::Relaxed);
        tokio::time::sleep(STALL_TIMEOUT).await;
        if sent_chunks.load(Ordering::Relaxed) == before {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_library_says_of_an_upload_is_read() {
        let (one, other) = (Sha256::of(b"one").to_header(), Sha256::of(b"other").to_header());
        let read = |lines: &[(&'static str, &str)]| {
            let lines = lines
                .iter()
                .map(|(name, value)| ((*name).try_into().unwrap(), value.parse().unwrap()));
            super::status(&lines.collect())
        };
        assert_eq!(
            read(&[(header::UPLOAD_COMPLETE, "?1")]),
            None,
            "without an offset nothing is known"
        );
        let limit = (header::UPLOAD_LIMIT, "max-size=1000, max-append-size=50");
        let status =
            read(&[(header::UPLOAD_OFFSET, "7"), (header::UPLOAD_COMPLETE, "?1"), limit]).unwrap();
        assert_eq!(
            (status.offset_bytes, status.complete, status.most_append_bytes),
            (7, true, Some(50))
        );
        let sealed =
            read(&[(header::UPLOAD_OFFSET, "7"), (header::REPR_DIGEST, &one)]).unwrap().sealed;
        assert_eq!(sealed, Some(Sha256::of(b"one")));
        for lines in [[&*one, &*other], [&*other, &*one]] {
            let [first, second] = lines.map(|line| (header::REPR_DIGEST, line));
            let sealed = read(&[(header::UPLOAD_OFFSET, "7"), first, second]).unwrap().sealed;
            assert_eq!(sealed, None, "of two digests neither makes a take safe");
        }
    }

    #[test]
    fn bytes_go_to_uploads_alone() {
        assert!(path("/api/v1/uploads/up_abc234").is_ok());
        for wrong in [
            "",
            "/api/v1/uploads/",
            "//elsewhere.example/api/v1/uploads/up_a",
            "https://elsewhere.example/",
            "/api/v1/uploads/../token",
            "/api/v1/uploads/up_a?b=c",
        ] {
            assert!(path(wrong).is_err(), "{wrong}");
        }
    }
}
