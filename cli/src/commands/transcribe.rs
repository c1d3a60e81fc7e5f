//! `vignette transcribe`: transcribes takes that have no transcript, because there was no model, or the program was ended.

use serde_json::json;
use vignette_model::take::{Phase, TakeView};
use vignette_model::{ErrorCode, Problem};

use crate::args::{LibraryArgs, TranscribeArgs};
use crate::exit::{Exit, Failure};
use crate::interrupts::Interrupts;
use crate::output::Output;
use crate::session::Session;
use crate::transcript;

/// Goes through the takes, newest first. Ctrl-C ends it; what was heard by then is kept.
pub(crate) async fn run(args: TranscribeArgs, output: &Output) -> Result<Exit, Failure> {
    let interrupts = Interrupts::listen();
    let session = Session::open(LibraryArgs::default()).await?;
    let takes = session.recorder().takes().borrow().clone();
    let wanted: Vec<_> = match args.take {
        Some(id) => takes.into_iter().filter(|take| take.id == id).collect(),
        None => takes.into_iter().filter(lacks_transcript).collect(),
    };
    if let (Some(id), true) = (args.take, wanted.is_empty()) {
        return Err(Problem::new(
            ErrorCode::NotFound,
            format!("There is no take {id} on this computer."),
        )
        .into());
    }
    if wanted.is_empty() {
        output.note("Every take has its transcript.");
    }
    let mut exit = Exit::Done;
    for take in wanted {
        output.note(format!("Writing down {} of {}", take.duration_us, transcript::title(&take).0));
        let written = tokio::select! {
            written = session.recorder().transcribe(take.id) => written,
            () = interrupts.pressed(1) => {
                exit = Exit::Cancelled;
                break;
            }
        };
        match written {
            Ok(()) => transcript::say_when_sent(&session, take.id, &interrupts, output).await,
            Err(problem) => {
                exit = Exit::Failed;
                let text = format!("{} {}", problem.message, problem.help);
                output
                    .say(&json!({ "event": "problem", "take": take.id, "problem": problem }), text);
            }
        }
    }
    session.close().await;
    Ok(exit)
}

fn lacks_transcript(take: &TakeView) -> bool {
    take.phase == Phase::Stopped
        && take.transcript.as_ref().is_none_or(|transcript| !transcript.done)
}
