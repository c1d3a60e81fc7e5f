//! `vignette upload FILE`: sends a video file as a clip.

use std::path::Path;

use serde_json::json;
use tokio::sync::watch;
use vignette_model::take::TakeView;
use vignette_model::{Micros, Span, TakeId};
use vignette_recorder::ImportProgress;

use crate::args::UploadArgs;
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
    let (told, progress) = watch::channel(ImportProgress { done: Micros::ZERO, of: Span::ZERO });
    let tell = move |progress| {
        told.send_replace(progress);
    };
    let reading =
        session.recorder().import(&args.file, args.details.title, args.details.summary, tell);
    let read = show_reading(&args.file, progress, reading, &mut line).await;
    line.clear();
    let imported = read?;
    let take = imported.take;
    output.say(&json!({ "event": "imported", "file": imported }), imported.remarks().join("\n"));
    if args.no_transcript {
        session.recorder().skip_transcript(take)?;
    }
    let mut link = None;
    let exit = session
        .until_safe(take, &interrupts, 1, |view| {
            if view.link != link {
                link.clone_from(&view.link);
                let shown = link.as_deref().unwrap_or_default();
                line.clear();
                output.say(
                    &json!({ "event": "link", "take": take, "link": shown }),
                    format!("Link: {shown}"),
                );
            }
            show_whereabouts(view, &mut line, output);
        })
        .await;
    line.end();
    if exit == Exit::KeptHere {
        output.note("Kept on this computer; the rest is sent at the next start.");
    }
    if !args.no_transcript {
        transcribe(&session, take, &interrupts, output).await;
    }
    session.close().await;
    Ok(exit)
}

/// Shows how far the file has been read until all of it has.
async fn show_reading<T>(
    file: &Path,
    mut progress: watch::Receiver<ImportProgress>,
    reading: impl Future<Output = T>,
    line: &mut ProgressLine,
) -> T {
    let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned();
    let mut reading = std::pin::pin!(reading);
    let mut shown = None;
    loop {
        let ImportProgress { done, of } = *progress.borrow_and_update();
        let percent = done.0.saturating_mul(100).checked_div(of.0).unwrap_or(0);
        // Where every step is a line of its own, one is enough, once it is known that there is something to read.
        let worth_a_line = of.0 > 0 || line.changes_in_place();
        if worth_a_line && shown.replace(percent) != Some(percent) {
            let text = if line.changes_in_place() {
                format!("Reading {name}: {percent} %")
            } else {
                format!("Reading {name}")
            };
            line.show(&json!({ "event": "reading", "done_us": done, "of_us": of }), &text);
        }
        tokio::select! {
            read = &mut reading => return read,
            Ok(()) = progress.changed() => {}
        }
    }
}

/// One step on the way to the library.
fn show_whereabouts(take: &TakeView, line: &mut ProgressLine, output: &Output) {
    line.show(&json!({ "event": "whereabouts", "take": take }), &take.whereabouts_text);
    if let Some(problem) = &take.problem {
        line.clear();
        output.note(format!("{} {}", problem.message, problem.help));
    }
}

/// Writes down what is said in the film, if there is a model. The clip is as safe without.
async fn transcribe(session: &Session, take: TakeId, interrupts: &Interrupts, output: &Output) {
    let written = tokio::select! {
        written = session.recorder().transcribe(take) => written,
        () = interrupts.pressed(1) => return,
    };
    match written {
        Ok(()) => transcript::say_when_sent(session, take, interrupts, output).await,
        Err(problem) => output.note(format!("{} {}", problem.message, problem.help)),
    }
}
