//! [`TakeWriter`]: the one hand that appends to a take while it is recorded.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::sync::Arc;

use tracing::{info, warn};
use vignette_fmp4::{Cutter, Fault, FormatError, Limits};
use vignette_model::TakeId;
use vignette_model::digest::Hasher;

use crate::owned::Owned;
use crate::scan::Index;
use crate::{Spool, SpoolError, Take, TakeEdit};

/// What a take is given only once all of it is there.
#[derive(Debug)]
pub(crate) struct PendingImport {
    /// So that nothing is sent before.
    pub(crate) library: Option<String>,
}

/// Appends whole pieces to a take. Dropping it without [`TakeWriter::finish`] leaves the take as a
/// crash would: it is recovered by [`Spool::recover`]; of a film that was being taken in nothing is
/// left.
#[derive(Debug)]
pub struct TakeWriter {
    spool: Spool,
    owned: Arc<Owned>,
    file: File,
    /// Behind the last piece that is durable.
    cutter: Cutter,
    hasher: Hashed,
    /// Where the pieces lie that are durable.
    index: Index,
    /// Set while other programs must not see the take.
    pending: Option<PendingImport>,
}

/// A hasher that does not fill logs.
struct Hashed(Hasher);

impl std::fmt::Debug for Hashed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.digest().fmt(f)
    }
}

impl TakeWriter {
    pub(crate) fn new(
        spool: Spool,
        owned: Arc<Owned>,
        file: File,
        pending: Option<PendingImport>,
    ) -> Self {
        owned.state().writing = true;
        Self {
            spool,
            owned,
            file,
            cutter: Cutter::new(Limits::DEFAULT),
            hasher: Hashed(Hasher::default()),
            index: Index::default(),
            pending,
        }
    }

    /// Which take it writes.
    #[must_use]
    pub fn id(&self) -> TakeId {
        self.owned.id
    }

    /// Appends whole pieces: the init segment first, then fragments. They survive a crash and a
    /// power cut once this returns. After an error nothing of them is in the take and the same
    /// bytes can be tried again.
    ///
    /// # Errors
    /// [`SpoolError::NotAPiece`] for anything but whole pieces that go on where the last ended;
    /// [`SpoolError::Disk`]; of a film that is taken in also [`SpoolError::Full`].
    pub fn append(&mut self, pieces: &[u8]) -> Result<(), SpoolError> {
        if self.pending.is_some() {
            self.spool.check_free_space(pieces.len() as u64)?;
        }
        let not_a_piece = |source| SpoolError::NotAPiece { id: self.owned.id, source };
        let mut cutter = self.cutter.clone();
        let found = cutter.push(pieces).map_err(not_a_piece)?;
        let mut index = self.index.clone();
        found.iter().for_each(|piece| index.add(piece));
        let size_bytes = self.index.size_bytes();
        if index.size_bytes() != size_bytes + pieces.len() as u64 {
            return Err(not_a_piece(FormatError {
                offset_bytes: index.size_bytes(),
                fault: Fault::NotWhole,
            }));
        }
        if let Err(source) = self.write(pieces) {
            // What may have been written of it is cut off again; if even that fails, recovery will
            // do it.
            if let Err(error) = self.file.set_len(size_bytes) {
                warn!(take.id = %self.owned.id, %error, "A piece that was not written whole could \
                    not be cut off yet");
            }
            return Err(SpoolError::disk("write", &self.owned.stream())(source));
        }
        self.cutter = cutter;
        self.hasher.0.update(pieces);
        self.index.clone_from(&index);
        self.owned.state().set_index(index);
        self.spool.notify(self.owned.id);
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.index.size_bytes()))?;
        self.file.write_all(bytes)?;
        self.file.sync_data()
    }

    /// Changes what is known of the take; see [`Spool::update`].
    ///
    /// # Errors
    /// [`SpoolError::Disk`] if it could not be made durable; then nothing has changed.
    pub fn update(&self, change: impl FnOnce(&mut TakeEdit<'_>)) -> Result<Take, SpoolError> {
        self.spool.update(self.owned.id, change)
    }

    /// Marks the take complete. A take that never got a fragment is removed.
    ///
    /// # Errors
    /// [`SpoolError::Nothing`] if the take has no fragment; [`SpoolError::Disk`] if it could not be
    /// marked: the bytes are safe nevertheless and [`Spool::recover`] will do it.
    pub fn finish(self) -> Result<Take, SpoolError> {
        self.finish_as(false)
    }

    /// Marks the take complete, and interrupted: what was recorded last could not be appended.
    ///
    /// # Errors
    /// As [`TakeWriter::finish`].
    pub fn finish_interrupted(self) -> Result<Take, SpoolError> {
        self.finish_as(true)
    }

    fn finish_as(mut self, interrupted: bool) -> Result<Take, SpoolError> {
        let id = self.owned.id;
        if !self.index.has_fragments() {
            self.discard()?;
            return Err(SpoolError::Nothing(id));
        }
        let sha256 = self.hasher.0.digest();
        let end = |take: &mut Take| {
            take.stream.complete = true;
            take.stream.interrupted = interrupted;
            take.stream.sha256 = Some(sha256);
        };
        let take = match &self.pending {
            None => self.owned.change(end)?,
            Some(pending) => {
                let file = self
                    .file
                    .try_clone()
                    .map_err(SpoolError::disk("keep", &self.owned.stream()))?;
                self.owned.publish(file, |take| {
                    end(take);
                    take.upload.library.clone_from(&pending.library);
                })?
            }
        };
        self.pending = None;
        self.owned.state().writing = false;
        let (size_bytes, duration_us) = (take.stream.size_bytes, take.stream.duration_us.0);
        info!(take.id = %id, size_bytes, duration_us, "Finished take");
        self.spool.notify(id);
        Ok(take)
    }

    /// Throws the take away: the recording was cancelled.
    ///
    /// # Errors
    /// [`SpoolError::Disk`] if it could not be removed.
    pub fn discard(mut self) -> Result<(), SpoolError> {
        self.pending = None;
        let (spool, id) = (self.spool.clone(), self.owned.id);
        drop(self);
        spool.remove(id)
    }
}

impl Drop for TakeWriter {
    fn drop(&mut self) {
        self.owned.state().writing = false;
        // Nothing can come of a part of a film.
        if self.pending.is_some()
            && let Err(error) = self.spool.remove(self.owned.id)
        {
            warn!(take.id = %self.owned.id, %error, "A film that was not taken in whole could not \
                be removed yet");
        }
    }
}

#[cfg(test)]
mod tests {
    use vignette_model::{SystemClock, UtcMicros};

    use super::*;

    const STREAM: &[u8] = include_bytes!("../../fmp4/tests/data/zerolatency.mp4");

    #[test]
    fn a_write_that_fails_leaves_the_take_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::open(dir.path(), Arc::new(SystemClock::new())).unwrap();
        let mut writer = spool.begin(Take::new(TakeId::new(), UtcMicros(0))).unwrap();
        let ends: Vec<usize> = {
            let mut index = crate::scan::Index::default();
            Cutter::new(Limits::DEFAULT)
                .push(STREAM)
                .unwrap()
                .iter()
                .for_each(|piece| index.add(piece));
            index.pieces.iter().map(|piece| usize::try_from(piece.end).unwrap()).collect()
        };
        writer.append(&STREAM[..ends[0]]).unwrap();

        let good = std::mem::replace(&mut writer.file, File::open(writer.owned.stream()).unwrap());
        let error = writer
            .append(&STREAM[ends[0]..ends[1]])
            .expect_err("a file that is open for reading cannot be written");
        assert!(matches!(error, SpoolError::Disk { action: "write", .. }), "{error}");
        assert_eq!(
            spool.take(writer.id()).unwrap().stream.size_bytes,
            ends[0] as u64,
            "a failed append must not count"
        );

        writer.file = good;
        writer.append(&STREAM[ends[0]..ends[1]]).expect("the same bytes can be tried again");
        writer.append(&STREAM[ends[1]..]).unwrap();
        let take = writer.finish().unwrap();
        assert_eq!(take.stream.sha256, Some(vignette_model::Sha256::of(STREAM)));
    }
}
