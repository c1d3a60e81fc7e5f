//! What the window may ask, each in a line or two. Refusals are [`Problem`]s: the window shows message and help.

use std::time::Duration;

use tauri::{AppHandle, State};
use tauri_plugin_clipboard_manager::ClipboardExt as _;
use url::Url;
use vignette_model::take::{TakeView, Whereabouts};
use vignette_model::text::{Summary, Title, one_line};
use vignette_model::{ErrorCode, Problem, Secret, TakeId};
use vignette_recorder::sign_in::browser as open_browser;
use vignette_recorder::{
    Devices, Plan, Recording, Settings, Sources, is_readable_on_the_way, library_url,
};
use vignette_studio::{LibraryAccess, SignIn};

use crate::app::App;
use crate::dialogs::{Dialogs, Question};
use crate::events::{self, Snapshot};
use crate::files::{FileNumber, Files, GivenFile};
use crate::window;

/// How long quitting waits for the library to have the take that it stopped.
const QUIT_TIMEOUT: Duration = Duration::from_secs(2);

/// Characters of a name that a dialog has room for.
const NAME_CHARS: usize = 80;

/// What video files end in.
const VIDEOS: [&str; 5] = ["mp4", "m4v", "mov", "mkv", "webm"];

type Answer<T> = Result<T, Problem>;

/// Everything at once, for a window that opens or reloads.
#[tauri::command]
pub(crate) async fn snapshot(app: State<'_, App>) -> Answer<Snapshot> {
    Ok(Snapshot::of(&app))
}

/// Screens, cameras and microphones.
#[tauri::command]
pub(crate) async fn devices() -> Answer<Devices> {
    let listed = tauri::async_runtime::spawn_blocking(vignette_recorder::devices).await;
    listed.map_err(|error| {
        Problem::new(ErrorCode::Internal, format!("Devices cannot be listed: {error}"))
    })
}

/// What was chosen before.
#[tauri::command]
pub(crate) async fn settings(app: State<'_, App>) -> Answer<Settings> {
    app.studio.settings()
}

/// Remembers sources and countdown; the library is chosen by signing in.
#[tauri::command]
pub(crate) async fn keep_settings(
    app: State<'_, App>,
    sources: Sources,
    countdown_s: u8,
) -> Answer<()> {
    let kept = app.studio.change_settings(|settings| {
        settings.sources = sources;
        settings.countdown_s = Some(countdown_s.min(10));
    });
    kept.map(drop)
}

/// Where new takes go, and the token with which the window asks that library.
#[tauri::command]
pub(crate) async fn library(app: State<'_, App>) -> Answer<LibraryAccess> {
    Ok(app.studio.library())
}

/// Signs in to a library with the person's browser.
#[tauri::command]
pub(crate) async fn sign_in(
    handle: AppHandle,
    app: State<'_, App>,
    dialogs: State<'_, Dialogs>,
    address: String,
) -> Answer<()> {
    let library = library_url(&address)?;
    ask_about_plain_http(&handle, &dialogs, &library).await?;
    let sign_in = SignIn::with_browser(library, open_browser).await?;
    use_library(&handle, &app, &dialogs, sign_in).await
}

/// Signs in to a library with a token that was pasted.
#[tauri::command]
pub(crate) async fn sign_in_with_token(
    handle: AppHandle,
    app: State<'_, App>,
    dialogs: State<'_, Dialogs>,
    address: String,
    token: String,
) -> Answer<()> {
    let library = library_url(&address)?;
    ask_about_plain_http(&handle, &dialogs, &library).await?;
    let sign_in = SignIn::with_token(library, Secret::presented(token.trim())).await?;
    use_library(&handle, &app, &dialogs, sign_in).await
}

/// Sends new takes to a library, once the person has seen whose account the token opens.
async fn use_library(
    handle: &AppHandle,
    app: &App,
    dialogs: &Dialogs,
    sign_in: SignIn,
) -> Answer<()> {
    let SignIn { library, me, .. } = &sign_in;
    let question = Question {
        title: "Use this library?",
        text: format!(
            "You are signed in to “{}” as {}.\n\nNew recordings go to {library}",
            one_line(&me.library, NAME_CHARS),
            one_line(&me.name, NAME_CHARS)
        ),
        yes: "Use it",
    };
    if let Err(problem) = dialogs.confirm(handle, question).await {
        sign_in.decline().await;
        return Err(problem);
    }
    app.studio.use_library(library.clone(), sign_in.token())?;
    window::reload(handle);
    Ok(())
}

/// Whoever is on the way to a library by plain http reads the password and everything that is recorded.
async fn ask_about_plain_http(handle: &AppHandle, dialogs: &Dialogs, library: &Url) -> Answer<()> {
    if !is_readable_on_the_way(library) {
        return Ok(());
    }
    let text = format!(
        "The connection to {library} is not encrypted. Others on the network can read your password and your recordings, and \
         change them.\n\nAsk whoever runs the library for an address that begins with https."
    );
    dialogs
        .confirm(
            handle,
            Question { title: "Sign in without encryption?", text, yes: "Sign in anyway" },
        )
        .await
}

/// Goes back to this computer's own library.
#[tauri::command]
pub(crate) async fn use_own_library(handle: AppHandle, app: State<'_, App>) -> Answer<()> {
    app.studio.use_own_library()?;
    window::reload(&handle);
    Ok(())
}

/// Opens camera and microphone to try them; `rehearsal` and `preview` events follow.
#[tauri::command]
pub(crate) async fn rehearse(
    handle: AppHandle,
    app: State<'_, App>,
    sources: Sources,
) -> Answer<()> {
    let watch = app.rehearse(sources).await?;
    events::follow_rehearsal(&handle, watch);
    Ok(())
}

/// Closes them again.
#[tauri::command]
pub(crate) async fn end_rehearsal(app: State<'_, App>) -> Answer<()> {
    app.end_rehearsal();
    Ok(())
}

/// Begins a take; `recording` and `preview` events follow.
#[tauri::command]
pub(crate) async fn record(handle: AppHandle, app: State<'_, App>, plan: Plan) -> Answer<()> {
    app.end_rehearsal();
    events::follow_recording(&handle, app.studio.start(plan).await?);
    Ok(())
}

/// Pauses the running take.
#[tauri::command]
pub(crate) async fn pause(app: State<'_, App>) -> Answer<()> {
    app.running().map(|take| take.pause())
}

/// Goes on with it.
#[tauri::command]
pub(crate) async fn resume(app: State<'_, App>) -> Answer<()> {
    app.running().map(|take| take.resume())
}

/// Stops it, with its link on the clipboard. Gives the link.
#[tauri::command]
pub(crate) async fn stop(handle: AppHandle, app: State<'_, App>) -> Answer<Option<String>> {
    stop_take(&handle, &app, &app.running()?)
}

fn stop_take(handle: &AppHandle, app: &App, take: &Recording) -> Answer<Option<String>> {
    take.stop();
    let link = take.view().borrow().link.clone();
    if let Some(link) = &link {
        to_clipboard(handle, link)?;
        app.note_copied(take.id());
        tracing::debug!(take.id = %take.id(), "The link is on the clipboard");
    }
    Ok(link)
}

/// Ends it and keeps nothing of it.
#[tauri::command]
pub(crate) async fn cancel(app: State<'_, App>) -> Answer<()> {
    app.running().map(|take| take.cancel())
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
    app.recorder().describe(take, title, summary, live)
}

/// Lets the person pick a video file; none if they leave it.
#[tauri::command]
pub(crate) async fn choose_video(
    handle: AppHandle,
    dialogs: State<'_, Dialogs>,
    files: State<'_, Files>,
) -> Answer<Option<GivenFile>> {
    let file = dialogs.pick_file(&handle, "Choose a video", ("Videos", &VIDEOS)).await?;
    Ok(file.map(|path| files.give(&path)))
}

/// Takes in a video file that the person gave, which is sent like a take; `importing` events say how far it has come. Gives
/// what a person should know of it, in sentences.
#[tauri::command]
pub(crate) async fn import(
    handle: AppHandle,
    app: State<'_, App>,
    files: State<'_, Files>,
    file: FileNumber,
    title: Title,
) -> Answer<Vec<String>> {
    let progress = events::importing(&handle);
    Ok(app
        .recorder()
        .import(&files.take(file)?, title, Summary::default(), progress)
        .await?
        .remarks())
}

/// Removes a take from this computer; its clip stays in the library.
#[tauri::command]
pub(crate) async fn remove_take(app: State<'_, App>, take: TakeId) -> Answer<()> {
    app.recorder().remove(take)
}

/// Tries at once what waits for its next try.
#[tauri::command]
pub(crate) async fn send_now(app: State<'_, App>) -> Answer<()> {
    app.recorder().wake();
    Ok(())
}

/// Puts text on the clipboard.
#[tauri::command]
pub(crate) async fn copy(handle: AppHandle, text: String) -> Answer<()> {
    to_clipboard(&handle, &text)
}

/// Opens a clip's page in the person's browser; no other kind of address.
#[tauri::command]
pub(crate) async fn open(link: Url) -> Answer<()> {
    if !matches!(link.scheme(), "http" | "https") {
        return Err(Problem::new(ErrorCode::BadRequest, "Only web addresses can be opened"));
    }
    open_browser(&link);
    Ok(())
}

/// Ends the app. A running take is stopped first and kept, or thrown away.
#[tauri::command]
pub(crate) async fn quit(handle: AppHandle, app: State<'_, App>, keep: bool) -> Answer<()> {
    if let Ok(take) = app.running() {
        if !keep {
            take.cancel();
        } else if let Err(problem) = stop_take(&handle, &app, &take) {
            // The list of takes has it the next time.
            tracing::info!(%problem, "A link was not copied");
        }
        take.ended().await;
        let settled = |takes: &Vec<TakeView>| {
            let take = takes.iter().find(|t| t.id == take.id());
            take.is_none_or(|t| matches!(t.whereabouts, Whereabouts::Safe { .. }))
        };
        // A library nearby has the rest in a moment. Whatever takes longer goes on when the app is started again.
        drop(tokio::time::timeout(QUIT_TIMEOUT, app.recorder().takes().wait_for(settled)).await);
    }
    handle.exit(0);
    Ok(())
}

fn to_clipboard(handle: &AppHandle, text: &str) -> Answer<()> {
    handle.clipboard().write_text(text).map_err(|error| {
        Problem::new(ErrorCode::Internal, format!("The clipboard cannot be used: {error}"))
            .with_help("Copy the link from the list of takes.")
    })
}
