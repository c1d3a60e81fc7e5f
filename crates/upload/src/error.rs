//! What can go wrong between a recorder and a library. Inside this crate these enums are matched
//! on; a person is shown the [`Problem`] that each becomes in one place, here.

use std::time::Duration;

use thiserror::Error;
use url::Url;
use vignette_model::{ErrorCode, Problem};
use vignette_spool::SpoolError;

use crate::policy::{Failure, GiveUp};

/// The text is not the address of a library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("This is not the address of a library.")]
pub struct NotALibraryAddress;

/// Why a call of the library's API did not succeed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ClientError {
    /// No answer came, or not all of it.
    #[error("The library at {library} could not be reached: {reason}.")]
    Unreachable {
        /// The library.
        library: Url,
        /// The cause, without the address that was asked, which may be a secret.
        reason: String,
    },
    /// Something answered, but not as a library does: a proxy, or the log-in page of a hotel's
    /// network.
    #[error("What answers at {library} is not a Vignette library (status {status}).")]
    NotALibrary {
        /// The library that was meant.
        library: Url,
        /// The HTTP status.
        status: u16,
    },
    /// The answer sends on to another address. It is not followed.
    #[error("What answers at {library} sends on to another address.")]
    Redirected {
        /// The library that was meant.
        library: Url,
        /// Where to, if that is another server.
        origin: Option<String>,
    },
    /// The answer is JSON of another shape than this version reads.
    #[error("The library at {library} gave an answer that this version does not know.")]
    UnknownAnswer {
        /// The library.
        library: Url,
    },
    /// The answer is longer than any of a library.
    #[error("The library at {library} gave an answer of more than {max_bytes} bytes.")]
    AnswerTooLarge {
        /// The library.
        library: Url,
        /// The bound.
        max_bytes: usize,
    },
    /// A proxy in front of the library refused the size of a request.
    #[error("This is more than is taken at once on the way to the library.")]
    ProxyLimit,
    /// The library refused.
    #[error("{problem}")]
    Refused {
        /// What it said.
        problem: Problem,
        /// How long it asks not to be asked again (RFC 9110 §10.2.3).
        retry_after: Option<Duration>,
    },
    /// The library gave an upload address that is not one of its own.
    #[error("The library gave an upload address that is none.")]
    UploadAddress,
    /// No client could be made.
    #[error("The connection could not be prepared: {reason}.")]
    SetUp {
        /// The cause.
        reason: String,
    },
}

impl ClientError {
    /// The code that a person's program reads: of a refusal the library's own.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Unreachable { .. }
            | Self::NotALibrary { .. }
            | Self::Redirected { .. }
            | Self::UnknownAnswer { .. }
            | Self::AnswerTooLarge { .. } => ErrorCode::Unreachable,
            Self::ProxyLimit => ErrorCode::TooLarge,
            Self::Refused { problem, .. } => problem.code,
            Self::UploadAddress => ErrorCode::BadRequest,
            Self::SetUp { .. } => ErrorCode::Internal,
        }
    }

    /// Whether the library does not know the token.
    #[must_use]
    pub fn is_unknown_token(&self) -> bool {
        self.code() == ErrorCode::SignInNeeded
    }

    /// Whether it is in vain to ask again as long as nobody does something about it.
    fn is_refusal(&self) -> bool {
        let code = self.code();
        matches!(code, ErrorCode::SignInNeeded | ErrorCode::NotAllowed | ErrorCode::NotFound)
    }

    /// What it means for what is done next. The codes of a library are read here and nowhere else.
    pub(crate) fn failure(&self) -> Failure {
        let code = match self {
            Self::Unreachable { .. }
            | Self::NotALibrary { .. }
            | Self::Redirected { .. }
            | Self::UnknownAnswer { .. }
            | Self::AnswerTooLarge { .. } => return Failure::Unanswered,
            Self::ProxyLimit => return Failure::TooLarge,
            Self::UploadAddress => return Failure::Rejected,
            Self::SetUp { .. } => return Failure::Local,
            Self::Refused { problem, .. } => problem.code,
        };
        match code {
            ErrorCode::Internal | ErrorCode::Unreachable => Failure::Unanswered,
            ErrorCode::OffsetMismatch => Failure::OffsetMismatch,
            ErrorCode::Conflict => Failure::Conflict,
            ErrorCode::DigestMismatch => Failure::DigestMismatch,
            ErrorCode::NotFound => Failure::NotFound,
            ErrorCode::NotAStream => Failure::NotAStream,
            ErrorCode::Damaged => Failure::Damaged,
            ErrorCode::TooLarge => Failure::TooLarge,
            ErrorCode::SignInNeeded => Failure::SignInNeeded,
            ErrorCode::BadRequest | ErrorCode::NotAllowed => Failure::Rejected,
            ErrorCode::PasswordNeeded
            | ErrorCode::TooManyRequests
            | ErrorCode::RangeNotSatisfiable
            | ErrorCode::NoSpace
            | ErrorCode::CannotWrite
            | ErrorCode::SourceUnavailable
            | ErrorCode::NotOnThisSystem => Failure::Refused,
        }
    }

    /// How long the library asks not to be asked again.
    #[must_use]
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

/// Why a sign-in through the browser gave no token.
#[derive(Debug, Error)]
pub enum SignInError {
    /// The person said no.
    #[error("The sign-in was declined in the browser.")]
    Declined,
    /// The person did not come back in time.
    #[error("Nobody signed in within five minutes.")]
    TimedOut,
    /// The browser's answer cannot be received.
    #[error("The browser's answer cannot be received on this computer: {0}.")]
    NoLoopback(#[from] std::io::Error),
    /// There is nothing to make a verifier of.
    #[error("This computer gives no random numbers: {0}.")]
    NoRandomness(getrandom::Error),
    /// The library did not give the token.
    #[error(transparent)]
    Client(#[from] ClientError),
}

/// What stands between a take and its library.
#[derive(Debug, Error)]
pub(crate) enum UploadError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Spool(#[from] SpoolError),
    #[error(transparent)]
    Address(#[from] NotALibraryAddress),
    #[error("Only {read_bytes} of {wanted_bytes} bytes of the take could be read.")]
    ShortRead { read_bytes: usize, wanted_bytes: usize },
    #[error("The take could not be read.")]
    ReaderDied,
    #[error("This recorder is not signed in to the library.")]
    SignedOut,
    #[error("The clip was deleted in the library.")]
    ClipDeleted,
}

impl UploadError {
    /// Whether it is in vain to send again as long as nobody does something about it.
    pub(crate) fn is_refusal(&self) -> bool {
        match self {
            Self::Client(error) => error.is_refusal(),
            Self::SignedOut | Self::ClipDeleted => true,
            Self::Spool(error) => matches!(error, SpoolError::NotFound(_)),
            Self::Address(_) | Self::ShortRead { .. } | Self::ReaderDied => false,
        }
    }

    /// What it means for what is done next.
    pub(crate) fn failure(&self) -> Failure {
        match self {
            Self::Client(error) => error.failure(),
            Self::Address(_) => Failure::Rejected,
            Self::SignedOut => Failure::SignInNeeded,
            Self::ClipDeleted => Failure::NotFound,
            Self::Spool(_) | Self::ShortRead { .. } | Self::ReaderDied => Failure::Local,
        }
    }

    /// How long the library asks not to be asked again.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Client(error) => error.retry_after(),
            _ => None,
        }
    }
}

/// Why a recording begins without its link.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoLink {
    /// The spool has no such take.
    #[error("There is no such take.")]
    NoSuchTake,
    /// The take names no library.
    #[error("This take stays on this computer.")]
    NoLibrary,
    /// No answer came within the budget.
    #[error("The library gave no link in time; the recording goes on and the link comes later.")]
    NotInTime,
    /// The uploader was shut down.
    #[error("Sending has been stopped.")]
    Stopped,
    /// What stands between the take and its library.
    #[error("{0}")]
    Problem(Problem),
}

impl From<NotALibraryAddress> for Problem {
    fn from(error: NotALibraryAddress) -> Self {
        Self::new(ErrorCode::BadRequest, error.to_string()).with_help(
            "Write it like https://clips.example.org, without anything after the name and port.",
        )
    }
}

impl From<&ClientError> for Problem {
    fn from(error: &ClientError) -> Self {
        let problem = Self::new(error.code(), error.to_string());
        match error {
            ClientError::NotALibrary { .. } => problem.with_help(
                "Check the address. In a hotel or café, log in to the network first; behind a \
                 proxy, see that it finds the library.",
            ),
            ClientError::Redirected { origin: Some(origin), .. } => problem.with_help(format!(
                "If you trust {origin}, use {origin} as the \
                    library's address."
            )),
            ClientError::Redirected { origin: None, .. } => problem.with_help("Check the address."),
            ClientError::UnknownAnswer { .. } => {
                problem.with_help("Bring Vignette and the library to the same version.")
            }
            ClientError::ProxyLimit => problem.with_help(
                "Raise the limit for request bodies in the proxy in front of \
                    the library.",
            ),
            ClientError::Refused { problem, .. } => problem.clone(),
            ClientError::Unreachable { .. }
            | ClientError::AnswerTooLarge { .. }
            | ClientError::UploadAddress
            | ClientError::SetUp { .. } => problem,
        }
    }
}

impl From<ClientError> for Problem {
    fn from(error: ClientError) -> Self {
        Self::from(&error)
    }
}

impl From<&SignInError> for Problem {
    fn from(error: &SignInError) -> Self {
        let message = error.to_string();
        match error {
            SignInError::Declined => Self::new(ErrorCode::NotAllowed, message)
                .with_help("Try again if that was not meant."),
            SignInError::TimedOut => Self::new(ErrorCode::SignInNeeded, message)
                .with_help("Try again when you are ready."),
            SignInError::NoLoopback(_) => Self::new(ErrorCode::Internal, message)
                .with_help("Make a token on the library's page and paste it instead."),
            SignInError::NoRandomness(_) => Self::new(ErrorCode::Internal, message),
            SignInError::Client(error) => error.into(),
        }
    }
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        Self::from(&error)
    }
}

impl From<UploadError> for Problem {
    fn from(error: UploadError) -> Self {
        let message = error.to_string();
        match error {
            UploadError::Client(error) => error.into(),
            UploadError::Spool(error) => error.into(),
            UploadError::Address(error) => error.into(),
            UploadError::ShortRead { .. } | UploadError::ReaderDied => {
                Self::new(ErrorCode::Internal, message)
            }
            UploadError::SignedOut => Self::new(ErrorCode::SignInNeeded, message)
                .with_help("Sign in to the library. The clip is kept on this computer until then."),
            UploadError::ClipDeleted => Self::new(ErrorCode::NotFound, message)
                .with_help("It is still on this computer: upload it again, or delete it here too."),
        }
    }
}

impl From<GiveUp> for Problem {
    fn from(reason: GiveUp) -> Self {
        let code = match reason {
            GiveUp::NotFound => ErrorCode::NotFound,
            GiveUp::NotAStream => ErrorCode::NotAStream,
            GiveUp::Damaged => ErrorCode::Damaged,
            GiveUp::DigestMismatch => ErrorCode::DigestMismatch,
            GiveUp::EndedEarly => ErrorCode::Conflict,
            GiveUp::TooLarge => ErrorCode::TooLarge,
        };
        Self::new(code, reason.to_string())
            .with_help("It is still on this computer: upload it again.")
    }
}

impl From<NoLink> for Problem {
    fn from(error: NoLink) -> Self {
        let message = error.to_string();
        match error {
            NoLink::NoSuchTake => Self::new(ErrorCode::NotFound, message),
            NoLink::NoLibrary => Self::new(ErrorCode::BadRequest, message)
                .with_help("Choose a library for it first."),
            NoLink::NotInTime | NoLink::Stopped => Self::new(ErrorCode::Unreachable, message),
            NoLink::Problem(problem) => problem,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refusal_needs_somebody_who_does_something() {
        let refused = |code| {
            let problem = Problem::new(code, "No.");
            UploadError::from(ClientError::Refused { problem, retry_after: None }).is_refusal()
        };
        for code in [ErrorCode::SignInNeeded, ErrorCode::NotAllowed, ErrorCode::NotFound] {
            assert!(refused(code), "{code}");
        }
        for code in [ErrorCode::TooManyRequests, ErrorCode::Internal, ErrorCode::NoSpace] {
            assert!(!refused(code), "{code} may be over by itself");
        }
        assert!(UploadError::SignedOut.is_refusal() && !UploadError::ReaderDied.is_refusal());
    }
}
