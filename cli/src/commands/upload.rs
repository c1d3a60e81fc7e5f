//! `vignette upload FILE`: sends a video file as a clip.

use serde_json::json;
use vignette_model::TakeId;
use vignette_recorder::Recorder;

use crate::args::UploadArgs;
use crate::commands::record::say_whereabouts;
use crate::exit::{Exit, Failure};
use crate::interrupts::Interrupts;
use crate::output::Output;
use crate::session::Session;
use crate::words;

/// Takes the file in and waits until the library has it.
pub(crate) async fn run(args: UploadArgs, output: &Output) -> Result<Exit, Failure> {
    let interrupts = Interrupts::listen();
    let session = Session::open(args.library).await?;
    words::make(&session.recorder)?;
    let take = session.recorder.import(&args.file, args.words.title, args.words.summary).await?;
    if args.no_words {
        session.recorder.leave_wordless(take)?;
    }
    let mut link = None;
    let exit = session
        .until_safe(take, &interrupts, 1, |view| {
            if view.link != link {
                link.clone_from(&view.link);
                let shown = link.as_deref().unwrap_or_default();
                output.say(&json!({ "event": "link", "take": take, "link": shown }), format!("Link: {shown}"));
            }
            say_whereabouts(view, output);
        })
        .await;
    if exit == Exit::KeptHere {
        output.note("Kept on this computer; the rest is sent at the next start.");
    }
    if !args.no_words {
        write_down(&session.recorder, take, &interrupts, output).await;
    }
    session.close().await;
    Ok(exit)
}

/// Writes down what is said in the film, if there is a model. The clip is as safe without.
async fn write_down(recorder: &Recorder, take: TakeId, interrupts: &Interrupts, output: &Output) {
    let written = tokio::select! {
        written = recorder.write_down(take) => written,
        () = interrupts.pressed(1) => return,
    };
    match written {
        Ok(()) => words::say_when_sent(recorder, take, interrupts, output).await,
        Err(problem) => output.note(format!("{} {}", problem.message, problem.help)),
    }
}
