//! What the window may ask about speech models and endpoints. Event `speech` tells it of every
//! change, as a whole [`SpeechView`].

use std::time::Duration;

use tauri::{AppHandle, State};
use vignette_model::Problem;
use vignette_studio::{ChosenSpeech, SpeechView};

use crate::app::App;
use crate::dialogs::{Dialogs, Question};
use crate::events;
use crate::ipc::SPEECH;

/// Time between two snapshots of a download.
const VIEW_INTERVAL: Duration = Duration::from_millis(200);

type Answer<T> = Result<T, Problem>;

/// Tells the window of every change, for as long as the app runs.
pub(crate) fn forward(handle: &AppHandle, app: &App) {
    events::follow(handle, SPEECH, app.studio.speech.view(), VIEW_INTERVAL);
}

/// How speech is transcribed, for a window that opens. The command line may have changed that
/// meanwhile.
#[tauri::command]
pub(crate) async fn speech(app: State<'_, App>) -> Answer<SpeechView> {
    app.studio.speech.refresh()
}

/// Begins to download a model; `speech` events follow.
#[tauri::command]
pub(crate) async fn get_model(app: State<'_, App>, name: String) -> Answer<()> {
    app.studio.speech.get_model(name)
}

/// Stops the download; what has arrived is kept.
#[tauri::command]
pub(crate) async fn stop_download(app: State<'_, App>) -> Answer<()> {
    app.studio.speech.stop_download();
    Ok(())
}

/// Uses a model that is here.
#[tauri::command]
pub(crate) async fn use_model(app: State<'_, App>, name: String) -> Answer<()> {
    app.studio.speech.use_model(&name)
}

/// Lets the person pick a model file that they have, and uses it; false if they leave it.
#[tauri::command]
pub(crate) async fn choose_model_file(
    handle: AppHandle,
    app: State<'_, App>,
    dialogs: State<'_, Dialogs>,
) -> Answer<bool> {
    let chosen =
        dialogs.pick_file(&handle, "Choose a model", ("Speech models", &["gguf", "bin"])).await?;
    let Some(path) = chosen else { return Ok(false) };
    app.studio.speech.use_model_file(&path).await?;
    Ok(true)
}

/// Deletes a model from this computer.
#[tauri::command]
pub(crate) async fn remove_model(app: State<'_, App>, name: String) -> Answer<()> {
    app.studio.speech.remove_model(&name)
}

/// Remembers how speech is to be transcribed, once the person has agreed to every place that what is
/// said is newly sent to.
#[tauri::command]
pub(crate) async fn choose_speech(
    handle: AppHandle,
    app: State<'_, App>,
    dialogs: State<'_, Dialogs>,
    chosen: ChosenSpeech,
) -> Answer<()> {
    for (endpoint, what) in app.studio.speech.new_endpoints(&chosen)? {
        let text = format!(
            "{what} of every clip will be sent to {endpoint}\n\nWhoever runs it can read and keep it."
        );
        let question =
            Question { title: "Send what you say to a service?", text, yes: "Send it there" };
        dialogs.confirm(&handle, question).await?;
    }
    app.studio.speech.choose(chosen)
}
