//! The words of takes, on the command line: what makes them, and how they are said.

use std::time::Duration;

use serde_json::json;
use vignette_model::TakeId;
use vignette_model::take::{TakeView, TakeWords};
use vignette_recorder::{Paths, Recorder, Recording, Settings, WordsSetup, WordsState};

use crate::exit::Failure;
use crate::interrupts::Interrupts;
use crate::output::Output;

/// How long a command that recorded waits for what is still being written down. Afterwards `vignette transcribe` does it.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long it waits for the library to have it.
const SENDING: Duration = Duration::from_secs(10);

/// Lets the recorder make words as the person chose.
pub(crate) fn make(recorder: &Recorder) -> Result<(), Failure> {
    let paths = Paths::of_this_person()?;
    recorder.use_words(WordsSetup::of(&paths, &Settings::open(&paths.config)?)?);
    Ok(())
}

/// The title to show for a take, and whether a machine made it.
pub(crate) fn title(take: &TakeView) -> (&str, bool) {
    let machine = take.words.as_ref().map_or("", |words| words.title.as_str());
    match take.title.as_str() {
        "" if machine.is_empty() => ("Untitled", false),
        "" => (machine, true),
        title => (title, false),
    }
}

/// Says how the words of a running take are coming along, when that changes in kind.
pub(crate) fn say_state(take: TakeId, state: &WordsState, output: &Output) {
    let words = match state {
        WordsState::NoModel { problem } | WordsState::Failed { problem } => format!("{} {}", problem.message, problem.help),
        WordsState::Listening { cues: 0 } => "What is said is written down.".to_owned(),
        WordsState::Listening { .. } | WordsState::Done { .. } | WordsState::Later | WordsState::Off => String::new(),
    };
    output.say(&json!({ "event": "words_state", "take": take, "words": state }), words);
}

/// Waits until a take that was recorded has its words, if they are being made, and says them.
pub(crate) async fn after_recording(recorder: &Recorder, recording: &Recording, interrupts: &Interrupts, output: &Output) {
    let mut view = recording.view();
    let over = view.wait_for(|view| !matches!(view.words, WordsState::Listening { .. }));
    tokio::select! {
        _ = tokio::time::timeout(PATIENCE, over) => {}
        () = interrupts.pressed(2) => return,
    }
    let state = view.borrow().words.clone();
    match state {
        WordsState::Done { .. } => {
            say_when_sent(recorder, recording.id(), interrupts, output).await;
            if recorder.asks_a_service() {
                say_better(recorder, recording.id(), interrupts, output).await;
            }
        }
        WordsState::Failed { .. } => say_state(recording.id(), &state, output),
        WordsState::Listening { .. } => output.note("Not all that was said is written down yet: `vignette transcribe` goes on."),
        WordsState::Off | WordsState::NoModel { .. } | WordsState::Later => {}
    }
}

/// Waits for what a service makes of a take, and says it. Those of this computer stay if it fails.
async fn say_better(recorder: &Recorder, take: TakeId, interrupts: &Interrupts, output: &Output) {
    output.note("Asking for a better title and summary; Ctrl-C leaves it at these.");
    tokio::select! {
        _ = recorder.write_down(take) => {}
        () = interrupts.pressed(2) => return,
    }
    match &*recorder.words_problem().borrow() {
        Some(problem) => output.note(format!("{} {}", problem.message, problem.help)),
        None => say_when_sent(recorder, take, interrupts, output).await,
    }
}

/// Waits a moment for the library to have a take's words, and says them.
pub(crate) async fn say_when_sent(recorder: &Recorder, take: TakeId, interrupts: &Interrupts, output: &Output) {
    let words = |takes: &[TakeView]| takes.iter().find(|view| view.id == take).and_then(|view| view.words.clone());
    let mut takes = recorder.takes();
    let is_sent = |takes: &Vec<TakeView>| words(takes).is_some_and(|words| words.done && words.sent);
    tokio::select! {
        _ = tokio::time::timeout(SENDING, takes.wait_for(is_sent)) => {}
        () = interrupts.pressed(2) => {}
    }
    let said = words(&takes.borrow());
    if let Some(words) = said {
        output.say(&json!({ "event": "words", "take": take, "words": words }), told(&words));
    }
}

/// What a machine made of a take, for people.
fn told(words: &TakeWords) -> String {
    if words.cues == 0 {
        return "Nothing was said.".to_owned();
    }
    let parts = [("Title", words.title.as_str()), ("Summary", words.summary.as_str())];
    let parts = parts.into_iter().filter(|(_, text)| !text.is_empty()).map(|(what, text)| format!("{what}: {text}"));
    let parts: Vec<_> = parts.collect();
    if parts.is_empty() { format!("{} cues were written down.", words.cues) } else { parts.join("\n") }
}
