//! The events by which the window is told, always as whole snapshots: a table of all, and how one
//! is told.

use std::marker::PhantomData;

use serde::Serialize;
use tauri::{AppHandle, Emitter as _, Manager as _};
use vignette_model::Problem;
use vignette_model::take::TakeView;
use vignette_recorder::{RecordingView, RehearsalView, ScreenPicture};
use vignette_studio::{BarView, Ended, GivenFile, SpeechView};

use crate::floating::{BAR, COUNTDOWN};
use crate::shortcuts::ShortcutView;
use crate::window::WINDOW;

/// An event, and the type of what it tells.
pub(crate) struct Event<T> {
    pub(crate) name: &'static str,
    value: PhantomData<fn(T)>,
}

// Derived, these would ask the same of `T`.
impl<T> Clone for Event<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Event<T> {}

/// What did not work.
#[derive(Clone, Debug, Serialize, ts_rs::TS)]
pub(crate) struct Refused {
    /// Why.
    #[ts(type = "Problem")]
    pub(crate) problem: Problem,
}

/// Declares events as `CONSTANT = name: type, documentation;`.
macro_rules! events {
    ($($constant:ident = $name:ident: $type:ty, $doc:literal;)*) => {
        $(#[doc = $doc]
        pub(crate) const $constant: Event<$type> =
            Event { name: stringify!($name), value: PhantomData };)*

        /// Every event: its name, its type in TypeScript, and what it says.
        #[cfg(test)]
        pub(crate) fn events(config: &ts_rs::Config) -> Vec<(&'static str, String, &'static str)> {
            vec![$((stringify!($name), <$type as ts_rs::TS>::name(config), $doc)),*]
        }

        /// Visits every type that an event tells.
        #[cfg(test)]
        pub(crate) fn visit(visitor: &mut impl ts_rs::TypeVisitor) {
            $(visitor.visit::<$type>();)*
        }
    };
}

events! {
    TAKES = takes: Vec<TakeView>, "The list of takes is another one.";
    RECORDING = recording: Option<RecordingView>,
        "The running take looks different; none runs any more.";
    ENDED = ended: Ended, "A take has ended.";
    REHEARSAL = rehearsal: RehearsalView,
        "Camera or microphone are different while nothing is recorded.";
    PREVIEW = preview: Option<String>, "The camera's picture as an address for an `<img>`.";
    SCREEN_PREVIEW = screen_preview: Option<ScreenPicture>,
        "What would be recorded of the screen, without our own windows; null while there is nothing.";
    CLOSE_REQUESTED = close_requested: (),
        "Somebody wants to quit while a take runs or is on its way.";
    BAR_CHANGED = bar: Option<BarView>, "The floating bar looks different; none: it goes.";
    SHORTCUTS = shortcuts: Vec<ShortcutView>, "The keys that work in any program are others.";
    SHOW_PAGE = show_page: String, "The tray asks for a page of the window.";
    PROBLEM = problem: Refused,
        "What was asked for outside the window did not work, and why.";
    DROPPED = dropped: Vec<GivenFile>, "Files were dropped on the window.";
    IMPORTING = importing: u64, "How much of a file has been taken in, in hundredths.";
    SPEECH = speech: SpeechView, "Speech models, a download or endpoints are different.";
}

/// A window that is not there is told nothing, and asks when it opens.
pub(crate) fn tell<T: Serialize>(handle: &AppHandle, event: Event<T>, value: &T) {
    if [WINDOW, BAR, COUNTDOWN].iter().any(|window| handle.get_webview_window(window).is_some())
        && let Err(error) = handle.emit(event.name, value)
    {
        tracing::warn!(%error, event = event.name, "The window could not be told");
    }
}
