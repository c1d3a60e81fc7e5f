//! Tells the window, and the tray, what changes by itself.

use std::time::Duration;

use serde::Serialize;
use tauri::async_runtime::JoinHandle;
use tauri::{AppHandle, Manager as _};
use tokio::sync::watch;
use vignette_model::take::TakeView;
use vignette_recorder::{Recording, picture_address};
use vignette_studio::{BarView, Ended, RehearsalWatch, TakeStatus};

use crate::app::App;
use crate::events::{
    ENDED, Event, PREVIEW, RECORDING, REHEARSAL, SCREEN_PREVIEW, SPEECH, TAKES, tell,
};
use crate::tray::Tray;
use crate::{floating, window};

/// Time between two lists of takes, or two snapshots of a download, since either may change with
/// every picture or block.
const LIST_INTERVAL: Duration = Duration::from_millis(200);
/// Time between two views of a running take, which changes with every frame. A new phase is told at
/// once.
const VIEW_INTERVAL: Duration = Duration::from_millis(100);

/// Tells the window of takes and of speech for as long as the app runs, and loads it again whenever
/// this computer's own library has moved, since its policy names the library.
pub(crate) fn follow_studio(handle: &AppHandle, app: &App) {
    follow(handle, TAKES, app.studio.recorder.takes(), LIST_INTERVAL);
    follow_links(handle, app.studio.recorder.takes());
    follow(handle, SPEECH, app.studio.speech.view(), LIST_INTERVAL);
    let Some(mut moves) = app.studio.own_library_moves() else { return };
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        while moves.changed().await.is_ok() {
            window::reload(&handle);
        }
    });
}

/// Tells the window of camera, microphone and screen until the rehearsal ends, or is another one.
pub(crate) fn follow_rehearsal(handle: &AppHandle, app: &App, rehearsal: RehearsalWatch) {
    app.note_rehearsal([
        follow(handle, REHEARSAL, rehearsal.view, Duration::ZERO),
        follow_preview(handle, rehearsal.preview),
        follow(handle, SCREEN_PREVIEW, rehearsal.screen, Duration::ZERO),
    ]);
}

/// Lets the tray offer the last link whenever there is one.
fn follow_links(handle: &AppHandle, mut takes: watch::Receiver<Vec<TakeView>>) {
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        loop {
            let linked = takes.borrow_and_update().iter().any(|take| take.link.is_some());
            if let Some(tray) = handle.try_state::<Tray>() {
                tray.offer_link(linked);
            }
            if takes.changed().await.is_err() {
                return;
            }
        }
    });
}

/// Tells the windows and the tray of a take until it ends; then `ended` says how, and `recording`
/// is null, or the take that was begun in its place. A window that nobody sees is told of phases
/// alone.
pub(crate) fn follow_recording(handle: &AppHandle, take: Recording) {
    follow_preview(handle, take.preview());
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        let app = handle.state::<App>();
        let mut told = None;
        let outcome = vignette_studio::follow(&take, VIEW_INTERVAL, |view| {
            show_in_tray(&handle, TakeStatus::of(view));
            floating::show(&handle, BarView::of(view, app.studio.whereabouts(take.id()).as_ref()));
            if window::is_shown() || told.replace(view.phase) != Some(view.phase) {
                tell(&handle, RECORDING, &Some(view.clone()));
            }
        });
        let outcome = outcome.await;
        let copied = app.was_copied(take.id());
        let end = BarView::of_end(&outcome, copied);
        let ended = Ended::of(&take, outcome, copied);
        if !app.is_restarting() {
            show_in_tray(&handle, TakeStatus::Idle);
            floating::leave(&handle, end);
        }
        // `ended` goes first: with `recording` null and no end, the window would show itself for a
        // moment as if nothing had been recorded yet.
        tell(&handle, ENDED, &ended);
        tell(&handle, RECORDING, &app.studio.running_view());
    });
}

/// Tells a window that comes back what it was not told while nobody saw it.
pub(crate) fn tell_again(handle: &AppHandle) {
    tell(handle, RECORDING, &handle.state::<App>().studio.running_view());
}

fn show_in_tray(handle: &AppHandle, status: TakeStatus) {
    if let Some(tray) = handle.try_state::<Tray>() {
        tray.show(status);
    }
}

/// Tells the window the camera's picture as an address for an `<img>`.
fn follow_preview(
    handle: &AppHandle,
    mut preview: watch::Receiver<Option<bytes::Bytes>>,
) -> JoinHandle<()> {
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        while preview.changed().await.is_ok() {
            let picture = preview.borrow_and_update().as_deref().map(picture_address);
            if window::is_shown() || picture.is_none() {
                tell(&handle, PREVIEW, &picture);
            }
        }
    })
}

/// Tells the window of what changes, at most once in `interval`, for as long as there is somebody
/// who can change it.
fn follow<T: Serialize + Clone + Send + Sync + 'static>(
    handle: &AppHandle,
    event: Event<T>,
    mut changes: watch::Receiver<T>,
    interval: Duration,
) -> JoinHandle<()> {
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        loop {
            let now = changes.borrow_and_update().clone();
            tell(&handle, event, &now);
            tokio::time::sleep(interval).await;
            if changes.changed().await.is_err() {
                return;
            }
        }
    })
}
