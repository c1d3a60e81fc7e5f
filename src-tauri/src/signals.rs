//! Signals that ask the app to end: a running take is stopped properly, as if the person had quit.

use tauri::AppHandle;

/// SIGTERM, SIGINT, and SIGHUP, which comes when a session or terminal ends.
#[cfg(unix)]
pub(crate) fn quit_when_told(handle: &AppHandle) {
    use tauri::Manager as _;
    use tokio::signal::unix::{SignalKind, signal};

    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        let open = || -> std::io::Result<_> {
            Ok((
                signal(SignalKind::terminate())?,
                signal(SignalKind::interrupt())?,
                signal(SignalKind::hangup())?,
            ))
        };
        let (mut terminate, mut interrupt, mut hang_up) = match open() {
            Ok(signals) => signals,
            Err(error) => {
                return tracing::warn!(%error, "Signals end the app at once; the next start recovers a take");
            }
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = hang_up.recv() => {}
        }
        let app = handle.state();
        if let Err(problem) = crate::commands::quit(handle.clone(), app, true).await {
            tracing::error!(%problem, "The app cannot quit");
        }
    });
}

/// Windows ends apps with messages to their windows.
#[cfg(not(unix))]
pub(crate) fn quit_when_told(_: &AppHandle) {}
