//! `vignette demo`: the whole way once, without a display, a camera or a microphone.

use std::time::Duration;

use serde_json::json;
use vignette_model::api::{CreatedClip, NewReply};
use vignette_model::take::Phase;
use vignette_model::text::{PersonName, ReplyBody, Summary, Title};
use vignette_model::{Anchor, Clock as _, Micros, Problem, Span, SystemClock};
use vignette_recorder::{
    Client, DeviceSelector, Outcome, Plan, Recording, Sources, SyntheticTalker,
};

use crate::args::{DemoArgs, LibraryArgs};
use crate::commands::record::{narrate, say_whereabouts};
use crate::exit::{Exit, Failure};
use crate::interrupts::Interrupts;
use crate::output::Output;
use crate::session::Session;
use crate::transcript;

/// How long a viewer asks for the end of the clip before the demonstration has failed.
const PLAYABLE_TIMEOUT: Span = Span::from_secs(30);

/// Records synthetic sources into this computer's own library, watches the clip as a viewer would, and replies to it.
pub(crate) async fn run(args: DemoArgs, output: &Output) -> Result<Exit, Failure> {
    let interrupts = Interrupts::listen();
    let session = Session::open(LibraryArgs::own()).await?;
    output.note(format!(
        "Recording {} s of a virtual screen, a voice and a synthetic camera.",
        args.duration.as_secs_f32()
    ));
    let clock = SystemClock::new();
    let recording = session.studio.start(plan(&args)?).await?;
    let stopped_at = instant_of_stop(&recording, clock);
    let outcome = tokio::select! {
        outcome = narrate(&recording, output) => outcome,
        () = interrupts.pressed(1) => { recording.stop(); recording.ended().await }
    };
    match outcome {
        Outcome::Stopped { .. } => {}
        Outcome::Cancelled => return Ok(Exit::Cancelled),
        Outcome::Failed(problem) => return Err(problem.into()),
    }
    let clip = session
        .recorder()
        .clip(recording.id())
        .ok_or_else(|| Failure::other("The library gave no link"))?;
    let viewer = Client::new(&session.library(), None)?;
    watch_to_the_end(&viewer, &clip, clock).await?;
    let stopped_at = stopped_at.await.unwrap_or_default();
    let playable_after = clock.monotonic().saturating_since(stopped_at);
    output.say(
        &json!({ "event": "playable", "link": clip.link, "after_stop_us": playable_after }),
        format!("The whole clip was playable {} ms after stop.", playable_after.0 / 1000),
    );
    let reply = viewer.post_reply(&clip.key, &reply()?).await?.reply;
    output.say(
        &json!({ "event": "reply", "reply": reply }),
        match &reply.anchor {
            Some(anchor) => format!("{} replied at {anchor}.", reply.name),
            None => format!("{} replied.", reply.name),
        },
    );
    let exit = session
        .until_safe(recording.id(), &interrupts, 1, |take| say_whereabouts(take, output))
        .await;
    transcript::after_recording(&session, &recording, &interrupts, output).await;
    output.say(&json!({ "event": "done", "link": clip.link }), format!("Watch it: {}", clip.link));
    if !args.once {
        output.note("Serving the page until Ctrl-C.");
        interrupts.pressed(1).await;
    }
    session.close().await;
    Ok(exit)
}

fn plan(args: &DemoArgs) -> Result<Plan, Failure> {
    let microphone = DeviceSelector::Named(SyntheticTalker::SELECTOR.into());
    let sources = Sources::new(args.screen.clone(), DeviceSelector::Synthetic, microphone);
    let summary = "A clip that a computer made by itself.\n\n- a screen on which something moves\n- a camera that is drawn\n- a voice that is synthesised";
    Ok(Plan {
        sources,
        countdown_s: 0,
        duration: Some(args.duration),
        title: Title::new("The way of a clip").map_err(|e| Failure::other(e.to_string()))?,
        summary: Summary::new(summary).map_err(|e| Failure::other(e.to_string()))?,
        ..Plan::default()
    })
}

fn reply() -> Result<NewReply, Failure> {
    let wrong = |e: vignette_model::text::TextError| Failure::other(e.to_string());
    Ok(NewReply {
        body: ReplyBody::new("This moment is worth a reply.").map_err(wrong)?,
        name: Some(PersonName::new("A viewer").map_err(wrong)?),
        anchor: Some(Anchor::moment(Micros::from_secs(3))),
        parent: None,
    })
}

/// When the take was stopped, by `clock`.
fn instant_of_stop(recording: &Recording, clock: SystemClock) -> tokio::task::JoinHandle<Micros> {
    let mut view = recording.view();
    tokio::spawn(async move {
        drop(view.wait_for(|view| matches!(view.phase, Phase::Finishing | Phase::Stopped)).await);
        clock.monotonic()
    })
}

/// Asks as a player does until the playlist is at its end and the last fragment can be had.
async fn watch_to_the_end(
    viewer: &Client,
    clip: &CreatedClip,
    clock: SystemClock,
) -> Result<(), Problem> {
    let began = clock.monotonic();
    loop {
        match viewer.last_fragment(&clip.key).await {
            Ok(Some(_)) => return Ok(()),
            Err(error) if clock.monotonic() > began + PLAYABLE_TIMEOUT => return Err(error.into()),
            Ok(None) | Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}
