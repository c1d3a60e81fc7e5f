//! [`Spool`]: the takes on this computer.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vignette_model::{Clock, TakeId};

use crate::{SpoolError, Take, TakeWriter};

/// How much room there is for recordings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// Enough.
    Plenty,
    /// Less than 2 GB: the person should be told.
    Low {
        /// What is left.
        free_bytes: u64,
    },
    /// Less than 500 MB: stop recording; everything recorded is kept.
    Full {
        /// What is left.
        free_bytes: u64,
    },
}

/// The takes in one folder. Clones are the same spool.
#[derive(Clone)]
pub struct Spool {}

impl Spool {
    /// Opens the spool in `dir`, which is made if it is not there. Nothing is recovered yet: see [`Spool::recover`].
    ///
    /// # Errors
    /// [`SpoolError::Disk`] if the folder cannot be made or read.
    pub fn open(dir: &Path, clock: Arc<dyn Clock>) -> Result<Self, SpoolError> {
        let _ = (dir, clock);
        unimplemented!()
    }

    /// Begins a take: its folder, its lock and its empty stream are durable when this returns.
    ///
    /// # Errors
    /// [`SpoolError::Full`] below 500 MB of free space, [`SpoolError::AlreadyThere`], [`SpoolError::Disk`].
    pub fn begin(&self, take: Take) -> Result<TakeWriter, SpoolError> {
        let _ = take;
        unimplemented!()
    }

    /// Every take, newest first, those of other running programs too.
    #[must_use]
    pub fn takes(&self) -> Vec<Take> {
        unimplemented!()
    }

    /// One take.
    #[must_use]
    pub fn take(&self, id: TakeId) -> Option<Take> {
        let _ = id;
        unimplemented!()
    }

    /// Tries to make a take this program's own, and says whether it is. It stays so until the program ends. Only a take
    /// of one's own may be changed, uploaded or removed; try again now and then, for the other program may end.
    #[must_use]
    pub fn claim(&self, id: TakeId) -> bool {
        let _ = id;
        unimplemented!()
    }

    /// Changes what is known of a take and makes it durable. What is computed from the stream (id, size, duration, digest,
    /// complete, interrupted, poster) stays as it is whatever `change` does. Gives the take as it is then.
    ///
    /// # Errors
    /// [`SpoolError::NotFound`], [`SpoolError::Elsewhere`], [`SpoolError::Disk`]; then nothing has changed.
    pub fn update(&self, id: TakeId, change: impl FnOnce(&mut Take)) -> Result<Take, SpoolError> {
        let _ = (id, change);
        unimplemented!()
    }

    /// Where the whole pieces of a take lie in its stream: the init segment, then each fragment, without gaps.
    ///
    /// # Errors
    /// [`SpoolError::NotFound`], [`SpoolError::Disk`].
    pub fn pieces(&self, id: TakeId) -> Result<Vec<Range<u64>>, SpoolError> {
        let _ = id;
        unimplemented!()
    }

    /// Reads at most `max_bytes` of the stream from `offset_bytes` on. It ends where a piece ends if one does within that
    /// many bytes; it is empty at the end of the last whole piece.
    ///
    /// # Errors
    /// [`SpoolError::NotFound`], [`SpoolError::Disk`].
    pub fn read(&self, id: TakeId, offset_bytes: u64, max_bytes: usize) -> Result<Vec<u8>, SpoolError> {
        let _ = (id, offset_bytes, max_bytes);
        unimplemented!()
    }

    /// Cuts every unfinished take that no running program has after its last whole piece, marks it complete and
    /// interrupted, and gives its id. Takes that never got a fragment are removed. Safe to call at any time.
    ///
    /// # Errors
    /// [`SpoolError::Disk`] if the folder of takes cannot be read. A take that cannot be recovered is logged and left alone.
    pub fn recover(&self) -> Result<Vec<TakeId>, SpoolError> {
        unimplemented!()
    }

    /// Removes a take for ever.
    ///
    /// # Errors
    /// [`SpoolError::NotFound`], [`SpoolError::Elsewhere`], [`SpoolError::Recording`], [`SpoolError::Disk`].
    pub fn remove(&self, id: TakeId) -> Result<(), SpoolError> {
        let _ = id;
        unimplemented!()
    }

    /// Takes in a finished fragmented MP4 as a complete take. The file itself is only read.
    ///
    /// # Errors
    /// [`SpoolError::NotAPiece`] if it is not a whole stream, else as [`Spool::begin`].
    pub fn import(&self, file: &Path, take: Take) -> Result<Take, SpoolError> {
        let _ = (file, take);
        unimplemented!()
    }

    /// Calls `listener` after every append, change, finish and removal of a take of this program, from the thread that made it. It must
    /// not block; it may call the spool.
    pub fn subscribe(&self, listener: impl Fn(TakeId) + Send + Sync + 'static) {
        let _ = listener;
        unimplemented!()
    }

    /// Keeps a take's poster (JPEG) beside it.
    ///
    /// # Errors
    /// As [`Spool::update`].
    pub fn put_poster(&self, id: TakeId, jpeg: &[u8]) -> Result<(), SpoolError> {
        let _ = (id, jpeg);
        unimplemented!()
    }

    /// A take's poster (JPEG), if it has one.
    #[must_use]
    pub fn poster(&self, id: TakeId) -> Option<Vec<u8>> {
        let _ = id;
        unimplemented!()
    }

    /// Where a take's stream lies, for a player on this computer.
    #[must_use]
    pub fn stream_path(&self, id: TakeId) -> PathBuf {
        let _ = id;
        unimplemented!()
    }

    /// What is free on the disk that takes lie on.
    ///
    /// # Errors
    /// [`SpoolError::Disk`] if the disk does not say.
    pub fn free_bytes(&self) -> Result<u64, SpoolError> {
        unimplemented!()
    }

    /// Whether there is room to record. A disk that does not say counts as plenty.
    #[must_use]
    pub fn room(&self) -> Room {
        unimplemented!()
    }
}
