//! `transcript.json`: what a machine has made of a take's sound so far, as one snapshot. It can be
//! made again from the stream, so a damaged one counts as none.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use serde::de::DeserializeOwned;
use tracing::warn;
use vignette_durable as durable;
use vignette_model::TakeId;
use vignette_model::transcript::{MAX_CHAPTERS, MAX_CUES, TranscriptSnapshot};

use crate::SpoolError;

/// More than ten hours of speech come to.
const MAX_BYTES: usize = 16 << 20;

/// The file in a take's folder.
pub(crate) const FILE_NAME: &str = "transcript.json";
/// What it was called before, with other names for two of its fields.
pub(crate) const VERSION_1_FILE_NAME: &str = "words.json";

/// The file's contents, if they are within what a take may have.
pub(crate) fn json(id: TakeId, transcript: &TranscriptSnapshot) -> Result<Vec<u8>, SpoolError> {
    let parts = transcript.insights.chapters.len().max(transcript.insights.tasks.len());
    let json = serde_json::to_vec(transcript)
        .map_err(|error| SpoolError::disk("write", Path::new(FILE_NAME))(error.into()))?;
    let fits =
        transcript.cues.len() <= MAX_CUES && parts <= MAX_CHAPTERS && json.len() <= MAX_BYTES;
    if fits {
        Ok(json)
    } else {
        Err(SpoolError::TranscriptTooLarge { id, size_bytes: json.len() as u64 })
    }
}

/// Reads the snapshot in a take's folder; an unreadable one is logged and counts as none.
pub(crate) fn read(folder: &Path, id: TakeId) -> Option<TranscriptSnapshot> {
    let result = match read_bounded(&folder.join(FILE_NAME)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => read_version_1(folder),
        json => json.and_then(|json| parse(&json)).map(Some),
    };
    result.unwrap_or_else(|error| {
        warn!(take.id = %id, %error, "A take's transcript cannot be read");
        None
    })
}

/// Writes a transcript of the version before in the form of now. Call it before the record is
/// written anew: as long as that is an old one, this is tried again.
pub(crate) fn upgrade(folder: &Path, id: TakeId) -> Result<(), SpoolError> {
    let path = folder.join(FILE_NAME);
    let read = read_version_1(folder).map_err(SpoolError::disk("read", folder));
    match read {
        Ok(Some(transcript)) if !path.exists() => {
            let json = json(id, &transcript)?;
            durable::write(&path, &json).map_err(SpoolError::disk("write", &path))?;
        }
        Ok(_) => {}
        // A damaged one counts as none; it stays where it is.
        Err(error) => {
            warn!(take.id = %id, %error, "A take's transcript cannot be read");
            return Ok(());
        }
    }
    let old = folder.join(VERSION_1_FILE_NAME);
    match std::fs::remove_file(&old) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(SpoolError::disk("remove", &old)(error))
        }
        _ => Ok(()),
    }
}

/// Reads the file that spools had before `transcript.json`; `None` if there is none.
fn read_version_1(folder: &Path) -> io::Result<Option<TranscriptSnapshot>> {
    let json = match read_bounded(&folder.join(VERSION_1_FILE_NAME)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        json => json?,
    };
    let mut fields: serde_json::Map<String, serde_json::Value> = parse(&json)?;
    for (before, now) in [("heard_by", "transcribed_by"), ("made_by", "insights_by")] {
        if let Some(value) = fields.remove(before) {
            fields.insert(now.to_owned(), value);
        }
    }
    serde_json::from_value(fields.into())
        .map(Some)
        .map_err(|_| damaged("a field is missing or wrong".to_owned()))
}

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut json = Vec::new();
    File::open(path)?.take(MAX_BYTES as u64 + 1).read_to_end(&mut json)?;
    Ok(json)
}

fn parse<T: DeserializeOwned>(json: &[u8]) -> io::Result<T> {
    // The text of a JSON error may repeat what was read; its line and column do not.
    let place =
        |error: serde_json::Error| format!("line {}, column {}", error.line(), error.column());
    serde_json::from_slice(json).map_err(|error| damaged(place(error)))
}

fn damaged(place: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("it is damaged: {place}"))
}
