//! [`StudioError`]: why the studio did not do what it was asked, with the data that identifies the
//! case. What a person is shown is the [`Problem`] that each becomes in one place, here.

use std::io;

use thiserror::Error;
use tokio::task::JoinError;
use url::Url;
use vignette_model::text::TextError;
use vignette_model::{ErrorCode, Problem, TakeId};
use vignette_recorder::{
    ClientError, CredentialsError, EndpointError, NotALibraryAddress, RecorderError, SignInError,
    TranscribeError,
};
use vignette_server::RunError;

/// Why the studio did not do what it was asked.
#[derive(Debug, Error)]
pub enum StudioError {
    /// There is no take to pause, stop or cancel.
    #[error("nothing is being recorded")]
    NothingRecording,
    /// No take of that id is on this computer.
    #[error("there is no take {0}")]
    NoSuchTake(TakeId),
    /// Nothing opens the library.
    #[error("not signed in to {library}")]
    NotSignedIn {
        /// Its address.
        library: Url,
    },
    /// The library does not know the token that was given.
    #[error("{library} does not know this token")]
    UnknownToken {
        /// Its address.
        library: Url,
    },
    /// This computer's own library.
    #[error("this computer's own library cannot be opened: {0}")]
    OwnLibrary(#[source] RunError),
    /// The thread that lists devices panicked.
    #[error("devices cannot be listed: {0}")]
    Devices(#[source] JoinError),
    /// No window of another program is called so.
    #[error("there is no window called {wanted}")]
    NoSuchWindow {
        /// What was looked for.
        wanted: String,
        /// The titles of those that can be recorded.
        there: Vec<String>,
    },
    /// One window is to be recorded, and nobody has said which.
    #[error("no window is chosen")]
    NoWindowChosen,
    /// A file that the person did not give, or whose number was used before.
    #[error("no file was given under this number")]
    NotGiven,
    /// Only `http` and `https` are opened in the browser.
    #[error("{scheme} is not a scheme of web pages")]
    NotAWebPage {
        /// The scheme that was asked for.
        scheme: String,
    },
    /// The text is not a web address.
    #[error("not a web address: {text}")]
    NotAnAddress {
        /// What was entered.
        text: String,
    },
    /// An endpoint without a model's name, or with one that cannot be one.
    #[error("an endpoint needs the name of a model: {0}")]
    EndpointModel(#[source] TextError),
    /// No app of this person runs that could be asked.
    #[error("the app does not run")]
    AppNotRunning,
    /// The app was started, and ended before it could be asked.
    #[error("the app could not be started")]
    AppNotStarted,
    /// The app runs and gave no answer.
    #[error("the app gave no answer: {0}")]
    AppSilent(#[source] io::Error),
    /// The app was asked, and says why it did not do it.
    #[error("{}", .0.message)]
    AppRefused(Box<Problem>),
    /// A library that answers does not bring the end of a clip.
    #[error("the clip did not become playable in time")]
    NotPlayable,
    /// A text of ours does not fit into its type.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The recorder.
    #[error(transparent)]
    Recorder(#[from] RecorderError),
    /// A library.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The person gave up a sign-in in their browser.
    #[error("the sign-in was cancelled")]
    SignInCancelled,
    /// The library on this computer did not take the name that its owner chose.
    #[error("the name cannot be changed: {}", .0.message)]
    NotRenamed(Problem),
    /// Signing in by the browser.
    #[error(transparent)]
    SignIn(#[from] SignInError),
    /// The address of a library.
    #[error(transparent)]
    Address(#[from] NotALibraryAddress),
    /// The files of tokens and keys.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// A speech model.
    #[error(transparent)]
    Transcribe(#[from] TranscribeError),
    /// An endpoint.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
}

impl From<StudioError> for Problem {
    fn from(error: StudioError) -> Self {
        let internal = |message: String| Self::new(ErrorCode::Internal, message);
        match error {
            StudioError::NothingRecording => {
                Self::new(ErrorCode::Conflict, "Nothing is being recorded")
                    .with_help("Press record first.")
            }
            StudioError::NoWindowChosen => Self::new(ErrorCode::Conflict, "No window is chosen.")
                .with_help("Choose the window to record, or record the screen."),
            StudioError::NoSuchTake(take) => {
                let message = format!("There is no take {take} on this computer.");
                Self::new(ErrorCode::NotFound, message)
            }
            StudioError::NotSignedIn { library } => {
                Self::new(ErrorCode::SignInNeeded, format!("Not signed in to {library}")).with_help(
                    format!("Run `vignette sign-in {library}`, or give a token with --token."),
                )
            }
            StudioError::UnknownToken { library } => {
                Self::new(ErrorCode::SignInNeeded, format!("{library} does not know this token"))
                    .with_help(
                        "Make a new access token on the library's page “Account”, or sign in with \
                         the browser.",
                    )
            }
            StudioError::OwnLibrary(error) => {
                internal(format!("This computer's own library cannot be opened: {error}"))
            }
            StudioError::Devices(error) => internal(format!("Devices cannot be listed: {error}")),
            StudioError::NoSuchWindow { wanted, there } => {
                let help = if there.is_empty() {
                    "No window of another program is open. Open it, and try again.".to_owned()
                } else {
                    format!("Choose one of these: {}.", there.join(", "))
                };
                let message = format!("There is no window called “{wanted}”");
                Self::new(ErrorCode::SourceUnavailable, message).with_help(help)
            }
            StudioError::NotGiven => {
                Self::new(ErrorCode::NotAllowed, "This file was not given to Vignette.")
                    .with_help("Choose the file again, or drop it on the window.")
            }
            StudioError::NotAWebPage { .. } => {
                Self::new(ErrorCode::BadRequest, "Only web addresses can be opened")
            }
            StudioError::NotAnAddress { text } => {
                Self::new(ErrorCode::BadRequest, format!("“{text}” is not a web address."))
                    .with_help("Write it like https://models.example.org, or leave it empty.")
            }
            StudioError::EndpointModel(_) => {
                Self::new(ErrorCode::BadRequest, "An endpoint needs the name of a model.")
                    .with_help("Enter it as the endpoint calls it.")
            }
            StudioError::AppNotRunning => {
                Self::new(ErrorCode::Unreachable, "Vignette is not running.")
                    .with_help("Open the app, or run `vignette start`.")
            }
            StudioError::AppNotStarted => {
                Self::new(ErrorCode::Unreachable, "Vignette could not be started.")
                    .with_help("Open it by hand to see why.")
            }
            StudioError::AppSilent(error) => {
                internal(format!("Vignette is running and does not answer: {error}"))
                    .with_help("Look at its window, and try again.")
            }
            StudioError::AppRefused(problem) => *problem,
            StudioError::NotPlayable => {
                internal("The library did not bring the end of the clip in time.".to_owned())
            }
            StudioError::SignInCancelled => {
                Self::new(ErrorCode::NotAllowed, "The sign-in was cancelled.")
                    .with_help("Sign in again when you want to.")
            }
            StudioError::NotRenamed(problem) => problem,
            StudioError::Text(error) => internal(error.to_string()),
            StudioError::Recorder(error) => error.into(),
            StudioError::Client(error) => error.into(),
            StudioError::SignIn(error) => error.into(),
            StudioError::Address(error) => error.into(),
            StudioError::Credentials(error) => error.into(),
            StudioError::Transcribe(error) => error.into(),
            StudioError::Endpoint(error) => error.into(),
        }
    }
}
