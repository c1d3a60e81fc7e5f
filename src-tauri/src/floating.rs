//! The windows that are there while a take runs: a bar with what one wants of it, and the
//! countdown over the middle of the screen. The app's own window leaves meanwhile.
//!
//! Neither ever takes the keyboard from the program that is recorded, and pointers go through the
//! countdown. Where windows cannot be placed or kept above others (Wayland), there are none, and
//! the app's window stays.

#[cfg(target_os = "linux")]
#[path = "floating/linux.rs"]
mod system;
#[cfg(not(target_os = "linux"))]
#[path = "floating/other.rs"]
mod system;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tauri::{
    AppHandle, LogicalPosition, LogicalSize, Manager as _, WebviewUrl, WebviewWindow,
    WebviewWindowBuilder,
};
use vignette_studio::{BAR_MARGIN, BarPlace, BarView, DesktopRect};

use crate::app::App;
use crate::events::{self, BAR_CHANGED};
use crate::{shortcuts, window};

/// The labels of the two windows.
pub(crate) const BAR: &str = "bar";
pub(crate) const COUNTDOWN: &str = "countdown";

/// Width and height of the bar until its page asks for others, and the most that it gets.
const BAR_SIZE: (f64, f64) = (360.0, 52.0);
const MAX_BAR_SIZE: (f64, f64) = (420.0, 160.0);
const COUNTDOWN_SIZE: (f64, f64) = (176.0, 176.0);
/// How long the end of a take is shown.
const END_TIME: Duration = Duration::from_secs(10);

/// What the two windows show, and where.
#[derive(Debug, Default)]
pub(crate) struct Floating {
    /// Whether this desktop lets a program place windows above others.
    available: bool,
    /// Whether the app's window was on the screen when the take began.
    main_was_shown: AtomicBool,
    /// Counts what was shown, so that what hides the bar later knows whether it is still that.
    shown: AtomicU64,
    view: Mutex<Option<BarView>>,
    bar: Mutex<BarShape>,
}

/// Where the bar is on the desktop, in logical pixels.
#[derive(Clone, Copy, Debug)]
struct BarShape {
    size: (f64, f64),
    corner: (f64, f64),
}

impl Default for BarShape {
    fn default() -> Self {
        Self { size: BAR_SIZE, corner: (0.0, 0.0) }
    }
}

impl Floating {
    /// Looks once, on the main thread, at what this desktop can do.
    pub(crate) fn of_this_desktop() -> Self {
        Self { available: system::floats(), ..Self::default() }
    }

    /// What the bar shows.
    pub(crate) fn view(&self) -> Option<BarView> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn shape(&self) -> BarShape {
        *self.bar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_shape(&self, shape: BarShape) {
        *self.bar.lock().unwrap_or_else(PoisonError::into_inner) = shape;
    }
}

/// A take is about to begin: the app's window goes, the bar comes.
pub(crate) fn enter(handle: &AppHandle) {
    let floating = handle.state::<Floating>();
    floating.shown.fetch_add(1, Ordering::AcqRel);
    if !floating.available {
        return;
    }
    if window::is_shown() {
        floating.main_was_shown.store(true, Ordering::Release);
        window::hide(handle);
    }
    set_view(handle, Some(BarView::Countdown { seconds: 0 }));
    on_main_thread(handle, |handle| {
        if let Err(error) = show_bar(handle) {
            // Without it there are the tray and the shortcuts; better to be seen than to be stuck.
            tracing::warn!(%error, "The bar cannot be shown");
            window::show(handle);
        }
    });
}

/// Shows what the take is doing.
pub(crate) fn show(handle: &AppHandle, view: BarView) {
    let floating = handle.state::<Floating>();
    if !floating.available || floating.view().as_ref() == Some(&view) {
        return;
    }
    let counts_down = matches!(view, BarView::Countdown { seconds: 1.. });
    let counted_down = matches!(floating.view(), Some(BarView::Countdown { seconds: 1.. }));
    set_view(handle, Some(view));
    match (counted_down, counts_down) {
        (false, true) => on_main_thread(handle, |handle| {
            if let Err(error) = show_countdown(handle) {
                tracing::info!(%error, "The countdown is shown by the bar alone");
            }
        }),
        (true, false) => hide(handle, COUNTDOWN),
        _ => {}
    }
}

/// The take is over: the app's window comes back if it was there before; else the bar says how it
/// ended, and goes.
pub(crate) fn leave(handle: &AppHandle, end: Option<BarView>) {
    let floating = handle.state::<Floating>();
    hide(handle, COUNTDOWN);
    let shows_main = floating.main_was_shown.swap(false, Ordering::AcqRel);
    if shows_main {
        window::show(handle);
    }
    // What was thrown away is brought back where it was thrown away.
    let stays = !shows_main || end == Some(BarView::Discarded);
    let end = end.filter(|_| stays && floating.available);
    let (is_over, shown) = (end.is_none(), floating.shown.fetch_add(1, Ordering::AcqRel) + 1);
    set_view(handle, end);
    if is_over {
        return hide(handle, BAR);
    }
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(END_TIME).await;
        if handle.state::<Floating>().shown.load(Ordering::Acquire) == shown {
            dismiss(&handle);
        }
    });
}

/// Whether a take is about to begin.
pub(crate) fn counts_down(handle: &AppHandle) -> bool {
    matches!(handle.state::<Floating>().view(), Some(BarView::Countdown { .. }))
}

/// Takes away what is shown of a take that has ended.
pub(crate) fn dismiss(handle: &AppHandle) {
    set_view(handle, None);
    hide(handle, BAR);
}

/// Takes away the offer to bring a discarded take back. What is shown of another take stays.
pub(crate) fn dismiss_discarded(handle: &AppHandle) {
    if matches!(handle.state::<Floating>().view(), Some(BarView::Discarded)) {
        dismiss(handle);
    }
}

/// Gives the bar another size, as its page needs it; its place stays.
pub(crate) fn size_bar(handle: &AppHandle, width: f64, height: f64) {
    let floating = handle.state::<Floating>();
    let within =
        |size: f64, most: f64| if size.is_finite() { size.clamp(16.0, most) } else { most };
    let size = (within(width, MAX_BAR_SIZE.0), within(height, MAX_BAR_SIZE.1));
    floating.set_shape(BarShape { size, ..floating.shape() });
    on_main_thread(handle, place_bar);
}

/// Moves the bar by so many logical pixels.
pub(crate) fn drag_bar(handle: &AppHandle, dx: f64, dy: f64) {
    let floating = handle.state::<Floating>();
    let mut shape = floating.shape();
    if dx.is_finite() && dy.is_finite() {
        shape.corner = (shape.corner.0 + dx, shape.corner.1 + dy);
        floating.set_shape(shape);
    }
    on_main_thread(handle, move |handle| {
        if let Some(bar) = handle.get_webview_window(BAR) {
            drop(bar.set_position(LogicalPosition::new(shape.corner.0, shape.corner.1)));
        }
    });
}

/// Lets the bar rest at the nearest of its nine places, now and the next time.
pub(crate) fn drop_bar(handle: &AppHandle) {
    on_main_thread(handle, |handle| {
        let BarShape { size, corner } = handle.state::<Floating>().shape();
        let bar = DesktopRect { x: corner.0, y: corner.1, width: size.0, height: size.1 };
        if let Some(screen) = screen(handle) {
            let place = BarPlace::nearest(bar, screen);
            handle.state::<App>().remember(|memory| memory.bar = place);
        }
        place_bar(handle);
    });
}

fn set_view(handle: &AppHandle, view: Option<BarView>) {
    let floating = handle.state::<Floating>();
    floating.view.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&view);
    shortcuts::hold_cancel(handle, counts_down(handle));
    if handle.get_webview_window(BAR).is_some() {
        events::tell(handle, BAR_CHANGED, &view);
    }
}

fn show_bar(handle: &AppHandle) -> tauri::Result<()> {
    let bar = match handle.get_webview_window(BAR) {
        Some(bar) => bar,
        None => build(handle, BAR, "Vignette is recording", BAR_SIZE)?,
    };
    place_bar(handle);
    bar.show()?;
    system::keep_above(&bar)
}

fn show_countdown(handle: &AppHandle) -> tauri::Result<()> {
    let countdown = match handle.get_webview_window(COUNTDOWN) {
        Some(countdown) => countdown,
        None => build(handle, COUNTDOWN, "Recording is about to begin", COUNTDOWN_SIZE)?,
    };
    if let Some(screen) = screen(handle) {
        let (width, height) = COUNTDOWN_SIZE;
        let (x, y) =
            (screen.x + (screen.width - width) / 2.0, screen.y + (screen.height - height) / 2.0);
        countdown.set_position(LogicalPosition::new(x, y))?;
    }
    countdown.show()?;
    countdown.set_ignore_cursor_events(true)?;
    system::keep_above(&countdown)
}

/// A window that floats. Its page is in the process of the app's page where that is possible, so
/// that it is there at once.
fn build(
    handle: &AppHandle,
    label: &str,
    title: &str,
    (width, height): (f64, f64),
) -> tauri::Result<WebviewWindow> {
    let alpha = if system::has_alpha() { "" } else { "?square" };
    let page = WebviewUrl::App(format!("{label}.html{alpha}").into());
    let builder = WebviewWindowBuilder::new(handle, label, page)
        .title(title)
        .inner_size(width, height)
        .decorations(false)
        .resizable(false)
        .shadow(false)
        .always_on_top(true)
        .visible_on_all_workspaces(true)
        .skip_taskbar(true)
        .focusable(false)
        .focused(false)
        .visible(false);
    let window = system::beside(builder, handle.get_webview_window(window::WINDOW).as_ref())
        .data_directory(window::remembered(handle))
        .on_navigation(window::stays_here(handle))
        .build()?;
    system::float(&window)?;
    system::set_size(&window, (width, height))?;
    Ok(window)
}

/// Where windows can be on the screen that the bar is on, or the main window before it is shown, in
/// logical pixels.
fn screen(handle: &AppHandle) -> Option<DesktopRect> {
    let shown_bar =
        handle.get_webview_window(BAR).filter(|bar| bar.is_visible().is_ok_and(|is| is));
    let window = shown_bar.or_else(|| handle.get_webview_window(window::WINDOW));
    let of_window = window.and_then(|window| window.current_monitor().ok().flatten());
    let monitor = of_window.or_else(|| handle.primary_monitor().ok().flatten())?;
    let (area, scale) = (monitor.work_area(), monitor.scale_factor());
    let corner: LogicalPosition<f64> = area.position.to_logical(scale);
    let size: LogicalSize<f64> = area.size.to_logical(scale);
    Some(DesktopRect { x: corner.x, y: corner.y, width: size.width, height: size.height })
}

/// Puts the bar where it rests.
fn place_bar(handle: &AppHandle) {
    let floating = handle.state::<Floating>();
    let (Some(bar), Some(screen)) = (handle.get_webview_window(BAR), screen(handle)) else {
        return;
    };
    let size = floating.shape().size;
    let corner = handle.state::<App>().memory().bar.corner(size, screen, BAR_MARGIN);
    floating.set_shape(BarShape { size, corner });
    let placed = system::set_size(&bar, size)
        .and_then(|()| bar.set_position(LogicalPosition::new(corner.0, corner.1)));
    if let Err(error) = placed {
        tracing::info!(%error, "The bar could not be placed");
    }
}

fn hide(handle: &AppHandle, label: &str) {
    if let Some(Err(error)) = handle.get_webview_window(label).map(|window| window.hide()) {
        tracing::warn!(%error, label, "A window could not be hidden");
    }
}

fn on_main_thread(handle: &AppHandle, work: impl FnOnce(&AppHandle) + Send + 'static) {
    let of = handle.clone();
    if let Err(error) = handle.run_on_main_thread(move || work(&of)) {
        tracing::warn!(%error, "The windows cannot be changed");
    }
}
