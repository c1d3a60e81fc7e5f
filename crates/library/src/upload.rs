//! Uploads: bytes of a stream arrive at an offset and are acknowledged once they are durable.

use bytes::Bytes;
use vignette_model::{Problem, Secret, Sha256};

use crate::library::Library;

/// Bytes to be added to a stream.
#[derive(Clone, Debug)]
pub struct Append {
    /// Where in the stream they belong: must be the acknowledged offset.
    pub offset_bytes: u64,
    /// The bytes; may be empty to say `complete`.
    pub bytes: Bytes,
    /// Their SHA-256 as the sender says.
    pub digest: Option<Sha256>,
    /// Whether the stream ends with them.
    pub complete: bool,
    /// SHA-256 of the whole stream as the sender says; asked for with `complete`.
    pub repr_digest: Option<Sha256>,
}

/// How far an upload has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadStatus {
    /// Bytes that are durable here: where to go on.
    pub offset_bytes: u64,
    /// Whether nothing follows.
    pub complete: bool,
    /// SHA-256 of the whole stream, once it is sealed and has been read back.
    pub sealed_sha256: Option<Sha256>,
}

/// An append that changed nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct AppendRefused {
    /// Why.
    pub problem: Problem,
    /// Bytes that are durable here; `None` if the secret opens no upload.
    pub offset_bytes: Option<u64>,
}

impl Library {
    /// How far the upload has come.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn upload_status(&self, _upload: &Secret) -> Result<UploadStatus, Problem> {
        unimplemented!()
    }

    /// Makes bytes durable and acknowledges them: all of them or none. Goes on to the end even if the caller stops waiting.
    ///
    /// # Errors
    /// [`AppendRefused`] with `not_found`, `offset_mismatch`, `digest_mismatch`, `not_a_stream`, `too_large`, `conflict`,
    /// `no_space` or `internal`; the offset has not moved then.
    pub async fn append(&self, _upload: &Secret, _append: Append) -> Result<UploadStatus, AppendRefused> {
        unimplemented!()
    }

    /// The sender gives up: what has arrived is sealed, and the secret opens nothing any more. Deletes nothing.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn end_upload(&self, _upload: &Secret) -> Result<(), Problem> {
        unimplemented!()
    }
}
