//! [`SpoolError`]: what went wrong with a take on this computer.

use std::io;
use std::path::PathBuf;

use thiserror::Error;
use vignette_fmp4::FormatError;
use vignette_model::{ErrorCode, Problem, TakeId};

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
    /// Bytes that are no whole pieces of a stream.
    #[error("the bytes for take {id} are no whole piece: {source}")]
    NotAPiece {
        /// Which take.
        id: TakeId,
        /// What is wrong with them.
        source: FormatError,
    },
    /// There is less room on the disk than a recording needs to end well.
    #[error("only {free_bytes} bytes are free in {}", dir.display())]
    Full {
        /// Where takes are kept.
        dir: PathBuf,
        /// What is left there.
        free_bytes: u64,
    },
    /// The disk did not do what it was asked.
    #[error("{action} {}: {source}", path.display())]
    Disk {
        /// What was tried: "write", "read", …
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it did not work.
        source: io::Error,
    },
}

impl From<SpoolError> for Problem {
    fn from(error: SpoolError) -> Self {
        let message = error.to_string();
        match error {
            SpoolError::NotFound(_) => Self::new(ErrorCode::NotFound, message),
            SpoolError::AlreadyThere(_) | SpoolError::Recording(_) => Self::new(ErrorCode::Conflict, message),
            SpoolError::Elsewhere(_) => {
                Self::new(ErrorCode::Conflict, message).with_help("Use the program that has it open, or close that one first.")
            }
            SpoolError::NotAPiece { source, .. } => source.into(),
            SpoolError::Full { .. } => {
                Self::new(ErrorCode::NoSpace, "There is not enough room on this computer's disk to record.")
                    .with_help("Free some space on this computer and try again.")
            }
            SpoolError::Disk { ref source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                Self::new(ErrorCode::NoSpace, message)
                    .with_help("Free some space on this computer. Everything recorded until now is kept.")
            }
            SpoolError::Disk { .. } => {
                Self::new(ErrorCode::Internal, message).with_help("Check the disk and the folder's permissions and try again.")
            }
        }
    }
}
