//! What the window is told, always as whole snapshots. The events stand in [`crate::ipc`].

use std::time::Duration;

use data_encoding::BASE64;
use serde::Serialize;
use tauri::{AppHandle, Emitter as _, Manager as _};
use tokio::sync::watch;
use vignette_model::take::{Phase, TakeView};
use vignette_model::{Problem, Span, TakeId};
use vignette_recorder::{ImportProgress, Outcome, Recording, RecordingView};

use crate::app::{App, RehearsalWatch};
use crate::ipc::{ENDED, Event, IMPORTING, PREVIEW, RECORDING, REHEARSAL, TAKES};
use crate::tray::Tray;

/// Time between two lists of takes: the list is long, and while a take runs it changes with every picture.
const TAKES_INTERVAL: Duration = Duration::from_millis(200);
/// Time between two views of a running take, but for a new phase, which is told at once: it changes with every frame.
const VIEW_INTERVAL: Duration = Duration::from_millis(100);

/// Everything that a window shows of the recorder.
#[derive(Debug, Serialize, ts_rs::TS)]
pub(crate) struct Snapshot {
    takes: Vec<TakeView>,
    recording: Option<RecordingView>,
}

impl Snapshot {
    /// As it is now.
    pub(crate) fn of(app: &App) -> Self {
        let recording = app.recorder().running().map(|take| take.view().borrow().clone());
        Self { takes: app.recorder().takes().borrow().clone(), recording }
    }
}

/// Tells the window of every change to the list of takes, for as long as the app runs.
pub(crate) fn forward(handle: &AppHandle, app: &App) {
    follow(handle, TAKES, app.recorder().takes(), TAKES_INTERVAL);
}

/// Tells the window of camera and microphone until the rehearsal ends.
pub(crate) fn follow_rehearsal(handle: &AppHandle, watch: RehearsalWatch) {
    follow(handle, REHEARSAL, watch.view, Duration::ZERO);
    follow_preview(handle, watch.preview);
}

/// Tells the window and the tray of a take until it ends; then `ended` says how, and `recording` is null.
pub(crate) fn follow_recording(handle: &AppHandle, take: Recording) {
    follow_preview(handle, take.preview());
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        let mut view = take.view();
        let ended = take.ended();
        tokio::pin!(ended);
        let (mut told, mut in_tray) = (None, None);
        let outcome = loop {
            let now = view.borrow_and_update().clone();
            let phase = now.phase;
            let second = Span(now.duration_us.0 / 1_000_000 * 1_000_000);
            if in_tray.replace((phase, second)) != Some((phase, second)) {
                show_in_tray(&handle, phase, second);
            }
            if told.as_ref() != Some(&now) {
                told = Some(now);
                tell(&handle, RECORDING, &told);
            }
            tokio::select! {
                outcome = &mut ended => break outcome,
                _ = view.wait_for(|view| view.phase != phase) => {}
                () = tokio::time::sleep(VIEW_INTERVAL) => {}
            }
        };
        show_in_tray(&handle, Phase::Stopped, Span::ZERO);
        // First how it ended, or for a moment the window would take itself for one in which nothing was recorded yet.
        tell(&handle, ENDED, &Ended::of(&handle.state::<App>(), &take, outcome));
        tell(&handle, RECORDING, &None);
    });
}

fn show_in_tray(handle: &AppHandle, phase: Phase, duration: Span) {
    if let Some(tray) = handle.try_state::<Tray>() {
        tray.show(phase, duration);
    }
}

/// How a take ended, for the window.
#[derive(Debug, Serialize, ts_rs::TS)]
pub(crate) struct Ended {
    #[ts(as = "String")]
    take: TakeId,
    link: Option<String>,
    /// Whether stopping it put the link on the clipboard.
    copied: bool,
    /// Not kept: cancelled, or it failed.
    kept: bool,
    /// Why it ended, if not because a person wanted it.
    #[ts(type = "Problem | null")]
    problem: Option<Problem>,
}

impl Ended {
    fn of(app: &App, take: &Recording, outcome: Outcome) -> Self {
        let (kept, problem) = match outcome {
            Outcome::Stopped { problem, .. } => (true, problem),
            Outcome::Cancelled => (false, None),
            Outcome::Failed(problem) => (false, Some(problem)),
        };
        let link = take.view().borrow().link.clone();
        Self { take: take.id(), link, copied: app.was_copied(take.id()), kept, problem }
    }
}

/// Tells the window how far the taking in of a file has come, in hundredths, whenever that is another number.
pub(crate) fn importing(handle: &AppHandle) -> impl FnMut(ImportProgress) + Send + 'static {
    let (handle, mut told) = (handle.clone(), None);
    move |ImportProgress { done, of }| {
        let percent = done.0.saturating_mul(100).checked_div(of.0).unwrap_or(0).min(100);
        if told.replace(percent) != Some(percent) {
            tell(&handle, IMPORTING, &percent);
        }
    }
}

/// The camera's picture as an address that an `<img>` shows.
fn follow_preview(handle: &AppHandle, mut preview: watch::Receiver<Option<bytes::Bytes>>) {
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        while preview.changed().await.is_ok() {
            let picture = preview
                .borrow_and_update()
                .as_ref()
                .map(|jpeg| format!("data:image/jpeg;base64,{}", BASE64.encode(jpeg)));
            tell(&handle, PREVIEW, &picture);
        }
    });
}

/// Tells the window of what changes, at most once in `pace`, for as long as there is somebody who can change it.
pub(crate) fn follow<T: Serialize + Clone + Send + Sync + 'static>(
    handle: &AppHandle,
    event: Event<T>,
    mut changes: watch::Receiver<T>,
    pace: Duration,
) {
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        loop {
            let now = changes.borrow_and_update().clone();
            tell(&handle, event, &now);
            tokio::time::sleep(pace).await;
            if changes.changed().await.is_err() {
                return;
            }
        }
    });
}

/// A window that is not there is told nothing, and asks when it opens.
pub(crate) fn tell<T: Serialize>(handle: &AppHandle, event: Event<T>, value: &T) {
    if handle.get_webview_window(crate::window::WINDOW).is_some()
        && let Err(error) = handle.emit(event.name, value)
    {
        tracing::warn!(%error, event = event.name, "The window could not be told");
    }
}
