//! Windows that float, by GTK. Under X11 a program may place its windows; under Wayland it may not.

use gtk::gdk::prelude::DisplayExtManual as _;
use gtk::gdk::{self, WindowTypeHint};
use gtk::glib::thread_guard::ThreadGuard;
use gtk::prelude::{GtkWindowExt as _, WidgetExt as _};
use tauri::{Manager, Runtime, WebviewWindow, WebviewWindowBuilder};

/// Whether windows can be placed, and kept above others.
pub(super) fn floats() -> bool {
    gdk::Display::default().is_some_and(|display| display.backend().is_x11())
}

/// Whether something composes the windows, so that what is transparent shows what lies below.
pub(super) fn has_alpha() -> bool {
    gdk::Screen::default().is_some_and(|screen| screen.is_composited())
}

/// Gives the window the process of another one's page, and a ground one can see through.
pub(super) fn beside<'a, R: Runtime, M: Manager<R>>(
    builder: WebviewWindowBuilder<'a, R, M>,
    main: Option<&WebviewWindow<R>>,
) -> WebviewWindowBuilder<'a, R, M> {
    let builder = builder.transparent(true);
    let (give, given) = std::sync::mpsc::channel();
    let asked = main
        .map(|main| main.with_webview(move |view| drop(give.send(ThreadGuard::new(view.inner())))));
    match (asked, given.try_recv()) {
        (Some(Ok(())), Ok(view)) => builder.with_related_view(view.into_inner()),
        _ => builder,
    }
}

/// The keyboard never goes to it, and it is no window that one switches to.
pub(super) fn float(window: &WebviewWindow) -> tauri::Result<()> {
    let gtk = window.gtk_window()?;
    gtk.set_type_hint(WindowTypeHint::Utility);
    gtk.set_accept_focus(false);
    gtk.set_focus_on_map(false);
    gtk.set_skip_pager_hint(true);
    Ok(())
}

/// Puts it above the others again.
pub(super) fn keep_above(window: &WebviewWindow) -> tauri::Result<()> {
    let gtk = window.gtk_window()?;
    gtk.set_keep_above(true);
    if let Some(window) = gtk.window() {
        window.raise();
    }
    Ok(())
}

/// A window that people cannot resize has the size that it requests.
#[expect(clippy::cast_possible_truncation, reason = "sizes of windows in pixels")]
pub(super) fn set_size(window: &WebviewWindow, (width, height): (f64, f64)) -> tauri::Result<()> {
    window.gtk_window()?.set_size_request(width as i32, height as i32);
    Ok(())
}
