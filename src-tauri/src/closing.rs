//! What the window's close button does: where there is a tray, the app runs on in it, so that links
//! to clips on this computer keep working; elsewhere it quits.

#[cfg(target_os = "linux")]
#[path = "closing/linux.rs"]
mod system;
#[cfg(not(target_os = "linux"))]
#[path = "closing/other.rs"]
mod system;

use tauri::{AppHandle, Manager as _};
use tauri_plugin_dialog::{DialogExt as _, MessageDialogKind};

use crate::app::App;
use crate::tray::Tray;
use crate::{ending, window};

/// What is said the first time.
const NOTE: &str = "Vignette keeps running in the tray, so that your links keep working.\n\n\
                    To end it, choose Quit in its menu there.";

/// Closes the window, or quits, which may have to be asked about first.
pub(crate) fn close(handle: &AppHandle) {
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        if handle.try_state::<Tray>().is_some() && system::has_tray().await {
            to_tray(&handle);
        } else if !ending::asks(&handle) {
            ending::quit(&handle, true).await;
        }
    });
}

fn to_tray(handle: &AppHandle) {
    let knew =
        handle.state::<App>().remember(|memory| std::mem::replace(&mut memory.knows_tray, true));
    window::hide(handle);
    if !knew {
        let note = handle.dialog().message(NOTE).title("Vignette is still running");
        note.kind(MessageDialogKind::Info).show(|_| ());
    }
}
