//! Windows that float, where the toolkit does all of it.

use tauri::{LogicalSize, Manager, Runtime, WebviewWindow, WebviewWindowBuilder};

/// Whether windows can be placed, and kept above others.
pub(super) fn floats() -> bool {
    true
}

/// Whether what is transparent shows what lies below. macOS has that for private interfaces alone.
pub(super) fn has_alpha() -> bool {
    cfg!(windows)
}

/// Each page has a process of its own choice there.
pub(super) fn beside<'a, R: Runtime, M: Manager<R>>(
    builder: WebviewWindowBuilder<'a, R, M>,
    _main: Option<&WebviewWindow<R>>,
) -> WebviewWindowBuilder<'a, R, M> {
    builder
}

/// The builder has said all of it.
pub(super) fn float(_window: &WebviewWindow) -> tauri::Result<()> {
    Ok(())
}

/// Puts it above the others again.
pub(super) fn keep_above(window: &WebviewWindow) -> tauri::Result<()> {
    window.set_always_on_top(true)
}

/// The size of its page.
pub(super) fn set_size(window: &WebviewWindow, (width, height): (f64, f64)) -> tauri::Result<()> {
    window.set_size(LogicalSize::new(width, height))
}
