//! What the windows ask about themselves: their sizes and places, and the keys that work anywhere.

use tauri::{AppHandle, State};
use vignette_model::{ErrorCode, Problem};
use vignette_recorder::ShortcutAction;
use vignette_studio::{BarView, Zoom};

use crate::floating::{self, Floating};
use crate::shortcuts::{self, ShortcutView};
use crate::window;

type Answer<T> = Result<T, Problem>;

/// The window's page has something to show.
#[tauri::command]
pub(crate) async fn painted(handle: AppHandle) -> Answer<()> {
    window::painted(&handle);
    Ok(())
}

/// Makes the window's page larger or smaller, now and after the next start.
#[tauri::command]
pub(crate) async fn zoom(handle: AppHandle, change: Zoom) -> Answer<()> {
    window::zoom(&handle, change).map_err(|error| {
        Problem::new(ErrorCode::Internal, format!("The window cannot be made larger: {error}"))
    })
}

/// What the floating bar shows, for one that opens; `bar` events follow.
#[tauri::command]
pub(crate) async fn bar(floating: State<'_, Floating>) -> Answer<Option<BarView>> {
    Ok(floating.view())
}

/// Gives the bar the size of what it shows, in pixels of its page.
#[tauri::command]
pub(crate) async fn size_bar(handle: AppHandle, width: f64, height: f64) -> Answer<()> {
    floating::size_bar(&handle, width, height);
    Ok(())
}

/// Moves the bar by so many pixels of its page.
#[tauri::command]
pub(crate) async fn drag_bar(handle: AppHandle, dx: f64, dy: f64) -> Answer<()> {
    floating::drag_bar(&handle, dx, dy);
    Ok(())
}

/// The bar was let go: it rests at the nearest of its nine places.
#[tauri::command]
pub(crate) async fn bar_moved(handle: AppHandle) -> Answer<()> {
    floating::drop_bar(&handle);
    Ok(())
}

/// Takes away what the bar shows of a take that has ended.
#[tauri::command]
pub(crate) async fn dismiss_bar(handle: AppHandle) -> Answer<()> {
    floating::dismiss(&handle);
    Ok(())
}

/// The keys that work in any program, and what is wrong with each.
#[tauri::command]
pub(crate) async fn shortcuts(handle: AppHandle) -> Answer<Vec<ShortcutView>> {
    shortcuts::view(&handle)
}

/// Gives an action other keys, such as `Ctrl+Shift+R`, or none. It is refused if another action or
/// another program has them.
#[tauri::command]
pub(crate) async fn set_shortcut(
    handle: AppHandle,
    action: ShortcutAction,
    keys: Option<String>,
) -> Answer<()> {
    shortcuts::choose(&handle, action, keys.as_deref())
}
