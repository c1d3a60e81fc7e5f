//! What a person is told of a [`LibraryError`]: the one place where it becomes `{ code, message, help }`.

use vignette_model::{ErrorCode, Problem};

use crate::error::{LibraryError, Missing, SizeLimit};

impl LibraryError {
    /// The code of the [`Problem`] that it becomes.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::AccountNeeded
            | Self::SessionEnded
            | Self::UnknownToken
            | Self::MembersOnly
            | Self::WrongLogin => ErrorCode::SignInNeeded,
            Self::PasswordNeeded | Self::WrongPassword => ErrorCode::PasswordNeeded,
            Self::NotByToken
            | Self::SessionNeeded
            | Self::AdminOnly
            | Self::AuthorOnly
            | Self::WriterOnly
            | Self::Suspended => ErrorCode::NotAllowed,
            Self::NotFound(_) => ErrorCode::NotFound,
            Self::LoginTaken
            | Self::LastAdmin
            | Self::AccountNotOpen
            | Self::StillRecording
            | Self::NothingArrived
            | Self::NotSealed
            | Self::UploadComplete
            | Self::CueGone { .. } => ErrorCode::Conflict,
            Self::WrongPresentPassword
            | Self::PasswordLength { .. }
            | Self::Authorization(_)
            | Self::NoSuchPage
            | Self::SearchTooLong { .. }
            | Self::AnotherLength
            | Self::NotAJpeg
            | Self::Transcript(_)
            | Self::MomentTooLate
            | Self::RangeEndsTooEarly
            | Self::BehindTheClip { .. }
            | Self::ParentGone
            | Self::ParentIsFollowUp
            | Self::GuestNameMissing
            | Self::GuestNameTaken => ErrorCode::BadRequest,
            Self::TriedTooOften { .. }
            | Self::TooManySignIns
            | Self::RepliesFull
            | Self::GuestRepliesFull
            | Self::ReactionsFull
            | Self::GuestReactionsFull
            | Self::EnoughReactions => ErrorCode::TooManyRequests,
            Self::Range { .. } => ErrorCode::RangeNotSatisfiable,
            Self::OffsetMismatch { .. } => ErrorCode::OffsetMismatch,
            Self::DigestMismatch | Self::StreamDigestMismatch => ErrorCode::DigestMismatch,
            Self::NotAStream(_) | Self::NothingToPlay => ErrorCode::NotAStream,
            Self::TooLarge { .. } | Self::TooMany { .. } => ErrorCode::TooLarge,
            Self::Damaged { .. } => ErrorCode::Damaged,
            Self::Store(_) | Self::Media(_) if self.is_full_disk() => ErrorCode::NoSpace,
            Self::Store(_) | Self::Media(_) if self.is_disk() => ErrorCode::CannotWrite,
            Self::Store(_)
            | Self::Media(_)
            | Self::BadCopy { .. }
            | Self::Task { .. }
            | Self::Hashing
            | Self::HashFailed
            | Self::Name(_) => ErrorCode::Internal,
        }
    }

    /// The sentence for a person.
    fn message(&self) -> String {
        match self {
            Self::NotFound(missing) => missing.message().to_owned(),
            Self::TooLarge { limit, most_bytes } => limit.message(*most_bytes),
            Self::TooMany { noun, most, .. } => format!("A clip has at most {most} {noun}."),
            Self::Store(_) | Self::Media(_) if self.is_full_disk() => {
                "There is no space left on the library's disk.".to_owned()
            }
            Self::Store(_) | Self::Media(_) if self.is_disk() => {
                "The library's disk cannot be written at the moment.".to_owned()
            }
            Self::Store(_) => "The library could not read or write its records.".to_owned(),
            Self::Media(_) => "The library could not read or write the clip's bytes.".to_owned(),
            Self::Damaged { .. } => {
                "The clip's bytes are no stream any more where the library keeps them.".to_owned()
            }
            Self::BadCopy { .. } => "The media gave back other bytes than were copied.".to_owned(),
            Self::Task { .. } => "The library stopped in the middle of this.".to_owned(),
            Self::Hashing | Self::HashFailed => {
                "The password could not be checked or kept.".to_owned()
            }
            Self::Name(_) => "The library could not make a name for this.".to_owned(),
            other => sentence(&other.to_string()),
        }
    }

    /// What they can do about it, where that is more than is usual for the code.
    fn help(&self) -> Option<String> {
        let help = match self {
            Self::NotFound(missing) => missing.help()?,
            Self::NotByToken => "Sign in to the library with a browser and do it there.",
            Self::WriterOnly => "Its writer can change it; the clip's author can delete it.",
            Self::MembersOnly => "Sign in, or ask its author to let guests reply.",
            Self::Suspended => "Ask an administrator of the library.",
            Self::WrongLogin | Self::WrongPassword | Self::WrongPresentPassword => "Try again.",
            Self::PasswordLength { .. } => "Choose another; a few words in a row are good.",
            Self::TriedTooOften { wait_secs } => {
                return Some(format!("Wait {wait_secs} seconds and try again."));
            }
            Self::LoginTaken => "Choose another.",
            Self::LastAdmin => "Make somebody else an administrator first.",
            Self::AccountNotOpen => "Resume it first.",
            Self::Authorization(_) => "Begin again from the recorder.",
            Self::SearchTooLong { .. } => "Search for fewer words.",
            Self::StillRecording => "It can be watched as soon as the recording stops.",
            Self::NothingArrived => "Wait a moment and look again.",
            Self::NotSealed => "It plays as a stream meanwhile.",
            Self::StreamDigestMismatch => {
                "What the library has differs from what is on the sender's disk; keep it."
            }
            Self::AnotherLength => {
                "Send as many bytes as Upload-Length says, or begin another upload."
            }
            Self::TooLarge { limit: SizeLimit::Poster, .. } => "Make the picture smaller.",
            Self::TooLarge { limit: SizeLimit::ReplyHtml, .. } => {
                "Make it shorter, or use fewer links and signs."
            }
            Self::TooMany { noun, count, .. } => {
                return Some(format!("Send fewer {noun}: these are {count}."));
            }
            Self::CueGone { .. } => {
                "It was made anew meanwhile: look at it as it is now, and change it there."
            }
            Self::RangeEndsTooEarly => "Give it a later end, or none to mean a moment.",
            Self::BehindTheClip { .. } => "Pin the reply to something earlier.",
            Self::ParentGone => "It may have been deleted.",
            Self::ParentIsFollowUp => "Reply to the reply above it.",
            Self::GuestNameMissing => "Say who you are.",
            Self::GuestNameTaken => {
                "If it is you, sign in. Otherwise add something to it, such as your surname."
            }
            Self::RepliesFull => "Its author can delete some.",
            Self::GuestReactionsFull => "Sign in to react.",
            Self::EnoughReactions => "Take one of yours back first.",
            Self::GuestRepliesFull => "Sign in to reply, or ask its author to delete some.",
            _ => return None,
        };
        Some(help.to_owned())
    }
}

impl Missing {
    const fn message(self) -> &'static str {
        match self {
            Self::Clip => "There is no such clip.",
            Self::Upload => "There is no such upload.",
            Self::Reply => "There is no such reply.",
            Self::Reaction => "There is no such reaction.",
            Self::Captions => "This clip has no captions.",
            Self::Chapters => "This clip has no chapters.",
            Self::Transcript => "This clip has no transcript.",
            Self::Poster => "This clip has no poster.",
            Self::Session => "There is no such session.",
            Self::Token => "There is no such token.",
            Self::Invitation => "There is no such invitation.",
            Self::Job => "There is no such job.",
            Self::Account => "Nobody has such an account.",
            Self::OpenInvitation => "This invitation does not open the door any more.",
            Self::OpenReset => "This link changes no password any more.",
        }
    }

    const fn help(self) -> Option<&'static str> {
        Some(match self {
            Self::Upload => "Ask the library for the clip again.",
            Self::Reply | Self::Reaction => "It may have been deleted.",
            Self::Session | Self::Token => "It may have ended before.",
            Self::Invitation => {
                "It may have been used or revoked: look at the list of those that are open."
            }
            Self::Job => "It may be done: look at the list of jobs.",
            Self::Account => "Look at the list of people.",
            Self::OpenInvitation => {
                "Ask for a new one; the set-up link stands in the library's log."
            }
            Self::OpenReset => {
                "It works once and for a day. Ask an administrator of the library for another."
            }
            Self::Clip | Self::Captions | Self::Chapters | Self::Transcript | Self::Poster => {
                return None;
            }
        })
    }
}

impl SizeLimit {
    fn message(self, most_bytes: u64) -> String {
        match self {
            Self::Append => format!("The library takes at most {most_bytes} bytes at once."),
            Self::Clip => format!("The library takes at most {most_bytes} bytes for one clip."),
            Self::Poster => format!("A poster has at most {most_bytes} bytes."),
            Self::ReplyHtml => {
                format!("This reply becomes more than {} kB when it is laid out.", most_bytes >> 10)
            }
        }
    }
}

/// A sentence of the log as one for people: with a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars).chain(['.']).collect()
}

impl From<&LibraryError> for Problem {
    fn from(error: &LibraryError) -> Self {
        let problem = Self::new(error.code(), error.message());
        match error.help() {
            Some(help) => problem.with_help(help),
            None => problem,
        }
    }
}

impl From<LibraryError> for Problem {
    fn from(error: LibraryError) -> Self {
        Self::from(&error)
    }
}
