//! Why a source cannot be used: [`CaptureError`], and what a person can do about it.

use thiserror::Error;
use vignette_model::{ErrorCode, Problem, SourceKind};

/// Why a source could not be had or started.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CaptureError {
    /// The selector was *off*, but a source was requested.
    #[error("The {0} is off")]
    Off(SourceKind),
    /// There is no device of this kind.
    #[error("This computer has no {0}")]
    None(SourceKind),
    /// No device has this id or name.
    #[error("There is no {kind} called \u{201c}{wanted}\u{201d}")]
    Unknown {
        /// What was looked for.
        kind: SourceKind,
        /// The id or part of a name that was given.
        wanted: String,
        /// The names of the devices that are there.
        present: Vec<String>,
    },
    /// There is a sound server, but it does not allow recording.
    #[error("The sound server {what}")]
    SoundServer {
        /// What it does; completes a sentence that begins with its name.
        what: String,
    },
    /// The device is there but does not work.
    #[error("The {kind} \u{201c}{name}\u{201d} cannot be used: {why}")]
    Unusable {
        /// What kind of source.
        kind: SourceKind,
        /// Its name.
        name: String,
        /// What the system said.
        why: String,
        /// What the person can do.
        help: &'static str,
    },
    /// Vignette cannot do this on this system yet.
    #[error("{what} cannot be recorded yet")]
    NotOnThisSystem {
        /// What was asked for.
        what: &'static str,
        /// What the person can do instead.
        help: &'static str,
    },
    /// The device is there but cannot be captured in the requested way.
    #[error("{what}")]
    NotSupported {
        /// What cannot be done, as a sentence without its full stop.
        what: &'static str,
        /// What the person can do instead.
        help: &'static str,
    },
    /// No thread could be started.
    #[error("The {kind} could not be started: {why}")]
    NoThread {
        /// What kind of source.
        kind: SourceKind,
        /// What the system said.
        why: String,
    },
}

impl CaptureError {
    /// The same, worded to follow "because".
    pub(crate) fn reason(&self) -> String {
        let message = self.to_string();
        let mut letters = message.chars();
        letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect()
    }
}

impl From<CaptureError> for Problem {
    fn from(error: CaptureError) -> Self {
        let message = error.to_string();
        match error {
            CaptureError::Off(_) => Self::new(ErrorCode::BadRequest, message)
                .with_help("Choose a device, or leave this source out."),
            CaptureError::None(kind) => Self::new(ErrorCode::SourceUnavailable, message)
                .with_help(format!("Connect a {kind} and try again, or record without it.")),
            CaptureError::Unknown { kind, present, .. } if present.is_empty() => {
                Self::new(ErrorCode::SourceUnavailable, message).with_help(format!(
                    "This computer has no {kind} at the moment. Connect one and try again, or \
                     record without it."
                ))
            }
            CaptureError::Unknown { present, .. } => {
                Self::new(ErrorCode::SourceUnavailable, message)
                    .with_help(format!("Choose one of these: {}.", present.join(", ")))
            }
            CaptureError::SoundServer { .. } => Self::new(ErrorCode::SourceUnavailable, message)
                .with_help(
                    "See whether `pactl info` reaches it, which uses PULSE_SERVER and \
                     PULSE_COOKIE as Vignette does; or record without the microphone.",
                ),
            CaptureError::Unusable { help, .. } => {
                Self::new(ErrorCode::SourceUnavailable, message).with_help(help)
            }
            CaptureError::NotOnThisSystem { help, .. }
            | CaptureError::NotSupported { help, .. } => {
                Self::new(ErrorCode::NotOnThisSystem, message).with_help(help)
            }
            CaptureError::NoThread { .. } => Self::new(ErrorCode::SourceUnavailable, message)
                .with_help("Close some programs and try again."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_say_what_to_do() {
        let unknown = CaptureError::Unknown {
            kind: SourceKind::Camera,
            wanted: "x".into(),
            present: vec!["A".into(), "B".into()],
        };
        let problem = Problem::from(unknown);
        assert_eq!(problem.code, ErrorCode::SourceUnavailable);
        assert_eq!(
            problem.help, "Choose one of these: A, B.",
            "a wrong name is answered with the right ones"
        );
        assert_eq!(
            Problem::from(CaptureError::None(SourceKind::Microphone)).message,
            "This computer has no microphone"
        );
    }
}
