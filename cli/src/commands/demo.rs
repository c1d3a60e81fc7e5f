//! `vignette demo`: the whole way once, without a display, a camera or a microphone.

use serde_json::json;
use vignette_model::take::{Phase, TakeView};
use vignette_model::{Clock as _, Micros, SystemClock};
use vignette_recorder::{Outcome, Recording};
use vignette_studio::demo_plan;

use crate::args::{DemoArgs, LibraryArgs};
use crate::commands::record::{narrate, say_whereabouts};
use crate::exit::{Exit, Failure};
use crate::interrupts::Interrupts;
use crate::output::Output;
use crate::session::Session;
use crate::transcript;

/// Records synthetic sources into this computer's own library, watches the clip as a viewer would,
/// and replies to it.
pub(crate) async fn run(args: DemoArgs, output: &Output) -> Result<Exit, Failure> {
    let interrupts = Interrupts::listen();
    let session = Session::open(LibraryArgs::own()).await?;
    output.note(format!(
        "Recording {} s of a virtual screen, a voice and a synthetic camera.",
        args.duration.as_secs_f32()
    ));
    let clock = SystemClock::new();
    let recording = session.studio.start(demo_plan(args.screen, args.duration)?).await?;
    let stopped_at = instant_of_stop(&recording, clock);
    let outcome = tokio::select! {
        outcome = narrate(&recording, output) => outcome,
        () = interrupts.pressed(1) => { recording.stop(); recording.ended().await }
    };
    match outcome {
        Outcome::Stopped { .. } => {}
        Outcome::Cancelled | Outcome::Discarded => return Ok(Exit::Cancelled),
        Outcome::Failed(problem) => return Err(problem.into()),
    }
    let clip = session
        .studio
        .recorder
        .clip(recording.id())
        .ok_or_else(|| Failure::other("The library gave no link"))?;
    session.studio.until_playable(&clip).await?;
    let stopped_at = stopped_at.await.unwrap_or_default();
    let playable_after = clock.monotonic().saturating_since(stopped_at);
    output.say(
        &json!({ "event": "playable", "link": clip.link, "after_stop_us": playable_after }),
        format!("The whole clip was playable {} ms after stop.", playable_after.0 / 1000),
    );
    let reply = session.studio.reply_as_viewer(&clip).await?;
    output.say(
        &json!({ "event": "reply", "reply": reply }),
        match &reply.anchor {
            Some(anchor) => format!("{} replied at {anchor}.", reply.name),
            None => format!("{} replied.", reply.name),
        },
    );
    let seen = |take: &TakeView| say_whereabouts(take, output);
    let exit = session.until_safe(recording.id(), &interrupts, 1, seen).await;
    transcript::after_recording(&session, &recording, &interrupts, output).await;
    output.say(&json!({ "event": "done", "link": clip.link }), format!("Watch it: {}", clip.link));
    if !args.once {
        output.note("Serving the page until Ctrl-C.");
        interrupts.pressed(1).await;
    }
    session.close().await;
    Ok(exit)
}

/// When the take was stopped, by `clock`.
fn instant_of_stop(recording: &Recording, clock: SystemClock) -> tokio::task::JoinHandle<Micros> {
    let mut view = recording.view();
    tokio::spawn(async move {
        drop(view.wait_for(|view| matches!(view.phase, Phase::Finishing | Phase::Stopped)).await);
        clock.monotonic()
    })
}
