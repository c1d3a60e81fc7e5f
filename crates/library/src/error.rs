//! [`LibraryError`]: why the library did not do what it was asked, with the data that identifies the case.
//!
//! Its `Display` is a sentence for the log. What a person is shown is a [`Problem`](vignette_model::Problem), made of it in
//! [`crate::problem`] by whoever answers them; there it is logged, too, if it [is a fault](LibraryError::is_fault).

use std::error::Error;
use std::ops::RangeInclusive;

use tokio::task::JoinError;
use vignette_fmp4::FormatError;
use vignette_model::text::TextError;
use vignette_model::{Micros, RecordingId, Span};

use crate::media::MediaError;
use crate::store::{StoreError, StoreErrorKind};

/// Something that was asked for and is not there, or that the requester may not know of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// A clip.
    Clip,
    /// An upload: its secret opens none.
    Upload,
    /// A reply.
    Reply,
    /// A reaction.
    Reaction,
    /// A clip's captions.
    Captions,
    /// A clip's chapters.
    Chapters,
    /// A clip's transcript.
    Transcript,
    /// A clip's poster.
    Poster,
    /// One of the requester's sessions.
    Session,
    /// One of the requester's tokens.
    Token,
    /// An invitation in the list of open ones.
    Invitation,
    /// A job.
    Job,
    /// An account.
    Account,
    /// An invitation or set-up link that still makes an account.
    OpenInvitation,
    /// A link that still resets a password.
    OpenReset,
}

/// Which limit a size exceeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SizeLimit {
    /// Bytes of one append.
    Append,
    /// Bytes of one clip.
    Clip,
    /// Bytes of a poster.
    Poster,
    /// Bytes of a reply's HTML.
    ReplyHtml,
}

/// Why a text that belongs to a transcript is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TranscriptError {
    /// Revision 0.
    #[error("snapshots are counted from 1")]
    Revision,
    /// A cue without a length.
    #[error("the cue at {start} does not end after it begins")]
    CueWithoutLength {
        /// Where it begins.
        start: Micros,
    },
    /// Two chapters at one instant.
    #[error("two chapters begin at {start}")]
    TwoChapters {
        /// Where they begin.
        start: Micros,
    },
}

/// Why an authorization code is not given, or not exchanged for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthorizationError {
    /// The code would leave this computer.
    #[error("a sign-in code is only sent to a program on the same computer")]
    NotLoopback,
    /// The challenge was made by another method than S256.
    #[error("the code challenge has to be made by S256")]
    ChallengeMethod,
    /// The challenge is no base64url of 32 bytes.
    #[error("the code challenge is not the base64url of a SHA-256")]
    Challenge,
    /// Another grant than `authorization_code`.
    #[error("the grant type is not authorization_code")]
    GrantType,
    /// The code is unknown, used or expired, or verifier or address do not fit it.
    #[error("this sign-in code opens nothing any more")]
    Code,
}

/// Why the library did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    // Who asks -----------------------------------------------------------------------------------------------------------
    /// This needs an account.
    #[error("this needs an account in the library")]
    AccountNeeded,
    /// The session has ended or never was.
    #[error("you are not signed in any more")]
    SessionEnded,
    /// The token has ended or never was.
    #[error("this token opens nothing here")]
    UnknownToken,
    /// Not a token but a person at a browser has to ask for this.
    #[error("a token cannot do this")]
    NotByToken,
    /// This is for those who have a session.
    #[error("this is for those signed in with a browser")]
    SessionNeeded,
    /// The password was typed more than ten minutes ago.
    #[error("this asks for a password that was typed in the last ten minutes")]
    PasswordNeeded,
    /// Only an administrator may.
    #[error("only an administrator of the library can do this")]
    AdminOnly,
    /// Only the clip's author may.
    #[error("only its author can do this to a clip")]
    AuthorOnly,
    /// Only the reply's writer may.
    #[error("somebody else wrote this reply")]
    WriterOnly,
    /// The clip's author takes replies of members alone.
    #[error("only members can reply to this clip")]
    MembersOnly,
    /// The account is suspended: said to its own person, once their password was right.
    #[error("your account is suspended")]
    Suspended,

    // Passwords ----------------------------------------------------------------------------------------------------------
    /// Nobody has this login with this password. Never says which of the two is wrong.
    #[error("the sign-in name or the password is not right")]
    WrongLogin,
    /// A password that was typed again is wrong.
    #[error("the password is not right")]
    WrongPassword,
    /// The present password, typed to change it, is wrong.
    #[error("the present password is not right")]
    WrongPresentPassword,
    /// A new password is too short or too long.
    #[error("a password has {} to {} characters", chars.start(), chars.end())]
    PasswordLength {
        /// How many characters it may have.
        chars: RangeInclusive<usize>,
    },
    /// Too many tries for one login.
    #[error("this sign-in name was tried too often")]
    TriedTooOften {
        /// How many seconds to wait.
        wait_secs: u64,
    },
    /// The queue in front of the hashing threads is full.
    #[error("too many people are signing in at once")]
    TooManySignIns,

    // People -------------------------------------------------------------------------------------------------------------
    /// Another account has this login, or one that looks like it.
    #[error("that sign-in name is taken")]
    LoginTaken,
    /// The last administrator would be gone.
    #[error("nobody would be left to look after the library")]
    LastAdmin,
    /// Another's account has to be open for this.
    #[error("this account is suspended")]
    AccountNotOpen,
    /// A code is not given or not exchanged.
    #[error(transparent)]
    Authorization(#[from] AuthorizationError),

    // What is there ------------------------------------------------------------------------------------------------------
    /// It is not there, or not for the requester.
    #[error("there is no such {0:?}")]
    NotFound(Missing),
    /// A page begins after nothing that there is.
    #[error("there is no page after that")]
    NoSuchPage,
    /// A search is too long.
    #[error("a search has at most {most_chars} characters")]
    SearchTooLong {
        /// How many characters it may have.
        most_chars: usize,
    },
    /// The clip is kept back while it is being recorded.
    #[error("this clip is still being recorded")]
    StillRecording,
    /// No fragment of the clip has arrived.
    #[error("nothing of this clip has arrived yet")]
    NothingArrived,
    /// The clip is not one file yet.
    #[error("this clip is not one file yet")]
    NotSealed,
    /// The range lies outside the file.
    #[error("this has {size_bytes} bytes")]
    Range {
        /// Size of the file.
        size_bytes: u64,
    },

    // Uploads ------------------------------------------------------------------------------------------------------------
    /// Another offset is the acknowledged one.
    #[error("the upload has {offset_bytes} bytes")]
    OffsetMismatch {
        /// The acknowledged offset.
        offset_bytes: u64,
    },
    /// The bytes of an append have another digest than their sender says.
    #[error("the bytes are not those that their digest was made of")]
    DigestMismatch,
    /// The stream as a whole has another digest than its sender says.
    #[error("the stream as a whole is not the one that its digest was made of")]
    StreamDigestMismatch,
    /// The bytes are no stream.
    #[error("this is not a stream that the library takes: {0}")]
    NotAStream(#[source] FormatError),
    /// The stream has no fragment.
    #[error("there is nothing in this stream to play")]
    NothingToPlay,
    /// The stream has, or will have, another length than was said before.
    #[error("the stream does not end where the upload said that it would")]
    AnotherLength,
    /// The upload is complete.
    #[error("the upload is complete")]
    UploadComplete,
    /// Something is larger than its limit.
    #[error("{limit:?} is limited to {most_bytes} bytes")]
    TooLarge {
        /// Which limit.
        limit: SizeLimit,
        /// The most bytes.
        most_bytes: u64,
    },
    /// A poster is no JPEG.
    #[error("a poster is a JPEG picture")]
    NotAJpeg,

    // Transcript ---------------------------------------------------------------------------------------------------------
    /// More cues, chapters or tasks than a clip has room for.
    #[error("a clip has at most {most} {noun}, and these are {count}")]
    TooMany {
        /// Of what: "cues".
        noun: &'static str,
        /// How many there are.
        count: usize,
        /// How many there may be.
        most: usize,
    },
    /// A part of a transcript cannot be meant.
    #[error(transparent)]
    Transcript(#[from] TranscriptError),
    /// The cue to be changed is not there any more.
    #[error("the transcript has no cue that begins at {start} any more")]
    CueGone {
        /// Where it began.
        start: Micros,
    },
    /// A moment is later than any clip is long.
    #[error("no clip has a moment that late")]
    MomentTooLate,
    /// A range ends where it begins, or before.
    #[error("a range ends after it begins")]
    RangeEndsTooEarly,
    /// An anchor lies behind what there is of its clip.
    #[error("there is nothing in the clip after {duration}")]
    BehindTheClip {
        /// What has arrived of the clip.
        duration: Span,
    },

    // Replies ------------------------------------------------------------------------------------------------------------
    /// The reply to follow up is not there.
    #[error("the reply that this follows up is not there")]
    ParentGone,
    /// The reply to follow up is a follow-up itself.
    #[error("a follow-up has no follow-ups of its own")]
    ParentIsFollowUp,
    /// A guest gave no name.
    #[error("a reply has a name under it")]
    GuestNameMissing,
    /// A guest gave a member's name, or one that looks like it.
    #[error("somebody with an account here has this name, or one that looks like it")]
    GuestNameTaken,
    /// The clip takes no more replies.
    #[error("this clip takes no more replies")]
    RepliesFull,
    /// The clip takes no more replies of guests.
    #[error("this clip takes no more replies from guests")]
    GuestRepliesFull,
    /// The clip has as many reactions as it may have.
    #[error("this clip has as many reactions as it may have")]
    ReactionsFull,
    /// The clip has as many reactions of guests as it may have.
    #[error("this clip has as many reactions of guests as it may have")]
    GuestReactionsFull,
    /// Somebody has reacted as often as one may.
    #[error("you have reacted to this clip as often as one may")]
    EnoughReactions,

    // Faults: not the requester's doing, their details are for the log --------------------------------------------------
    /// Rows could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Bytes could not be read or written.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// Bytes that were acknowledged are not a stream any more: the disk has changed them.
    #[error("the acknowledged bytes of recording {recording} are not a stream any more")]
    Damaged {
        /// Whose.
        recording: RecordingId,
        /// What is wrong with them.
        source: FormatError,
    },
    /// The media gave back other bytes than were copied, while the original is sound.
    #[error("the media gave back other bytes of recording {recording} than were copied")]
    BadCopy {
        /// Whose.
        recording: RecordingId,
    },
    /// A task panicked or was cancelled.
    #[error("work ended early: {doing}")]
    Task {
        /// What it did.
        doing: &'static str,
        /// How it ended.
        source: JoinError,
    },
    /// No thread could be started to hash passwords on, or one of them stopped.
    #[error("the threads that hash passwords do not work")]
    Hashing,
    /// Argon2 or the system's random numbers failed.
    #[error("a password could not be hashed")]
    HashFailed,
    /// A name that the library made itself is not one.
    #[error("a name could not be made")]
    Name(#[from] TextError),
}

impl LibraryError {
    /// Whether the library failed, rather than the request: whoever turns it into an answer logs it.
    #[must_use]
    pub const fn is_fault(&self) -> bool {
        matches!(
            self,
            Self::Store(_)
                | Self::Media(_)
                | Self::Damaged { .. }
                | Self::BadCopy { .. }
                | Self::Task { .. }
                | Self::Hashing
                | Self::HashFailed
                | Self::Name(_)
        )
    }

    /// Whether the disk refuses writes at the moment; what lies on it can still be read then.
    #[must_use]
    pub const fn is_disk(&self) -> bool {
        match self {
            Self::Store(error) => error.kind.is_disk(),
            Self::Media(error) => {
                matches!(error, MediaError::NoSpace { .. } | MediaError::CannotWrite { .. })
            }
            _ => false,
        }
    }

    /// Whether that is since there is no space left on it.
    #[must_use]
    pub fn is_full_disk(&self) -> bool {
        match self {
            Self::Store(error) => error.kind == StoreErrorKind::NoSpace,
            Self::Media(error) => matches!(error, MediaError::NoSpace { .. }),
            _ => false,
        }
    }
}

/// An error with what caused it, on one line, for the log.
#[must_use]
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        let said = source.to_string();
        // Some errors say their cause in their own sentence.
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = source.source();
    }
    text
}
