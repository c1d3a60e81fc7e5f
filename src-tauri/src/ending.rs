//! How a take and the app end: by a command, the tray, the window's close button, or a signal.

use std::time::Duration;

use tauri::{AppHandle, Manager as _};
use tauri_plugin_clipboard_manager::ClipboardExt as _;
use vignette_model::take::Phase;
use vignette_model::{ErrorCode, Problem};
use vignette_recorder::Recording;
use vignette_studio::EndSignals;

use crate::app::App;
use crate::events::{self, CLOSE_REQUESTED};
use crate::window;

/// How long the end of the app waits for a library to delete what was discarded.
const DELETION_TIMEOUT: Duration = Duration::from_secs(2);

/// Stops a take, with its link on the clipboard. Gives the link; a take that still counts down ends
/// without one.
pub(crate) fn stop(handle: &AppHandle, take: &Recording) -> Result<Option<String>, Problem> {
    if take.view().borrow().phase == Phase::Countdown {
        take.cancel();
        return Ok(None);
    }
    take.stop();
    let link = take.link();
    if let Some(link) = &link {
        to_clipboard(handle, link)?;
        handle.state::<App>().note_copied(take.id());
        tracing::debug!(take.id = %take.id(), "The link is on the clipboard");
    }
    Ok(link)
}

/// Puts text on the clipboard.
pub(crate) fn to_clipboard(handle: &AppHandle, text: &str) -> Result<(), Problem> {
    handle.clipboard().write_text(text).map_err(|error| {
        Problem::new(ErrorCode::Internal, format!("The clipboard cannot be used: {error}"))
            .with_help("Copy the link in the library.")
    })
}

/// Lets the window ask whether the app shall be quit (event `close_requested`), if quitting now
/// would end something that a person may not mean to end. Gives whether it does.
pub(crate) fn asks(handle: &AppHandle) -> bool {
    let asks = handle.try_state::<App>().is_some_and(|app| app.studio.is_busy());
    if asks {
        window::show(handle);
        events::tell(handle, CLOSE_REQUESTED, &());
    }
    asks
}

/// Ends the app. A running take is stopped first and kept, or thrown away.
pub(crate) async fn quit(handle: &AppHandle, keep: bool) {
    window::remember_place(handle);
    let studio = &handle.state::<App>().inner().studio;
    if let Ok(take) = studio.running() {
        if !keep {
            take.cancel();
        } else if let Err(problem) = stop(handle, &take) {
            // The list of takes has it the next time.
            tracing::info!(%problem, "A link was not copied");
        }
        studio.until_settled(&take).await;
    }
    studio.recorder.forget_discarded();
    studio.recorder.until_thrown_away(DELETION_TIMEOUT).await;
    handle.exit(0);
}

/// Quits when the system asks the app to end; a running take is kept.
pub(crate) fn quit_when_told(handle: &AppHandle) {
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        match EndSignals::open() {
            Ok(mut signals) => {
                if signals.next().await.is_some() {
                    quit(&handle, true).await;
                }
            }
            Err(error) => tracing::warn!(
                %error,
                "Signals end the app at once; the next start recovers a take"
            ),
        }
    });
}
