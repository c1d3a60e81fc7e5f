//! [`Arriving`]: what is known of a stream while it arrives, so that nothing is read twice.

use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::StreamExt as _;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};
use vignette_fmp4::{Cutter, FormatError, Limits, Piece};
use vignette_model::digest::Hasher;
use vignette_model::{ClipId, ErrorCode, Problem, Sha256};

use crate::library::Library;
use crate::media::{MediaError, MediaName};
use crate::settings::Settings;
use crate::store::Clip;

/// A stream up to some offset: cut so far, hashed so far. It holds no truth and can be rebuilt from rows and bytes.
#[derive(Clone)]
pub(crate) struct Arriving {
    cutter: Cutter,
    hasher: Hasher,
}

/// What bytes brought when they were taken in.
pub(crate) struct TakenIn {
    /// The stream with them.
    pub(crate) after: Arriving,
    /// The pieces that they completed.
    pub(crate) pieces: Vec<Piece>,
    /// SHA-256 of the bytes alone.
    pub(crate) sha256: Sha256,
}

impl Arriving {
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
    pub(crate) async fn resume(&self, clip: &Clip) -> Result<Arriving, Problem> {
        let mut arriving = Arriving::new(limits(self.settings()));
        if clip.offset_bytes == 0 {
            return Ok(arriving);
        }
        let name = MediaName::Stream;
        let mut pieces = self.media_store().read(clip.id, name, 0..clip.offset_bytes).await?;
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|source| MediaError::io(clip.id, name, source))?;
            arriving.hasher.update(&piece);
            arriving.cutter.push(&piece).map_err(|error| unreadable(clip.id, &error))?;
        }
        Ok(arriving)
    }
}

/// Bytes that were once taken and cannot be read now: the disk has changed them.
pub(crate) fn unreadable(clip: ClipId, error: &FormatError) -> Problem {
    tracing::error!(clip.id = %clip, %error, "Bytes that were acknowledged are not a stream any more");
    Problem::new(ErrorCode::Damaged, "The clip's bytes are no stream any more where the library keeps them.")
}

/// Whose turn it is to change the bytes of a clip, and what is known of its stream. The turn keeps the writers of one process
/// from each other's feet; between processes the store's compare-and-swap decides.
#[derive(Default)]
pub(crate) struct Turns {
    clips: Mutex<HashMap<ClipId, Turn>>,
}

#[derive(Default)]
struct Turn {
    known: Arc<AsyncMutex<Option<Arriving>>>,
    /// Whether anybody had it since the last look.
    used: bool,
}

impl Turns {
    fn clips(&self) -> MutexGuard<'_, HashMap<ClipId, Turn>> {
        self.clips.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for one's turn.
    pub(crate) async fn turn(&self, clip: ClipId) -> OwnedMutexGuard<Option<Arriving>> {
        let known = {
            let mut clips = self.clips();
            let turn = clips.entry(clip).or_default();
            turn.used = true;
            turn.known.clone()
        };
        known.lock_owned().await
    }

    /// Lets go of what nobody used since the last call: it is rebuilt when it is needed again.
    pub(crate) fn forget_idle(&self) {
        self.clips().retain(|_, turn| Arc::strong_count(&turn.known) > 1 || mem::take(&mut turn.used));
    }
}
