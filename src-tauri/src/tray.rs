//! [`Tray`]: the icon beside the clock, which shows what a take is doing, with a menu that does
//! what the window's buttons do.

use std::mem::discriminant;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use tauri::image::Image;
use tauri::menu::{MenuBuilder, MenuEvent, MenuItem, MenuItemBuilder};
use tauri::tray::{TrayIcon, TrayIconBuilder};
use tauri::{AppHandle, Wry};
use vignette_studio::TakeStatus;

/// The icon and those parts of its menu that change.
pub(crate) struct Tray {
    icon: TrayIcon,
    state: MenuItem<Wry>,
    pause: MenuItem<Wry>,
    stop: MenuItem<Wry>,
    shown: Mutex<TakeStatus>,
}

impl Tray {
    /// Puts the icon into the tray; `chosen` gets the item of the menu that the person chose:
    /// `open`, `pause` (or resume), `stop` or `quit`. Systems that take icons from files find them
    /// in `icons`.
    pub(crate) fn build(
        handle: &AppHandle,
        icons: &Path,
        chosen: impl Fn(&AppHandle, MenuEvent) + Send + Sync + 'static,
    ) -> tauri::Result<Self> {
        let idle = TakeStatus::Idle;
        let state =
            MenuItemBuilder::with_id("state", idle.to_string()).enabled(false).build(handle)?;
        let open = MenuItemBuilder::with_id("open", "Open Vignette").build(handle)?;
        let pause = MenuItemBuilder::with_id("pause", "Pause").enabled(false).build(handle)?;
        let stop =
            MenuItemBuilder::with_id("stop", "Stop and copy link").enabled(false).build(handle)?;
        let quit = MenuItemBuilder::with_id("quit", "Quit").build(handle)?;
        let menu = MenuBuilder::new(handle)
            .item(&state)
            .separator()
            .item(&open)
            .item(&pause)
            .item(&stop)
            .separator()
            .item(&quit);
        let icon = TrayIconBuilder::with_id("vignette")
            .icon(icon(idle)?)
            .temp_dir_path(icons)
            .tooltip("Vignette")
            .menu(&menu.build()?)
            .on_menu_event(chosen)
            .build(handle)?;
        Ok(Self { icon, state, pause, stop, shown: Mutex::default() })
    }

    /// Shows what a take is doing.
    pub(crate) fn show(&self, status: TakeStatus) {
        if let Err(error) = self.try_show(status) {
            tracing::debug!(%error, "The tray icon could not be changed");
        }
    }

    fn try_show(&self, status: TakeStatus) -> tauri::Result<()> {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *shown, status);
        drop(shown);
        if before == status {
            return Ok(());
        }
        self.state.set_text(status.to_string())?;
        self.icon.set_tooltip(Some(format!("Vignette: {status}")))?;
        // An icon may be a file that is written anew, so it is set only if it is another one.
        if discriminant(&before) == discriminant(&status) {
            return Ok(());
        }
        self.icon.set_icon(Some(icon(status)?))?;
        self.pause.set_text(if status.is_paused() { "Resume" } else { "Pause" })?;
        self.pause.set_enabled(status.is_running())?;
        self.stop.set_enabled(status.is_running())
    }
}

fn icon(status: TakeStatus) -> tauri::Result<Image<'static>> {
    Image::from_bytes(match status {
        TakeStatus::Idle => include_bytes!("../../assets/icons/tray.png"),
        TakeStatus::Countdown | TakeStatus::Recording(_) => {
            include_bytes!("../../assets/icons/tray-recording.png")
        }
        TakeStatus::Paused(_) => include_bytes!("../../assets/icons/tray-paused.png"),
    })
}

#[cfg(test)]
mod tests {
    use vignette_model::Span;

    use super::*;

    #[test]
    fn every_status_has_a_picture() {
        for status in [
            TakeStatus::Idle,
            TakeStatus::Countdown,
            TakeStatus::Recording(Span::ZERO),
            TakeStatus::Paused(Span::ZERO),
        ] {
            let icon = icon(status).expect("the picture is a PNG");
            assert_eq!((icon.width(), icon.height()), (64, 64), "all are of one size: {status}");
        }
    }
}
