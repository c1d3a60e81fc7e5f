//! What the window may ask about speech models and endpoints. Event `speech` tells it of every
//! change, as a whole [`SpeechView`].

use tauri::{AppHandle, State};
use vignette_model::Problem;
use vignette_studio::{ChosenSpeech, MODEL_EXTENSIONS, SpeechView};

use crate::app::App;
use crate::dialogs::Dialogs;

type Answer<T> = Result<T, Problem>;

/// How speech is transcribed, for a window that opens. The command line may have changed that
/// meanwhile.
#[tauri::command]
pub(crate) async fn speech(app: State<'_, App>) -> Answer<SpeechView> {
    Ok(app.studio.speech.refresh()?)
}

/// Begins to download a model; `speech` events follow.
#[tauri::command]
pub(crate) async fn get_model(app: State<'_, App>, name: String) -> Answer<()> {
    Ok(app.studio.speech.get_model(&name)?)
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
    Ok(app.studio.speech.use_model(&name)?)
}

/// Lets the person pick a model file that they have, and uses it; false if they leave it.
#[tauri::command]
pub(crate) async fn choose_model_file(
    handle: AppHandle,
    app: State<'_, App>,
    dialogs: State<'_, Dialogs>,
) -> Answer<bool> {
    let models = ("Speech models", &MODEL_EXTENSIONS[..]);
    let chosen = dialogs.pick_file(&handle, "Choose a model", models).await?;
    let Some(path) = chosen else { return Ok(false) };
    app.studio.speech.use_model_file(&path).await?;
    Ok(true)
}

/// Deletes a model from this computer.
#[tauri::command]
pub(crate) async fn remove_model(app: State<'_, App>, name: String) -> Answer<()> {
    Ok(app.studio.speech.remove_model(&name)?)
}

/// Remembers how speech is to be transcribed, once the person has agreed to every place that what
/// is said is newly sent to.
#[tauri::command]
pub(crate) async fn choose_speech(
    handle: AppHandle,
    app: State<'_, App>,
    dialogs: State<'_, Dialogs>,
    chosen: ChosenSpeech,
) -> Answer<()> {
    for question in app.studio.speech.questions(&chosen)? {
        dialogs.confirm(&handle, question).await?;
    }
    Ok(app.studio.speech.choose(chosen)?)
}
