//! The window: opened once the app is; asks before it closes while a take runs or is being sent, and ends the app otherwise.

use std::path::PathBuf;

use tauri::WebviewWindowBuilder;
use tauri::{AppHandle, Emitter as _, Manager as _, Window, WindowEvent};

use url::Url;

use crate::app::App;

/// The label of the one window.
pub(crate) const WINDOW: &str = "main";

/// Opens the window. What its page remembers (drafts of replies, the player's volume) is kept in `remembered`.
pub(crate) fn open(handle: &AppHandle, remembered: PathBuf) -> tauri::Result<()> {
    let config = handle.config().app.windows.iter().find(|window| window.label == WINDOW).cloned().unwrap_or_default();
    let development = handle.config().build.dev_url.clone().filter(|_| tauri::is_dev());
    WebviewWindowBuilder::from_config(handle, &config)?
        .data_directory(remembered)
        .on_navigation(move |to| is_ours(to, development.as_ref()))
        .build()?;
    Ok(())
}

/// Whether this is a page of the app itself. The window goes nowhere else, since its pages may ask for commands.
fn is_ours(to: &Url, development: Option<&Url>) -> bool {
    let inside = to.scheme() == "tauri" || to.host_str() == Some("tauri.localhost");
    inside || development.is_some_and(|page| page.origin() == to.origin())
}

/// Whether quitting now would end something that a person may not mean to end: a take that runs, or bytes on their way.
pub(crate) fn must_ask(handle: &AppHandle) -> bool {
    handle.try_state::<App>().is_some_and(|app| app.recorder.running().is_some() || app.is_sending())
}

/// Lets the window ask whether the app shall be quit (event `close_requested`).
pub(crate) fn ask(handle: &AppHandle) {
    show(handle);
    if let Err(error) = handle.emit("close_requested", ()) {
        tracing::warn!(%error, "The window could not ask");
    }
}

/// Closing the window quits the app, which may have to be asked about first.
pub(crate) fn ask_before_closing(window: &Window, event: &WindowEvent) {
    if let WindowEvent::CloseRequested { api, .. } = event
        && must_ask(window.app_handle())
    {
        api.prevent_close();
        ask(window.app_handle());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_shows_no_other_pages() {
        let page = |address: &str| Url::parse(address).unwrap();
        let development = page("http://localhost:5173");
        for (address, ours) in [
            ("tauri://localhost/desktop.html", true),
            ("http://tauri.localhost/desktop.html", true),
            ("https://clips.example.org/c/key", false),
            ("http://tauri.localhost.example.org/", false),
            ("http://localhost:5173/desktop.html", false),
            ("file:///etc/passwd", false),
            ("data:text/html,x", false),
        ] {
            assert_eq!(is_ours(&page(address), None), ours, "{address}");
        }
        assert!(is_ours(&page("http://localhost:5173/desktop.html"), Some(&development)), "the page that is being worked on");
    }
}
