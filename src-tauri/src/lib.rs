//! The desktop shell: windows, a tray icon, shortcuts, and one-line commands over the studio.
//!
//! ```text
//!  ipc ─▶ commands, speech, shell, person ─┐
//!  remote, shortcuts, tray ────────────────┼─▶ beginning, ending, closing ─▶ following
//!                                          └─▶ dialogs                         │
//!                                                app ◀─ window, floating ◀─ events
//! ```
//!
//! Architecture invariant: nothing here records, sends or decides. The window asks by a command and
//! is told by whole snapshots ([`events`]); it can be reloaded at any time and asks again.
#![forbid(unsafe_code)]

mod app;
mod beginning;
mod closing;
mod commands;
mod dialogs;
mod ending;
mod events;
mod floating;
mod following;
mod ipc;
mod person;
mod remote;
mod shell;
mod shortcuts;
mod speech;
mod tray;
mod window;

use std::process::ExitCode;

use tauri::{AppHandle, DragDropEvent, Manager as _, Window, WindowEvent};
use vignette_model::{Problem, SystemClock};
use vignette_studio::{BrowserSignIn, GivenFiles};

use crate::app::App;
use crate::dialogs::Dialogs;
use crate::events::{DROPPED, SHOW_PAGE};
use crate::floating::Floating;
use crate::shortcuts::Shortcuts;
use crate::tray::Tray;
use crate::window::WINDOW;

/// What is logged unless `VIGNETTE_LOG` says otherwise. Two libraries call it an error or worth a
/// warning that a microphone was closed, or that no other program wants to keep the clipboard.
const USUAL_LOG: &str = "warn,pulseaudio=off,arboard=error";

/// Runs the app until it is quit. Started with `--background` it shows no window.
#[must_use]
pub fn run() -> ExitCode {
    let started = SystemClock::new();
    let filter = tracing_subscriber::EnvFilter::try_from_env("VIGNETTE_LOG")
        .unwrap_or_else(|_| USUAL_LOG.into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let built = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|handle, arguments, _| {
            if !in_background(&arguments) {
                window::show(handle);
            }
        }))
        .plugin(tauri_plugin_clipboard_manager::init())
        .plugin(tauri_plugin_dialog::init())
        .plugin(shortcuts::plugin())
        .setup(move |tauri| {
            let app = match tauri::async_runtime::block_on(App::open()) {
                Ok(app) => app,
                Err(error) => {
                    dialogs::say_why_it_ends(tauri.handle(), &error.into());
                    return Ok(());
                }
            };
            tauri.manage(started);
            tauri.manage(BrowserSignIn::default());
            tauri.manage(Dialogs::default());
            tauri.manage(GivenFiles::default());
            tauri.manage(Shortcuts::default());
            tauri.manage(Floating::of_this_desktop());
            let icons = app.studio.paths.spool.with_file_name("tray");
            let handle = tauri.handle();
            tauri.manage(app);
            match Tray::build(handle, &icons, chosen_in_tray) {
                Ok(tray) => drop(tauri.manage(tray)),
                // Desktops without a tray exist; the window does everything that the tray does.
                Err(error) => tracing::info!(%error, "No tray icon"),
            }
            following::follow_studio(handle, &handle.state::<App>());
            ending::quit_when_told(handle);
            remote::answer_programs(handle);
            // Only now, since its page asks at once.
            let arguments: Vec<_> = std::env::args().collect();
            window::open(handle, in_background(&arguments))?;
            shortcuts::open(handle);
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

fn in_background(arguments: &[String]) -> bool {
    arguments.iter().skip(1).any(|argument| argument == "--background")
}

/// The close button leaves the app running where there is a tray. Files that are dropped on the
/// window are given to the app (event `dropped`).
fn on_window_event(window: &Window, event: &WindowEvent) {
    let handle = window.app_handle();
    match event {
        WindowEvent::CloseRequested { api, .. } => {
            api.prevent_close();
            // The others have no close button, and are closed by nobody.
            if window.label() == WINDOW {
                closing::close(handle);
            }
        }
        WindowEvent::DragDrop(DragDropEvent::Drop { paths, .. }) if window.label() == WINDOW => {
            let files = handle.state::<GivenFiles>();
            let given: Vec<_> = paths.iter().map(|path| files.give(path)).collect();
            events::tell(handle, DROPPED, &given);
        }
        _ => {}
    }
}

fn chosen_in_tray(handle: &AppHandle, item: &str) {
    let (handle, item) = (handle.clone(), item.to_owned());
    tauri::async_runtime::spawn(async move {
        let studio = &handle.state::<App>().inner().studio;
        let running = studio.running().map_err(Problem::from);
        let done = match item.as_str() {
            "record" => beginning::toggle(&handle).await,
            "icon" if running.is_ok() => beginning::toggle(&handle).await,
            "pause" => running.map(|take| take.toggle_pause()),
            "link" => {
                studio.last_link().map_or(Ok(()), |link| ending::to_clipboard(&handle, &link))
            }
            "quit" => {
                if !ending::asks(&handle) {
                    ending::quit(&handle, true).await;
                }
                return;
            }
            page => {
                window::show(&handle);
                if page == "settings" {
                    events::tell(&handle, SHOW_PAGE, &page.to_owned());
                }
                return;
            }
        };
        beginning::say(&handle, done);
    });
}
