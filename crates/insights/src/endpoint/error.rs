//! [`EndpointError`]: why an endpoint gave nothing that can be used.

use std::fmt;
use std::time::Duration;

use thiserror::Error;
use vignette_http::AddressError;
use vignette_model::text::Label;
use vignette_model::{ErrorCode, Problem};

use super::check::RejectedAnswer;

/// What stays whatever an endpoint does.
const KEPT: &str = "Until then the summary that was made on this computer stays.";

/// Which endpoint it was, for people: never a path or a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointName {
    /// The model.
    pub model: Label,
    /// The host that it was asked of.
    pub host: String,
}

impl fmt::Display for EndpointName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "model {} at {}", self.model, self.host)
    }
}

/// Why an endpoint gave nothing that can be used. What a refusal says is in none of it: it may
/// quote what was sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EndpointError {
    /// The text is not the address of an endpoint.
    #[error("This is not the address of a model.")]
    Address(#[from] AddressError),
    /// No client could be made.
    #[error("The connection could not be prepared: {reason}.")]
    SetUp {
        /// The cause.
        reason: String,
    },
    /// No answer came, or it broke off.
    #[error("The {name} could not be reached: {reason}.")]
    Unreachable {
        /// Which endpoint.
        name: EndpointName,
        /// The cause.
        reason: String,
    },
    /// The answer did not come in time.
    #[error("The {name} did not answer within {} seconds.", timeout.as_secs_f32())]
    TooSlow {
        /// Which endpoint.
        name: EndpointName,
        /// How long all questions may take together.
        timeout: Duration,
    },
    /// It answered with a status that is no success.
    #[error("{}", refusal(name, *status).1)]
    Refused {
        /// Which endpoint.
        name: EndpointName,
        /// The HTTP status.
        status: u16,
    },
    /// The answer cannot be used.
    #[error("The answer of the {name} cannot be used: {reason}.")]
    Unusable {
        /// Which endpoint.
        name: EndpointName,
        /// Why.
        reason: UnusableAnswer,
    },
    /// There are too many cues.
    #[error("The transcript is too long for {max_parts} questions to a model.")]
    TooLong {
        /// The most questions about one transcript.
        max_parts: usize,
    },
    /// There are no cues.
    #[error("Nothing was said, so there is nothing to sum up.")]
    NothingSaid,
}

/// Why an answer cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum UnusableAnswer {
    /// It has more bytes than any answer that is of use.
    #[error("it is far too long")]
    TooLong,
    /// It is not JSON of the shape that was asked for.
    #[error("it is not what was asked for")]
    OtherShape,
    /// It is not a transcript with times.
    #[error("it is not a transcript with times")]
    NoTimes,
    /// It does not hold against what was said.
    #[error(transparent)]
    Rejected(#[from] RejectedAnswer),
}

impl From<EndpointError> for Problem {
    fn from(error: EndpointError) -> Self {
        let (code, help) = match &error {
            EndpointError::Address(_) => {
                let help = "Write it like http://localhost:11434/v1 or https://api.example.org/v1; \
                    the key has a field of its own.";
                return Self::new(ErrorCode::BadRequest, error.to_string()).with_help(help);
            }
            EndpointError::SetUp { .. } => {
                return Self::new(ErrorCode::Internal, error.to_string());
            }
            EndpointError::NothingSaid => {
                let problem = Self::new(ErrorCode::BadRequest, error.to_string());
                return problem.with_help("Record something with your microphone on.");
            }
            EndpointError::TooLong { .. } => {
                return Self::new(ErrorCode::TooLarge, error.to_string()).with_help(KEPT);
            }
            EndpointError::Unreachable { .. } => {
                (ErrorCode::Unreachable, "Start it, or correct its address in the settings.")
            }
            EndpointError::TooSlow { .. } => (
                ErrorCode::Unreachable,
                "Choose a smaller model or give it more time in the settings.",
            ),
            EndpointError::Unusable { .. } => {
                (ErrorCode::Unreachable, "Try again or choose another model.")
            }
            EndpointError::Refused { name, status } => {
                let (code, _, help) = refusal(name, *status);
                (code, help)
            }
        };
        Self::new(code, error.to_string()).with_help(format!("{help} {KEPT}"))
    }
}

/// What a status means: the code, the sentence, and what to do.
fn refusal(name: &EndpointName, status: u16) -> (ErrorCode, String, &'static str) {
    match status {
        401 | 403 => (
            ErrorCode::NotAllowed,
            format!("The {name} does not accept the key."),
            "Enter its API key again in the settings.",
        ),
        404 | 405 => (
            ErrorCode::NotFound,
            format!("The {name} is not there."),
            "Check the model's name, and that the address ends as its maker says, mostly in /v1.",
        ),
        413 => (
            ErrorCode::TooLarge,
            format!("The {name} does not take as much at once."),
            "Choose a model that takes more.",
        ),
        429 => (
            ErrorCode::TooManyRequests,
            format!("The {name} was asked too often."),
            "Wait, or look at the limits of the account.",
        ),
        300..=399 => (
            ErrorCode::Unreachable,
            format!("The {name} sends on to another address."),
            "If you trust that address, enter it in the settings.",
        ),
        500..=599 => (
            ErrorCode::Unreachable,
            format!("The {name} failed (status {status})."),
            "Look at its own messages.",
        ),
        other => (
            ErrorCode::BadRequest,
            format!("The {name} did not take the question (status {other})."),
            "Check that the model is made for this, and that the clip is not too long for it.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_says_what_to_do_and_what_stays() {
        let name = EndpointName { model: Label::new("m").unwrap(), host: "localhost".to_owned() };
        for status in [400, 401, 404, 413, 429, 302, 500] {
            let problem = Problem::from(EndpointError::Refused { name: name.clone(), status });
            assert!(
                problem.message.starts_with("The model m at localhost "),
                "{status}: {problem:?}"
            );
            assert!(
                problem.help.ends_with(KEPT) && problem.help.len() > KEPT.len() + 10,
                "{status}: {problem:?}"
            );
        }
    }
}
