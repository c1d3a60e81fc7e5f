//! [`Recording`]: the handle of a running take, and [`RecordingView`], all that can be seen of it.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use crossbeam_channel::Sender;
use serde::Serialize;
use tokio::sync::watch;
use vignette_capture::{RestoreToken, SourceKind};
use vignette_encode::Bubble;
use vignette_model::take::Phase;
use vignette_model::{Micros, Problem, TakeClock, TakeId};

use crate::command::TakeCommand;
use crate::transcription::TranscriptProgress;

/// Something a person should know while the take goes on. Programs get it as a [`WarningView`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "WarningView")]
pub enum Warning {
    /// A source gives nothing at the moment.
    Lost {
        /// Which.
        source: SourceKind,
        /// What happened.
        text: String,
    },
    /// A source that is usually there could not be opened; the take goes on without it.
    Missing {
        /// What happened and what can be done.
        text: String,
    },
    /// The microphone has given nothing to hear for five seconds.
    Silent,
    /// The computer has not time enough for every picture; sound is not affected.
    Busy,
    /// The disk is nearly full.
    LittleSpace {
        /// How much is left.
        free_bytes: u64,
        /// On whose disk.
        folder: String,
    },
}

/// A [`Warning`] for a window or another program, with the sentence that a person reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(rename = "Warning")]
pub struct WarningView {
    /// What kind of warning it is.
    pub warning: WarningKind,
    /// The sentence that says it.
    pub text: String,
}

/// The kinds of [`Warning`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum WarningKind {
    /// A source gives nothing at the moment.
    Lost,
    /// A source could not be opened.
    Missing,
    /// The microphone gives nothing to hear.
    Silent,
    /// Fewer pictures are recorded.
    Busy,
    /// The disk is nearly full.
    LittleSpace,
}

impl From<Warning> for WarningView {
    fn from(warning: Warning) -> Self {
        let text = warning.to_string();
        let warning = match warning {
            Warning::Lost { .. } => WarningKind::Lost,
            Warning::Missing { .. } => WarningKind::Missing,
            Warning::Silent => WarningKind::Silent,
            Warning::Busy => WarningKind::Busy,
            Warning::LittleSpace { .. } => WarningKind::LittleSpace,
        };
        Self { warning, text }
    }
}

impl Warning {
    pub(crate) fn lost(source: SourceKind, text: String) -> Self {
        Self::Lost { source, text }
    }

    /// What it is about: of each subject only the newest warning stands.
    pub(crate) fn subject(&self) -> String {
        match self {
            Self::Lost { source, .. } => format!("lost {source}"),
            Self::Missing { text } => text.clone(),
            Self::Silent => "silent".into(),
            Self::Busy => "busy".into(),
            Self::LittleSpace { .. } => "space".into(),
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost { text, .. } | Self::Missing { text } => f.write_str(text),
            Self::Silent => f.write_str("No sound for 5 seconds: is the microphone muted?"),
            Self::Busy => f.write_str("This computer is busy: recording fewer pictures a second"),
            Self::LittleSpace { free_bytes, folder } => {
                let free = free_bytes / 1_000_000;
                write!(
                    f,
                    "Only {free} MB are free on the disk of {folder}; recording stops by itself at 500 MB, with everything kept"
                )
            }
        }
    }
}

/// A running take as a window or a program sees it: always the whole.
#[derive(Clone, Debug, PartialEq, Serialize, ts_rs::TS)]
pub struct RecordingView {
    /// Which take.
    #[ts(as = "String")]
    pub take: TakeId,
    /// What it is doing.
    pub phase: Phase,
    /// Whole seconds until it begins.
    pub countdown_s: u64,
    /// How much has been kept.
    #[ts(type = "Micros")]
    pub duration_us: Micros,
    /// The clip's link, once a library has given one.
    pub link: Option<String>,
    /// How loud the microphone is, in dBFS.
    pub level_dbfs: Option<f32>,
    /// What a person should know.
    #[ts(as = "Vec<WarningView>")]
    pub warnings: Vec<Warning>,
    /// How its transcript is coming along; it may be done some moments after the take has stopped.
    pub transcript: TranscriptProgress,
}

/// What became of the pictures of a take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pictures {
    /// Pictures in the stream.
    pub kept: u64,
    /// Pictures of screen or camera that the next one replaced before it was their turn.
    pub left_out: u64,
}

/// How a take ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Its stream is complete.
    Stopped {
        /// How much was kept.
        duration: Micros,
        /// Where something was left out: clip time, and for how long.
        paused: Vec<(Micros, Micros)>,
        /// How many pictures it has, and how many never made it.
        pictures: Pictures,
        /// A JPEG for where the clip is shown without playing.
        poster: Option<Vec<u8>>,
        /// Why it stopped, if not because it was told to.
        problem: Option<Problem>,
    },
    /// Nothing of it is kept.
    Cancelled,
    /// Nothing could be kept.
    Failed(Problem),
}

/// A running take. Dropping the handle does not stop it.
#[derive(Clone)]
pub struct Recording {
    pub(crate) id: TakeId,
    pub(crate) clock: TakeClock,
    pub(crate) commands: Sender<TakeCommand>,
    pub(crate) view: Arc<watch::Sender<RecordingView>>,
    pub(crate) preview: Arc<watch::Sender<Option<Bytes>>>,
    pub(crate) ended: watch::Receiver<Option<Outcome>>,
    pub(crate) restore_token: Option<RestoreToken>,
}

impl Recording {
    /// Which take.
    #[must_use]
    pub fn id(&self) -> TakeId {
        self.id
    }

    /// What repeats the person's choice of a screen at the next start, as the target of its plan. It is good for one start:
    /// keep it with the settings in place of the one before. `None` where the system did not ask.
    #[must_use]
    pub fn restore_token(&self) -> Option<&RestoreToken> {
        self.restore_token.as_ref()
    }

    /// Leaves out what is captured from now on.
    pub fn pause(&self) {
        self.send(TakeCommand::Pause(self.clock.now()));
    }

    /// Keeps again what is captured from now on.
    pub fn resume(&self) {
        self.send(TakeCommand::Resume(self.clock.now()));
    }

    /// Moves the camera's bubble over the screen, or hides it, from the next picture on. Without a screen the camera is the
    /// whole picture, whatever is asked here.
    pub fn set_bubble(&self, bubble: Option<Bubble>) {
        self.send(TakeCommand::SetBubble(bubble));
    }

    /// Ends the take at this instant. The link works already; await [`Self::ended`] for the last fragment.
    pub fn stop(&self) {
        self.send(TakeCommand::Stop(self.clock.now()));
    }

    /// Ends the take and keeps nothing of it, here or in the library.
    pub fn cancel(&self) {
        self.send(TakeCommand::Cancel);
    }

    /// A take that has ended has nobody who listens, and needs nobody to.
    fn send(&self, command: TakeCommand) {
        drop(self.commands.send(command));
    }

    /// The take as it is now; every later change is seen through the receiver.
    #[must_use]
    pub fn view(&self) -> watch::Receiver<RecordingView> {
        self.view.subscribe()
    }

    /// The camera's picture as a small JPEG, about ten times a second.
    #[must_use]
    pub fn preview(&self) -> watch::Receiver<Option<Bytes>> {
        self.preview.subscribe()
    }

    /// How it ended, once its stream is complete in the spool.
    pub async fn ended(&self) -> Outcome {
        let mut ended = self.ended.clone();
        // The sender is gone only if the thread died, which leaves the take to the next start's recovery.
        let outcome = ended.wait_for(Option::is_some).await.ok().and_then(|o| o.clone());
        outcome.unwrap_or_else(|| {
            Outcome::Failed(Problem::new(
                vignette_model::ErrorCode::Internal,
                "The recording broke off",
            ))
        })
    }
}
