//! The transcripts of takes, as the command line says them.

use serde_json::json;
use vignette_model::TakeId;
use vignette_model::take::TakeTranscript;
use vignette_recorder::{Recording, TranscriptProgress};
use vignette_studio::TranscriptNews;

use crate::interrupts::Interrupts;
use crate::output::{Output, sentences};
use crate::session::Session;

/// Says how the transcript of a running take is coming along, when that changes in kind.
pub(crate) fn say_progress(take: TakeId, progress: &TranscriptProgress, output: &Output) {
    let text = match progress {
        TranscriptProgress::NoModel { problem } | TranscriptProgress::Failed { problem } => {
            sentences(problem)
        }
        TranscriptProgress::Listening { cues: 0 } => "What is said is written down.".to_owned(),
        TranscriptProgress::Listening { .. }
        | TranscriptProgress::Done { .. }
        | TranscriptProgress::Later
        | TranscriptProgress::Off => String::new(),
    };
    let event = json!({ "event": "transcript_progress", "take": take, "progress": progress });
    output.say(&event, text);
}

/// Waits until a take that was recorded has its transcript, if one is being made, and says it. The
/// second Ctrl-C ends that.
pub(crate) async fn after_recording(
    session: &Session,
    recording: &Recording,
    interrupts: &Interrupts,
    output: &Output,
) {
    let take = recording.id();
    let tell = |news| match news {
        TranscriptNews::Made(made) => say(take, &made, output),
        TranscriptNews::Refining => {
            output.note("Asking for a better title and summary; Ctrl-C leaves it at these.");
        }
        TranscriptNews::NotRefined(problem) => output.note_problem(&problem),
        TranscriptNews::Failed(progress) => say_progress(take, &progress, output),
        TranscriptNews::Unfinished => {
            output.note("Not all that was said is written down yet: `vignette transcribe` goes on.")
        }
    };
    session.studio.follow_transcript(recording, interrupts.pressed(2), tell).await;
}

/// Says what was made of a take.
pub(crate) fn say(take: TakeId, made: &TakeTranscript, output: &Output) {
    let event = json!({ "event": "transcript", "take": take, "transcript": made });
    output.say(&event, as_text(made));
}

fn as_text(made: &TakeTranscript) -> String {
    if made.cues == 0 {
        return "Nothing was said.".to_owned();
    }
    let parts = [("Title", made.title.as_str()), ("Summary", made.summary.as_str())];
    let parts = parts.into_iter().filter(|(_, text)| !text.is_empty());
    let parts: Vec<_> = parts.map(|(what, text)| format!("{what}: {text}")).collect();
    if parts.is_empty() {
        format!("{} cues were written down.", made.cues)
    } else {
        parts.join("\n")
    }
}
