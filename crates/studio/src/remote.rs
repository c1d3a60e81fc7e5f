//! The running app as other programs of the same person speak to it: [`serve_remote`] answers for
//! it, [`ask_app`] asks.
//!
//! ```text
//!  vignette stop ─▶ control.socket ─▶ {"do":"stop"}
//!                                  ◀─ {"done":{"state":"idle",…}}  or  {"problem":{…}}
//! ```
//!
//! One line of JSON each way, then the connection ends. The socket lies in a folder of this person
//! alone, and who connects is asked by the system for whom they run.

use std::io;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{
    AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite,
    AsyncWriteExt as _, BufReader,
};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use vignette_model::{Problem, Span};
use vignette_recorder::{Paths, RecordingView};

use crate::{StudioError, TakeStatus};

#[cfg(unix)]
#[path = "remote/unix.rs"]
mod pipe;
#[cfg(windows)]
#[path = "remote/windows.rs"]
mod pipe;

/// Longer lines are not ours.
const MAX_LINE_BYTES: u64 = 16 << 10;
/// How long a program has to ask, or to take the answer.
const LINE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the app may take for what it is asked: devices that are opened can be slow.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
/// How long the app may take to start.
const START_TIMEOUT: Duration = Duration::from_secs(30);
/// How many programs are answered at the same time.
const MAX_CONNECTIONS: usize = 8;

/// What the running app can be asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemoteCommand {
    /// Record what was recorded last.
    Start,
    /// Pause the recording.
    Pause,
    /// Go on with it.
    Resume,
    /// Stop it, with its link on the clipboard.
    Stop,
    /// Stop it if it runs, start one otherwise.
    Toggle,
    /// Throw it away.
    Discard,
}

/// What the app does then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteStatus {
    /// What it is doing.
    pub state: RemoteState,
    /// How much has been recorded.
    pub duration_us: Span,
    /// The recording's link, once a library has given one.
    pub link: Option<String>,
}

/// What the app is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemoteState {
    /// It records nothing.
    #[default]
    Idle,
    /// A recording is about to begin.
    Countdown,
    /// It records.
    Recording,
    /// The recording is paused.
    Paused,
}

#[derive(Serialize, Deserialize)]
struct Request {
    #[serde(rename = "do")]
    command: RemoteCommand,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Done(RemoteStatus),
    Problem(Problem),
}

impl RemoteStatus {
    /// What a take shows; none: nothing is recorded. `link`: that of the take, also if it has
    /// ended.
    #[must_use]
    pub fn of(view: Option<&RecordingView>, link: Option<String>) -> Self {
        let (state, duration_us) = match view.map(TakeStatus::of).unwrap_or_default() {
            TakeStatus::Idle => (RemoteState::Idle, Span::ZERO),
            TakeStatus::Countdown => (RemoteState::Countdown, Span::ZERO),
            TakeStatus::Recording(duration) => (RemoteState::Recording, duration),
            TakeStatus::Paused(duration) => (RemoteState::Paused, duration),
        };
        Self { state, duration_us, link }
    }
}

/// Answers other programs of this person for as long as the app runs.
///
/// # Errors
/// What the system says if the socket cannot be opened: another app of this person has it, or its
/// folder cannot be written.
pub async fn serve_remote<F>(
    paths: &Paths,
    answer: impl Fn(RemoteCommand) -> F + Clone + Send + 'static,
) -> io::Result<()>
where
    F: Future<Output = Result<RemoteStatus, Problem>> + Send,
{
    vignette_durable::create_folder(&paths.runtime)?;
    let mut listener = pipe::Listener::open(&paths.runtime).await?;
    let free = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let Ok(place) = free.clone().acquire_owned().await else { return Ok(()) };
        let connection = match listener.accept().await {
            Ok(connection) => connection,
            Err(error) => {
                tracing::debug!(%error, "A program could not be answered");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let answer = answer.clone();
        tokio::spawn(async move {
            if let Err(error) = converse(connection, answer).await {
                tracing::debug!(%error, "A program was not answered");
            }
            drop(place);
        });
    }
}

async fn converse<F>(
    connection: impl AsyncRead + AsyncWrite + Unpin,
    answer: impl Fn(RemoteCommand) -> F,
) -> io::Result<()>
where
    F: Future<Output = Result<RemoteStatus, Problem>>,
{
    let mut connection = BufReader::new(connection);
    let Request { command } = timeout(LINE_TIMEOUT, read(&mut connection)).await??;
    let answer = match answer(command).await {
        Ok(status) => Answer::Done(status),
        Err(problem) => Answer::Problem(problem),
    };
    timeout(LINE_TIMEOUT, write(&mut connection, &answer)).await?
}

/// Asks the app of this person that runs.
///
/// # Errors
/// [`StudioError::AppNotRunning`]; [`StudioError::AppSilent`] if it does not answer;
/// [`StudioError::AppRefused`].
pub async fn ask_app(paths: &Paths, command: RemoteCommand) -> Result<RemoteStatus, StudioError> {
    let connection = pipe::connect(&paths.runtime).await.map_err(|_| StudioError::AppNotRunning)?;
    let mut connection = BufReader::new(connection);
    let asked = async {
        write(&mut connection, &Request { command }).await?;
        read::<Answer>(&mut connection).await
    };
    let answered = timeout(ANSWER_TIMEOUT, asked).await.map_err(io::Error::from).flatten();
    match answered.map_err(StudioError::AppSilent)? {
        Answer::Done(status) => Ok(status),
        Answer::Problem(problem) => Err(StudioError::AppRefused(Box::new(problem))),
    }
}

/// Starts the app without a window, and waits until it can be asked. It lies beside this program.
///
/// # Errors
/// [`StudioError::AppNotRunning`] if it is not there; [`StudioError::AppNotStarted`].
pub async fn start_app(paths: &Paths) -> Result<(), StudioError> {
    let here = std::env::current_exe().map_err(|_| StudioError::AppNotRunning)?;
    let app = here.with_file_name(format!("vignette-desktop{}", std::env::consts::EXE_SUFFIX));
    if !app.exists() {
        return Err(StudioError::AppNotRunning);
    }
    let mut command = std::process::Command::new(app);
    command.arg("--background").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    pipe::detach(&mut command);
    let mut app = command.spawn().map_err(|_| StudioError::AppNotStarted)?;
    let answers = async {
        while pipe::connect(&paths.runtime).await.is_err() {
            // It ends at once if another one runs, or without a display.
            if !matches!(app.try_wait(), Ok(None)) {
                return Err(StudioError::AppNotStarted);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    };
    timeout(START_TIMEOUT, answers).await.unwrap_or(Err(StudioError::AppNotStarted))
}

async fn read<T: serde::de::DeserializeOwned>(
    connection: &mut (impl AsyncBufRead + Unpin),
) -> io::Result<T> {
    let mut line = Vec::new();
    connection.take(MAX_LINE_BYTES).read_until(b'\n', &mut line).await?;
    Ok(serde_json::from_slice(&line)?)
}

async fn write(
    connection: &mut (impl AsyncWrite + Unpin),
    said: &impl Serialize,
) -> io::Result<()> {
    let mut line = serde_json::to_vec(said)?;
    line.push(b'\n');
    connection.write_all(&line).await?;
    connection.flush().await
}

#[cfg(test)]
mod tests;
