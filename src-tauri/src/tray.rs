//! [`Tray`]: the icon beside the clock, which shows what a take is doing, with a menu that does
//! what the window's buttons do.

use std::mem::discriminant;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use tauri::image::Image;
use tauri::menu::{MenuBuilder, MenuItem, MenuItemBuilder};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Wry};
use vignette_studio::TakeStatus;

const START: &str = "Start recording";

/// The icon and those parts of its menu that change.
pub(crate) struct Tray {
    icon: TrayIcon,
    state: MenuItem<Wry>,
    record: MenuItem<Wry>,
    pause: MenuItem<Wry>,
    link: MenuItem<Wry>,
    shown: Mutex<TakeStatus>,
}

impl Tray {
    /// Puts the icon into the tray; `chosen` gets the item of the menu that the person chose:
    /// `record` (or stop), `pause` (or resume), `link`, `open`, `settings` or `quit`; a click on
    /// the icon, where the system tells of it, is `icon`. On Linux a click opens the menu. Systems
    /// that take icons from files find them in `icons`.
    pub(crate) fn build(
        handle: &AppHandle,
        icons: &Path,
        chosen: impl Fn(&AppHandle, &str) + Clone + Send + Sync + 'static,
    ) -> tauri::Result<Self> {
        let idle = TakeStatus::Idle;
        let item = |id, text: &str| MenuItemBuilder::with_id(id, text);
        let state = item("state", &idle.to_string()).enabled(false).build(handle)?;
        let record = item("record", START).build(handle)?;
        let pause = item("pause", "Pause").enabled(false).build(handle)?;
        let link = item("link", "Copy last link").enabled(false).build(handle)?;
        let menu = MenuBuilder::new(handle)
            .item(&state)
            .separator()
            .item(&record)
            .item(&pause)
            .item(&link)
            .separator()
            .item(&item("open", "Open Vignette").build(handle)?)
            .item(&item("settings", "Settings").build(handle)?)
            .item(&item("quit", "Quit").build(handle)?);
        let clicked = chosen.clone();
        let icon = TrayIconBuilder::with_id("vignette")
            .icon(icon(idle)?)
            .temp_dir_path(icons)
            .tooltip("Vignette")
            .menu(&menu.build()?)
            .show_menu_on_left_click(cfg!(target_os = "linux"))
            .on_menu_event(move |handle, event| chosen(handle, event.id().as_ref()))
            .on_tray_icon_event(move |icon, event| {
                if is_click(&event) {
                    clicked(icon.app_handle(), "icon");
                }
            })
            .build(handle)?;
        Ok(Self { icon, state, record, pause, link, shown: Mutex::default() })
    }

    /// Shows what a take is doing.
    pub(crate) fn show(&self, status: TakeStatus) {
        if let Err(error) = self.try_show(status) {
            tracing::debug!(%error, "The tray icon could not be changed");
        }
    }

    /// Whether there is a last link to copy.
    pub(crate) fn offer_link(&self, linked: bool) {
        if let Err(error) = self.link.set_enabled(linked) {
            tracing::debug!(%error, "The tray's menu could not be changed");
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
        self.record.set_text(match status {
            TakeStatus::Idle => START,
            TakeStatus::Countdown => "Cancel",
            TakeStatus::Recording(_) | TakeStatus::Paused(_) => "Stop and copy link",
        })?;
        self.pause.set_text(if status.is_paused() { "Resume" } else { "Pause" })?;
        self.pause.set_enabled(status.is_running())
    }
}

fn is_click(event: &TrayIconEvent) -> bool {
    matches!(
        event,
        TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. }
    )
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
