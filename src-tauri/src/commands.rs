//! What the window may ask, each in a line or two. Refusals are [`Problem`]s: the window shows
//! message and help.

use tauri::{AppHandle, State};
use url::Url;
use vignette_model::text::{Summary, Title};
use vignette_model::{Problem, TakeId};
use vignette_recorder::{
    BubbleView, CaptureTarget, Devices, ImportProgress, Plan, Settings, Sources, WindowView,
};
use vignette_studio::{
    FileNumber, GivenFile, GivenFiles, LibraryAccess, Snapshot, VIDEO_EXTENSIONS,
};

use crate::app::App;
use crate::dialogs::Dialogs;
use crate::events::{IMPORTING, tell};
use crate::{beginning, ending, floating, following};

type Answer<T> = Result<T, Problem>;

/// Everything at once, for a window that opens or reloads.
#[tauri::command]
pub(crate) async fn snapshot(app: State<'_, App>) -> Answer<Snapshot> {
    Ok(app.studio.snapshot())
}

/// Screens, cameras and microphones.
#[tauri::command]
pub(crate) async fn devices() -> Answer<Devices> {
    Ok(vignette_studio::devices().await?)
}

/// Windows of other programs that can be recorded alone.
#[tauri::command]
pub(crate) async fn windows() -> Answer<Vec<WindowView>> {
    Ok(vignette_studio::windows(true).await?)
}

/// What was chosen before.
#[tauri::command]
pub(crate) async fn settings(app: State<'_, App>) -> Answer<Settings> {
    Ok(app.studio.settings()?)
}

/// Remembers sources, countdown and, if given, target; the library is chosen by signing in.
#[tauri::command]
pub(crate) async fn keep_settings(
    app: State<'_, App>,
    sources: Sources,
    countdown_s: u8,
    target: Option<CaptureTarget>,
) -> Answer<()> {
    Ok(app.studio.keep_choices(sources, countdown_s, target.as_ref())?)
}

/// Moves or hides the camera's bubble, before and during a take; it is remembered.
#[tauri::command]
pub(crate) async fn set_bubble(app: State<'_, App>, bubble: Option<BubbleView>) -> Answer<()> {
    Ok(app.studio.set_bubble(bubble)?)
}

/// Where new takes go, and the token with which the window asks that library.
#[tauri::command]
pub(crate) async fn library(app: State<'_, App>) -> Answer<LibraryAccess> {
    Ok(app.studio.library())
}

/// Opens camera, microphone and screen to try them; `rehearsal`, `preview` and `screen_preview`
/// events follow.
#[tauri::command]
pub(crate) async fn rehearse(
    handle: AppHandle,
    app: State<'_, App>,
    sources: Sources,
    target: CaptureTarget,
) -> Answer<()> {
    following::follow_rehearsal(&handle, &app, app.studio.rehearse(sources, target).await?);
    Ok(())
}

/// Closes them again.
#[tauri::command]
pub(crate) async fn end_rehearsal(app: State<'_, App>) -> Answer<()> {
    app.studio.end_rehearsal();
    Ok(())
}

/// Begins a take; `recording` and `preview` events follow.
#[tauri::command]
pub(crate) async fn record(handle: AppHandle, plan: Plan) -> Answer<()> {
    beginning::begin(&handle, plan).await
}

/// Pauses the running take.
#[tauri::command]
pub(crate) async fn pause(app: State<'_, App>) -> Answer<()> {
    app.studio.running()?.pause();
    Ok(())
}

/// Goes on with it.
#[tauri::command]
pub(crate) async fn resume(app: State<'_, App>) -> Answer<()> {
    app.studio.running()?.resume();
    Ok(())
}

/// Stops it, with its link on the clipboard. Gives the link.
#[tauri::command]
pub(crate) async fn stop(handle: AppHandle, app: State<'_, App>) -> Answer<Option<String>> {
    ending::stop(&handle, &app.studio.running()?)
}

/// Ends it and keeps nothing of it.
#[tauri::command]
pub(crate) async fn cancel(app: State<'_, App>) -> Answer<()> {
    app.studio.running()?.cancel();
    Ok(())
}

/// Ends it and throws it away; for ten seconds it can be brought back.
#[tauri::command]
pub(crate) async fn discard(app: State<'_, App>) -> Answer<()> {
    app.studio.recorder.discard(&app.studio.running()?);
    Ok(())
}

/// Brings back what was thrown away last. Gives the take.
#[tauri::command]
pub(crate) async fn undo_discard(handle: AppHandle, app: State<'_, App>) -> Answer<TakeId> {
    let take = app.studio.recorder.undo_discard()?;
    floating::dismiss_discarded(&handle);
    Ok(take)
}

/// Throws the running take away, as `discard` does, and begins again with the same plan.
#[tauri::command]
pub(crate) async fn restart(handle: AppHandle) -> Answer<()> {
    beginning::restart(&handle).await
}

/// The newest link of a take on this computer.
#[tauri::command]
pub(crate) async fn last_link(app: State<'_, App>) -> Answer<Option<String>> {
    Ok(app.studio.last_link())
}

/// Changes a take's title and summary, before, during or after the recording.
#[tauri::command]
pub(crate) async fn describe(
    app: State<'_, App>,
    take: TakeId,
    title: Option<Title>,
    summary: Option<Summary>,
    live: Option<bool>,
) -> Answer<()> {
    Ok(app.studio.recorder.describe(take, title, summary, live)?)
}

/// Lets the person pick a video file; none if they leave it.
#[tauri::command]
pub(crate) async fn choose_video(
    handle: AppHandle,
    dialogs: State<'_, Dialogs>,
    files: State<'_, GivenFiles>,
) -> Answer<Option<GivenFile>> {
    let videos = ("Videos", &VIDEO_EXTENSIONS[..]);
    let file = dialogs.pick_file(&handle, "Choose a video", videos).await?;
    Ok(file.map(|path| files.give(&path)))
}

/// Takes in a video file that the person gave, which is sent like a take; `importing` events say
/// how far it has come. Gives what a person should know of it, in sentences.
#[tauri::command]
pub(crate) async fn import(
    handle: AppHandle,
    app: State<'_, App>,
    files: State<'_, GivenFiles>,
    file: FileNumber,
    title: Title,
) -> Answer<Vec<String>> {
    let show = |progress: ImportProgress| tell(&handle, IMPORTING, &progress.percent());
    let imported = app.studio.import(&files.take(file)?, title, Summary::default(), show).await?;
    Ok(imported.remarks())
}

/// Removes a take from this computer; its clip stays in the library.
#[tauri::command]
pub(crate) async fn remove_take(app: State<'_, App>, take: TakeId) -> Answer<()> {
    Ok(app.studio.recorder.remove(take)?)
}

/// Tries at once what waits for its next try.
#[tauri::command]
pub(crate) async fn send_now(app: State<'_, App>) -> Answer<()> {
    app.studio.recorder.wake();
    Ok(())
}

/// Puts text on the clipboard.
#[tauri::command]
pub(crate) async fn copy(handle: AppHandle, text: String) -> Answer<()> {
    ending::to_clipboard(&handle, &text)
}

/// Opens a clip's page in the person's browser; no other kind of address.
#[tauri::command]
pub(crate) async fn open(link: Url) -> Answer<()> {
    Ok(vignette_studio::open_page(&link)?)
}

/// Ends the app. A running take is stopped first and kept, or thrown away.
#[tauri::command]
pub(crate) async fn quit(handle: AppHandle, keep: bool) -> Answer<()> {
    ending::quit(&handle, keep).await;
    Ok(())
}
