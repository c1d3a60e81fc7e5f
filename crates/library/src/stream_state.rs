//! [`StreamState`]: cutter and digest of a stream as far as it has arrived, so that no byte is read twice.
//!
//! It is stored in the recording's row with each append, so that any process goes on from there. A
//! large one (in the middle of a large header box) is left out; the one before stays then, and the
//! few bytes since are read again.

use futures_util::StreamExt as _;
use vignette_fmp4::{Cutter, FormatError, Limits, Piece};
use vignette_model::digest::Hasher;
use vignette_model::{RecordingId, Sha256};

use crate::error::LibraryError;
use crate::library::Library;
use crate::library_settings::LibrarySettings;
use crate::media::MediaError;

/// The first byte of a state as it is stored. One that begins with another was stored by another version, and is made anew.
const VERSION: u8 = 1;

/// The largest state that is stored. Between fragments it has some hundred bytes.
const MAX_STORED_BYTES: usize = 64 << 10;

/// Cutter and digest of a stream up to an offset. A cache: it can be made anew from the stream's bytes.
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

    /// As it is stored; `None` if it is too large for that.
    pub(crate) fn stored(&self) -> Option<Vec<u8>> {
        let stored = postcard::to_allocvec(&(VERSION, self.hasher.state(), &self.cutter)).ok()?;
        Some(stored).filter(|stored| stored.len() <= MAX_STORED_BYTES)
    }

    /// What was stored; `None` if another version stored it.
    pub(crate) fn from_stored(stored: &[u8], limits: Limits) -> Option<Self> {
        let stored = stored.strip_prefix(&[VERSION])?;
        let (hasher, cutter): (Vec<u8>, Cutter) = postcard::from_bytes(stored).ok()?;
        Some(Self { cutter: cutter.with_limits(limits), hasher: Hasher::from_state(&hasher)? })
    }
}

/// What a library believes of a stream before it refuses it.
pub(crate) fn limits(settings: &LibrarySettings) -> Limits {
    Limits { stream_bytes: settings.max_clip_bytes, ..Limits::DEFAULT }
}

impl Library {
    /// The state of a stream at its offset, by what was stored of it. Bytes that arrived after that are read again: none as a rule,
    /// all of them if the state was stored by another version.
    pub(crate) async fn stream_state(
        &self,
        recording: RecordingId,
        offset_bytes: u64,
        stored: Option<&[u8]>,
    ) -> Result<StreamState, LibraryError> {
        let limits = limits(self.settings());
        let stored = stored.and_then(|stored| StreamState::from_stored(stored, limits));
        let mut state = stored
            .filter(|state| state.offset_bytes() <= offset_bytes)
            .unwrap_or_else(|| StreamState::new(limits));
        let missing = state.offset_bytes()..offset_bytes;
        if missing.is_empty() {
            return Ok(state);
        }
        let extents = self.store().extents(recording, missing.clone()).await?;
        let mut pieces = self.media_store().read(recording, &extents, missing).await?;
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|source| MediaError::io(recording, "the stream", source))?;
            state.hasher.update(&piece);
            state.cutter.push(&piece).map_err(unreadable(recording))?;
        }
        Ok(state)
    }
}

/// Bytes that were once taken and cannot be read now: the disk has changed them.
pub(crate) fn unreadable(recording: RecordingId) -> impl FnOnce(FormatError) -> LibraryError {
    move |source| LibraryError::Damaged { recording, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &[u8] = include_bytes!("../tests/data/recorded.mp4");

    #[test]
    fn a_stream_goes_on_from_what_was_stored_at_any_byte() {
        let mut at_once = Cutter::new(Limits::DEFAULT);
        let expected = at_once.push(STREAM).unwrap();
        // Every byte of the header boxes, then each 97th.
        for at in (0..3_000).chain((3_000..STREAM.len()).step_by(97)) {
            let (first, rest) = STREAM.split_at(at);
            let sha256 = Sha256::of(b"");
            let before = StreamState::new(Limits::DEFAULT).with(first, sha256).unwrap();
            let stored = before.after.stored().expect("small enough to be stored");
            let state = StreamState::from_stored(&stored, Limits::DEFAULT).expect("readable");
            assert_eq!(state.offset_bytes(), at as u64);
            let after = state.with(rest, sha256).unwrap();
            let pieces: Vec<_> = before.pieces.into_iter().chain(after.pieces).collect();
            assert_eq!(pieces, expected, "stored at {at}");
            assert_eq!(after.after.digest(), Sha256::of(STREAM), "stored at {at}");
        }
    }

    #[test]
    fn what_another_version_stored_is_not_read() {
        let stored = StreamState::new(Limits::DEFAULT).stored().unwrap();
        assert!(StreamState::from_stored(&stored, Limits::DEFAULT).is_some());
        for other in [&[][..], &[VERSION], &[VERSION + 1, 1, 2], &stored[..stored.len() / 2]] {
            assert!(StreamState::from_stored(other, Limits::DEFAULT).is_none(), "{other:?}");
        }
    }
}
