//! For measuring what follows stop: replays a video file into a spool as if it were being recorded,
//! only faster, and says how long after the last fragment a viewer has it.
//!
//! `replay FILE LIBRARY SPOOL`, with a token in `VIGNETTE_TOKEN`. Prints a JSON line at stop, and
//! one when the viewer has all.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use vignette_model::{Clock, ErrorCode, Problem, Secret, SystemClock, TakeId};
use vignette_spool::{Spool, Take};
use vignette_upload::{Client, Credentials, LINK_BUDGET, Uploader, library_url};

/// How long the disks are given to be done with minutes of recording that came in a second.
const SETTLES: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, library, folder] = arguments.as_slice() else {
        return Err("replay FILE LIBRARY SPOOL".into());
    };
    let (library, folder) = (library_url(library)?, Path::new(folder));
    let mut pieces = Vec::new();
    vignette_encode::remux_to_stream(
        Path::new(file),
        |piece| pieces.push(piece.bytes().clone()),
        |_| (),
    )
    .map_err(Problem::from)?;

    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let credentials = Credentials::open(&folder.join("tokens.json")).map_err(Problem::from)?;
    credentials
        .keep(&library, Secret::presented(&std::env::var("VIGNETTE_TOKEN")?))
        .map_err(Problem::from)?;
    let spool = Spool::open(folder, clock.clone()).map_err(Problem::from)?;
    let uploader = Uploader::spawn(spool.clone(), credentials, clock.clone());
    let mut take = Take::new(TakeId::new(), clock.utc());
    take.upload.library = Some(library.to_string());
    let id = take.id;
    let mut writer = spool.begin(take).map_err(Problem::from)?;
    let clip = uploader.ensure_clip(id, LINK_BUDGET).await?;

    let last = pieces.pop().ok_or("the file is empty")?;
    for piece in &pieces {
        writer.append(piece).map_err(Problem::from)?;
    }
    // As in a recording: when the last fragment is made, the library has had time for those before
    // it.
    let before: u64 = pieces.iter().map(|piece| piece.len() as u64).sum();
    let arrived = |all: &Vec<vignette_upload::UploadProgress>| {
        all.iter().any(|p| p.take == id && p.acked_bytes >= before)
    };
    uploader.progress().wait_for(arrived).await?;
    tokio::time::sleep(SETTLES).await;

    let stopped = clock.monotonic();
    say(&serde_json::json!({ "event": "stop", "link": clip.link }));
    writer.append(&last).map_err(Problem::from)?;
    writer.finish().map_err(Problem::from)?;
    let viewer = Client::new(&library, None)?;
    loop {
        match viewer.last_fragment(&clip.key).await {
            Ok(Some(_)) => break,
            Ok(None) => {}
            Err(error) if error.code() == ErrorCode::Conflict => {}
            Err(error) => return Err(error.into()),
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let after = clock.monotonic().saturating_since(stopped);
    say(&serde_json::json!({
        "event": "playable",
        "after_stop_us": after,
        "stream_bytes": before + last.len() as u64,
    }));
    // The browser that watches the same clip may still be on its way, and the library has to seal
    // it.
    uploader.progress().wait_for(|all| all.iter().any(|p| p.take == id && p.sealed)).await?;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "what this program is for")]
fn say(line: &serde_json::Value) {
    println!("{line}");
}
