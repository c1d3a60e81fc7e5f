//! [`TranscribeError`]: why a speech model cannot be downloaded or used.

use std::io;
use std::path::PathBuf;

use thiserror::Error;
use vignette_model::{ErrorCode, Problem, Sha256};

/// Why a speech model cannot be had or used.
#[derive(Debug, Error)]
pub enum TranscribeError {
    /// The file is not a speech model, or not one of a kind that is known.
    #[error("{} is not a speech model that Vignette knows: {why}", path.display())]
    NotAModel {
        /// The file.
        path: PathBuf,
        /// What the engine says.
        why: String,
    },
    /// The processor lacks instructions that the speech engine is built from.
    #[error("this computer's processor has no {feature}, which speech recognition needs")]
    OldProcessor {
        /// What it lacks.
        feature: &'static str,
    },
    /// The engine failed on an utterance of sound.
    #[error("the speech model failed: {0}")]
    Engine(String),
    /// No model is known by that name.
    #[error("no speech model is called {0}")]
    UnknownModel(String),
    /// The model was not downloaded yet.
    #[error("the speech model {0} is not on this computer yet")]
    NotHere(String),
    /// Nothing answered at the address the model comes from, or it broke off.
    #[error("{host} could not be reached or broke off: {why}")]
    Unreachable {
        /// Whom it was asked of.
        host: String,
        /// What the network says.
        why: String,
    },
    /// The address answered, but not with the model.
    #[error("{host} answered {status} instead of sending {name}")]
    Refused {
        /// Whom it was asked of.
        host: String,
        /// The model.
        name: String,
        /// The HTTP status.
        status: u16,
    },
    /// What came is not what it should be.
    #[error("{name} did not arrive as it should be: its SHA-256 is {found}")]
    WrongBytes {
        /// The model.
        name: String,
        /// The digest of what came.
        found: Sha256,
    },
    /// There is no room for the model.
    #[error("there is no room for {name}: it needs {needed_bytes} bytes and {free_bytes} are free")]
    NoRoom {
        /// The model.
        name: String,
        /// What it still takes.
        needed_bytes: u64,
        /// What there is.
        free_bytes: u64,
    },
    /// The download was called off.
    #[error("the download of {0} was stopped")]
    Cancelled(String),
    /// The same model is being downloaded already.
    #[error("{0} is being downloaded already")]
    Busy(String),
    /// The model folder does not work.
    #[error("{}: {error}", path.display())]
    Disk {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
}

impl TranscribeError {
    pub(crate) fn disk(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        |error| Self::Disk { path, error }
    }
}

impl From<TranscribeError> for Problem {
    fn from(error: TranscribeError) -> Self {
        let (code, help) = match &error {
            TranscribeError::NotAModel { .. } => (
                ErrorCode::BadRequest,
                "Choose a GGUF file of a model in the list, or another that transcribe.cpp \
                 can read.",
            ),
            TranscribeError::OldProcessor { .. } => (
                ErrorCode::NotOnThisSystem,
                "Everything but the transcript works here. Another computer, or a speech endpoint \
                 that you set up, can make it.",
            ),
            TranscribeError::Engine(_) => (
                ErrorCode::Internal,
                "Try again, or choose another model; the recording itself is safe.",
            ),
            TranscribeError::UnknownModel(_) => {
                (ErrorCode::NotFound, "`vignette models list` shows what there is.")
            }
            TranscribeError::NotHere(_) => {
                (ErrorCode::Conflict, "Download it first, or choose a file that you have.")
            }
            TranscribeError::Unreachable { .. } => (
                ErrorCode::Unreachable,
                "Check the network and try again: what has arrived is kept. A mirror can be \
                 set instead.",
            ),
            TranscribeError::Refused { .. } => (
                ErrorCode::Unreachable,
                "Try again later, set a mirror, or get the file in another way and choose it here.",
            ),
            TranscribeError::WrongBytes { .. } => (
                ErrorCode::DigestMismatch,
                "It was thrown away. Try again; if it stays, the mirror has another file by \
                 that name.",
            ),
            TranscribeError::NoRoom { .. } => {
                (ErrorCode::NoSpace, "Free some space, or choose a smaller model.")
            }
            TranscribeError::Cancelled(_) => {
                (ErrorCode::Conflict, "What has arrived is kept; the next try goes on from there.")
            }
            TranscribeError::Busy(_) => (ErrorCode::Conflict, "Wait for it, or stop it first."),
            TranscribeError::Disk { .. } => {
                (ErrorCode::Internal, "Check that the folder is there and may be written to.")
            }
        };
        Self::new(code, format!("{}.", capitalised(&error.to_string()))).with_help(help)
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_says_what_happened_and_what_to_do() {
        let problem = Problem::from(TranscribeError::OldProcessor { feature: "AVX2" });
        assert_eq!(
            problem.message,
            "This computer's processor has no AVX2, which speech recognition needs."
        );
        assert!(problem.help.ends_with('.'));
    }
}
