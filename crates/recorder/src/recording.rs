//! [`Recording`]: the handle of a running take, and [`RecordingView`], all that can be seen of it.

use std::sync::Arc;

use bytes::Bytes;
use crossbeam_channel::Sender;
use serde::Serialize;
use tokio::sync::watch;
use vignette_capture::RestoreToken;
use vignette_model::take::Phase;
use vignette_model::{Micros, Problem, Span, TakeClock, TakeId};

use crate::RecorderError;
use crate::bubble_view::BubbleView;
use crate::command::TakeCommand;
use crate::transcript_progress::TranscriptProgress;
use crate::warning::{Warning, WarningView};

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
    #[ts(type = "Span")]
    pub duration_us: Span,
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
        duration: Span,
        /// Where something was left out: clip time, and for how long.
        paused: Vec<(Micros, Span)>,
        /// How many pictures it has, and how many never made it.
        pictures: Pictures,
        /// A JPEG for where the clip is shown without playing.
        poster: Option<Vec<u8>>,
        /// Why it stopped, if not because it was told to.
        problem: Option<Problem>,
    },
    /// Nothing of it is kept.
    Cancelled,
    /// It was thrown away, and can be brought back for a moment:
    /// [`crate::Recorder::undo_discard`].
    Discarded,
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

    /// What repeats the person's choice of a screen at the next start, as the target of its plan.
    /// It is good for one start: keep it with the settings in place of the one before. `None` where
    /// the system did not ask.
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

    /// Pauses, or goes on if it is paused.
    pub fn toggle_pause(&self) {
        match self.view.borrow().phase {
            Phase::Paused => self.resume(),
            _ => self.pause(),
        }
    }

    /// Moves the camera's bubble over the screen, or hides it, from the next picture on. Without a
    /// screen the camera is the whole picture, whatever is asked here.
    pub fn set_bubble(&self, bubble: Option<BubbleView>) {
        self.send(TakeCommand::SetBubble(bubble.map(BubbleView::into)));
    }

    /// Ends the take at this instant. The link works already; await [`Self::ended`] for the last
    /// fragment.
    pub fn stop(&self) {
        self.send(TakeCommand::Stop(self.clock.now()));
    }

    /// Ends the take and keeps nothing of it, here or in the library.
    pub fn cancel(&self) {
        self.send(TakeCommand::Cancel);
    }

    /// Does nothing if the take has ended: the receiver is gone then.
    fn send(&self, command: TakeCommand) {
        drop(self.commands.send(command));
    }

    /// The take as it is now; every later change is seen through the receiver.
    #[must_use]
    pub fn view(&self) -> watch::Receiver<RecordingView> {
        self.view.subscribe()
    }

    /// The clip's link, once a library has given one.
    #[must_use]
    pub fn link(&self) -> Option<String> {
        self.view.borrow().link.clone()
    }

    /// The camera's picture as a small JPEG, about ten times a second.
    #[must_use]
    pub fn preview(&self) -> watch::Receiver<Option<Bytes>> {
        self.preview.subscribe()
    }

    /// How it ended, once its stream is complete in the spool.
    pub async fn ended(&self) -> Outcome {
        let mut ended = self.ended.clone();
        // The sender is dropped without an outcome only if the thread panicked; the next start
        // recovers the take.
        let outcome = ended.wait_for(Option::is_some).await.ok().and_then(|o| o.clone());
        outcome.unwrap_or_else(|| Outcome::Failed(RecorderError::ConductorGone.into()))
    }
}
