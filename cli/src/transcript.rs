//! The transcripts of takes, as the command line says them.

use serde_json::json;
use vignette_model::TakeId;
use vignette_model::take::{TakeTranscript, TakeView};
use vignette_recorder::{Recording, TranscriptProgress};

use crate::interrupts::Interrupts;
use crate::output::Output;
use crate::session::Session;

/// The title to show for a take, and whether a machine made it.
pub(crate) fn title(take: &TakeView) -> (&str, bool) {
    let machine = take.transcript.as_ref().map_or("", |transcript| transcript.title.as_str());
    match take.title.as_str() {
        "" if machine.is_empty() => ("Untitled", false),
        "" => (machine, true),
        title => (title, false),
    }
}

/// Says how the transcript of a running take is coming along, when that changes in kind.
pub(crate) fn say_progress(take: TakeId, progress: &TranscriptProgress, output: &Output) {
    let text = match progress {
        TranscriptProgress::NoModel { problem } | TranscriptProgress::Failed { problem } => {
            format!("{} {}", problem.message, problem.help)
        }
        TranscriptProgress::Listening { cues: 0 } => "What is said is written down.".to_owned(),
        TranscriptProgress::Listening { .. }
        | TranscriptProgress::Done { .. }
        | TranscriptProgress::Later
        | TranscriptProgress::Off => String::new(),
    };
    output
        .say(&json!({ "event": "transcript_progress", "take": take, "progress": progress }), text);
}

/// Waits until a take that was recorded has its transcript, if one is being made, and says it.
pub(crate) async fn after_recording(
    session: &Session,
    recording: &Recording,
    interrupts: &Interrupts,
    output: &Output,
) {
    let Some(progress) = session.studio.until_transcribed(recording, interrupts.pressed(2)).await
    else {
        return;
    };
    match progress {
        TranscriptProgress::Done { .. } => {
            say_when_sent(session, recording.id(), interrupts, output).await;
            if session.recorder().has_insights_endpoint() {
                say_refined(session, recording.id(), interrupts, output).await;
            }
        }
        TranscriptProgress::Failed { .. } => say_progress(recording.id(), &progress, output),
        TranscriptProgress::Listening { .. } => {
            output
                .note("Not all that was said is written down yet: `vignette transcribe` goes on.");
        }
        TranscriptProgress::Off
        | TranscriptProgress::NoModel { .. }
        | TranscriptProgress::Later => {}
    }
}

/// Waits for what an endpoint makes of a take, and says it. Title and summary of this computer stay
/// if it fails.
async fn say_refined(session: &Session, take: TakeId, interrupts: &Interrupts, output: &Output) {
    output.note("Asking for a better title and summary; Ctrl-C leaves it at these.");
    tokio::select! {
        _ = session.recorder().transcribe(take) => {}
        () = interrupts.pressed(2) => return,
    }
    let problem = session.recorder().transcription_problem().borrow().clone();
    match problem {
        Some(problem) => output.note(format!("{} {}", problem.message, problem.help)),
        None => say_when_sent(session, take, interrupts, output).await,
    }
}

/// Waits a moment for the library to have a take's transcript, and says it.
pub(crate) async fn say_when_sent(
    session: &Session,
    take: TakeId,
    interrupts: &Interrupts,
    output: &Output,
) {
    if let Some(transcript) =
        session.studio.until_transcript_sent(take, interrupts.pressed(2)).await
    {
        output.say(
            &json!({ "event": "transcript", "take": take, "transcript": transcript }),
            as_text(&transcript),
        );
    }
}

/// What a machine made of a take, for people.
fn as_text(transcript: &TakeTranscript) -> String {
    if transcript.cues == 0 {
        return "Nothing was said.".to_owned();
    }
    let parts = [("Title", transcript.title.as_str()), ("Summary", transcript.summary.as_str())];
    let parts = parts
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(what, text)| format!("{what}: {text}"));
    let parts: Vec<_> = parts.collect();
    if parts.is_empty() {
        format!("{} cues were written down.", transcript.cues)
    } else {
        parts.join("\n")
    }
}
