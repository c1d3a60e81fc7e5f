//! [`MemoryMedia`]: media that are gone when dropped.

use std::collections::HashMap;
use std::io;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;
use vignette_model::ClipId;

use super::{ByteStream, Media, MediaError, MediaName, READ_BYTES};

type Files = HashMap<(ClipId, MediaName), Vec<u8>>;

/// Media in memory: for tests, and for trying a library out.
#[derive(Debug, Default)]
pub struct MemoryMedia {
    files: Mutex<Files>,
}

impl MemoryMedia {
    fn files(&self) -> MutexGuard<'_, Files> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All bytes of one file, if there is one.
    #[must_use]
    pub fn bytes(&self, clip: ClipId, name: MediaName) -> Option<Vec<u8>> {
        self.files().get(&(clip, name)).cloned()
    }
}

/// A size or offset that fits this machine's memory.
fn index(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

#[async_trait]
impl Media for MemoryMedia {
    async fn append(&self, clip: ClipId, offset_bytes: u64, bytes: Bytes) -> Result<(), MediaError> {
        let mut files = self.files();
        let stream = files.entry((clip, MediaName::Stream)).or_default();
        let size_bytes = stream.len() as u64;
        if size_bytes < offset_bytes {
            return Err(MediaError::Short { clip, name: MediaName::Stream, size_bytes, needed_bytes: offset_bytes });
        }
        stream.truncate(index(offset_bytes));
        stream.extend_from_slice(&bytes);
        Ok(())
    }

    async fn read(&self, clip: ClipId, name: MediaName, range: Range<u64>) -> Result<ByteStream, MediaError> {
        let files = self.files();
        let file = files.get(&(clip, name)).ok_or(MediaError::NotFound { clip, name })?;
        let end = index(range.end).min(file.len());
        let found = Bytes::copy_from_slice(file.get(index(range.start)..end).unwrap_or_default());
        let whole = found.len() as u64 == range.end.saturating_sub(range.start);
        let mut pieces: Vec<io::Result<Bytes>> =
            (0..found.len()).step_by(READ_BYTES).map(|at| Ok(found.slice(at..found.len().min(at + READ_BYTES)))).collect();
        if !whole {
            pieces.push(Err(io::ErrorKind::UnexpectedEof.into()));
        }
        Ok(Box::pin(stream::iter(pieces)))
    }

    async fn seal(&self, clip: ClipId, header: Bytes, stream_bytes: u64) -> Result<(), MediaError> {
        let mut files = self.files();
        let name = MediaName::Stream;
        let stream = files.get(&(clip, name)).ok_or(MediaError::NotFound { clip, name })?;
        let Some(stream) = stream.get(..index(stream_bytes)) else {
            return Err(MediaError::Short { clip, name, size_bytes: stream.len() as u64, needed_bytes: stream_bytes });
        };
        let sealed = [&header, stream].concat();
        files.insert((clip, MediaName::Sealed), sealed);
        Ok(())
    }

    async fn unseal(&self, clip: ClipId, header_bytes: u64) -> Result<(), MediaError> {
        let mut files = self.files();
        let name = MediaName::Sealed;
        let sealed = files.get(&(clip, name)).ok_or(MediaError::NotFound { clip, name })?;
        let stream = sealed.get(index(header_bytes)..).unwrap_or_default().to_vec();
        files.insert((clip, MediaName::Stream), stream);
        Ok(())
    }

    async fn poster(&self, clip: ClipId) -> Result<Bytes, MediaError> {
        let name = MediaName::Poster;
        self.bytes(clip, name).map(Bytes::from).ok_or(MediaError::NotFound { clip, name })
    }

    async fn put_poster(&self, clip: ClipId, jpeg: Bytes) -> Result<(), MediaError> {
        self.files().insert((clip, MediaName::Poster), jpeg.to_vec());
        Ok(())
    }

    async fn remove(&self, clip: ClipId, name: MediaName) -> Result<(), MediaError> {
        self.files().remove(&(clip, name));
        Ok(())
    }

    async fn delete(&self, clip: ClipId) -> Result<(), MediaError> {
        self.files().retain(|&(owner, _), _| owner != clip);
        Ok(())
    }

    async fn ready(&self) -> Result<(), MediaError> {
        Ok(())
    }
}
