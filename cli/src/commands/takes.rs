//! `vignette takes`: what was recorded on this computer, and where its bytes are.

use vignette_model::take::TakeView;

use crate::args::{LibraryArgs, TakesArgs};
use crate::exit::{Exit, Failure};
use crate::interrupts::Interrupts;
use crate::output::{Output, sentences};
use crate::session::Session;

/// Lists takes; with `--send` waits until all are safe.
pub(crate) async fn run(args: TakesArgs, output: &Output) -> Result<Exit, Failure> {
    let session = Session::open(LibraryArgs::default()).await?;
    let all_safe = if args.send {
        let interrupts = Interrupts::listen();
        session.studio.until_all_safe(interrupts.pressed(1)).await
    } else {
        true
    };
    let takes = session.studio.recorder.takes().borrow().clone();
    for take in &takes {
        output.say(take, line(take));
    }
    if takes.is_empty() {
        output.note("No takes on this computer.");
    }
    session.close().await;
    Ok(if all_safe { Exit::Done } else { Exit::KeptHere })
}

fn line(take: &TakeView) -> String {
    let (title, by_machine) = take.title_to_show();
    let marked = if by_machine { " (title by a machine)" } else { "" };
    let link = take.link.as_deref().unwrap_or("no link yet");
    let transcript = match &take.transcript {
        None => "no transcript yet".to_owned(),
        Some(transcript) if !transcript.done => format!("{} cues so far", transcript.cues),
        Some(transcript) => format!("{} cues", transcript.cues),
    };
    let problem =
        take.problem.as_ref().map(|p| format!("\n  {}", sentences(p))).unwrap_or_default();
    format!(
        "{}  {title}{marked}  {}, {transcript}\n  {link}{problem}",
        take.duration_us, take.whereabouts_text
    )
}
