//! [`Media`]: where a library keeps its bytes.
//!
//! ```text
//! append ─▶ Extent ─▶ row                    an append makes bytes of its own, which nothing changes afterwards
//! rows ─▶ [Extent] + range ─▶ bytes          a reader says where the bytes lie: only rows know which of them count
//! header + [Extent] ─▶ one sealed object     after which the rows point into that
//! ```
//!
//! Media know recordings and objects, never rows. Writers that do not know of each other may append
//! to one recording: each gets an extent, and the store decides which of them counts. The contract
//! suite (feature `contract`) runs on every implementation.

mod disk;
mod extent;
mod memory;

pub use disk::DiskMedia;
pub use extent::{Extent, NotAnObjectName, ObjectName, Slice, slices};
pub use memory::MemoryMedia;

use std::io;
use std::ops::Range;
use std::pin::Pin;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _};
use vignette_model::{RecordingId, Sha256};

/// Bytes on their way to a reader.
pub type ByteStream = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// The most that is read at once. A viewer who takes nothing holds about three of them.
pub const READ_BYTES: usize = 64 << 10;

/// Bytes of recordings, durable before a method that writes them returns.
#[async_trait]
pub trait Media: Send + Sync + 'static {
    /// Makes `bytes`, whose digest is `sha256`, durable as the part of the stream that follows `last`; the first part if there is
    /// none. No byte that lies in an extent is changed by it, whoever else appends.
    ///
    /// # Errors
    /// [`MediaError::NoSpace`], [`MediaError::CannotWrite`], [`MediaError::Io`].
    async fn append(
        &self,
        recording: RecordingId,
        last: Option<&Extent>,
        bytes: Bytes,
        sha256: Sha256,
    ) -> Result<Extent, MediaError>;

    /// Gives up an extent that no row tells of and none will. Its bytes may stay; the room is what this is for.
    async fn discard(&self, recording: RecordingId, extent: &Extent);

    /// The bytes of some slices, one after the other, in pieces of at most [`READ_BYTES`]. What is there when this returns can be
    /// read to the end, even if it is removed meanwhile. The stream of bytes ends with an error if an object is too short.
    ///
    /// # Errors
    /// [`MediaError::NotFound`], [`MediaError::Io`].
    async fn read_slices(
        &self,
        recording: RecordingId,
        slices: Vec<Slice>,
    ) -> Result<ByteStream, MediaError>;

    /// The bytes of a range of the stream that these extents are part of; as [`Media::read_slices`].
    ///
    /// # Errors
    /// [`MediaError::Short`] if the extents do not hold all of the range; [`MediaError::NotFound`], [`MediaError::Io`].
    async fn read(
        &self,
        recording: RecordingId,
        extents: &[Extent],
        range: Range<u64>,
    ) -> Result<ByteStream, MediaError> {
        let size_bytes = extents.last().map_or(0, Extent::end_bytes);
        let short = MediaError::Short { recording, size_bytes, needed_bytes: range.end };
        self.read_slices(recording, slices(extents, range).ok_or(short)?).await
    }

    /// Writes a sealed object: `header` followed by the bytes of the extents, all of it or nothing. What they lie in stays. Each
    /// call makes an object of another name, unless the one before was removed.
    ///
    /// # Errors
    /// [`MediaError::NotFound`], [`MediaError::NoSpace`], [`MediaError::CannotWrite`], [`MediaError::Io`].
    async fn seal(
        &self,
        recording: RecordingId,
        header: Bytes,
        extents: &[Extent],
    ) -> Result<ObjectName, MediaError>;

    /// All objects of a recording, those included that were begun and never finished. Its poster is
    /// none.
    ///
    /// # Errors
    /// [`MediaError::Io`].
    async fn objects(&self, recording: RecordingId) -> Result<Vec<ObjectName>, MediaError>;

    /// Removes an object; it is not there afterwards, whether or not it was before.
    ///
    /// # Errors
    /// [`MediaError::CannotWrite`], [`MediaError::Io`].
    async fn remove(&self, recording: RecordingId, object: &ObjectName) -> Result<(), MediaError>;

    /// The poster, whole.
    ///
    /// # Errors
    /// [`MediaError::NotFound`], [`MediaError::Io`].
    async fn poster(&self, recording: RecordingId) -> Result<Bytes, MediaError>;

    /// Replaces the poster, all of it or nothing.
    ///
    /// # Errors
    /// [`MediaError::NoSpace`], [`MediaError::CannotWrite`], [`MediaError::Io`].
    async fn put_poster(&self, recording: RecordingId, jpeg: Bytes) -> Result<(), MediaError>;

    /// Removes everything of a recording.
    ///
    /// # Errors
    /// [`MediaError::CannotWrite`], [`MediaError::Io`].
    async fn delete(&self, recording: RecordingId) -> Result<(), MediaError>;

    /// Whether bytes can be written.
    ///
    /// # Errors
    /// [`MediaError::NoSpace`], [`MediaError::CannotWrite`], [`MediaError::Io`].
    async fn ready(&self) -> Result<(), MediaError>;
}

/// Bytes could not be read or written. `what` is the name of an object, or of the poster.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// There is no such object.
    #[error("{what} of recording {recording} is not there")]
    NotFound {
        /// Whose.
        recording: RecordingId,
        /// Which.
        what: String,
    },
    /// The extents end before bytes that were acknowledged.
    #[error(
        "the extents of recording {recording} end at {size_bytes}, {needed_bytes} bytes were asked for"
    )]
    Short {
        /// Whose.
        recording: RecordingId,
        /// Where they end.
        size_bytes: u64,
        /// How far they should reach.
        needed_bytes: u64,
    },
    /// The disk is full.
    #[error("no space for recording {recording}")]
    NoSpace {
        /// Whose.
        recording: RecordingId,
    },
    /// The disk takes no writes: it is mounted read-only, or the folder's rights forbid them.
    #[error("{what} of recording {recording} cannot be written: {source}")]
    CannotWrite {
        /// Whose.
        recording: RecordingId,
        /// Which.
        what: String,
        /// What the system said.
        source: io::Error,
    },
    /// The system refused.
    #[error("{what} of recording {recording}: {source}")]
    Io {
        /// Whose.
        recording: RecordingId,
        /// Which.
        what: String,
        /// What the system said.
        source: io::Error,
    },
}

impl MediaError {
    /// What the system said of a file, as ours.
    pub(crate) fn io(recording: RecordingId, what: &str, source: io::Error) -> Self {
        let what = what.to_owned();
        match source.kind() {
            io::ErrorKind::NotFound => Self::NotFound { recording, what },
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::NoSpace { recording }
            }
            io::ErrorKind::ReadOnlyFilesystem => Self::CannotWrite { recording, what, source },
            _ => Self::Io { recording, what, source },
        }
    }
}

/// Whether this says of a write that the disk takes none now; what lies there can still be read.
#[must_use]
pub fn refuses_writes(error: &io::Error) -> bool {
    use io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | ReadOnlyFilesystem | PermissionDenied)
}

/// Bytes of a stream that fit into memory, whole.
pub(crate) async fn read_whole(
    recording: RecordingId,
    mut pieces: ByteStream,
) -> Result<Bytes, MediaError> {
    let mut whole = BytesMut::new();
    while let Some(piece) = pieces.next().await {
        whole.extend_from_slice(
            &piece.map_err(|source| MediaError::io(recording, "the stream", source))?,
        );
    }
    Ok(whole.freeze())
}
