//! [`Times`]: how far each track of a stream has come, so that fragments follow one another.
//!
//! A fragment cannot know how long its last sample lasts: that is known when the next one begins.
//! So the last sample ends where the next fragment says that it begins (tfdt), which may be later
//! or earlier than the fragment itself claimed, but not before that sample began.

use serde::{Deserialize, Serialize};
use vignette_model::{Micros, Span};

use crate::moof::{Moof, TrackPart};
use crate::track::Edit;
use crate::{Fault, FormatError, Track};

/// How far each track has come, by index in the init segment's tracks.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Times {
    /// Decode time of each track's last sample.
    last: Vec<Option<u64>>,
    /// When the last fragment's first picture is shown.
    start: Option<Micros>,
}

impl Times {
    /// Checks that `moof` goes on where the tracks have come to and begins with a key frame; gives
    /// when its pictures are shown.
    pub(crate) fn follow(
        &mut self,
        moof: &Moof,
        tracks: &[Track],
    ) -> Result<(Micros, Span), FormatError> {
        self.last.resize(tracks.len(), None);
        for part in &moof.parts {
            if let Some(last) = self.last[part.track] {
                last_duration(last, part.decode_time, tracks[part.track].id)
                    .map_err(|fault| fault.at(moof.offset))?;
            }
        }
        let (start, duration) = shown(moof, tracks)?;
        if let Some(last) = self.start.filter(|&last| start < last) {
            let track =
                tracks.iter().find(|track| track.kind.is_video()).map_or(0, |track| track.id);
            return Err(Fault::TimeGoesBack { track, found: start.0, last: last.0 }.at(moof.offset));
        }
        for part in &moof.parts {
            self.last[part.track] = Some(part.last_and_end().0);
        }
        self.start = Some(start);
        Ok((start, duration))
    }
}

/// How long a sample of decode time `last` lasts if the next one of its track has the decode time
/// `next`.
pub(crate) fn last_duration(last: u64, next: u64, track: u32) -> Result<u32, Fault> {
    let ticks = next.checked_sub(last).ok_or(Fault::TimeGoesBack { track, found: next, last })?;
    u32::try_from(ticks).map_err(|_| Fault::TooMuch {
        what: "a gap between fragments",
        value: ticks,
        most: u64::from(u32::MAX),
    })
}

/// When the pictures of a fragment are shown: start and duration.
fn shown(moof: &Moof, tracks: &[Track]) -> Result<(Micros, Span), FormatError> {
    let no_key_frame = || Fault::NoKeyFrame.at(moof.offset);
    let video = moof
        .parts
        .iter()
        .find(|part| tracks[part.track].kind.is_video())
        .ok_or_else(no_key_frame)?;
    let first = video.samples().next().filter(|sample| sample.key).ok_or_else(no_key_frame)?;
    let Track { edit, timescale, .. } = tracks[video.track];
    let start = on_time_line(video.decode_time, first.composition_offset, edit);
    let end = start.saturating_add(duration(video));
    let micros = |ticks| {
        Micros::from_ticks(ticks, timescale)
            .ok_or_else(|| Fault::Overflow { what: "a time" }.at(moof.offset))
    };
    let (start, end) = (micros(start)?, micros(end)?);
    // `end` is `start` and a sum of durations.
    Ok((start, end.saturating_since(start)))
}

/// Where a sample lies on the stream's time line, in its track's ticks. What lies before the
/// beginning is at the beginning.
fn on_time_line(decode_time: u64, composition_offset: i64, edit: Edit) -> u64 {
    decode_time
        .saturating_add_signed(composition_offset)
        .saturating_add(edit.empty)
        .saturating_sub(edit.media_time)
}

fn duration(part: &TrackPart) -> u64 {
    part.samples().map(|sample| u64::from(sample.duration)).sum()
}
