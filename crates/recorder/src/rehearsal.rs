//! [`Rehearsal`]: camera and microphone before the take, so that a person sees and hears that they work.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use crossbeam_channel::{Sender, bounded, select};
use serde::Serialize;
use tokio::sync::watch;
use vignette_capture::{DeviceSelector, SourceKind};
use vignette_model::{Captured, Clock, ErrorCode, Notice, Problem, TakeClock};

use crate::inputs::Inputs;
use crate::loudness::Loudness;
use crate::plan::Sources;
use crate::preview::Preview;
use crate::recording::Warning;

/// What can be seen of a rehearsal, always the whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RehearsalView {
    /// How loud the microphone is, in dBFS.
    pub level_dbfs: Option<f32>,
    /// What does not work.
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
    pub(crate) fn start(sources: &Sources, clock: Arc<dyn Clock>) -> Result<Self, Problem> {
        let sources = Sources { screen: DeviceSelector::Off, ..sources.clone() };
        let clock = TakeClock::begin(clock);
        let inputs = Inputs::open(&sources, &clock)?;
        let missing = inputs.missing.iter().map(|p| Warning::Missing { text: p.message.clone() });
        let view = Arc::new(watch::Sender::new(RehearsalView { level_dbfs: None, warnings: missing.collect() }));
        let preview = Preview::new();
        let screen = preview.screen();
        let (stop, stopped) = bounded(0);
        let seen = view.clone();
        let body = move || run(inputs, preview, &seen, &stopped);
        thread::Builder::new()
            .name("rehearsal".into())
            .spawn(body)
            .map_err(|error| Problem::new(ErrorCode::Internal, format!("Camera and microphone cannot be tried: {error}")))?;
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

fn run(mut inputs: Inputs, mut preview: Preview, view: &watch::Sender<RehearsalView>, stopped: &crossbeam_channel::Receiver<()>) {
    let mut loudness = Loudness::default();
    loop {
        let [_, camera, microphone] = inputs.channels();
        let (kind, captured) = select! {
            recv(stopped) -> _ => return,
            recv(camera) -> got => (SourceKind::Camera, got.ok()),
            recv(microphone) -> got => (SourceKind::Microphone, got.ok()),
            default(Duration::from_secs(1)) => continue,
        };
        match captured {
            Some(Captured::Frame(frame)) => preview.show(&frame),
            Some(Captured::Samples(samples)) => {
                if let Some(level) = loudness.hear(&samples) {
                    view.send_modify(|view| view.level_dbfs = Some(level));
                }
            }
            Some(Captured::Notice(Notice::Lost { why })) => {
                view.send_modify(|view| view.warnings.push(Warning::Lost { source: kind, text: why }));
            }
            Some(Captured::Notice(Notice::Back)) => {
                view.send_modify(|view| view.warnings.retain(|w| !matches!(w, Warning::Lost { source, .. } if *source == kind)));
            }
            None if kind == SourceKind::Camera => inputs.camera = None,
            None => inputs.microphone = None,
        }
    }
}
