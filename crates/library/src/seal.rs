//! Sealing: a stream that has ended becomes one plain MP4, header before stream.
//!
//! ```text
//! read back ─▶ same digest? ─▶ header ─▶ media: clip.mp4 (all or nothing) ─▶ store: sealed ─▶ the separate stream is removed
//! ```
//!
//! Each step can be done again, and is when a crash came between: the row decides which file counts.

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use vignette_fmp4::{Fragment, Sealer};
use vignette_model::digest::Hasher;
use vignette_model::{ClipId, Problem, Sha256};

use crate::arriving::unreadable;
use crate::library::Library;
use crate::media::{MediaError, MediaName};
use crate::store::{Clip, Leftover, LeftoverPart, Sealed};

impl Library {
    /// Seals a clip that has ended, some time soon. What goes wrong is tried again by the next sweep.
    pub(crate) fn seal_in_the_background(&self, id: ClipId) {
        let library = self.clone();
        self.in_the_background(async move {
            match library.seal(id).await {
                Ok(true) => library.announce(id).await,
                Ok(false) => {}
                Err(problem) => tracing::warn!(clip.id = %id, code = %problem.code, "Sealing is put off"),
            }
        });
    }

    /// Seals a clip if it has ended and is not sealed; says whether it did.
    pub(crate) async fn seal(&self, id: ClipId) -> Result<bool, Problem> {
        // Never closed.
        let _slot = self.sealing().acquire().await;
        let _turn = self.turn(id).await;
        let Some(clip) = self.store().clip(id).await? else { return Ok(false) };
        let ended = clip.complete.is_some() || clip.interrupted;
        if !ended || !clip.plays() || clip.sealed.is_some() || clip.damaged {
            return Ok(false);
        }
        let (header, sha256) = self.read_back(&clip).await?;
        if clip.complete.is_some_and(|acknowledged| acknowledged != sha256) {
            tracing::error!(clip.id = %id, "The media gave back other bytes than were acknowledged; the clip is not sealed");
            self.store().mark_damaged(id).await?;
            return Ok(false);
        }
        let sealed = Sealed { header_bytes: header.len() as u64, header_sha256: Sha256::of(&header), sha256 };
        self.media_store().seal(id, header, clip.offset_bytes).await?;
        if !self.store().seal(id, clip.offset_bytes, &sealed).await? {
            return Ok(false);
        }
        tracing::info!(clip.id = %id, size_bytes = clip.offset_bytes, interrupted = clip.interrupted, "Sealed a clip");
        self.clear_in_turn(Leftover { clip: id, part: LeftoverPart::Stream }).await?;
        Ok(true)
    }

    /// Reads the stream once, for its digest and its header.
    async fn read_back(&self, clip: &Clip) -> Result<(Bytes, Sha256), Problem> {
        let fragments = self.store().fragments(clip.id).await?;
        let init_bytes = clip.head.map_or(0, |head| head.size_bytes);
        let mut wanted = Wanted::new(init_bytes, &fragments);
        let mut sealer = None;
        let mut hasher = Hasher::default();
        let name = MediaName::Stream;
        let mut pieces = self.media_store().read(clip.id, name, 0..clip.offset_bytes).await?;
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|source| MediaError::io(clip.id, name, source))?;
            hasher.update(&piece);
            for (offset_bytes, found) in wanted.take(&piece) {
                let added = match &mut sealer {
                    None => Sealer::new(&found).map(|fresh| sealer = Some(fresh)),
                    Some(sealer) => sealer.add(offset_bytes, &found),
                };
                added.map_err(|error| unreadable(clip.id, &error))?;
            }
        }
        let header = sealer.as_ref().map(|sealer| sealer.header(clip.offset_bytes)).transpose();
        let header = header.map_err(|error| unreadable(clip.id, &error))?.ok_or_else(crate::library::gone)?;
        Ok((header.into(), hasher.digest()))
    }

    /// Removes bytes that are no longer needed. What cannot be removed now is left to the next sweep.
    pub(crate) async fn clear(&self, leftover: Leftover) {
        let _turn = self.turn(leftover.clip).await;
        let cleared = match self.store().leftovers().await {
            // They may be needed again by now: only what is still written down goes.
            Ok(all) if !all.contains(&leftover) => Ok(()),
            Ok(_) => self.clear_in_turn(leftover).await,
            Err(error) => Err(error.into()),
        };
        if let Err(problem) = cleared {
            tracing::warn!(clip.id = %leftover.clip, code = %problem.code, "Bytes that are not needed stay for now");
        }
    }

    /// The same by whoever has the clip's turn.
    pub(crate) async fn clear_in_turn(&self, leftover: Leftover) -> Result<(), Problem> {
        let media = self.media_store();
        match leftover.part {
            LeftoverPart::Stream => media.remove(leftover.clip, MediaName::Stream).await?,
            LeftoverPart::Sealed => media.remove(leftover.clip, MediaName::Sealed).await?,
            LeftoverPart::All => media.delete(leftover.clip).await?,
        }
        Ok(self.store().forget(leftover).await?)
    }
}

/// The parts of a stream that a header is made of, picked out as the bytes go by: the init segment, then every moof.
struct Wanted {
    /// Offset and size in the stream, the next one last.
    parts: Vec<(u64, u64)>,
    at: u64,
    held: BytesMut,
}

impl Wanted {
    fn new(init_bytes: u64, fragments: &[Fragment]) -> Self {
        let moofs = fragments.iter().rev().map(|fragment| (fragment.moof_offset_bytes, fragment.moof_size_bytes));
        Self { parts: moofs.chain([(0, init_bytes)]).collect(), at: 0, held: BytesMut::new() }
    }

    /// The parts that the next bytes complete.
    fn take(&mut self, bytes: &[u8]) -> Vec<(u64, Bytes)> {
        let end = self.at + bytes.len() as u64;
        let mut found = Vec::new();
        while let Some(&(offset, size)) = self.parts.last() {
            let (from, to) = (offset.max(self.at), (offset + size).min(end));
            if from < to {
                let index = |at: u64| usize::try_from(at - self.at).unwrap_or(usize::MAX);
                self.held.extend_from_slice(bytes.get(index(from)..index(to)).unwrap_or_default());
            }
            if offset + size > end {
                break;
            }
            found.push((offset, self.held.split().freeze()));
            self.parts.pop();
        }
        self.at = end;
        found
    }
}

#[cfg(test)]
mod tests {
    use vignette_model::Micros;

    use super::*;

    #[test]
    fn parts_are_found_however_the_bytes_are_split() {
        let stream: Vec<u8> = (0..100).collect();
        let fragment = |moof_offset_bytes, moof_size_bytes| Fragment {
            offset_bytes: 0,
            size_bytes: 0,
            moof_offset_bytes,
            moof_size_bytes,
            start: Micros::ZERO,
            duration: Micros::ZERO,
        };
        let fragments = [fragment(10, 5), fragment(40, 30), fragment(70, 1)];
        for size in 1..=stream.len() {
            let mut wanted = Wanted::new(10, &fragments);
            let found: Vec<_> = stream.chunks(size).flat_map(|piece| wanted.take(piece)).collect();
            let expected: Vec<_> = [(0, 10), (10, 15), (40, 70), (70, 71)]
                .map(|(from, to)| (from as u64, Bytes::copy_from_slice(&stream[from..to])))
                .into();
            assert_eq!(found, expected, "in pieces of {size}");
        }
    }
}
