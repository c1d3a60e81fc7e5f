//! [`Tray`]: the icon beside the clock, which shows what a take is doing, with a menu that does what the window's buttons do.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use tauri::image::Image;
use tauri::menu::{MenuBuilder, MenuEvent, MenuItem, MenuItemBuilder};
use tauri::tray::{TrayIcon, TrayIconBuilder};
use tauri::{AppHandle, Manager as _, Wry};
use vignette_model::Span;
use vignette_model::take::Phase;

use crate::app::App;
use crate::commands;
use crate::window;

/// The icon and those parts of its menu that change.
pub(crate) struct Tray {
    icon: TrayIcon,
    state: MenuItem<Wry>,
    pause: MenuItem<Wry>,
    stop: MenuItem<Wry>,
    shown: Mutex<Option<Face>>,
}

impl Tray {
    /// Puts the icon into the tray. Systems that take icons from files find them in `icons`.
    pub(crate) fn build(handle: &AppHandle, icons: &Path) -> tauri::Result<Self> {
        let state = MenuItemBuilder::with_id("state", Face::Idle.text(Span::ZERO))
            .enabled(false)
            .build(handle)?;
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
            .icon(Face::Idle.icon()?)
            .temp_dir_path(icons)
            .tooltip("Vignette")
            .menu(&menu.build()?)
            .on_menu_event(chosen)
            .build(handle)?;
        Ok(Self { icon, state, pause, stop, shown: Mutex::default() })
    }

    /// Shows what a take is doing.
    pub(crate) fn show(&self, phase: Phase, duration: Span) {
        if let Err(error) = self.try_show(Face::of(phase), duration) {
            tracing::debug!(%error, "The tray icon could not be changed");
        }
    }

    fn try_show(&self, face: Face, duration: Span) -> tauri::Result<()> {
        let text = face.text(duration);
        self.state.set_text(&text)?;
        self.icon.set_tooltip(Some(format!("Vignette: {text}")))?;
        // An icon may be a file that is written anew, and all that stays the same from second to second is let be.
        if self.shown.lock().unwrap_or_else(PoisonError::into_inner).replace(face) == Some(face) {
            return Ok(());
        }
        self.icon.set_icon(Some(face.icon()?))?;
        self.pause.set_text(if face == Face::Paused { "Resume" } else { "Pause" })?;
        self.pause.set_enabled(face.runs())?;
        self.stop.set_enabled(face.runs())
    }
}

/// What the icon says of a take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Face {
    Idle,
    Countdown,
    Recording,
    Paused,
}

impl Face {
    fn of(phase: Phase) -> Self {
        match phase {
            Phase::Countdown => Self::Countdown,
            Phase::Recording => Self::Recording,
            Phase::Paused => Self::Paused,
            Phase::Finishing | Phase::Stopped => Self::Idle,
        }
    }

    fn runs(self) -> bool {
        matches!(self, Self::Recording | Self::Paused)
    }

    fn text(self, duration: Span) -> String {
        match self {
            Self::Idle => "Not recording".into(),
            Self::Countdown => "About to record".into(),
            Self::Recording => format!("Recording, {duration}"),
            Self::Paused => format!("Paused at {duration}"),
        }
    }

    fn icon(self) -> tauri::Result<Image<'static>> {
        Image::from_bytes(match self {
            Self::Idle => include_bytes!("../../assets/icons/tray.png"),
            Self::Countdown | Self::Recording => {
                include_bytes!("../../assets/icons/tray-recording.png")
            }
            Self::Paused => include_bytes!("../../assets/icons/tray-paused.png"),
        })
    }
}

fn chosen(handle: &AppHandle, event: MenuEvent) {
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        let app = handle.state::<App>();
        let done = match event.id().as_ref() {
            "pause" => app.running().map(|take| {
                if take.view().borrow().phase == Phase::Paused {
                    take.resume()
                } else {
                    take.pause()
                }
            }),
            // The window says that the link is on the clipboard, and asks for a title.
            "stop" => commands::stop(handle.clone(), app).await.map(|_| window::show(&handle)),
            "quit" if window::must_ask(&handle) => {
                window::ask(&handle);
                Ok(())
            }
            "quit" => commands::quit(handle.clone(), app, true).await,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_face_has_a_picture_and_a_text() {
        for (phase, face, text) in [
            (Phase::Countdown, Face::Countdown, "About to record"),
            (Phase::Recording, Face::Recording, "Recording, 1:02"),
            (Phase::Paused, Face::Paused, "Paused at 1:02"),
            (Phase::Finishing, Face::Idle, "Not recording"),
            (Phase::Stopped, Face::Idle, "Not recording"),
        ] {
            assert_eq!(Face::of(phase), face, "{phase:?}");
            assert_eq!(face.text(Span(62_900_000)), text);
            let icon = face.icon().expect("the picture is a PNG");
            assert_eq!((icon.width(), icon.height()), (64, 64), "all faces are of one size");
        }
    }
}
