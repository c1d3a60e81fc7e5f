//! Answers other programs of this person: what `vignette start` and the like ask the running app.

use std::time::Duration;

use tauri::{AppHandle, Manager as _};
use vignette_model::Problem;
use vignette_model::take::Phase;
use vignette_recorder::{RecorderError, Recording};
use vignette_studio::{RemoteCommand, RemoteStatus, serve_remote};

use crate::app::App;
use crate::{beginning, ending};

/// How long a take has for a change of its phase, which it makes by itself.
const PHASE_TIMEOUT: Duration = Duration::from_secs(2);

/// Answers for as long as the app runs.
pub(crate) fn answer_programs(handle: &AppHandle) {
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        let paths = handle.state::<App>().studio.paths.clone();
        let served = serve_remote(&paths, move |command| {
            let handle = handle.clone();
            async move { answer(&handle, command).await }
        });
        if let Err(error) = served.await {
            tracing::warn!(%error, "`vignette start` and the like do not reach this app");
        }
    });
}

async fn answer(handle: &AppHandle, command: RemoteCommand) -> Result<RemoteStatus, Problem> {
    let app = handle.state::<App>();
    let studio = &app.studio;
    match command {
        RemoteCommand::Start if studio.running().is_ok() => {
            return Err(RecorderError::AlreadyRecording.into());
        }
        RemoteCommand::Toggle if studio.running().is_ok() => return stop(handle),
        RemoteCommand::Start | RemoteCommand::Toggle => beginning::begin_usual(handle).await?,
        RemoteCommand::Stop => return stop(handle),
        RemoteCommand::Discard => {
            studio.recorder.discard(&studio.running()?);
            return Ok(RemoteStatus::of(None, None));
        }
        RemoteCommand::Pause => {
            let take = studio.running()?;
            take.pause();
            until(&take, Phase::Paused).await;
        }
        RemoteCommand::Resume => {
            let take = studio.running()?;
            take.resume();
            until(&take, Phase::Recording).await;
        }
    }
    let take = studio.running()?;
    let view = take.view().borrow().clone();
    Ok(RemoteStatus::of(Some(&view), view.link.clone()))
}

fn stop(handle: &AppHandle) -> Result<RemoteStatus, Problem> {
    let link = ending::stop(handle, &handle.state::<App>().studio.running()?)?;
    Ok(RemoteStatus::of(None, link))
}

/// Waits until the take is in this phase; the answer says what it is in if that takes too long.
async fn until(take: &Recording, phase: Phase) {
    let mut view = take.view();
    drop(tokio::time::timeout(PHASE_TIMEOUT, view.wait_for(|view| view.phase == phase)).await);
}
