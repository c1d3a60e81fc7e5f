//! `vignette models`: the speech models that write down what is said, all on this computer.

use serde_json::json;
use vignette_recorder::Paths;
use vignette_recorder::models::{DefaultFor, DownloadProgress, KnownModel, ListedModel, Stage};
use vignette_studio::{Downloaded, SpeechModels};

use crate::args::{GetModelArgs, ModelsCommand};
use crate::exit::{Exit, Failure};
use crate::interrupts::Interrupts;
use crate::output::Output;

/// Lists, gets, uses or removes models.
pub(crate) async fn run(command: ModelsCommand, output: &Output) -> Result<Exit, Failure> {
    let models = SpeechModels::of(&Paths::of_this_person()?);
    match command {
        ModelsCommand::List => list(&models, output),
        ModelsCommand::Get(args) => return get(&models, args, output).await,
        ModelsCommand::Use { model } => {
            let name = models.use_model_or_file(&model).await?;
            output.say(
                &json!({ "event": "model_in_use", "model": name }),
                format!("{name} is in use. {FOR_TAKES}"),
            );
        }
        ModelsCommand::Remove { model } => {
            models.remove(&model)?;
            output.say(
                &json!({ "event": "model_removed", "model": model }),
                format!("{model} is gone from this computer."),
            );
        }
    }
    Ok(Exit::Done)
}

/// What to do about takes from before.
const FOR_TAKES: &str = "`vignette transcribe` transcribes the takes that have no transcript.";

fn list(models: &SpeechModels, output: &Output) {
    let (listed, own) = models.list();
    for model in &listed {
        output.say(model, line(model));
    }
    if let Some(file) = own {
        let text = format!("A file of your own is in use: {}", file.display());
        output.say(&json!({ "event": "model_in_use", "file": file }), text);
    } else if !listed.iter().any(|model| model.in_use) {
        output.note(
            "None is in use, so nothing is transcribed. `vignette models get` gets the usual one.",
        );
    }
}

fn line(ListedModel { model, here_bytes, ready, in_use }: &ListedModel) -> String {
    let state = match (in_use, ready, here_bytes) {
        (true, ..) => "in use".to_owned(),
        (_, true, _) => "here".to_owned(),
        (_, _, 0) => "not here".to_owned(),
        (_, _, here) => format!("{} of it here", megabytes(*here)),
    };
    let usual = match model.default_for {
        Some(DefaultFor::English) => ", the usual one for English",
        Some(DefaultFor::Multilingual) => ", the usual one for other languages",
        None => "",
    };
    let languages = match model.languages {
        [only] => (*only).to_owned(),
        several => format!("{} languages", several.len()),
    };
    let size = megabytes(model.size_bytes);
    format!(
        "{}  {size}, {languages}{usual}: {state}\n  {}; by {}, {}",
        model.name, model.note, model.made_by, model.licence
    )
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}

/// Downloads a model. Ctrl-C keeps what has arrived.
async fn get(models: &SpeechModels, args: GetModelArgs, output: &Output) -> Result<Exit, Failure> {
    let interrupts = Interrupts::listen();
    let download = models.download(args.model.as_deref())?;
    let KnownModel { name, size_bytes, licence, made_by, .. } = download.model();
    output.note(format!("Getting {name}, {}, by {made_by} ({licence}).", megabytes(*size_bytes)));
    let mut said = None;
    let say = |now: DownloadProgress| {
        let step = (now.stage, now.here_bytes * 100 / now.size_bytes.max(1));
        if said.replace(step) != Some(step) && now.stage != Stage::Asking {
            let text = format!("{} of {}", megabytes(now.here_bytes), megabytes(now.size_bytes));
            output.say(&json!({ "event": "progress", "model": name, "progress": now }), text);
        }
    };
    let mut running = std::pin::pin!(download.run(args.mirror, say));
    let downloaded = tokio::select! {
        downloaded = &mut running => downloaded?,
        () = interrupts.pressed(1) => {
            models.stop_download();
            running.await?
        }
    };
    let in_use = downloaded == Downloaded::InUse;
    let here = json!({ "event": "model_here", "model": name, "in_use": in_use });
    match downloaded {
        Downloaded::InUse => output.say(&here, format!("{name} is here and in use. {FOR_TAKES}")),
        Downloaded::Here => output.say(&here, format!("{name} is here.")),
        Downloaded::Stopped => {
            let stopped = json!({ "event": "cancelled", "model": name });
            output.say(&stopped, "Stopped; what has arrived is kept.");
            return Ok(Exit::Cancelled);
        }
    }
    Ok(Exit::Done)
}
