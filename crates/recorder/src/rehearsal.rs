//! [`Rehearsal`]: camera and microphone before the take, so that a person sees and hears that they
//! work.

use std::sync::Arc;
use std::thread;

use bytes::Bytes;
use crossbeam_channel::{Receiver, Select, Sender, bounded};
use serde::Serialize;
use tokio::sync::watch;
use vignette_capture::{SourceKind, StartOptions};
use vignette_model::{Captured, Clock, Notice, TakeClock};

use crate::RecorderError;
use crate::inputs::{FoundSources, Inputs};
use crate::loudness::Loudness;
use crate::preview::Preview;
use crate::sources::Sources;
use crate::warning::{Warning, WarningView};

/// What can be seen of a rehearsal, always the whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ts_rs::TS)]
pub struct RehearsalView {
    /// How loud the microphone is, in dBFS.
    pub level_dbfs: Option<f32>,
    /// What does not work.
    #[ts(as = "Vec<WarningView>")]
    pub warnings: Vec<Warning>,
}

/// Open camera and microphone, of which nothing is kept. Dropping it closes them.
pub struct Rehearsal {
    view: Arc<watch::Sender<RehearsalView>>,
    preview: Arc<watch::Sender<Option<Bytes>>>,
    _stop: Sender<()>,
}

impl Rehearsal {
    /// Opens the camera and the microphone of `sources`; the screen is left alone.
    pub(crate) fn start(sources: &Sources, clock: Arc<dyn Clock>) -> Result<Self, RecorderError> {
        let sources = sources.clone().without(SourceKind::Screen);
        let clock = TakeClock::begin(clock);
        let inputs = FoundSources::find(&sources)?.start(&StartOptions::default(), &clock)?;
        let missing =
            inputs.missing.iter().map(|error| Warning::Missing { text: error.to_string() });
        let view = Arc::new(watch::Sender::new(RehearsalView {
            level_dbfs: None,
            warnings: missing.collect(),
        }));
        let preview = Preview::new();
        let screen = preview.screen();
        let (stop, stopped) = bounded(0);
        let seen = view.clone();
        let body = move || run(inputs, preview, &seen, &stopped);
        thread::Builder::new()
            .name("rehearsal".into())
            .spawn(body)
            .map_err(RecorderError::NoRehearsalThread)?;
        Ok(Self { view, preview: screen, _stop: stop })
    }

    /// Level and warnings as they are now; every later change is seen through the receiver.
    #[must_use]
    pub fn view(&self) -> watch::Receiver<RehearsalView> {
        self.view.subscribe()
    }

    /// The camera's picture as a small JPEG, about ten times a second.
    #[must_use]
    pub fn preview(&self) -> watch::Receiver<Option<Bytes>> {
        self.preview.subscribe()
    }
}

fn run(
    mut inputs: Inputs,
    mut preview: Preview,
    view: &watch::Sender<RehearsalView>,
    stopped: &Receiver<()>,
) {
    let mut loudness = Loudness::default();
    let voice = inputs.voice();
    loop {
        let mut any = Select::new();
        any.recv(stopped);
        for input in &inputs.all {
            any.recv(&input.captured);
        }
        let input = match any.ready() {
            0 => return,
            ready => ready - 1,
        };
        let Some(captured) = inputs.all[input].try_receive() else { continue };
        let kind = inputs.all[input].slot.kind;
        match captured {
            Some(Captured::Frame(frame)) => preview.show(&frame),
            Some(Captured::Samples(samples)) if Some(input) == voice => {
                if let Some(level) = loudness.hear(&samples) {
                    view.send_modify(|view| view.level_dbfs = Some(level));
                }
            }
            Some(Captured::Samples(_)) => {}
            Some(Captured::Notice(Notice::Lost { why })) => {
                view.send_modify(|view| {
                    view.warnings.push(Warning::Lost { source: kind, text: why })
                });
            }
            Some(Captured::Notice(Notice::Back)) => {
                let is_over =
                    |w: &Warning| matches!(w, Warning::Lost { source, .. } if *source == kind);
                view.send_modify(|view| view.warnings.retain(|warning| !is_over(warning)));
            }
            None => inputs.all[input].close(),
        }
    }
}
