//! [`GivenFiles`]: the files that the person gave to the app, by a dialog of the system or by
//! dropping them on the window. A page names one by the number it was given under, never by a path,
//! so it can read no other file.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::StudioError;

/// How many are remembered; the oldest are forgotten first.
const REMEMBERED: usize = 256;

/// Under what number a file was given. No number is used twice while the app runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(transparent)]
pub struct FileNumber(u32);

/// A file as the page knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct GivenFile {
    number: FileNumber,
    /// Its name, without the folders that it lies in.
    name: String,
}

/// Those that were given and not yet used.
#[derive(Debug, Default)]
pub struct GivenFiles(Mutex<Given>);

#[derive(Debug, Default)]
struct Given {
    last: u32,
    files: VecDeque<(FileNumber, PathBuf)>,
}

impl GivenFiles {
    /// Notes that the person gave this file.
    pub fn give(&self, path: &Path) -> GivenFile {
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        given.last += 1;
        let number = FileNumber(given.last);
        given.files.push_back((number, path.to_owned()));
        if given.files.len() > REMEMBERED {
            given.files.pop_front();
        }
        GivenFile {
            number,
            name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        }
    }

    /// Where the file is that was given under this number, once.
    ///
    /// # Errors
    /// [`StudioError::NotGiven`] if there is none, or not any more.
    pub fn take(&self, number: FileNumber) -> Result<PathBuf, StudioError> {
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = given.files.iter().position(|(known, _)| *known == number);
        at.and_then(|at| given.files.remove(at)).map(|(_, path)| path).ok_or(StudioError::NotGiven)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_had_once_and_only_if_it_was_given() {
        let files = GivenFiles::default();
        let (one, other) = (
            files.give(Path::new("/home/ada/one.mp4")),
            files.give(Path::new("/home/ada/other.mp4")),
        );
        assert_eq!(
            (one.name.as_str(), other.name.as_str()),
            ("one.mp4", "other.mp4"),
            "the page learns no folder"
        );
        assert_eq!(files.take(other.number).unwrap(), Path::new("/home/ada/other.mp4"));
        assert!(matches!(files.take(other.number), Err(StudioError::NotGiven)), "it is used up");
        assert!(matches!(files.take(FileNumber(99)), Err(StudioError::NotGiven)));
        assert_eq!(files.take(one.number).unwrap(), Path::new("/home/ada/one.mp4"));
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let files = GivenFiles::default();
        let first = files.give(Path::new("first"));
        let later: Vec<_> =
            (0..REMEMBERED).map(|n| files.give(Path::new(&n.to_string()))).collect();
        assert!(files.take(first.number).is_err());
        assert!(later.into_iter().all(|file| files.take(file.number).is_ok()));
    }
}
