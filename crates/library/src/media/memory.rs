//! [`MemoryMedia`]: media that are gone when dropped.

use std::collections::HashMap;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::stream;
use uuid::Uuid;
use vignette_model::{RecordingId, Sha256};

use super::{ByteStream, Extent, Media, MediaError, ObjectName, READ_BYTES, Slice};

/// Media in memory: for tests, and for trying a library out. Each append is an object of its own, as in object storage.
#[derive(Debug, Default)]
pub struct MemoryMedia {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    objects: HashMap<(RecordingId, ObjectName), Bytes>,
    posters: HashMap<RecordingId, Bytes>,
}

impl MemoryMedia {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All bytes of an object, if there is one.
    #[must_use]
    pub(crate) fn object(&self, recording: RecordingId, object: &ObjectName) -> Option<Bytes> {
        self.kept().objects.get(&(recording, object.clone())).cloned()
    }

    /// Changes the bytes of an object behind the library's back, as a bad disk does.
    pub fn replace(&self, recording: RecordingId, object: &ObjectName, bytes: Bytes) {
        self.kept().objects.insert((recording, object.clone()), bytes);
    }

    fn add(
        &self,
        recording: RecordingId,
        kind: &str,
        bytes: Bytes,
    ) -> Result<ObjectName, MediaError> {
        let name = format!("{kind}-{}", Uuid::now_v7().simple());
        let object: ObjectName = name
            .parse()
            .map_err(|error| MediaError::io(recording, kind, io::Error::other(error)))?;
        self.kept().objects.insert((recording, object.clone()), bytes);
        Ok(object)
    }
}

/// A size or offset that fits this machine's memory.
fn index(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// A part of an object in pieces; an error behind them if the object is too short.
fn pieces(whole: &Bytes, slice: &Slice) -> Vec<io::Result<Bytes>> {
    let (begin, end) = (index(slice.range.start), index(slice.range.end));
    let there = whole.len().min(end);
    let mut pieces: Vec<_> = (begin..there)
        .step_by(READ_BYTES)
        .map(|at| Ok(whole.slice(at..there.min(at + READ_BYTES))))
        .collect();
    if there < end {
        pieces.push(Err(io::ErrorKind::UnexpectedEof.into()));
    }
    pieces
}

#[async_trait]
impl Media for MemoryMedia {
    async fn append(
        &self,
        recording: RecordingId,
        last: Option<&Extent>,
        bytes: Bytes,
        sha256: Sha256,
    ) -> Result<Extent, MediaError> {
        let (offset_bytes, size_bytes) = (last.map_or(0, Extent::end_bytes), bytes.len() as u64);
        let object = self.add(recording, "stream", bytes)?;
        Ok(Extent { object, position_bytes: 0, offset_bytes, size_bytes, sha256 })
    }

    async fn discard(&self, recording: RecordingId, extent: &Extent) {
        self.kept().objects.remove(&(recording, extent.object.clone()));
    }

    async fn read_slices(
        &self,
        recording: RecordingId,
        slices: Vec<Slice>,
    ) -> Result<ByteStream, MediaError> {
        let mut found = Vec::new();
        for slice in &slices {
            let missing = || MediaError::NotFound { recording, what: slice.object.to_string() };
            let whole = self.object(recording, &slice.object).ok_or_else(missing)?;
            found.extend(pieces(&whole, slice));
        }
        Ok(Box::pin(stream::iter(found)))
    }

    async fn seal(
        &self,
        recording: RecordingId,
        header: Bytes,
        extents: &[Extent],
    ) -> Result<ObjectName, MediaError> {
        let mut sealed = BytesMut::from(header);
        for extent in extents {
            let missing = || MediaError::NotFound { recording, what: extent.object.to_string() };
            let object = self.object(recording, &extent.object).ok_or_else(missing)?;
            let range = index(extent.position_bytes)..index(extent.end_position_bytes());
            let short = || {
                MediaError::io(
                    recording,
                    extent.object.as_str(),
                    io::ErrorKind::UnexpectedEof.into(),
                )
            };
            sealed.extend_from_slice(object.get(range).ok_or_else(short)?);
        }
        self.add(recording, "clip", sealed.freeze())
    }

    async fn objects(&self, recording: RecordingId) -> Result<Vec<ObjectName>, MediaError> {
        let kept = self.kept();
        let mut objects: Vec<_> = kept
            .objects
            .keys()
            .filter(|(owner, _)| *owner == recording)
            .map(|(_, object)| object.clone())
            .collect();
        objects.sort();
        Ok(objects)
    }

    async fn remove(&self, recording: RecordingId, object: &ObjectName) -> Result<(), MediaError> {
        self.kept().objects.remove(&(recording, object.clone()));
        Ok(())
    }

    async fn poster(&self, recording: RecordingId) -> Result<Bytes, MediaError> {
        let missing = || MediaError::NotFound { recording, what: "the poster".to_owned() };
        self.kept().posters.get(&recording).cloned().ok_or_else(missing)
    }

    async fn put_poster(&self, recording: RecordingId, jpeg: Bytes) -> Result<(), MediaError> {
        self.kept().posters.insert(recording, jpeg);
        Ok(())
    }

    async fn delete(&self, recording: RecordingId) -> Result<(), MediaError> {
        let mut kept = self.kept();
        kept.objects.retain(|(owner, _), _| *owner != recording);
        kept.posters.remove(&recording);
        Ok(())
    }

    async fn ready(&self) -> Result<(), MediaError> {
        Ok(())
    }
}
