//! What a person is told when something did not work: [`Problem`], `{ code, message, help }`.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:tt, $status:literal, $help:literal;)*) => {
        /// What went wrong, for programs. Only codes that somebody reads are listed; the HTTP status belongs to the code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl ErrorCode {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code as it stands in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// The HTTP status that goes with it.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status),* }
            }

            /// What a person can usually do about it.
            #[must_use]
            pub const fn help(self) -> &'static str {
                match self { $(Self::$name => $help),* }
            }
        }
    };
}

codes! {
    /// A header, a field or an address is not what it should be.
    BadRequest = "bad_request", 400, "Correct what the message names and send it again.";
    /// The bytes are not what their digest says.
    DigestMismatch = "digest_mismatch", 400, "The bytes changed on the way. Send them again.";
    /// The bytes are not a stream this library takes.
    NotAStream = "not_a_stream", 422, "Upload an MP4 that Vignette recorded, or let `vignette upload` prepare the file.";
    /// No token or session, or one that opens nothing.
    SignInNeeded = "sign_in_needed", 401, "Sign in to the library again.";
    /// Signed in, but this asks for a password that was typed lately.
    PasswordNeeded = "password_needed", 403, "Type your password again.";
    /// Signed in, but this is not theirs to do.
    NotAllowed = "not_allowed", 403, "Ask the clip's author or an owner of the library.";
    /// No such thing, or nothing the asker may know of.
    NotFound = "not_found", 404, "Check the link; it may have been replaced or the clip deleted.";
    /// Another writer was first; the true offset is in `Upload-Offset`.
    OffsetMismatch = "offset_mismatch", 409, "Go on from the offset in the Upload-Offset header.";
    /// Not possible in the state the thing is in.
    Conflict = "conflict", 409, "Look at its present state and try again.";
    /// More than is taken at once.
    TooLarge = "too_large", 413, "Send less at once; the limits are in the Upload-Limit header.";
    /// Asked too often.
    TooManyRequests = "too_many_requests", 429, "Wait a moment and try again.";
    /// The part of a file that was asked for does not exist.
    RangeNotSatisfiable = "range_not_satisfiable", 416, "Ask for a part that lies within the file.";
    /// The library has no room left.
    NoSpace = "no_space", 507, "Free some space where the library keeps its data.";
    /// The disk under the library takes no writes: it is mounted read-only, or the rights of the folder forbid them.
    CannotWrite = "cannot_write", 503, "Make the disk and the folder of the library's data writable; it goes on by itself then.";
    /// What the library had made durable is not what it reads back.
    Damaged = "damaged", 500, "Keep the recording, and tell whoever runs the library that its disk is failing.";
    /// The library's own fault.
    Internal = "internal", 500, "Try again; if it stays, the library's log says more.";
    /// A device or screen could not be used.
    SourceUnavailable = "source_unavailable", 503, "Check that it is plugged in and not used by another program.";
    /// Not built yet for this operating system.
    NotOnThisSystem = "not_on_this_system", 501, "Use another source; the README lists what works where.";
    /// The library could not be reached.
    Unreachable = "unreachable", 503, "Check the address and the network; nothing is lost meanwhile.";
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a person sees when something did not work: what happened, and what they can do.
#[derive(
    Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error, utoipa::ToSchema,
)]
#[error("{message}")]
pub struct Problem {
    /// What went wrong, for programs.
    pub code: ErrorCode,
    /// What went wrong, in a sentence for people.
    pub message: String,
    /// What they can do about it.
    pub help: String,
}

impl Problem {
    /// A problem with the code's usual help.
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: code.help().to_owned() }
    }

    /// The same problem with better help than the usual.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_its_own_json() {
        for &code in ErrorCode::ALL {
            assert_eq!(serde_json::to_string(&code).unwrap(), format!("\"{code}\""));
            assert!((400..=599).contains(&code.status()), "{code} is an error");
            assert!(code.help().ends_with('.'), "{code} says what to do in a sentence");
        }
    }
}
