//! The metadata of a file: when it was recorded, and its chapters.

use std::ffi::CStr;

use ff::DictionaryRef;
use ff::format::context::Input;
use ffmpeg_next as ff;
use vignette_model::text::ChapterTitle;
use vignette_model::transcript::{Chapter, MAX_CHAPTERS};
use vignette_model::{Micros, Span, UtcMicros};

use super::input_file::micros;

/// The keys of the recording time, the most reliable first: Apple's includes the zone and survives
/// editing.
const DATES: [&CStr; 3] = [c"com.apple.quicktime.creationdate", c"creation_time", c"DATE_RECORDED"];

/// A value of the metadata, read as UTF-8 with replacement; ffmpeg-next assumes that it is valid.
pub(super) fn value(metadata: &DictionaryRef<'_>, key: &str) -> Option<String> {
    let key = std::ffi::CString::new(key).ok()?;
    value_of(metadata, &key)
}

fn value_of(metadata: &DictionaryRef<'_>, key: &CStr) -> Option<String> {
    // SAFETY: the dictionary outlives the call; a null one has no entries.
    let entry =
        unsafe { ff::ffi::av_dict_get(metadata.as_ptr(), key.as_ptr(), std::ptr::null(), 0) };
    if entry.is_null() {
        return None;
    }
    // SAFETY: an entry that was found has a value, which ends with a zero and lives as long as the
    // dictionary.
    let text = unsafe { CStr::from_ptr((*entry).value) };
    Some(text.to_string_lossy().into_owned())
}

/// The recording time by the metadata.
pub(super) fn recorded_at(input: &Input) -> Option<UtcMicros> {
    let metadata = input.metadata();
    DATES.iter().find_map(|key| utc(&value_of(&metadata, key)?))
}

/// Parses a date and time as FFmpeg's demuxers write it (RFC 3339, with variations), if it has a
/// zone.
fn utc(text: &str) -> Option<UtcMicros> {
    let text = std::ffi::CString::new(text.trim()).ok()?;
    // av_parse_time interprets a time without a zone in the zone of this computer, which is not
    // that of the file.
    let zone = text.to_bytes().get(10..)?;
    if !zone.iter().any(|byte| matches!(byte, b'Z' | b'z' | b'+' | b'-')) {
        return None;
    }
    let mut us = 0;
    // SAFETY: both point to what lives until the call is over, and the text ends with a zero.
    let status = unsafe { ff::ffi::av_parse_time(&raw mut us, text.as_ptr(), 0) };
    // A camera without a clock writes 1904, 1970 or the date of its firmware.
    (status >= 0 && us > 0).then_some(UtcMicros(us))
}

/// The chapters between `start_us` and `duration`. Those outside were cut off and are left out.
pub(super) fn chapters(input: &Input, start_us: i64, duration: Span) -> Vec<Chapter> {
    let mut chapters: Vec<Chapter> = Vec::new();
    for chapter in input.chapters() {
        let base = chapter.time_base();
        let at = |time: i64| micros(time, base).saturating_sub(start_us);
        let (start, end) = (at(chapter.start()), at(chapter.end()));
        let title =
            value(&chapter.metadata(), "title").and_then(|title| ChapterTitle::cut(&title).ok());
        let (Some(title), true) = (title, end > 0) else { continue };
        // A chapter that began before the visible part continues in it.
        let start_us = Micros(u64::try_from(start).unwrap_or_default());
        if start_us.since_start() < duration && chapters.len() < MAX_CHAPTERS {
            chapters.push(Chapter { start_us, title });
        }
    }
    chapters.sort_by_key(|chapter| chapter.start_us);
    chapters.dedup_by_key(|chapter| chapter.start_us);
    chapters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_demuxers_write_them() {
        let at = UtcMicros(1_710_498_645_000_000);
        for (text, date) in [
            ("2024-03-15T10:30:45.000000Z", Some(at)),
            ("2024-03-15T11:30:45+0100", Some(at)),
            ("2024-03-15T10:30:45", None),
            ("1904-01-01T00:00:00.000000Z", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(utc(text), date, "{text}");
        }
    }
}
