//! How a command ended: [`Exit`] and [`Failure`], and the number that tells other programs.

use std::process::ExitCode;

use vignette_model::{ErrorCode, Problem};

/// How a command that did something ended. The numbers are part of the interface and stand in
/// `--help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Done = 0,
    Failed = 1,
    NotUnderstood = 2,
    SourceUnavailable = 3,
    KeptHere = 4,
    Refused = 5,
    NotRunning = 6,
    Cancelled = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) Problem);

impl Failure {
    pub(crate) fn other(message: impl Into<String>) -> Self {
        Self(Problem::new(ErrorCode::Internal, message))
    }

    pub(crate) fn exit(&self) -> Exit {
        match self.0.code {
            ErrorCode::SourceUnavailable | ErrorCode::NotOnThisSystem => Exit::SourceUnavailable,
            ErrorCode::SignInNeeded | ErrorCode::NotAllowed => Exit::Refused,
            _ => Exit::Failed,
        }
    }
}

impl<P: Into<Problem>> From<P> for Failure {
    fn from(problem: P) -> Self {
        Self(problem.into())
    }
}
