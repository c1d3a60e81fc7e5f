//! [`Dialogs`]: what no page decides alone is asked by dialogs of the system. A page that somebody
//! took over can neither answer them nor paint over them.

use std::path::PathBuf;

use tauri::{AppHandle, Manager as _, Wry};
use tauri_plugin_dialog::{
    DialogExt as _, FileDialogBuilder, FilePath, MessageDialogButtons, MessageDialogKind,
};
use tokio::sync::{Mutex, oneshot};
use vignette_model::{ErrorCode, Problem};
use vignette_studio::Question;

use crate::window::WINDOW;

/// Says why the app cannot start, and ends it once that has been read. An error of the setup itself
/// would end it without a word that a person sees.
pub(crate) fn say_why_it_ends(handle: &AppHandle, problem: &Problem) {
    tracing::error!(%problem, "The app cannot start");
    let text = format!("{}\n\n{}", problem.message, problem.help);
    let handle = handle.clone();
    let dialog = handle.dialog().message(text.trim()).title("Vignette cannot start");
    dialog.kind(MessageDialogKind::Error).show(move |_| handle.exit(1));
}

/// Asks one thing at a time: a lock that is only tried, so that a page cannot queue dialogs.
#[derive(Debug, Default)]
pub(crate) struct Dialogs(Mutex<()>);

impl Dialogs {
    /// Succeeds once the person has agreed.
    ///
    /// # Errors
    /// `not_allowed` if they did not; `conflict` while something else is asked.
    pub(crate) async fn confirm(
        &self,
        handle: &AppHandle,
        question: Question,
    ) -> Result<(), Problem> {
        let _turn = self.turn()?;
        let buttons =
            MessageDialogButtons::OkCancelCustom(question.yes.to_owned(), "Cancel".to_owned());
        let dialog = handle
            .dialog()
            .message(question.text)
            .title(question.title)
            .kind(MessageDialogKind::Warning)
            .buttons(buttons);
        let dialog = match handle.get_webview_window(WINDOW) {
            Some(window) => dialog.parent(&window),
            None => dialog,
        };
        let (answer, answered) = oneshot::channel();
        dialog.show(move |yes| {
            let _ = answer.send(yes);
        });
        if answered.await.unwrap_or(false) {
            return Ok(());
        }
        Err(Problem::new(ErrorCode::NotAllowed, "Nothing was changed.")
            .with_help("Try again if that was not meant."))
    }

    /// A file that the person picks; none if they leave it. `kind` says which files, `extensions`
    /// what they end in.
    ///
    /// # Errors
    /// `conflict` while something else is asked.
    pub(crate) async fn pick_file(
        &self,
        handle: &AppHandle,
        title: &str,
        (kind, extensions): (&str, &[&str]),
    ) -> Result<Option<PathBuf>, Problem> {
        let _turn = self.turn()?;
        let dialog = file_dialog(handle, title).add_filter(kind, extensions);
        let (pick, picked) = oneshot::channel();
        dialog.pick_file(move |file| drop(pick.send(file)));
        Ok(picked.await.ok().flatten().and_then(|file: FilePath| file.into_path().ok()))
    }

    /// Where the person wants a new file; none if they leave it. `name` is suggested.
    ///
    /// # Errors
    /// `conflict` while something else is asked.
    pub(crate) async fn save_file(
        &self,
        handle: &AppHandle,
        title: &str,
        name: &str,
        (kind, extensions): (&str, &[&str]),
    ) -> Result<Option<PathBuf>, Problem> {
        let _turn = self.turn()?;
        let dialog = file_dialog(handle, title).set_file_name(name).add_filter(kind, extensions);
        let (pick, picked) = oneshot::channel();
        dialog.save_file(move |file| drop(pick.send(file)));
        Ok(picked.await.ok().flatten().and_then(|file: FilePath| file.into_path().ok()))
    }

    fn turn(&self) -> Result<tokio::sync::MutexGuard<'_, ()>, Problem> {
        self.0.try_lock().map_err(|_| {
            Problem::new(ErrorCode::Conflict, "Another question is open.")
                .with_help("Answer it first.")
        })
    }
}

/// A dialog in which files are chosen, over the window.
fn file_dialog(handle: &AppHandle, title: &str) -> FileDialogBuilder<Wry> {
    let dialog = handle.dialog().file().set_title(title);
    match handle.get_webview_window(WINDOW) {
        Some(window) => dialog.set_parent(&window),
        None => dialog,
    }
}
