//! How a take begins, and begins again: by the window, a shortcut, the tray, or another program.

use std::sync::atomic::Ordering;

use tauri::{AppHandle, Manager as _};
use vignette_model::Problem;
use vignette_recorder::Plan;

use crate::app::App;
use crate::events::{self, PROBLEM, Refused};
use crate::{ending, floating, following, window};

/// Begins a take. The app's own window leaves the screen before anything is recorded; where it
/// cannot begin, it comes back.
pub(crate) async fn begin(handle: &AppHandle, plan: Plan) -> Result<(), Problem> {
    let app = handle.state::<App>();
    let plan = Plan { exclude_own_windows: true, ..plan };
    // Refused below, without a change of what the running one shows.
    if app.studio.running().is_ok() {
        return app.studio.start_as_chosen(plan).await.map(drop).map_err(Problem::from);
    }
    floating::enter(handle);
    match app.studio.start_as_chosen(plan).await {
        Ok(take) => {
            following::follow_recording(handle, take);
            Ok(())
        }
        Err(error) => {
            // Of two starts while devices are opened, the second is refused, and the bar is that of
            // the first.
            if app.studio.running().is_err() {
                floating::leave(handle, None);
            }
            Err(error.into())
        }
    }
}

/// Begins a take of what was recorded last.
pub(crate) async fn begin_usual(handle: &AppHandle) -> Result<(), Problem> {
    let plan = handle.state::<App>().studio.usual_plan()?;
    begin(handle, plan).await
}

/// Throws the running take away and begins again.
pub(crate) async fn restart(handle: &AppHandle) -> Result<(), Problem> {
    let app = handle.state::<App>();
    // Pressed twice, it is restarted once.
    if app.restarting.swap(true, Ordering::AcqRel) {
        return Ok(());
    }
    let begun = match app.studio.begin_again().await {
        Ok(plan) => app.studio.start_as_chosen(plan).await,
        Err(error) => Err(error),
    };
    app.restarting.store(false, Ordering::Release);
    match begun {
        Ok(take) => {
            floating::enter(handle);
            following::follow_recording(handle, take);
            Ok(())
        }
        Err(error) => {
            if app.studio.running().is_err() {
                floating::leave(handle, None);
            }
            Err(error.into())
        }
    }
}

/// Stops the take that runs, or begins one.
pub(crate) async fn toggle(handle: &AppHandle) -> Result<(), Problem> {
    match handle.state::<App>().studio.running() {
        Ok(take) => ending::stop(handle, &take).map(drop),
        Err(_) => begin_usual(handle).await,
    }
}

/// Shows in the window what was asked for elsewhere and did not work.
pub(crate) fn say(handle: &AppHandle, done: Result<(), Problem>) {
    if let Err(problem) = done {
        tracing::info!(%problem, "What was asked for outside the window was not done");
        window::show(handle);
        events::tell(handle, PROBLEM, &Refused { problem });
    }
}
