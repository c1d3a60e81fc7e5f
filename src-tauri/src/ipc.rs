//! What the window may ask: every command stands here once, as every event does in
//! [`crate::events`].
//!
//! Of the two tables come the handler that Tauri calls, the constants that events are sent by, and
//! `ui/src/host/ipc.gen.ts`, in which the window knows both.

#[cfg(test)]
mod typescript;

use tauri::Wry;
use tauri::ipc::{Invoke, InvokeHandler};
use vignette_model::{ErrorCode, Problem};

use crate::floating::{BAR, COUNTDOWN};
use crate::window::WINDOW;
use crate::{commands, person, shell, speech};

/// Declares commands as `module::name(argument: type as TypeScript's, …) -> answer;`.
macro_rules! commands {
    ($($module:ident::$name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)*) => {
        /// Answers the commands of the windows; each its own.
        pub(crate) fn handler() -> impl Fn(Invoke<Wry>) -> bool + Send + Sync + 'static {
            let answer: Box<InvokeHandler<Wry>> =
                Box::new(tauri::generate_handler![$($module::$name),*]);
            move |invoke| {
                let message = &invoke.message;
                if may_ask(message.webview_ref().label(), message.command()) {
                    return answer(invoke);
                }
                invoke.resolver.reject(Problem::new(ErrorCode::NotAllowed, "Not for this window."));
                true
            }
        }

        /// Every command, with its types in TypeScript.
        #[cfg(test)]
        pub(crate) fn commands(config: &ts_rs::Config) -> Vec<typescript::Command> {
            vec![$(typescript::Command {
                name: stringify!($name),
                arguments: vec![$((stringify!($argument), <$type as ts_rs::TS>::name(config))),*],
                answer: <$answer as ts_rs::TS>::name(config),
            }),*]
        }

        /// Visits every type of arguments and answers.
        #[cfg(test)]
        fn visit_commands(visitor: &mut impl ts_rs::TypeVisitor) {
            $($(visitor.visit::<$type>();)*)*
            $(visitor.visit::<$answer>();)*
        }
    };
}

/// What the floating bar may ask, and the countdown.
const OF_THE_BAR: &[&str] = &[
    "bar",
    "size_bar",
    "drag_bar",
    "bar_moved",
    "dismiss_bar",
    "pause",
    "resume",
    "stop",
    "cancel",
    "restart",
    "discard",
    "undo_discard",
];
const OF_THE_COUNTDOWN: &[&str] = &["bar"];

fn may_ask(window: &str, command: &str) -> bool {
    match window {
        WINDOW => true,
        BAR => OF_THE_BAR.contains(&command),
        COUNTDOWN => OF_THE_COUNTDOWN.contains(&command),
        _ => false,
    }
}

/// Visits every type of the interface.
#[cfg(test)]
fn visit(visitor: &mut impl ts_rs::TypeVisitor) {
    visit_commands(visitor);
    crate::events::visit(visitor);
}

// An argument or answer that is text in JSON stands here as `String`.
commands! {
    commands::snapshot() -> vignette_studio::Snapshot;
    commands::devices() -> vignette_recorder::Devices;
    commands::settings() -> vignette_recorder::Settings;
    commands::windows() -> Vec<vignette_recorder::WindowView>;
    commands::keep_settings(
        sources: vignette_recorder::Sources,
        countdown_s: u8,
        target: Option<vignette_recorder::CaptureTarget>
    ) -> ();
    commands::set_bubble(bubble: Option<vignette_recorder::BubbleView>) -> ();
    commands::library() -> vignette_studio::LibraryAccess;
    person::set_name(name: String) -> ();
    person::introduce() -> ();
    person::sign_in(address: String) -> ();
    person::sign_in_with_token(address: String, token: String) -> ();
    person::cancel_sign_in() -> ();
    person::open_sign_in_again() -> ();
    person::use_own_library() -> ();
    person::save_take(take: String) -> bool;
    commands::rehearse(
        sources: vignette_recorder::Sources,
        target: vignette_recorder::CaptureTarget
    ) -> ();
    commands::end_rehearsal() -> ();
    commands::record(plan: vignette_recorder::Plan) -> ();
    commands::pause() -> ();
    commands::resume() -> ();
    commands::stop() -> Option<String>;
    commands::cancel() -> ();
    commands::discard() -> ();
    commands::undo_discard() -> String;
    commands::restart() -> ();
    commands::last_link() -> Option<String>;
    commands::describe(
        take: String,
        title: Option<String>,
        summary: Option<String>,
        live: Option<bool>
    ) -> ();
    commands::choose_video() -> Option<vignette_studio::GivenFile>;
    commands::import(file: vignette_studio::FileNumber, title: String) -> Vec<String>;
    commands::remove_take(take: String) -> ();
    commands::send_now() -> ();
    commands::copy(text: String) -> ();
    commands::open(link: String) -> ();
    commands::quit(keep: bool) -> ();
    shell::painted() -> ();
    shell::zoom(change: vignette_studio::Zoom) -> ();
    shell::bar() -> Option<vignette_studio::BarView>;
    shell::size_bar(width: f64, height: f64) -> ();
    shell::drag_bar(dx: f64, dy: f64) -> ();
    shell::bar_moved() -> ();
    shell::dismiss_bar() -> ();
    shell::shortcuts() -> Vec<crate::shortcuts::ShortcutView>;
    shell::set_shortcut(
        action: vignette_recorder::ShortcutAction,
        keys: Option<String>
    ) -> ();
    speech::speech() -> vignette_studio::SpeechView;
    speech::get_model(name: String) -> ();
    speech::stop_download() -> ();
    speech::use_model(name: String) -> ();
    speech::choose_model_file() -> bool;
    speech::remove_model(name: String) -> ();
    speech::choose_speech(chosen: vignette_studio::ChosenSpeech) -> ();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floating_windows_ask_for_what_they_show_and_no_more() {
        let names: Vec<_> = commands(&ts_rs::Config::new()).iter().map(|c| c.name).collect();
        for command in OF_THE_BAR.iter().chain(OF_THE_COUNTDOWN) {
            assert!(names.contains(command), "{command} is no command");
        }
        for (window, command, may) in [
            (WINDOW, "library", true),
            (BAR, "stop", true),
            (BAR, "library", false),
            (BAR, "record", false),
            (COUNTDOWN, "bar", true),
            (COUNTDOWN, "stop", false),
            ("another", "bar", false),
        ] {
            assert_eq!(may_ask(window, command), may, "{window}: {command}");
        }
    }
}
