//! [`SpoolError`]: what went wrong with a take on this computer.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;
use vignette_fmp4::FormatError;
use vignette_model::{ErrorCode, Problem, TakeId};

use crate::free_space::FULL_BYTES;

/// What went wrong with a take on this computer.
#[derive(Debug, Error)]
pub enum SpoolError {
    /// No such take.
    #[error("there is no take {0}")]
    NotFound(TakeId),
    /// A take of that id is already there.
    #[error("take {0} is already there")]
    AlreadyThere(TakeId),
    /// Another running program writes or uploads it.
    #[error("take {0} belongs to another running program")]
    Elsewhere(TakeId),
    /// It is still being recorded by this program.
    #[error("take {0} is still being recorded")]
    Recording(TakeId),
    /// It was ended before anything that can be seen was recorded.
    #[error("nothing was recorded in take {0}")]
    Nothing(TakeId),
    /// Bytes that are no whole pieces of a stream.
    #[error("the bytes for take {id} are no whole pieces: {source}")]
    NotAPiece {
        /// Which take.
        id: TakeId,
        /// What is wrong with them.
        source: FormatError,
    },
    /// A transcript that is larger than a take may have.
    #[error("the transcript of take {id} is too large: {size_bytes} bytes")]
    TranscriptTooLarge {
        /// Which take.
        id: TakeId,
        /// How much they are.
        size_bytes: u64,
    },
    /// There is less room on the disk than a recording needs to end well.
    #[error("only {free_bytes} bytes are free for {}", folder.display())]
    Full {
        /// Where takes are kept.
        folder: PathBuf,
        /// What is left there.
        free_bytes: u64,
    },
    /// The disk did not do what it was asked.
    #[error("could not {action} {}: {source}", path.display())]
    Disk {
        /// What was tried: "write", "read", …
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it did not work.
        source: io::Error,
    },
}

impl SpoolError {
    /// Turns what the system said into an error that says what was tried on what.
    pub(crate) fn disk(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Disk { action, path: path.to_owned(), source }
    }
}

impl From<SpoolError> for Problem {
    fn from(error: SpoolError) -> Self {
        Self::from(&error)
    }
}

impl From<&SpoolError> for Problem {
    fn from(error: &SpoolError) -> Self {
        let message = match error {
            SpoolError::NotFound(_) => "This clip is not on this computer.".to_owned(),
            SpoolError::AlreadyThere(_) => "This clip is already on this computer.".to_owned(),
            SpoolError::Elsewhere(_) => {
                "Another running Vignette has this clip in its hands.".to_owned()
            }
            SpoolError::Recording(_) => "This is still being recorded.".to_owned(),
            SpoolError::Nothing(_) => "It was stopped before anything was recorded.".to_owned(),
            SpoolError::NotAPiece { source, .. } => return source.clone().into(),
            SpoolError::TranscriptTooLarge { .. } => {
                "So much was said that not all of it could be kept as text.".to_owned()
            }
            SpoolError::Full { folder, free_bytes } => {
                let (free, kept) = (free_bytes / 1_000_000, FULL_BYTES / 1_000_000);
                format!(
                    "Only {free} MB are free on the disk of {}, and {kept} MB are kept free there.",
                    folder.display()
                )
            }
            SpoolError::Disk { action, path, source } => match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    format!("There is no space left on the disk of {}.", path.display())
                }
                io::ErrorKind::ReadOnlyFilesystem => {
                    format!("The disk of {} is read-only.", path.display())
                }
                _ => format!("Could not {action} {}: {source}.", path.display()),
            },
        };
        match error {
            SpoolError::NotFound(_) => Self::new(ErrorCode::NotFound, message),
            SpoolError::TranscriptTooLarge { .. } => Self::new(ErrorCode::TooLarge, message),
            SpoolError::Elsewhere(_) => Self::new(ErrorCode::Conflict, message)
                .with_help("Use the window that has it open, or close that one first."),
            SpoolError::Full { .. } => Self::new(ErrorCode::NoSpace, message)
                .with_help("Free some space there and try again."),
            SpoolError::Disk { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    Self::new(ErrorCode::NoSpace, message).with_help(
                        "Free some space there and try again. What was kept before is still there.",
                    )
                }
                io::ErrorKind::ReadOnlyFilesystem => Self::new(ErrorCode::CannotWrite, message)
                    .with_help("Make the disk writable and try again."),
                _ => Self::new(ErrorCode::Internal, message)
                    .with_help("Check the disk and the rights of the folder, and try again."),
            },
            _ => Self::new(ErrorCode::Conflict, message),
        }
    }
}
