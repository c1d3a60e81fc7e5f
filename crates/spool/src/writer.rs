//! [`TakeWriter`]: the one hand that appends to a take while it is recorded.

use vignette_model::TakeId;

use crate::{SpoolError, Take};

/// Appends whole pieces to a take. Dropping it without [`TakeWriter::finish`] leaves the take as a crash would: it is
/// recovered by [`crate::Spool::recover`].
#[derive(Debug)]
pub struct TakeWriter {}

impl TakeWriter {
    /// Which take it writes.
    #[must_use]
    pub fn id(&self) -> TakeId {
        unimplemented!()
    }

    /// Appends whole pieces: the init segment first, then fragments. They survive a crash and a power cut once this
    /// returns. After an error nothing of them is in the take and the same bytes can be tried again.
    ///
    /// # Errors
    /// [`SpoolError::NotAPiece`] for anything but whole pieces that go on where the last ended; [`SpoolError::Disk`].
    pub fn append(&mut self, pieces: &[u8]) -> Result<(), SpoolError> {
        let _ = pieces;
        unimplemented!()
    }

    /// Changes what is known of the take; see [`crate::Spool::update`].
    ///
    /// # Errors
    /// [`SpoolError::Disk`] if it could not be made durable; then nothing has changed.
    pub fn update(&self, change: impl FnOnce(&mut Take)) -> Result<Take, SpoolError> {
        let _ = change;
        unimplemented!()
    }

    /// Marks the take complete.
    ///
    /// # Errors
    /// [`SpoolError::Disk`] if that could not be made durable; the bytes are safe nevertheless and will be recovered.
    pub fn finish(self) -> Result<Take, SpoolError> {
        unimplemented!()
    }

    /// Throws the take away: the recording was cancelled.
    ///
    /// # Errors
    /// [`SpoolError::Disk`] if it could not be removed.
    pub fn discard(self) -> Result<(), SpoolError> {
        unimplemented!()
    }
}
