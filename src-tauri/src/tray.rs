//! The tray icon: red with the time while a take runs, with a menu that does what the window's buttons do.

use tauri::image::Image;
use tauri::menu::{MenuBuilder, MenuEvent, MenuItemBuilder};
use tauri::tray::TrayIconBuilder;
use tauri::{AppHandle, Emitter as _, Manager as _};
use vignette_model::Micros;
use vignette_model::take::Phase;

use crate::app::App;
use crate::window;

const ID: &str = "vignette";
const IDLE: &[u8] = include_bytes!("../../assets/icons/tray.png");
const RECORDING: &[u8] = include_bytes!("../../assets/icons/tray-recording.png");

/// Puts the icon into the tray.
pub(crate) fn build(handle: &AppHandle) -> tauri::Result<()> {
    let open = MenuItemBuilder::with_id("open", "Open Vignette").build(handle)?;
    let pause = MenuItemBuilder::with_id("pause", "Pause or resume").build(handle)?;
    let stop = MenuItemBuilder::with_id("stop", "Stop and copy link").build(handle)?;
    let quit = MenuItemBuilder::with_id("quit", "Quit").build(handle)?;
    let menu = MenuBuilder::new(handle).item(&open).separator().item(&pause).item(&stop).separator().item(&quit).build()?;
    TrayIconBuilder::with_id(ID)
        .icon(Image::from_bytes(IDLE)?)
        .tooltip("Vignette")
        .menu(&menu)
        .on_menu_event(chosen)
        .build(handle)?;
    Ok(())
}

fn chosen(handle: &AppHandle, event: MenuEvent) {
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        let app = handle.state::<App>();
        let done = match event.id().as_ref() {
            "pause" => {
                app.running().map(|take| if take.view().borrow().phase == Phase::Paused { take.resume() } else { take.pause() })
            }
            "stop" => crate::commands::stop(handle.clone(), app).await.map(drop),
            "quit" if app.recorder.running().is_some() => {
                window::show(&handle);
                drop(handle.emit("close_requested", ()));
                Ok(())
            }
            "quit" => crate::commands::quit(handle.clone(), app).await,
            _ => {
                window::show(&handle);
                Ok(())
            }
        };
        if let Err(problem) = done {
            tracing::info!(%problem, "Nothing to do for the tray");
        }
    });
}

/// Shows what a take is doing.
pub(crate) fn show(handle: &AppHandle, phase: Phase, duration: Micros) {
    let Some(tray) = handle.tray_by_id(ID) else { return };
    let (icon, words) = match phase {
        Phase::Countdown => (RECORDING, "Vignette is about to record".to_owned()),
        Phase::Recording => (RECORDING, format!("Vignette is recording, {duration}")),
        Phase::Paused => (RECORDING, format!("Vignette is paused at {duration}")),
        Phase::Finishing | Phase::Stopped => (IDLE, "Vignette".to_owned()),
    };
    let shown = Image::from_bytes(icon).and_then(|icon| tray.set_icon(Some(icon))).and_then(|()| tray.set_tooltip(Some(words)));
    if let Err(error) = shown {
        tracing::debug!(%error, "The tray icon could not be changed");
    }
}
