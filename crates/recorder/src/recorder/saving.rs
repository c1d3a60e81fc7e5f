//! Writing a take as one plain MP4 file where a person wants it.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use vignette_durable as durable;
use vignette_fmp4::{Cutter, FormatError, Limits, Piece, Sealer};
use vignette_model::TakeId;

use super::Inner;
use crate::RecorderError;

impl Inner {
    /// Writes what there is of a take to `to`, as one MP4 file that any player opens: the header
    /// that the library would give it, then the stream.
    pub(super) fn save(&self, take: TakeId, to: &Path) -> Result<(), RecorderError> {
        let not_saved = |reason| RecorderError::NotSaved { path: to.to_owned(), reason };
        let mut sealer = TakeSealer::default();
        let mut size_bytes = 0;
        for piece in self.spool.pieces(take)? {
            let most = usize::try_from(piece.end - piece.start).unwrap_or(usize::MAX);
            let bytes = self.spool.read(take, piece.start, most)?;
            sealer.push(piece.start, &bytes).map_err(|e| not_saved(io::Error::other(e)))?;
            size_bytes = piece.end;
        }
        let header = sealer.header(size_bytes).map_err(|e| not_saved(io::Error::other(e)))?;
        let header = header.ok_or(RecorderError::NoSuchTake)?;
        durable::replace_shared(to, |file| {
            file.write_all(&header)?;
            let stream = File::open(self.spool.stream_path(take))?;
            io::copy(&mut stream.take(size_bytes), file)?;
            Ok(())
        })
        .map_err(not_saved)
    }
}

/// Reads a take's pieces, one after the other, for the header of its file.
#[derive(Default)]
struct TakeSealer {
    cutter: Option<Cutter>,
    sealer: Option<Sealer>,
}

impl TakeSealer {
    /// Adds the piece that begins at `offset_bytes` of the stream.
    fn push(&mut self, offset_bytes: u64, bytes: &[u8]) -> Result<(), FormatError> {
        let cutter = self.cutter.get_or_insert_with(|| Cutter::new(Limits::DEFAULT));
        for piece in cutter.push(bytes)? {
            match (piece, &mut self.sealer) {
                (Piece::Init(_), sealer) => *sealer = Some(Sealer::new(bytes, Limits::DEFAULT)?),
                (Piece::Fragment(fragment), Some(sealer)) => {
                    let begin = fragment.moof_offset_bytes - offset_bytes;
                    let moof = begin..begin + fragment.moof_size_bytes;
                    let within = |at| usize::try_from(at).unwrap_or(usize::MAX);
                    if let Some(moof) = bytes.get(within(moof.start)..within(moof.end)) {
                        sealer.add(fragment.moof_offset_bytes, moof)?;
                    }
                }
                (Piece::Fragment(_), None) => {}
            }
        }
        Ok(())
    }

    /// None if there was not even an init segment.
    fn header(&self, size_bytes: u64) -> Result<Option<Vec<u8>>, FormatError> {
        self.sealer.as_ref().map(|sealer| sealer.header(size_bytes)).transpose()
    }
}
