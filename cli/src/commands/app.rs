//! `vignette start` and the like: ask the running app.

use serde_json::json;
use vignette_recorder::Paths;
use vignette_studio::{RemoteCommand, RemoteState, RemoteStatus, StudioError, ask_app, start_app};

use crate::exit::{Exit, Failure};
use crate::output::Output;

/// Asks, and says what the app does then. `start` starts the app if it does not run.
pub(crate) async fn run(command: RemoteCommand, output: &Output) -> Result<Exit, Failure> {
    let paths = Paths::of_this_person()?;
    let asked = match ask_app(&paths, command).await {
        Err(StudioError::AppNotRunning) if command == RemoteCommand::Start => {
            match start_app(&paths).await {
                Ok(()) => ask_app(&paths, command).await,
                Err(error) => Err(error),
            }
        }
        asked => asked,
    };
    match asked {
        Ok(status) => {
            let RemoteStatus { state, duration_us, link } = &status;
            output.say(
                &json!({
                    "event": "app", "state": state, "duration_us": duration_us, "link": link
                }),
                sentence(command, &status),
            );
            Ok(Exit::Done)
        }
        Err(error @ (StudioError::AppNotRunning | StudioError::AppNotStarted)) => {
            output.fail(&error.into());
            Ok(Exit::NotRunning)
        }
        Err(error) => Err(error.into()),
    }
}

fn sentence(command: RemoteCommand, status: &RemoteStatus) -> String {
    match (status.state, &status.link) {
        (RemoteState::Countdown, _) => "Starting".to_owned(),
        (RemoteState::Recording, _) => format!("Recording, {}", status.duration_us),
        (RemoteState::Paused, _) => format!("Paused at {}", status.duration_us),
        (RemoteState::Idle, Some(link)) => format!("Stopped. Link copied: {link}"),
        (RemoteState::Idle, None) if command == RemoteCommand::Discard => {
            "Discarded. The app can bring it back for ten seconds.".to_owned()
        }
        (RemoteState::Idle, None) => "Stopped".to_owned(),
    }
}
