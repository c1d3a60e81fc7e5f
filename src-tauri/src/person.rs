//! What the window may ask about the person at this computer: what they are called, their sign-in in
//! the browser, and whether they were asked the first questions.

use tauri::{AppHandle, State};
use vignette_model::text::PersonName;
use vignette_model::{Problem, Secret, TakeId};
use vignette_recorder::library_url;
use vignette_recorder::sign_in::browser;
use vignette_studio::{BrowserSignIn, Question};

use crate::app::App;
use crate::dialogs::Dialogs;
use crate::window;

type Answer<T> = Result<T, Problem>;

/// Calls this person something else, from now on and beside what they have made.
#[tauri::command]
pub(crate) async fn set_name(app: State<'_, App>, name: PersonName) -> Answer<()> {
    Ok(app.studio.set_name(name).await?)
}

/// Remembers that the first questions were answered or skipped.
#[tauri::command]
pub(crate) async fn introduce(app: State<'_, App>) -> Answer<()> {
    Ok(app.studio.introduce()?)
}

/// Signs in to a library with the person's browser.
#[tauri::command]
pub(crate) async fn sign_in(
    handle: AppHandle,
    app: State<'_, App>,
    dialogs: State<'_, Dialogs>,
    at_browser: State<'_, BrowserSignIn>,
    address: String,
) -> Answer<()> {
    sign_in_to(&address, None, &handle, &app, &dialogs, &at_browser).await
}

/// Signs in to a library with a token that was pasted.
#[tauri::command]
pub(crate) async fn sign_in_with_token(
    handle: AppHandle,
    app: State<'_, App>,
    dialogs: State<'_, Dialogs>,
    at_browser: State<'_, BrowserSignIn>,
    address: String,
    token: String,
) -> Answer<()> {
    let token = Secret::presented(token.trim());
    sign_in_to(&address, Some(token), &handle, &app, &dialogs, &at_browser).await
}

/// Sends new takes to a library, once the person has seen whose account the token opens.
async fn sign_in_to(
    address: &str,
    token: Option<Secret>,
    handle: &AppHandle,
    app: &App,
    dialogs: &Dialogs,
    at_browser: &BrowserSignIn,
) -> Answer<()> {
    let library = library_url(address)?;
    if let Some(question) = Question::plain_http(&library) {
        dialogs.confirm(handle, question).await?;
    }
    let sign_in = at_browser.begin(library, token, browser).await?;
    let answer = dialogs.confirm(handle, sign_in.question()).await;
    app.studio.use_library(sign_in.if_agreed(answer).await?)?;
    window::reload(handle);
    Ok(())
}

/// Waits no longer for the person to come back from their browser.
#[tauri::command]
pub(crate) async fn cancel_sign_in(at_browser: State<'_, BrowserSignIn>) -> Answer<()> {
    at_browser.cancel();
    Ok(())
}

/// Shows the page of the sign-in in the browser again, if one is waited for.
#[tauri::command]
pub(crate) async fn open_sign_in_again(at_browser: State<'_, BrowserSignIn>) -> Answer<()> {
    if let Some(page) = at_browser.page() {
        browser(&page);
    }
    Ok(())
}

/// Goes back to this computer's own library.
#[tauri::command]
pub(crate) async fn use_own_library(handle: AppHandle, app: State<'_, App>) -> Answer<()> {
    app.studio.use_own_library()?;
    window::reload(&handle);
    Ok(())
}

/// Writes a take as an MP4 file where the person chooses; false if they leave it.
#[tauri::command]
pub(crate) async fn save_take(
    handle: AppHandle,
    app: State<'_, App>,
    dialogs: State<'_, Dialogs>,
    take: TakeId,
) -> Answer<bool> {
    let name = app.studio.file_name(take)?;
    let video = ("Videos", &["mp4"][..]);
    let chosen = dialogs.save_file(&handle, "Save the recording", &name, video).await?;
    let Some(path) = chosen else { return Ok(false) };
    app.studio.recorder.save(take, path).await?;
    Ok(true)
}
