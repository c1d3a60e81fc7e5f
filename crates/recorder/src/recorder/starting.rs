//! How a take starts: its sources, its place in the spool, and the threads that record it.

use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Sender, bounded, unbounded};
use tokio::sync::watch;
use vignette_capture::{CaptureError, RestoreToken};
use vignette_model::take::Phase;
use vignette_model::{Span, TakeClock, TakeId};
use vignette_spool::Take;
use vignette_upload::LINK_BUDGET;

use super::{Inner, lock};
use crate::RecorderError;
use crate::command::TakeCommand;
use crate::conductor::Conductor;
use crate::inputs::{FoundSources, Inputs};
use crate::plan::Plan;
use crate::preview::Preview;
use crate::recording::{Outcome, Recording, RecordingView};
use crate::spool_writer::{WAITING_PIECES, write_to_spool};
use crate::transcript_progress::TranscriptProgress;
use crate::warning::Warning;

impl Inner {
    /// Opens the sources and starts the threads of a take.
    pub(super) fn begin(
        self: &Arc<Self>,
        plan: Plan,
        found: FoundSources,
        restore_token: Option<RestoreToken>,
    ) -> Result<Recording, RecorderError> {
        self.active.wait_for_devices();
        let clock = TakeClock::begin(self.clock.clone());
        let inputs = found.start(&plan.start_options(), &clock)?;
        let take = self.new_take(&plan, &inputs);
        let id = take.id;
        let writer = self.spool.begin(take)?;

        let view = Arc::new(watch::Sender::new(first_view(id, &plan, &inputs)));
        let (commands, asked) = unbounded();
        let (pieces, kept) = bounded(WAITING_PIECES);
        let (ended, end) = watch::channel(None);
        let preview = Preview::new();
        let recording = Recording {
            id,
            clock: clock.clone(),
            commands: commands.clone(),
            view: view.clone(),
            preview: preview.screen(),
            ended: end,
            restore_token,
        };
        let transcribes = plan.transcribe && inputs.voice().is_some();
        let live = if transcribes { self.transcription.start_live(id, &view) } else { None };
        let conductor = Conductor {
            inputs,
            clock,
            plan,
            commands: asked,
            pieces,
            view: view.clone(),
            preview,
            live,
        };

        let spool = self.spool.clone();
        let spool_writer = thread::Builder::new()
            .name("spool-writer".into())
            .spawn(move || write_to_spool(&spool, writer, &kept, &commands));
        let spool_writer = spool_writer.map_err(RecorderError::NoTakeThread)?;
        let inner = self.clone();
        let body = move || {
            let (outcome, inputs) = inner.conduct(conductor, spool_writer);
            let outcome = inner.unless_discarded(id, outcome);
            inner.ended(outcome, &ended, &view, inputs);
        };
        self.active.set(Some(recording.clone()));
        if let Err(error) = thread::Builder::new().name("conductor".into()).spawn(body) {
            self.active.set(None);
            return Err(RecorderError::NoTakeThread(error));
        }
        Ok(recording)
    }

    fn new_take(&self, plan: &Plan, inputs: &Inputs) -> Take {
        let mut take = Take::new(TakeId::new(), self.clock.utc());
        take.details.title = plan.title.clone();
        take.details.summary = plan.summary.clone();
        take.details.live = plan.live;
        take.transcript.plan.no_transcript = !plan.transcribe || inputs.voice().is_none();
        take.upload.library = Some(lock(&self.library).to_string());
        take
    }

    /// Shows that a take has ended, in an order that each reader can rely on: it no longer runs,
    /// then the list of takes, then its outcome, then its last phase, which wakes those who read
    /// the outcome. Who opens devices next waits until those of this take are closed.
    fn ended(
        &self,
        outcome: Outcome,
        ended: &watch::Sender<Option<Outcome>>,
        view: &watch::Sender<RecordingView>,
        inputs: Option<Inputs>,
    ) {
        let closing = self.active.hold_devices();
        self.active.set(None);
        self.refresh_takes();
        self.transcription.backfill.wake();
        ended.send_replace(Some(outcome));
        view.send_modify(|view| view.phase = Phase::Stopped);
        drop(inputs);
        drop(closing);
    }
}

fn first_view(take: TakeId, plan: &Plan, inputs: &Inputs) -> RecordingView {
    let missing = |error: &CaptureError| Warning::Missing {
        text: format!("{error}. Recording goes on without it"),
    };
    RecordingView {
        take,
        phase: Phase::Countdown,
        countdown_s: plan.countdown_s.into(),
        duration_us: Span::ZERO,
        link: None,
        level_dbfs: None,
        warnings: inputs.missing.iter().map(missing).collect(),
        transcript: TranscriptProgress::Off,
    }
}

/// Asks for a take's link and keeps the list of takes true, until the take has ended.
pub(super) fn follow(inner: &Arc<Inner>, recording: &Recording) {
    inner.runtime.spawn(ask_for_link(inner.clone(), recording.id, recording.commands.clone()));
    inner.runtime.spawn(keep_list_true(inner.clone(), recording.clone()));
}

/// Asks the library for the clip, so that the link is there before the first picture. If that takes
/// too long the take begins without it, and the uploader goes on asking.
async fn ask_for_link(inner: Arc<Inner>, take: TakeId, conductor: Sender<TakeCommand>) {
    let link = match inner.uploader.ensure_clip(take, LINK_BUDGET).await {
        Ok(clip) => Some(clip.link),
        Err(problem) => {
            tracing::info!(take.id = %take, %problem, "Recording begins before there is a link");
            None
        }
    };
    drop(conductor.send(TakeCommand::Linked(link)));
}

/// Keeps the list of takes true while one runs. A meter that moves is no reason to read all takes.
async fn keep_list_true(inner: Arc<Inner>, recording: Recording) {
    let mut view = recording.view();
    let mut takes = inner.takes.views();
    let mut listed = None;
    loop {
        let now = {
            let view = view.borrow_and_update();
            (view.phase, view.duration_us.0 / 1_000_000, view.link.is_some())
        };
        if listed.replace(now) != Some(now) {
            inner.refresh_takes();
        }
        // A link that came late is shown as soon as the spool has it.
        let link = takes
            .borrow_and_update()
            .iter()
            .find(|t| t.id == recording.id)
            .and_then(|t| t.link.clone());
        recording.view.send_if_modified(|view| {
            let new = view.link.is_none() && link.is_some();
            if new {
                view.link = link;
            }
            new
        });
        if recording.ended.borrow().is_some() {
            inner.refresh_takes();
            inner.uploader.wake();
            return;
        }
        tokio::select! {
            _ = view.changed() => {}
            _ = takes.changed() => {}
        }
    }
}
