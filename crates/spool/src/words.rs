//! `words.json`: what a machine has made of a take's sound so far, as one snapshot. It can be made again from the stream,
//! so a damaged one counts as none.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use tracing::warn;
use vignette_durable as durable;
use vignette_model::TakeId;
use vignette_model::words::{MAX_CHAPTERS, MAX_CUES, MachineWords, WordsMark};

use crate::{Spool, SpoolError, Take, record};

/// More than ten hours of speech come to.
const MAX_BYTES: usize = 16 << 20;

fn path(folder: &Path) -> PathBuf {
    folder.join("words.json")
}

impl Spool {
    /// Keeps the words of a take in place of those before. They get the next revision, whatever `words` says; it stands in
    /// the take that this gives.
    ///
    /// # Errors
    /// [`SpoolError::TooManyWords`]; else as [`Spool::update`]. Then the words before are still there.
    pub fn put_words(&self, id: TakeId, words: MachineWords) -> Result<Take, SpoolError> {
        let owned = self.owned(id)?;
        let take = {
            let mut state = owned.state();
            let path = path(&owned.folder);
            // Whichever is newer: a crash may have come between the words and the record.
            let before = state.take.words.map_or(0, |mark| mark.version).max(read(&path, id).map_or(0, |words| words.revision));
            let words = MachineWords { revision: before + 1, ..words };
            let json = json(id, &words)?;
            durable::write(&path, &json).map_err(SpoolError::disk("write", &path))?;
            let mark = WordsMark { version: words.revision, done: words.done };
            let take = Take { words: Some(mark), ..state.take.clone() };
            record::write(&owned.folder, &take)?;
            state.take = take.clone();
            take
        };
        self.tell(id);
        Ok(take)
    }

    /// The words of a take, if there are any.
    #[must_use]
    pub fn words(&self, id: TakeId) -> Option<MachineWords> {
        read(&path(&self.folder(id)), id)
    }
}

/// The file's contents, if they are within what a take may have.
fn json(id: TakeId, words: &MachineWords) -> Result<Vec<u8>, SpoolError> {
    let parts = words.insights.chapters.len().max(words.insights.tasks.len());
    let json = serde_json::to_vec(words).map_err(|error| SpoolError::disk("write", Path::new("words.json"))(error.into()))?;
    let fits = words.cues.len() <= MAX_CUES && parts <= MAX_CHAPTERS && json.len() <= MAX_BYTES;
    if fits { Ok(json) } else { Err(SpoolError::TooManyWords { id, size_bytes: json.len() as u64 }) }
}

fn read(path: &Path, id: TakeId) -> Option<MachineWords> {
    let mut json = Vec::new();
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => {
            warn!(take.id = %id, %error, "A take's words cannot be read");
            return None;
        }
    };
    let read = file.take(MAX_BYTES as u64 + 1).read_to_end(&mut json).map_err(|error| error.to_string());
    // The text of a JSON error may repeat what was read; its place does not.
    let place = |error: serde_json::Error| format!("line {}, column {}", error.line(), error.column());
    match read.and_then(|_| serde_json::from_slice(&json).map_err(place)) {
        Ok(words) => Some(words),
        Err(error) => {
            warn!(take.id = %id, %error, "A take's words are damaged");
            None
        }
    }
}
