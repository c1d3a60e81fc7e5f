//! `vignette transcribe`: transcribes takes that have no transcript, because there was no model, or
//! the program was ended.

use serde_json::json;
use vignette_model::Problem;
use vignette_studio::Transcribed;

use crate::args::{LibraryArgs, TranscribeArgs};
use crate::exit::{Exit, Failure};
use crate::interrupts::Interrupts;
use crate::output::{Output, sentences};
use crate::session::Session;
use crate::transcript;

/// Goes through the takes, newest first. Ctrl-C ends it; what was heard by then is kept.
pub(crate) async fn run(args: TranscribeArgs, output: &Output) -> Result<Exit, Failure> {
    let interrupts = Interrupts::listen();
    let session = Session::open(LibraryArgs::default()).await?;
    let wanted = session.studio.takes_to_transcribe(args.take)?;
    if wanted.is_empty() {
        output.note("Every take has its transcript.");
    }
    let mut exit = Exit::Done;
    for take in wanted {
        output.note(format!("Writing down {} of {}", take.duration_us, take.title_to_show().0));
        match session.studio.transcribe(take.id, interrupts.pressed(1)).await {
            Ok(Transcribed::Done(None)) => {}
            Ok(Transcribed::Done(Some(made))) => transcript::say(take.id, &made, output),
            Ok(Transcribed::Stopped) => {
                exit = Exit::Cancelled;
                break;
            }
            Err(error) => {
                exit = Exit::Failed;
                let problem = Problem::from(error);
                let event = json!({ "event": "problem", "take": take.id, "problem": problem });
                output.say(&event, sentences(&problem));
            }
        }
    }
    session.close().await;
    Ok(exit)
}
