//! `vignette upload FILE`: sends a video file as a clip.

use serde_json::json;

use crate::args::UploadArgs;
use crate::commands::record::say_whereabouts;
use crate::exit::{Exit, Failure};
use crate::interrupts::Interrupts;
use crate::output::Output;
use crate::session::Session;

/// Takes the file in and waits until the library has it.
pub(crate) async fn run(args: UploadArgs, output: &Output) -> Result<Exit, Failure> {
    let interrupts = Interrupts::listen();
    let session = Session::open(args.library).await?;
    let take = session.recorder.import(&args.file, args.words.title, args.words.summary).await?;
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
    session.close().await;
    Ok(exit)
}
