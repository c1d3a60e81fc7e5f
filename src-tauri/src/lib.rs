//! The desktop shell: a window, a tray icon, and one-line commands over the recorder and the embedded library.
//!
//! Architecture invariant: nothing here records, sends or decides. The window asks by a command and is told by whole
//! snapshots ([`events`]); it can be reloaded at any time and asks again.
#![forbid(unsafe_code)]

mod app;
mod commands;
mod dialogs;
mod events;
mod files;
mod ipc;
mod policy;
mod signals;
mod speech;
mod tray;
mod window;

use std::process::ExitCode;

use tauri::Manager as _;

use crate::app::App;
use crate::dialogs::Dialogs;
use crate::files::Files;
use crate::tray::Tray;

/// What is logged unless `VIGNETTE_LOG` says otherwise. Two libraries call it an error or worth a warning that a microphone
/// was closed, or that no other program wants to keep the clipboard.
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
            let app = tauri::async_runtime::block_on(App::open())?;
            events::forward(tauri.handle(), &app);
            app.follow_own_library(tauri.handle());
            speech::forward(tauri.handle(), &app);
            tauri.manage(Dialogs::default());
            tauri.manage(Files::default());
            let [remembered, icons] =
                ["window", "tray"].map(|name| app.studio.paths.spool.with_file_name(name));
            tauri.manage(app);
            match Tray::build(tauri.handle(), &icons) {
                Ok(tray) => drop(tauri.manage(tray)),
                // Desktops without a tray exist; the window does everything that the tray does.
                Err(error) => tracing::info!(%error, "No tray icon"),
            }
            signals::quit_when_told(tauri.handle());
            // Only now, since its page asks at once.
            window::open(tauri.handle(), remembered)?;
            Ok(())
        })
        .on_window_event(window::hear)
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
