//! `vignette record`: records until Ctrl-C, sends meanwhile, and says where the bytes are.

use serde_json::json;
use vignette_model::TakeId;
use vignette_model::take::{Phase, TakeView};
use vignette_recorder::{Outcome, Plan, Recording, Sources};
use vignette_studio::TakeNews;

use crate::args::RecordArgs;
use crate::exit::{Exit, Failure};
use crate::interrupts::Interrupts;
use crate::output::Output;
use crate::session::Session;
use crate::{control, transcript};

/// Records one take. The first Ctrl-C stops it properly, the second stops waiting for the library.
pub(crate) async fn run(args: RecordArgs, output: &Output) -> Result<Exit, Failure> {
    let interrupts = Interrupts::listen();
    let session = Session::open(args.library).await?;
    let target = vignette_studio::target(args.window.as_deref(), args.region).await?;
    let plan = Plan {
        target,
        sources: Sources::new(args.screen, args.camera, args.microphone),
        countdown_s: args.countdown,
        duration: args.duration,
        title: args.details.title,
        summary: args.details.summary,
        live: args.live,
        fps_max: args.fps,
        profile: args.profile,
        transcribe: !args.no_transcript,
        ..Plan::default()
    };
    let recording = session.studio.start(plan).await?;
    let stop = {
        let (recording, interrupts) = (recording.clone(), interrupts.clone());
        tokio::spawn(async move {
            interrupts.pressed(1).await;
            recording.stop();
        })
    };
    let control = args.control.then(|| tokio::spawn(control::obey(recording.clone())));
    let outcome = narrate(&recording, output).await;
    stop.abort();
    if let Some(control) = control {
        control.abort();
    }
    let exit = match outcome {
        Outcome::Stopped { duration, pictures, problem, .. } => {
            if let Some(problem) = &problem {
                output.note(format!("{}\n{}", problem.message, problem.help));
            }
            let link = recording.link();
            let text = match &link {
                Some(link) => format!("Recorded {duration}. {link}"),
                None => format!("Recorded {duration}."),
            };
            let stopped = json!({
                "event": "stopped", "take": recording.id(), "duration_us": duration,
                "pictures": pictures, "link": link, "problem": problem,
            });
            output.say(&stopped, text);
            let seen = |take: &TakeView| say_whereabouts(take, output);
            let exit = session.until_safe(recording.id(), &interrupts, 2, seen).await;
            if exit == Exit::KeptHere {
                output.note(KEPT_HERE);
            }
            transcript::after_recording(&session, &recording, &interrupts, output).await;
            exit
        }
        Outcome::Cancelled | Outcome::Discarded => {
            output.say(
                &json!({ "event": "cancelled", "take": recording.id() }),
                "Cancelled; nothing was kept.",
            );
            Exit::Cancelled
        }
        Outcome::Failed(problem) => return Err(problem.into()),
    };
    session.close().await;
    Ok(exit)
}

/// Said of what is not in the library yet.
pub(crate) const KEPT_HERE: &str = "Kept on this computer; the rest is sent at the next start.";

/// One step on the way to the library, for people and programs.
pub(crate) fn say_whereabouts(take: &TakeView, output: &Output) {
    output.say(&json!({ "event": "whereabouts", "take": take }), &take.whereabouts_text);
    if let Some(problem) = &take.problem {
        output.note_problem(problem);
    }
}

/// Says a clip's link.
pub(crate) fn say_link(take: TakeId, link: &str, output: &Output) {
    output.say(&json!({ "event": "link", "take": take, "link": link }), format!("Link: {link}"));
}

/// Says what happens during a take, and gives how it ended.
pub(crate) async fn narrate(recording: &Recording, output: &Output) -> Outcome {
    let take = recording.id();
    let say = |news| match news {
        TakeNews::Link(link) => say_link(take, &link, output),
        TakeNews::Phase(phase) => {
            let text = if phase == Phase::Recording { "Recording; Ctrl-C stops." } else { "" };
            output.say(&json!({ "event": "phase", "take": take, "phase": phase }), text);
        }
        TakeNews::Warning(warning) => {
            let text = warning.to_string();
            let event =
                json!({ "event": "warning", "take": take, "warning": warning, "text": text });
            output.say(&event, text);
        }
        TakeNews::Transcript(progress) => transcript::say_progress(take, &progress, output),
    };
    vignette_studio::narrate(recording, say).await
}
