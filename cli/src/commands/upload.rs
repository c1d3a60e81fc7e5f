//! `vignette upload FILE`: sends a video file as a clip.

use serde_json::json;
use vignette_model::TakeId;
use vignette_model::take::TakeView;
use vignette_recorder::ImportProgress;
use vignette_studio::Transcribed;

use crate::args::UploadArgs;
use crate::commands::record::{KEPT_HERE, say_link};
use crate::exit::{Exit, Failure};
use crate::interrupts::Interrupts;
use crate::output::{Output, ProgressLine};
use crate::session::Session;
use crate::transcript;

/// Takes the file in and waits until the library has it.
pub(crate) async fn run(args: UploadArgs, output: &Output) -> Result<Exit, Failure> {
    let interrupts = Interrupts::listen();
    let session = Session::open(args.library).await?;
    let mut line = ProgressLine::new(*output);
    let name = args.file.file_name().unwrap_or(args.file.as_os_str()).to_string_lossy();
    let details = args.details;
    let show = |progress| show_reading(&name, progress, &mut line);
    let read = session.studio.import(&args.file, details.title, details.summary, show).await;
    line.clear();
    let imported = read?;
    let take = imported.take;
    output.say(&json!({ "event": "imported", "file": imported }), imported.remarks().join("\n"));
    if args.no_transcript {
        session.studio.recorder.skip_transcript(take)?;
    }
    let mut link = None;
    let seen = |view: &TakeView| {
        if view.link != link {
            link.clone_from(&view.link);
            line.clear();
            say_link(take, link.as_deref().unwrap_or_default(), output);
        }
        show_whereabouts(view, &mut line, output);
    };
    let exit = session.until_safe(take, &interrupts, 1, seen).await;
    line.end();
    if exit == Exit::KeptHere {
        output.note(KEPT_HERE);
    }
    if !args.no_transcript {
        transcribe(&session, take, &interrupts, output).await;
    }
    session.close().await;
    Ok(exit)
}

/// Shows how far the file has been read. Where every step is a line of its own, nothing is said
/// before it is known that there is something to read.
fn show_reading(name: &str, progress: ImportProgress, line: &mut ProgressLine) {
    let ImportProgress { done, of } = progress;
    let text = match (line.changes_in_place(), of.0) {
        (true, _) => format!("Reading {name}: {} %", progress.percent()),
        (false, 0) => return,
        (false, _) => format!("Reading {name}"),
    };
    line.show(&json!({ "event": "reading", "done_us": done, "of_us": of }), &text);
}

/// One step on the way to the library.
fn show_whereabouts(take: &TakeView, line: &mut ProgressLine, output: &Output) {
    line.show(&json!({ "event": "whereabouts", "take": take }), &take.whereabouts_text);
    if let Some(problem) = &take.problem {
        line.clear();
        output.note_problem(problem);
    }
}

/// Writes down what is said in the film, if there is a model. The clip is as safe without.
async fn transcribe(session: &Session, take: TakeId, interrupts: &Interrupts, output: &Output) {
    match session.studio.transcribe(take, interrupts.pressed(1)).await {
        Ok(Transcribed::Done(Some(made))) => transcript::say(take, &made, output),
        Ok(Transcribed::Done(None) | Transcribed::Stopped) => {}
        Err(error) => output.note_problem(&error.into()),
    }
}
