//! The app's own window: opened once the app is, where it was left; shown when it is asked for; and
//! loaded again when its pages need another policy.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tauri::http::header::CONTENT_SECURITY_POLICY;
use tauri::http::{HeaderValue, Response};
use tauri::window::Color;
use tauri::{
    AppHandle, Manager as _, PhysicalPosition, PhysicalSize, Theme, WebviewWindow,
    WebviewWindowBuilder,
};
use url::Url;
use vignette_model::{Clock as _, SystemClock};
use vignette_studio::{WindowPlace, Zoom, policy_with_library};

use crate::app::App;
use crate::following;

/// The label of the one window.
pub(crate) const WINDOW: &str = "main";

/// How long the page has to say that it is there, before the window is shown as it is.
const FIRST_PAINT_TIMEOUT: Duration = Duration::from_secs(10);
/// The ground of the pages (`--paper`), so that the window has no other colour before its first
/// paint.
const PAPER: (Color, Color) = (Color(0xfb, 0xf9, 0xf4, 0xff), Color(0x10, 0x15, 0x1f, 0xff));

/// Whether the window is on the screen; what it shows is told to it only then.
static SHOWN: AtomicBool = AtomicBool::new(false);

/// Where the pages keep what they remember: drafts of replies, the player's volume.
pub(crate) fn remembered(handle: &AppHandle) -> PathBuf {
    handle.state::<App>().studio.paths.spool.with_file_name("window")
}

/// Opens the window where it was left. It is shown once its page has something to show
/// ([`painted`]); not at all if the app was started in the background.
pub(crate) fn open(handle: &AppHandle, in_background: bool) -> tauri::Result<()> {
    let config = handle
        .config()
        .app
        .windows
        .iter()
        .find(|window| window.label == WINDOW)
        .cloned()
        .unwrap_or_default();
    let window = WebviewWindowBuilder::from_config(handle, &config)?
        .data_directory(remembered(handle))
        .visible(false)
        .on_navigation(stays_here(handle))
        .on_web_resource_request({
            let handle = handle.clone();
            move |_, response| name_library(&handle, response)
        })
        .build()?;
    let (light, dark) = PAPER;
    let is_dark = window.theme().is_ok_and(|theme| theme == Theme::Dark);
    window.set_background_color(Some(if is_dark { dark } else { light }))?;
    let memory = handle.state::<App>().memory();
    if let Some(place) = memory.main.filter(|place| is_on_a_screen(&window, *place)) {
        window.set_size(PhysicalSize::new(place.width, place.height))?;
        put(&window, place);
    }
    window.set_zoom(memory.zoom())?;
    if in_background {
        // Its page is painted all the same, and must not show it.
        PAINTED.store(true, Ordering::Release);
    } else {
        let handle = handle.clone();
        tauri::async_runtime::spawn(async move {
            tokio::time::sleep(FIRST_PAINT_TIMEOUT).await;
            painted(&handle);
        });
    }
    Ok(())
}

/// Whether the window was shown when its page was painted for the first time, or is not to be.
static PAINTED: AtomicBool = AtomicBool::new(false);

/// The page has something to show for the first time, or is late.
pub(crate) fn painted(handle: &AppHandle) {
    if !PAINTED.swap(true, Ordering::AcqRel) {
        show(handle);
        let clock = handle.state::<SystemClock>();
        let since_start_ms = clock.monotonic().0 / 1_000;
        tracing::debug!(since_start_ms, "The window is there");
    }
}

/// Whether enough of a place lies on a screen that is there to take hold of the window.
fn is_on_a_screen(window: &WebviewWindow, place: WindowPlace) -> bool {
    const HOLD: i32 = 64;
    let monitors = window.available_monitors().unwrap_or_default();
    monitors.iter().any(|monitor| {
        let (at, size) = (monitor.position(), monitor.size().cast::<i32>());
        let width = i32::try_from(place.width).unwrap_or(i32::MAX);
        place.x.saturating_add(width) > at.x + HOLD
            && place.x < at.x + size.width - HOLD
            && (at.y..at.y + size.height - HOLD).contains(&place.y)
    })
}

/// Puts the window where it was. A window manager places it anew whenever it is shown.
fn put(window: &WebviewWindow, place: WindowPlace) {
    let placed = window.set_position(PhysicalPosition::new(place.x, place.y));
    let placed = placed.and_then(|()| if place.maximized { window.maximize() } else { Ok(()) });
    if let Err(error) = placed {
        tracing::info!(%error, "The window could not be put where it was");
    }
}

/// Notes where the window is.
pub(crate) fn remember_place(handle: &AppHandle) {
    let Some(window) = handle.get_webview_window(WINDOW).filter(|_| is_shown()) else { return };
    let (Ok(at), Ok(size), Ok(maximized)) =
        (window.outer_position(), window.inner_size(), window.is_maximized())
    else {
        return;
    };
    let place = WindowPlace { x: at.x, y: at.y, width: size.width, height: size.height, maximized };
    handle.state::<App>().remember(|memory| {
        memory.main = Some(match memory.main {
            // Where it was before it filled the screen.
            Some(before) if maximized => WindowPlace { maximized, ..before },
            _ => place,
        });
    });
}

/// Makes the page larger or smaller.
pub(crate) fn zoom(handle: &AppHandle, change: Zoom) -> tauri::Result<()> {
    let zoom = handle.state::<App>().remember(|memory| memory.change_zoom(change));
    handle.get_webview_window(WINDOW).map_or(Ok(()), |window| window.set_zoom(zoom))
}

/// Lets a page ask the library that new takes go to, and no other site. Answers without a policy
/// are no pages.
fn name_library<B>(handle: &AppHandle, response: &mut Response<B>) {
    let Some(app) = handle.try_state::<App>() else { return };
    let policy = response.headers().get(CONTENT_SECURITY_POLICY).and_then(|p| p.to_str().ok());
    let named = policy.and_then(|policy| policy_with_library(policy, &app.studio.library_url()));
    let Some(named) = named else { return };
    match HeaderValue::from_str(&named) {
        Ok(policy) => drop(response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy)),
        Err(error) => {
            tracing::warn!(%error, "The library could not be named in the window's policy")
        }
    }
}

/// Where the app's own pages are: a scheme of their own, or on Windows a host that the webview
/// answers for.
const PAGES: (&str, &str) =
    if cfg!(windows) { ("http", "tauri.localhost") } else { ("tauri", "localhost") };

/// What lets a window show no other pages than the app's own.
pub(crate) fn stays_here(handle: &AppHandle) -> impl Fn(&Url) -> bool + Send + 'static {
    let development = handle.config().build.dev_url.clone().filter(|_| tauri::is_dev());
    move |to| is_ours(to, development.as_ref())
}

/// Whether this is a page of the app itself. The window goes nowhere else, since its pages may ask
/// for commands.
fn is_ours(to: &Url, development: Option<&Url>) -> bool {
    is_page(to, PAGES) || development.is_some_and(|page| page.origin() == to.origin())
}

/// Whether scheme, host and port are those of the pages. Another port is another program.
fn is_page(to: &Url, (scheme, host): (&str, &str)) -> bool {
    to.scheme() == scheme && to.host_str() == Some(host) && to.port().is_none()
}

/// Loads the page again: its policy names the library that was chosen when it was loaded.
pub(crate) fn reload(handle: &AppHandle) {
    if let Some(Err(error)) = handle.get_webview_window(WINDOW).map(|window| window.reload()) {
        tracing::warn!(%error, "The window could not be loaded again");
    }
}

/// Brings the window to the front: the app was started a second time, or its tray icon was pressed.
pub(crate) fn show(handle: &AppHandle) {
    let Some(window) = handle.get_webview_window(WINDOW) else { return };
    let was_shown = SHOWN.swap(true, Ordering::AcqRel);
    if !was_shown && let Some(place) = handle.state::<App>().memory().main {
        put(&window, place);
    }
    let shown = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus());
    if let Err(error) = shown {
        tracing::warn!(%error, "The window could not be shown");
    }
    if !was_shown {
        following::tell_again(handle);
    }
}

/// Takes the window from the screen; the app runs on.
pub(crate) fn hide(handle: &AppHandle) {
    remember_place(handle);
    SHOWN.store(false, Ordering::Release);
    if let Some(Err(error)) = handle.get_webview_window(WINDOW).map(|window| window.hide()) {
        tracing::warn!(%error, "The window could not be hidden");
    }
}

/// Whether it is on the screen.
pub(crate) fn is_shown() -> bool {
    SHOWN.load(Ordering::Acquire)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_shows_no_other_pages() {
        let page = |address: &str| Url::parse(address).unwrap();
        let development = page("http://localhost:5173");
        for (address, ours) in [
            ("tauri://localhost/desktop.html", true),
            ("tauri://elsewhere/desktop.html", false),
            ("tauri://localhost:9/desktop.html", false),
            ("https://clips.example.org/c/key", false),
            ("http://tauri.localhost.example.org/", false),
            ("http://localhost:5173/desktop.html", false),
            ("file:///etc/passwd", false),
            ("data:text/html,x", false),
        ] {
            assert_eq!(is_page(&page(address), ("tauri", "localhost")), ours, "{address}");
        }
        for (address, ours) in [
            ("http://tauri.localhost/desktop.html", true),
            ("http://tauri.localhost:80/desktop.html", true),
            ("http://tauri.localhost:9/", false),
            ("https://tauri.localhost/", false),
            ("tauri://localhost/", false),
            ("ftp://tauri.localhost/", false),
            ("http://me@tauri.localhost.example.org/", false),
        ] {
            assert_eq!(is_page(&page(address), ("http", "tauri.localhost")), ours, "{address}");
        }
        assert!(
            is_ours(&page("http://localhost:5173/desktop.html"), Some(&development)),
            "the page that is being worked on"
        );
    }
}
