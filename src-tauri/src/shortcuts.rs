//! [`Shortcuts`]: keys that work in any program, where the system lets a program have them. Under
//! X11 the server gives each combination to one program; another one's is a conflict, which is said.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, Manager as _, Wry};
use tauri_plugin_global_shortcut::{
    Builder, GlobalShortcutExt as _, Modifiers, Shortcut, ShortcutEvent, ShortcutState,
};
use vignette_model::{ErrorCode, Problem};
use vignette_recorder::ShortcutAction;

use crate::app::App;
use crate::events::{self, SHORTCUTS};
use crate::{beginning, floating};

/// Ends the countdown.
const CANCEL: &str = "Escape";

/// The keys of one action, as the settings show them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub(crate) struct ShortcutView {
    /// What they do.
    action: ShortcutAction,
    /// Such as `Ctrl+Shift+R`; none: nothing does it.
    keys: Option<String>,
    /// Those of a new installation.
    usual: Option<String>,
    /// Why they do not work, in a sentence.
    problem: Option<String>,
}

/// What the system has given us.
#[derive(Default)]
pub(crate) struct Shortcuts(Mutex<BTreeMap<ShortcutAction, Result<Shortcut, String>>>);

impl Shortcuts {
    /// Whether another action has these keys. The lock is given back here: [`pressed`] takes it on
    /// the thread that gives us keys.
    fn is_held_by_other_than(&self, action: ShortcutAction, keys: &Shortcut) -> bool {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.iter().any(|(other, held)| *other != action && held.as_ref() == Ok(keys))
    }
}

/// What calls us when keys are pressed.
pub(crate) fn plugin() -> TauriPlugin<Wry> {
    Builder::new().with_handler(pressed).build()
}

fn pressed(handle: &AppHandle, keys: &Shortcut, event: ShortcutEvent) {
    if event.state != ShortcutState::Pressed {
        return;
    }
    let held = handle.state::<Shortcuts>();
    let held = held.0.lock().unwrap_or_else(PoisonError::into_inner);
    let action =
        held.iter().find_map(|(action, held)| (held.as_ref() == Ok(keys)).then_some(*action));
    drop(held);
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        let app = handle.state::<App>();
        let running = app.studio.running().map_err(Problem::from);
        match action {
            Some(ShortcutAction::Record) => {
                beginning::say(&handle, beginning::toggle(&handle).await);
            }
            // What is there for a recording alone does nothing without one.
            Some(ShortcutAction::Pause) => drop(running.map(|take| take.toggle_pause())),
            Some(ShortcutAction::Restart) if running.is_ok() => {
                beginning::say(&handle, beginning::restart(&handle).await);
            }
            Some(ShortcutAction::Discard) => {
                drop(running.map(|take| app.studio.recorder.discard(&take)));
            }
            Some(ShortcutAction::Restart) => {}
            // The one without an action is that of the countdown.
            None if floating::counts_down(&handle) => drop(running.map(|take| take.cancel())),
            None => {}
        }
    });
}

/// Asks the system for all keys that the person wants.
pub(crate) fn open(handle: &AppHandle) {
    for action in ShortcutAction::ALL {
        let settings = handle.state::<App>().studio.settings();
        let keys = settings.ok().and_then(|settings| settings.keys(action).map(str::to_owned));
        if let Some(keys) = keys {
            let held = hold(handle, action, &keys).map_err(|problem| {
                tracing::warn!(?action, %problem, "A shortcut does not work");
                problem.message
            });
            set(handle, action, Some(held));
        }
    }
}

/// All actions with their keys.
pub(crate) fn view(handle: &AppHandle) -> Result<Vec<ShortcutView>, Problem> {
    let settings = handle.state::<App>().studio.settings()?;
    let held = handle.state::<Shortcuts>();
    let held = held.0.lock().unwrap_or_else(PoisonError::into_inner);
    let view = |action| ShortcutView {
        action,
        keys: settings.keys(action).map(str::to_owned),
        usual: action.usual_keys().map(str::to_owned),
        problem: held.get(&action).and_then(|held| held.as_ref().err().cloned()),
    };
    Ok(ShortcutAction::ALL.map(view).to_vec())
}

/// Gives an action other keys, or none. Those before stay if the new ones cannot be had.
pub(crate) fn choose(
    handle: &AppHandle,
    action: ShortcutAction,
    keys: Option<&str>,
) -> Result<(), Problem> {
    let keys = keys.map(str::trim).filter(|keys| !keys.is_empty());
    let before = set(handle, action, None);
    release(handle, before.as_ref());
    let held = keys.map(|keys| hold(handle, action, keys)).transpose();
    let kept = held.and_then(|held| {
        set(handle, action, held.map(Ok));
        handle.state::<App>().studio.keep_keys(action, keys)?;
        Ok(())
    });
    if let Err(problem) = kept {
        release(handle, set(handle, action, None).as_ref());
        if let Some(Ok(keys)) = before {
            let again = handle.global_shortcut().register(keys).map(|()| keys);
            set(handle, action, Some(again.map_err(|error| error.to_string())));
        } else {
            set(handle, action, before);
        }
        return Err(problem);
    }
    events::tell(handle, SHORTCUTS, &view(handle)?);
    Ok(())
}

/// While a take counts down, Escape ends it in any program. Without it there is the bar.
pub(crate) fn hold_cancel(handle: &AppHandle, hold: bool) {
    let shortcuts = handle.global_shortcut();
    let held = shortcuts.is_registered(CANCEL);
    let done = match (hold && is_possible().is_ok(), held) {
        (true, false) => shortcuts.register(CANCEL),
        (false, true) => shortcuts.unregister(CANCEL),
        _ => Ok(()),
    };
    if let Err(error) = done {
        tracing::info!(%error, "Escape does not end the countdown");
    }
}

fn set(
    handle: &AppHandle,
    action: ShortcutAction,
    held: Option<Result<Shortcut, String>>,
) -> Option<Result<Shortcut, String>> {
    let shortcuts = handle.state::<Shortcuts>();
    let mut all = shortcuts.0.lock().unwrap_or_else(PoisonError::into_inner);
    match held {
        Some(held) => all.insert(action, held),
        None => all.remove(&action),
    }
}

fn release(handle: &AppHandle, held: Option<&Result<Shortcut, String>>) {
    if let Some(Ok(keys)) = held
        && let Err(error) = handle.global_shortcut().unregister(*keys)
    {
        tracing::info!(%error, "A shortcut is not given back");
    }
}

/// Gets keys from the system.
fn hold(handle: &AppHandle, action: ShortcutAction, text: &str) -> Result<Shortcut, Problem> {
    is_possible()?;
    let keys: Shortcut = text.parse().map_err(|_| {
        Problem::new(ErrorCode::BadRequest, format!("“{text}” is not a shortcut."))
            .with_help("Press it, such as Ctrl+Shift+R.")
    })?;
    let alone = (keys.mods - Modifiers::SHIFT).is_empty();
    if alone && !is_function_key(text) {
        let message = format!("“{text}” is needed for typing.");
        return Err(Problem::new(ErrorCode::BadRequest, message)
            .with_help("Use it together with Ctrl or Alt."));
    }
    if handle.state::<Shortcuts>().is_held_by_other_than(action, &keys) {
        let message = format!("{text} does something else in Vignette.");
        return Err(Problem::new(ErrorCode::Conflict, message).with_help("Choose other keys."));
    }
    handle.global_shortcut().register(keys).map_err(|error| {
        tracing::debug!(%error, "The system does not give a shortcut");
        Problem::new(ErrorCode::Conflict, format!("{text} is used by another program."))
            .with_help("Choose other keys, or change them in that program.")
    })?;
    Ok(keys)
}

fn is_function_key(text: &str) -> bool {
    let key = text.rsplit('+').next().unwrap_or_default().trim();
    key.strip_prefix(['F', 'f']).is_some_and(|number| number.parse::<u8>().is_ok())
}

/// Whether this desktop gives keys to programs. Without an X server nothing says so later.
fn is_possible() -> Result<(), Problem> {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if !cfg!(target_os = "linux") || (set("DISPLAY") && !set("WAYLAND_DISPLAY")) {
        return Ok(());
    }
    let message = "This desktop does not let programs have shortcuts.";
    Err(Problem::new(ErrorCode::NotOnThisSystem, message)
        .with_help("Let its own settings run `vignette toggle` for keys of your choice."))
}
