//! [`Rehearsal`]: camera, microphone and screen before the take, so that a person sees and hears
//! that they work.
//!
//! ```text
//!  camera, microphone ─▶ one thread ─┬─▶ view: level, what does not work
//!                                    └─▶ preview: the camera's picture
//!  screen ─────────────▶ one thread ───▶ screen: what would be recorded, small
//! ```
//!
//! The screen has a thread of its own, so that another window or region can be chosen while the
//! camera stays open.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use bytes::Bytes;
use crossbeam_channel::{Receiver, Select, Sender, bounded};
use serde::Serialize;
use tokio::sync::watch;
use vignette_capture::{CaptureTarget, DeviceSelector, SourceKind, StartOptions};
use vignette_model::{Captured, Clock, Notice, Problem, TakeClock};

use crate::RecorderError;
use crate::inputs::{FoundSources, Inputs};
use crate::loudness::Loudness;
use crate::preview::Preview;
use crate::screen_preview::{self, Said, ScreenPicture, ScreenPreview};
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

/// Open camera, microphone and screen, of which nothing is kept. Dropping it closes them.
pub struct Rehearsal {
    clock: TakeClock,
    view: Arc<watch::Sender<RehearsalView>>,
    preview: Arc<watch::Sender<Option<Bytes>>>,
    screen: Arc<watch::Sender<Option<ScreenPicture>>>,
    devices: Option<Open<Sources>>,
    shown: Option<Open<(DeviceSelector, CaptureTarget)>>,
}

impl Rehearsal {
    /// Opens nothing yet.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock: TakeClock::begin(clock),
            view: Arc::new(watch::Sender::new(RehearsalView::default())),
            preview: Arc::new(watch::Sender::new(None)),
            screen: Arc::new(watch::Sender::new(None)),
            devices: None,
            shown: None,
        }
    }

    /// Shows these sources, and of the screen what a take of `target` would record. What is open
    /// already and stays the same stays open. A screen that cannot be recorded is a warning.
    ///
    /// # Errors
    /// That of the first device that was named and cannot be opened;
    /// [`RecorderError::NothingToRecord`] if nothing was chosen.
    pub(crate) fn show(
        &mut self,
        sources: &Sources,
        target: &CaptureTarget,
    ) -> Result<(), RecorderError> {
        let screen = sources.screen();
        let devices = sources.clone().without(SourceKind::Screen);
        if screen == DeviceSelector::Off && devices.all_off() {
            return Err(RecorderError::NothingToRecord);
        }
        self.show_screen(screen, target)?;
        self.show_devices(devices)
    }

    fn show_devices(&mut self, sources: Sources) -> Result<(), RecorderError> {
        if self.devices.as_ref().is_some_and(|open| open.of == sources && open.is_running()) {
            return Ok(());
        }
        // A camera has to be closed before it can be opened again.
        self.devices.take().into_iter().for_each(Open::close);
        self.preview.send_replace(None);
        self.view.send_modify(|view| {
            view.level_dbfs = None;
            view.warnings.retain(is_of_screen);
        });
        if sources.all_off() {
            return Ok(());
        }
        let inputs = FoundSources::find(&sources)?.start(&StartOptions::default(), &self.clock);
        let inputs = match inputs {
            Ok(inputs) => inputs,
            // The screen is shown, and camera and microphone were wanted only if they are there.
            Err(RecorderError::Capture(missing)) if self.shown.is_some() => {
                self.warn(Warning::Missing { text: missing.to_string() });
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        for error in &inputs.missing {
            self.warn(Warning::Missing { text: error.to_string() });
        }
        let (view, preview) = (self.view.clone(), Preview::showing(self.preview.clone()));
        self.devices =
            Some(Open::start(sources, move |stopped| run(inputs, preview, &view, &stopped))?);
        Ok(())
    }

    fn show_screen(
        &mut self,
        screen: DeviceSelector,
        target: &CaptureTarget,
    ) -> Result<(), RecorderError> {
        let wanted = (screen, target.clone());
        if self.shown.as_ref().is_some_and(|open| open.of == wanted && open.is_running()) {
            return Ok(());
        }
        self.shown.take().into_iter().for_each(Open::close);
        self.screen.send_replace(None);
        self.view.send_modify(|view| view.warnings.retain(|warning| !is_of_screen(warning)));
        if wanted.0 == DeviceSelector::Off {
            return Ok(());
        }
        let inputs = match screen_preview::open(&wanted.0, &wanted.1, &self.clock) {
            Ok(inputs) => inputs,
            Err(error) => {
                let Problem { message, help, .. } = error.into();
                self.warn(Warning::lost(SourceKind::Screen, format!("{message}. {help}")));
                return Ok(());
            }
        };
        let (view, picture) = (self.view.clone(), self.screen.clone());
        self.shown = Some(Open::start(wanted, move |stopped| {
            run_screen(inputs, &picture, &view, &stopped)
        })?);
        Ok(())
    }

    fn warn(&self, warning: Warning) {
        self.view.send_modify(|view| view.warnings.push(warning));
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

    /// What would be recorded of the screen, at most four times a second, and only when it changed.
    #[must_use]
    pub fn screen(&self) -> watch::Receiver<Option<ScreenPicture>> {
        self.screen.subscribe()
    }
}

/// Sources that are open on a thread of their own. Dropping it tells the thread to close them.
struct Open<T> {
    of: T,
    stop: Sender<Infallible>,
    thread: JoinHandle<()>,
}

impl<T> Open<T> {
    fn start(
        of: T,
        body: impl FnOnce(Receiver<Infallible>) + Send + 'static,
    ) -> Result<Self, RecorderError> {
        let (stop, stopped) = bounded(0);
        let spawned = thread::Builder::new().name("rehearsal".into()).spawn(move || body(stopped));
        let thread = spawned.map_err(|why: io::Error| RecorderError::NoRehearsalThread(why))?;
        Ok(Self { of, stop, thread })
    }

    fn is_running(&self) -> bool {
        !self.thread.is_finished()
    }

    /// Waits until they are closed.
    fn close(self) {
        let Self { stop, thread, .. } = self;
        drop(stop);
        if thread.join().is_err() {
            tracing::error!("The thread of a rehearsal broke off");
        }
    }
}

/// Receives from `inputs` until stopped, and hands each thing to `take` with its input's place.
fn receive(
    inputs: &mut Inputs,
    stopped: &Receiver<Infallible>,
    mut take: impl FnMut(&Inputs, usize, Option<Captured>),
) {
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
        let ended = captured.is_none();
        take(inputs, input, captured);
        if ended {
            inputs.all[input].close();
        }
    }
}

fn run(
    mut inputs: Inputs,
    mut preview: Preview,
    view: &watch::Sender<RehearsalView>,
    stopped: &Receiver<Infallible>,
) {
    let mut loudness = Loudness::default();
    let voice = inputs.voice();
    receive(&mut inputs, stopped, |inputs, input, captured| {
        let kind = inputs.all[input].slot.kind;
        match captured {
            Some(Captured::Frame(frame)) => preview.show(&frame),
            Some(Captured::Samples(samples)) if Some(input) == voice => {
                if let Some(level) = loudness.hear(&samples) {
                    view.send_modify(|view| view.level_dbfs = Some(level));
                }
            }
            Some(Captured::Samples(_)) | None => {}
            Some(Captured::Notice(Notice::Lost { why })) => {
                view.send_modify(|view| view.warnings.push(Warning::lost(kind, why)));
            }
            Some(Captured::Notice(Notice::Back)) => {
                view.send_modify(|view| view.warnings.retain(|warning| !warning.is_loss_of(kind)));
            }
        }
    });
}

fn run_screen(
    mut inputs: Inputs,
    picture: &watch::Sender<Option<ScreenPicture>>,
    view: &watch::Sender<RehearsalView>,
    stopped: &Receiver<Infallible>,
) {
    let mut preview = ScreenPreview::new();
    receive(&mut inputs, stopped, |_, _, captured| match preview.show(captured, picture) {
        Some(Said::Lost(why)) => {
            view.send_modify(|view| view.warnings.push(Warning::lost(SourceKind::Screen, why)));
        }
        Some(Said::Back) => {
            view.send_modify(|view| view.warnings.retain(|warning| !is_of_screen(warning)));
        }
        None => {}
    });
}

fn is_of_screen(warning: &Warning) -> bool {
    warning.is_loss_of(SourceKind::Screen)
}
