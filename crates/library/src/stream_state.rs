//! [`StreamState`]: cutter and digest of a stream as far as it has arrived, so that no byte is read twice.

use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::StreamExt as _;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};
use vignette_fmp4::{Cutter, FormatError, Limits, Piece};
use vignette_model::digest::Hasher;
use vignette_model::{ClipId, Sha256};

use crate::error::LibraryError;
use crate::library::Library;
use crate::media::{MediaError, MediaName};
use crate::settings::Settings;

/// Cutter and digest of a stream up to an offset. A cache: it can be rebuilt from rows and bytes.
#[derive(Clone)]
pub(crate) struct StreamState {
    cutter: Cutter,
    hasher: Hasher,
}

/// What bytes brought when they were taken in.
pub(crate) struct TakenIn {
    /// The stream with them.
    pub(crate) after: StreamState,
    /// The pieces that they completed.
    pub(crate) pieces: Vec<Piece>,
    /// SHA-256 of the bytes alone.
    pub(crate) sha256: Sha256,
}

impl StreamState {
    /// At the beginning of a stream.
    pub(crate) fn new(limits: Limits) -> Self {
        Self { cutter: Cutter::new(limits), hasher: Hasher::default() }
    }

    /// Where the stream goes on.
    pub(crate) fn offset_bytes(&self) -> u64 {
        self.cutter.offset_bytes()
    }

    /// SHA-256 of the stream so far.
    pub(crate) fn digest(&self) -> Sha256 {
        self.hasher.digest()
    }

    /// The stream with `bytes`, whose digest is known already.
    pub(crate) fn with(mut self, bytes: &[u8], sha256: Sha256) -> Result<TakenIn, FormatError> {
        let pieces = self.cutter.push(bytes)?;
        self.hasher.update(bytes);
        Ok(TakenIn { after: self, pieces, sha256 })
    }
}

/// What a library believes of a stream before it refuses it.
pub(crate) fn limits(settings: &Settings) -> Limits {
    Limits { stream_bytes: settings.max_clip_bytes, ..Limits::DEFAULT }
}

impl Library {
    /// Rebuilds what was known of a stream, after a restart or when another replica has added to it, by reading the acknowledged
    /// bytes once: their digest needs them all.
    pub(crate) async fn resume(&self, clip: ClipId, offset_bytes: u64) -> Result<StreamState, LibraryError> {
        let mut state = StreamState::new(limits(self.settings()));
        if offset_bytes == 0 {
            return Ok(state);
        }
        let name = MediaName::Stream;
        let mut pieces = self.media_store().read(clip, name, 0..offset_bytes).await?;
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|source| MediaError::io(clip, name, source))?;
            state.hasher.update(&piece);
            state.cutter.push(&piece).map_err(unreadable(clip))?;
        }
        Ok(state)
    }
}

/// Bytes that were once taken and cannot be read now: the disk has changed them.
pub(crate) fn unreadable(clip: ClipId) -> impl FnOnce(FormatError) -> LibraryError {
    move |source| LibraryError::Damaged { clip, source }
}

/// One lock for each clip, held while its bytes change, and the state of its stream as of the last append. The lock orders the
/// writers of one process; between processes the store's compare-and-swap decides.
#[derive(Default)]
pub(crate) struct ClipLocks {
    clips: Mutex<HashMap<ClipId, ClipLock>>,
}

#[derive(Default)]
struct ClipLock {
    known: Arc<AsyncMutex<Option<StreamState>>>,
    /// Whether it was taken since the last call of [`ClipLocks::forget_idle`].
    used: bool,
}

impl ClipLocks {
    fn clips(&self) -> MutexGuard<'_, HashMap<ClipId, ClipLock>> {
        self.clips.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the lock of a clip.
    pub(crate) async fn lock_clip(&self, clip: ClipId) -> OwnedMutexGuard<Option<StreamState>> {
        let known = {
            let mut clips = self.clips();
            let lock = clips.entry(clip).or_default();
            lock.used = true;
            lock.known.clone()
        };
        known.lock_owned().await
    }

    /// Drops the locks that were not taken since the last call; a state is rebuilt when it is needed again.
    pub(crate) fn forget_idle(&self) {
        self.clips().retain(|_, lock| Arc::strong_count(&lock.known) > 1 || mem::take(&mut lock.used));
    }
}
