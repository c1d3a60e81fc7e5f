//! The desktop shell: a window, a tray icon, and one-line commands over the studio.
//!
//! ```text
//!  ipc ─▶ commands, speech ─┬─▶ following ─▶ tray
//!                           ├─▶ ending ─────▶ events ─▶ window ─▶ app
//!                           └─▶ dialogs
//! ```
//!
//! Architecture invariant: nothing here records, sends or decides. The window asks by a command and
//! is told by whole snapshots ([`events`]); it can be reloaded at any time and asks again.
#![forbid(unsafe_code)]

mod app;
mod commands;
mod dialogs;
mod ending;
mod events;
mod following;
mod ipc;
mod speech;
mod tray;
mod window;

use std::process::ExitCode;

use tauri::menu::MenuEvent;
use tauri::{AppHandle, DragDropEvent, Manager as _, Window, WindowEvent};
use vignette_model::Problem;
use vignette_studio::GivenFiles;

use crate::app::App;
use crate::dialogs::Dialogs;
use crate::events::DROPPED;
use crate::tray::Tray;

/// What is logged unless `VIGNETTE_LOG` says otherwise. Two libraries call it an error or worth a
/// warning that a microphone was closed, or that no other program wants to keep the clipboard.
const USUAL_LOG: &str = "warn,pulseaudio=off,arboard=error";

/// Runs the app until it is quit.
#[must_use]
pub fn run() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_env("VIGNETTE_LOG")
        .unwrap_or_else(|_| USUAL_LOG.into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let built = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|handle, _, _| window::show(handle)))
        .plugin(tauri_plugin_clipboard_manager::init())
        .plugin(tauri_plugin_dialog::init())
        .setup(|tauri| {
            let app = tauri::async_runtime::block_on(App::open()).map_err(Problem::from)?;
            following::follow_studio(tauri.handle(), &app);
            tauri.manage(Dialogs::default());
            tauri.manage(GivenFiles::default());
            let [remembered, icons] =
                ["window", "tray"].map(|name| app.studio.paths.spool.with_file_name(name));
            tauri.manage(app);
            match Tray::build(tauri.handle(), &icons, chosen_in_tray) {
                Ok(tray) => drop(tauri.manage(tray)),
                // Desktops without a tray exist; the window does everything that the tray does.
                Err(error) => tracing::info!(%error, "No tray icon"),
            }
            ending::quit_when_told(tauri.handle());
            // Only now, since its page asks at once.
            window::open(tauri.handle(), remembered)?;
            Ok(())
        })
        .on_window_event(on_window_event)
        .invoke_handler(ipc::handler())
        .build(tauri::generate_context!());
    match built {
        Ok(tauri) => {
            tauri.run(|_, _| {});
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!(%error, "The app cannot start");
            ExitCode::FAILURE
        }
    }
}

/// Closing the window quits the app, which may have to be asked about first. Files that are dropped
/// on it are given to the app (event `dropped`).
fn on_window_event(window: &Window, event: &WindowEvent) {
    let handle = window.app_handle();
    match event {
        WindowEvent::CloseRequested { api, .. } if ending::asks(handle) => api.prevent_close(),
        WindowEvent::DragDrop(DragDropEvent::Drop { paths, .. }) => {
            let files = handle.state::<GivenFiles>();
            let given: Vec<_> = paths.iter().map(|path| files.give(path)).collect();
            events::tell(handle, DROPPED, &given);
        }
        _ => {}
    }
}

fn chosen_in_tray(handle: &AppHandle, event: MenuEvent) {
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        let running = handle.state::<App>().studio.running().map_err(Problem::from);
        let done = match event.id().as_ref() {
            "pause" => running.map(|take| take.toggle_pause()),
            // The window says that the link is on the clipboard, and asks for a title.
            "stop" => {
                running.and_then(|take| ending::stop(&handle, &take)).map(|_| window::show(&handle))
            }
            "quit" => {
                if !ending::asks(&handle) {
                    ending::quit(&handle, true).await;
                }
                return;
            }
            _ => return window::show(&handle),
        };
        if let Err(problem) = done {
            tracing::info!(%problem, "Nothing to do for the tray");
        }
    });
}
