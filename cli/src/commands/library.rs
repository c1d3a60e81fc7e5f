//! `vignette library`: keeps this computer's own library open.

use serde_json::json;

use crate::args::LibraryArgs;
use crate::exit::{Exit, Failure};
use crate::interrupts::Interrupts;
use crate::output::Output;
use crate::session::Session;

/// Serves until Ctrl-C, and sends what waits in the spool meanwhile.
pub(crate) async fn run(output: &Output) -> Result<Exit, Failure> {
    let interrupts = Interrupts::listen();
    let session = Session::open(LibraryArgs::own()).await?;
    output.say(
        &json!({ "event": "serving", "url": session.studio.library_url() }),
        format!("Your library is open at {}", session.studio.library_url()),
    );
    interrupts.pressed(1).await;
    session.close().await;
    Ok(Exit::Done)
}
