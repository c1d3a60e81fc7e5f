//! The window: opened once the app is; asks before it closes while a take runs, and ends the app otherwise.

use std::path::PathBuf;

use tauri::WebviewWindowBuilder;
use tauri::{AppHandle, Emitter as _, Manager as _, Window, WindowEvent};

use crate::app::App;

/// The label of the one window.
pub(crate) const WINDOW: &str = "main";

/// Opens the window. What its page remembers (drafts of replies, the player's volume) is kept in `remembered`.
pub(crate) fn open(handle: &AppHandle, remembered: PathBuf) -> tauri::Result<()> {
    let config = handle.config().app.windows.iter().find(|window| window.label == WINDOW).cloned().unwrap_or_default();
    WebviewWindowBuilder::from_config(handle, &config)?.data_directory(remembered).build()?;
    Ok(())
}

/// While a take runs the window stays, and its page asks what to do (event `close_requested`).
pub(crate) fn ask_while_recording(window: &Window, event: &WindowEvent) {
    if let WindowEvent::CloseRequested { api, .. } = event
        && window.try_state::<App>().is_some_and(|app| app.recorder.running().is_some())
    {
        api.prevent_close();
        if let Err(error) = window.emit("close_requested", ()) {
            tracing::warn!(%error, "The window could not ask");
        }
    }
}

/// Brings the window to the front: the app was started a second time, or its tray icon was pressed.
pub(crate) fn show(handle: &AppHandle) {
    let Some(window) = handle.get_webview_window(WINDOW) else { return };
    let shown = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus());
    if let Err(error) = shown {
        tracing::warn!(%error, "The window could not be shown");
    }
}
