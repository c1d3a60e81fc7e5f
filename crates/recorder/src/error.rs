//! [`RecorderError`]: why the recorder did not do what it was asked, with the data that identifies
//! the case. What a person is shown is the [`Problem`] that each becomes in one place, here.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;
use tokio::task::JoinError;
use vignette_capture::CaptureError;
use vignette_encode::{EncodeError, MAX_SOUND_SOURCES};
use vignette_insights::EndpointError;
use vignette_model::{ErrorCode, Problem};
use vignette_spool::SpoolError;
use vignette_transcribe::TranscribeError;
use vignette_upload::CredentialsError;

/// Why the recorder did not do what it was asked, or a take ended before a person wanted it.
#[derive(Debug, Error)]
pub enum RecorderError {
    /// One take runs at a time.
    #[error("a recording is running already")]
    AlreadyRecording,
    /// Nothing was thrown away lately that could be brought back.
    #[error("there is no discarded take")]
    NothingDiscarded,
    /// Every source is off, or none was chosen.
    #[error("there is nothing to record")]
    NothingToRecord,
    /// More sources of sound than a stream has tracks for.
    #[error("{count} sources of sound, more than {MAX_SOUND_SOURCES}")]
    TooManySounds {
        /// How many were chosen.
        count: usize,
    },
    /// A source of pictures was opened and gave none.
    #[error("{name} gives no picture")]
    NoPicture {
        /// The source, as a person knows it.
        name: String,
    },
    /// The spool writer has ended before the take.
    #[error("the spool writer takes no pieces any more")]
    NotKept,
    /// A piece could not be appended. Shared by the end of the take, which has to know of it even
    /// if the conductor does not listen any more.
    #[error("a piece could not be appended: {0}")]
    NotAppended(Arc<SpoolError>),
    /// There is so little room left that the recording was stopped.
    #[error("recording stopped: {free_bytes} bytes are free for {}", folder.display())]
    DiskFull {
        /// The folder of takes.
        folder: PathBuf,
        /// What is left there.
        free_bytes: u64,
    },
    /// A thread of a take panicked.
    #[error("a thread of a take broke off")]
    BrokeOff {
        /// Whether some of the take is in the spool.
        kept: bool,
    },
    /// The thread that conducts a take is gone, and said nothing of how it ended.
    #[error("the conductor of a take is gone")]
    ConductorGone,
    /// A thread of a take could not be started.
    #[error("no thread for a take: {0}")]
    NoTakeThread(#[source] io::Error),
    /// The thread of a rehearsal could not be started.
    #[error("no thread for a rehearsal: {0}")]
    NoRehearsalThread(#[source] io::Error),
    /// Work on a blocking thread panicked or was cancelled.
    #[error("a thread of the recorder broke off: {0}")]
    Thread(#[from] JoinError),
    /// The operating system names no home folder for this person.
    #[error("no home folder")]
    NoHomeFolder,
    /// The file of settings is there, and cannot be read or understood.
    #[error("the settings in {} cannot be read: {reason}", path.display())]
    SettingsUnreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The disk did not take the settings.
    #[error("the settings cannot be kept: {0}")]
    SettingsNotKept(#[source] io::Error),
    /// No speech model is here, and no endpoint was named.
    #[error("there is no speech model on this computer")]
    NoSpeechModel,
    /// The take to transcribe is not in the spool.
    #[error("there is no such take")]
    NoSuchTake,
    /// The speech model needs longer for speech than the speech lasts.
    #[error("the speech model is too slow to keep up")]
    ModelTooSlow,
    /// The speech model did not come to the end.
    #[error("the speech model did not come to the end of the recording")]
    TranscriptUnfinished,
    /// A take could not be written as a file.
    #[error("the recording cannot be saved as {}: {reason}", path.display())]
    NotSaved {
        /// Where to.
        path: PathBuf,
        /// What the disk said, or what is wrong with the stream.
        reason: io::Error,
    },
    /// A source.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// The encoder, or a file that was to be taken in.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The spool.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// A speech model.
    #[error(transparent)]
    Transcribe(#[from] TranscribeError),
    /// An endpoint.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The files of tokens and keys.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
}

impl From<RecorderError> for Problem {
    fn from(error: RecorderError) -> Self {
        let internal = |message: String| Self::new(ErrorCode::Internal, message);
        match error {
            RecorderError::AlreadyRecording => {
                Self::new(ErrorCode::Conflict, "A recording is running already")
                    .with_help("Stop it first.")
            }
            RecorderError::NothingDiscarded => {
                Self::new(ErrorCode::NotFound, "There is no discarded recording to bring back.")
                    .with_help("A recording can be brought back for ten seconds.")
            }
            RecorderError::NothingToRecord => {
                Self::new(ErrorCode::BadRequest, "There is nothing to record")
                    .with_help("Choose a screen, a camera or a microphone.")
            }
            RecorderError::TooManySounds { .. } => {
                let message =
                    format!("A take can have {MAX_SOUND_SOURCES} sources of sound at most");
                Self::new(ErrorCode::BadRequest, message).with_help("Choose fewer.")
            }
            RecorderError::NoPicture { name } => {
                Self::new(ErrorCode::SourceUnavailable, format!("{name} gives no picture"))
            }
            RecorderError::NotKept => {
                internal("Recording stopped: it could not be kept any more".into())
                    .with_help("Everything up to here is kept. Record the rest as another clip.")
            }
            RecorderError::NotAppended(error) => (&*error).into(),
            RecorderError::DiskFull { folder, free_bytes } => {
                let (folder, free) = (folder.display(), free_bytes / 1_000_000);
                let message = format!(
                    "Recording stopped: only {free} MB are free on the disk of {folder}. \
                     Everything up to here is kept"
                );
                Self::new(ErrorCode::NoSpace, message)
                    .with_help("Free some space, then record the rest as another clip.")
            }
            RecorderError::BrokeOff { kept } => internal(
                "The recording broke off: something went wrong in Vignette.".into(),
            )
            .with_help(if kept {
                "Everything up to the last seconds is kept. Record the rest as another clip."
            } else {
                "Nothing had been kept yet. Record it again."
            }),
            RecorderError::ConductorGone => internal("The recording broke off".into()),
            RecorderError::NoTakeThread(error) => {
                internal(format!("The recording could not be started: {error}"))
            }
            RecorderError::NoRehearsalThread(error) => {
                internal(format!("Camera and microphone cannot be tried: {error}"))
            }
            RecorderError::Thread(error) => {
                internal(format!("A thread of the recorder broke off: {error}"))
            }
            RecorderError::NoHomeFolder => {
                internal("This computer names no home folder to keep takes in".into())
                    .with_help("Set VIGNETTE_HOME to a folder of your own.")
            }
            RecorderError::SettingsUnreadable { path, reason } => {
                internal(format!("The settings in {} cannot be read: {reason}", path.display()))
                    .with_help(
                        "Correct the file, or move it away to begin with the usual settings.",
                    )
            }
            RecorderError::SettingsNotKept(error) => {
                internal(format!("The settings cannot be kept: {error}"))
                    .with_help("Check the disk and the folder's permissions and try again.")
            }
            RecorderError::NoSpeechModel => {
                let message = "There is no speech model on this computer, so nothing is \
                               transcribed.";
                Self::new(ErrorCode::NotFound, message).with_help(
                    "Get one in the settings or with `vignette models get`; takes without a \
                     transcript get theirs then.",
                )
            }
            RecorderError::NoSuchTake => Self::new(ErrorCode::NotFound, "There is no such take."),
            RecorderError::ModelTooSlow => {
                let message = "The speech model is too slow on this computer to keep up.";
                Self::new(ErrorCode::NotOnThisSystem, message).with_help(
                    "The transcript is made after the recording. A smaller model keeps up.",
                )
            }
            RecorderError::TranscriptUnfinished => {
                internal("The speech model did not come to the end of the recording.".into())
                    .with_help("It is tried again by itself; if it stays, choose another model.")
            }
            RecorderError::NotSaved { path, reason } => internal(format!(
                "The recording could not be saved as {}: {reason}",
                path.display()
            ))
            .with_help("Choose another folder, or free some space, and try again."),
            RecorderError::Capture(error) => error.into(),
            RecorderError::Encode(error) => error.into(),
            RecorderError::Spool(error) => (&error).into(),
            RecorderError::Transcribe(error) => error.into(),
            RecorderError::Endpoint(error) => error.into(),
            RecorderError::Credentials(error) => error.into(),
        }
    }
}
