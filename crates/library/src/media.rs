//! [`Media`]: where a library keeps its bytes.
//!
//! Media know clips and offsets, never rows: which bytes count is for the store to say. The contract suite (feature
//! `contract`) runs on every implementation.

mod disk;
mod memory;

pub use disk::DiskMedia;
pub use memory::MemoryMedia;

use std::io;
use std::ops::Range;
use std::pin::Pin;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _};
use vignette_model::ClipId;

/// Bytes on their way to a reader.
pub type ByteStream = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// The most that is read at once. A viewer who takes nothing holds about three of them.
pub const READ_BYTES: usize = 64 << 10;

/// Which bytes of a clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MediaName {
    /// The stream as it arrives.
    Stream,
    /// Header and stream in one.
    Sealed,
    /// The poster.
    Poster,
}

impl MediaName {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Stream, Self::Sealed, Self::Poster];

    /// The file's name on disk.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Stream => "stream.mp4",
            Self::Sealed => "clip.mp4",
            Self::Poster => "poster.jpg",
        }
    }
}

/// Bytes of clips, durable before a method that writes them returns.
#[async_trait]
pub trait Media: Send + Sync + 'static {
    /// Writes `bytes` into the stream from `offset_bytes` on; whatever lay there or behind was never acknowledged and goes.
    ///
    /// The library calls it for one append of a clip at a time. Where several processes share media, each append has to become
    /// something of its own, for the store decides only afterwards which of two counts.
    ///
    /// # Errors
    /// [`MediaError::Short`] if the stream does not reach to the offset, [`MediaError::NoSpace`], [`MediaError::Io`].
    async fn append(&self, clip: ClipId, offset_bytes: u64, bytes: Bytes) -> Result<(), MediaError>;

    /// The bytes of `range`, in pieces of at most [`READ_BYTES`]. What is there when this returns can be read to the end, even if
    /// it is removed meanwhile. The stream of bytes ends with an error if they end before the range does.
    ///
    /// # Errors
    /// [`MediaError::NotFound`], [`MediaError::Io`].
    async fn read(&self, clip: ClipId, name: MediaName, range: Range<u64>) -> Result<ByteStream, MediaError>;

    /// Writes the sealed file: `header` followed by the first `stream_bytes` of the stream, all of it or nothing. The stream
    /// stays. Doing it again does it anew.
    ///
    /// # Errors
    /// [`MediaError::NotFound`], [`MediaError::Short`], [`MediaError::NoSpace`], [`MediaError::Io`].
    async fn seal(&self, clip: ClipId, header: Bytes, stream_bytes: u64) -> Result<(), MediaError>;

    /// Writes the stream anew from the sealed file, which has it after `header_bytes`, all of it or nothing. The sealed file stays.
    ///
    /// # Errors
    /// [`MediaError::NotFound`], [`MediaError::NoSpace`], [`MediaError::Io`].
    async fn unseal(&self, clip: ClipId, header_bytes: u64) -> Result<(), MediaError>;

    /// The poster, whole.
    ///
    /// # Errors
    /// [`MediaError::NotFound`], [`MediaError::Io`].
    async fn poster(&self, clip: ClipId) -> Result<Bytes, MediaError>;

    /// Replaces the poster, all of it or nothing.
    ///
    /// # Errors
    /// [`MediaError::NoSpace`], [`MediaError::Io`].
    async fn put_poster(&self, clip: ClipId, jpeg: Bytes) -> Result<(), MediaError>;

    /// Removes one of a clip's files; none is there afterwards, whether or not one was before.
    ///
    /// # Errors
    /// [`MediaError::Io`].
    async fn remove(&self, clip: ClipId, name: MediaName) -> Result<(), MediaError>;

    /// Removes everything of a clip.
    ///
    /// # Errors
    /// [`MediaError::Io`].
    async fn delete(&self, clip: ClipId) -> Result<(), MediaError>;

    /// Whether bytes can be written.
    ///
    /// # Errors
    /// [`MediaError::NoSpace`], [`MediaError::Io`].
    async fn ready(&self) -> Result<(), MediaError>;
}

/// Bytes could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// There is no such file.
    #[error("{} of clip {clip} is not there", name.file_name())]
    NotFound {
        /// Whose.
        clip: ClipId,
        /// Which.
        name: MediaName,
    },
    /// A file ends before bytes that were acknowledged.
    #[error("{} of clip {clip} has {size_bytes} bytes, {needed_bytes} were acknowledged", name.file_name())]
    Short {
        /// Whose.
        clip: ClipId,
        /// Which.
        name: MediaName,
        /// How many there are.
        size_bytes: u64,
        /// How many there should be.
        needed_bytes: u64,
    },
    /// The disk is full.
    #[error("no space for clip {clip}")]
    NoSpace {
        /// Whose.
        clip: ClipId,
    },
    /// The disk takes no writes: it is mounted read-only, or the folder's rights forbid them.
    #[error("{} of clip {clip} cannot be written: {source}", name.file_name())]
    CannotWrite {
        /// Whose.
        clip: ClipId,
        /// Which.
        name: MediaName,
        /// What the system said.
        source: io::Error,
    },
    /// The system refused.
    #[error("{} of clip {clip}: {source}", name.file_name())]
    Io {
        /// Whose.
        clip: ClipId,
        /// Which.
        name: MediaName,
        /// What the system said.
        source: io::Error,
    },
}

impl MediaError {
    /// What the system said of a file, as ours.
    pub(crate) fn io(clip: ClipId, name: MediaName, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::NotFound => Self::NotFound { clip, name },
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace { clip },
            io::ErrorKind::ReadOnlyFilesystem => Self::CannotWrite { clip, name, source },
            _ => Self::Io { clip, name, source },
        }
    }
}

/// Whether this says of a write that the disk takes none now; what lies there can still be read.
#[must_use]
pub fn refuses_writes(error: &io::Error) -> bool {
    use io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | ReadOnlyFilesystem | PermissionDenied)
}

/// Bytes that fit into memory, whole.
pub(crate) async fn read_whole(clip: ClipId, name: MediaName, mut pieces: ByteStream) -> Result<Bytes, MediaError> {
    let mut whole = BytesMut::new();
    while let Some(piece) = pieces.next().await {
        whole.extend_from_slice(&piece.map_err(|source| MediaError::io(clip, name, source))?);
    }
    Ok(whole.freeze())
}
