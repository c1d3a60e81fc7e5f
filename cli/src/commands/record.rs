//! `vignette record`: records until Ctrl-C, sends meanwhile, and says where the bytes are.

use serde_json::json;
use vignette_model::take::{Phase, TakeView};
use vignette_recorder::{Outcome, Plan, Recording, Sources, TranscriptProgress};

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
    let plan = Plan {
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
            let link = recording.view().borrow().link.clone();
            let text = link
                .as_deref()
                .map(|link| format!("Recorded {duration}. {link}"))
                .unwrap_or(format!("Recorded {duration}."));
            let stopped = json!({
                "event": "stopped", "take": recording.id(), "duration_us": duration, "pictures": pictures, "link": link,
                "problem": problem,
            });
            output.say(&stopped, text);
            let exit = session
                .until_safe(recording.id(), &interrupts, 2, |take| say_whereabouts(take, output))
                .await;
            if exit == Exit::KeptHere {
                output.note("Kept on this computer; the rest is sent at the next start.");
            }
            transcript::after_recording(&session, &recording, &interrupts, output).await;
            exit
        }
        Outcome::Cancelled => {
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

/// One step on the way to the library, for people and programs.
pub(crate) fn say_whereabouts(take: &TakeView, output: &Output) {
    output.say(&json!({ "event": "whereabouts", "take": take }), &take.whereabouts_text);
    if let Some(problem) = &take.problem {
        output.note(format!("{} {}", problem.message, problem.help));
    }
}

/// Says what happens during a take, and gives how it ended.
pub(crate) async fn narrate(recording: &Recording, output: &Output) -> Outcome {
    let mut view = recording.view();
    let (mut phase, mut link, mut warnings, mut transcript) =
        (Phase::Countdown, None, Vec::new(), None);
    let ended = recording.ended();
    tokio::pin!(ended);
    loop {
        let now = view.borrow_and_update().clone();
        if now.link != link {
            link.clone_from(&now.link);
            let shown = link.as_deref().unwrap_or_default();
            output.say(
                &json!({ "event": "link", "take": now.take, "link": shown }),
                format!("Link: {shown}"),
            );
        }
        if now.phase != phase {
            phase = now.phase;
            let text = if phase == Phase::Recording { "Recording; Ctrl-C stops." } else { "" };
            output.say(&json!({ "event": "phase", "take": now.take, "phase": phase }), text);
        }
        for warning in now.warnings.iter().filter(|w| !warnings.contains(*w)) {
            output
                .say(&json!({ "event": "warning", "take": now.take, "warning": warning, "text": warning.to_string() }), warning);
        }
        warnings = now.warnings;
        let kind = std::mem::discriminant(&now.transcript);
        if transcript.replace(kind) != Some(kind) && now.transcript != TranscriptProgress::Off {
            transcript::say_progress(now.take, &now.transcript, output);
        }
        tokio::select! {
            outcome = &mut ended => return outcome,
            _ = view.changed() => {}
        }
    }
}
