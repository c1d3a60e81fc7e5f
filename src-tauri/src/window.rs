//! The window: opened once the app is, shown when it is asked for, and loaded again when its pages
//! need another policy.

use std::path::PathBuf;

use tauri::http::header::CONTENT_SECURITY_POLICY;
use tauri::http::{HeaderValue, Response};
use tauri::{AppHandle, Manager as _, WebviewWindowBuilder};
use url::Url;
use vignette_studio::policy_with_library;

use crate::app::App;

/// The label of the one window.
pub(crate) const WINDOW: &str = "main";

/// Opens the window. What its page remembers (drafts of replies, the player's volume) is kept in
/// `remembered`.
pub(crate) fn open(handle: &AppHandle, remembered: PathBuf) -> tauri::Result<()> {
    let config = handle
        .config()
        .app
        .windows
        .iter()
        .find(|window| window.label == WINDOW)
        .cloned()
        .unwrap_or_default();
    let development = handle.config().build.dev_url.clone().filter(|_| tauri::is_dev());
    WebviewWindowBuilder::from_config(handle, &config)?
        .data_directory(remembered)
        .on_navigation(move |to| is_ours(to, development.as_ref()))
        .on_web_resource_request({
            let handle = handle.clone();
            move |_, response| name_library(&handle, response)
        })
        .build()?;
    Ok(())
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
    let shown = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus());
    if let Err(error) = shown {
        tracing::warn!(%error, "The window could not be shown");
    }
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
