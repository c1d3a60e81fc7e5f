//! [`LastSound`]: the last audible packet of the sound of a file, and whether the file contains
//! more sound than is audible.
//!
//! A block of AAC extends into the packet after it. So where sound was cut off, the packet with the
//! cut and the one before it contain some of what was cut off, though a decoder returns that of the
//! latter only if another packet follows.

use std::path::Path;

use ff::codec::packet::Ref as _;
use ff::{Packet, format};
use ffmpeg_next as ff;

use super::input_file::{FileTrack, InputFile, micros};
use crate::EncodeError;

/// The tolerance between an edit list, which counts in other ticks than the sound, and the end of a
/// packet.
const ROUNDING_US: i64 = 2_000;

/// The last audible packet of the sound.
#[derive(Clone, Copy, Debug)]
pub(super) struct LastSound {
    part: FileTrack,
    /// Its position in the file.
    position: i64,
    /// How much of it is audible, in microseconds; 0 if unknown.
    pub(super) heard_us: i64,
    /// When it ends, in the file's time.
    pub(super) end_us: i64,
    /// Whether its end is skipped by its own side data.
    is_padded: bool,
}

impl LastSound {
    pub(super) fn new(
        part: FileTrack,
        packet: &Packet,
        (heard_us, end_us): (i64, i64),
        is_padded: bool,
    ) -> Self {
        // SAFETY: a packet always has its struct, of which a plain number is read.
        let position = unsafe { (*packet.as_ptr()).pos };
        Self { part, position, heard_us, end_us, is_padded }
    }

    /// Where the sound was cut off, in the file's time, if the file contains more of it.
    pub(super) fn cut_off_at(&self, path: &Path) -> Result<Option<i64>, EncodeError> {
        let goes_on = self.is_padded || self.goes_on_in(&InputFile::unedited(path)?);
        Ok(goes_on.then_some(self.end_us))
    }

    /// Whether the index of the file, without its edit list, continues after this packet or has
    /// more of it. Only an MP4 that was not written in fragments has edits and an index that is
    /// complete before the file is read.
    fn goes_on_in(&self, file: &format::context::Input) -> bool {
        let is_indexed = |stream: &format::stream::Stream<'_>| {
            file.format().name().contains("mp4") && stream.frames() > 0
        };
        let Some(stream) = file.stream(self.part.index).filter(is_indexed) else { return false };
        // SAFETY: the stream lives as long as the file; an entry is looked at before anything else
        // is done with the file.
        let last = unsafe {
            let stream = stream.as_ptr().cast_mut();
            let count = ff::ffi::avformat_index_get_entries_count(stream);
            ff::ffi::avformat_index_get_entry(stream, count - 1).as_ref()
        };
        let Some(last) = last else { return false };
        let whole_us = micros(stream.duration().saturating_sub(last.timestamp), self.part.base);
        last.pos != self.position || whole_us > self.heard_us.saturating_add(ROUNDING_US)
    }
}
