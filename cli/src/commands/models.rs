//! `vignette models`: the speech models that write down what is said, all on this computer.

use std::path::Path;

use serde_json::json;
use tokio_util::sync::CancellationToken;
use vignette_recorder::models::{
    DefaultFor, DownloadProgress, KnownModel, ListedModel, Stage, TABLE,
};
use vignette_recorder::{Models, Paths, Settings, TranscribeError};
use vignette_studio::{default_model, download_model};

use crate::args::{GetModelArgs, ModelsCommand};
use crate::exit::{Exit, Failure};
use crate::interrupts::Interrupts;
use crate::output::Output;

/// Lists, gets, uses or removes models.
pub(crate) async fn run(command: ModelsCommand, output: &Output) -> Result<Exit, Failure> {
    let paths = Paths::of_this_person()?;
    let models = Models::open(&paths.models);
    match command {
        ModelsCommand::List => list(&models, output),
        ModelsCommand::Get(args) => return get(&models, args, &paths, output).await,
        ModelsCommand::Use { model } => {
            let name = use_model(&models, &model)?;
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

fn list(models: &Models, output: &Output) {
    let listed = models.list();
    for model in &listed {
        output.say(model, line(model));
    }
    // A file of the person's own is in no table.
    if let Some(file) = models.in_use().filter(|_| !listed.iter().any(|model| model.in_use)) {
        let text = format!("A file of your own is in use: {}", file.display());
        output.say(&json!({ "event": "model_in_use", "file": file }), text);
    }
    if models.in_use().is_none() {
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

/// A model of the table by its name, else a file by its path.
fn use_model(models: &Models, model: &str) -> Result<String, TranscribeError> {
    if TABLE.iter().any(|known| known.name == model) {
        models.choose(model).map(|()| model.to_owned())
    } else {
        models.use_file(Path::new(model)).map(|speech| speech.name().to_string())
    }
}

/// Downloads a model. Ctrl-C keeps what has arrived.
async fn get(
    models: &Models,
    args: GetModelArgs,
    paths: &Paths,
    output: &Output,
) -> Result<Exit, Failure> {
    let interrupts = Interrupts::listen();
    let KnownModel { name, size_bytes, licence, made_by, .. } =
        default_model(args.model.as_deref())?;
    let mirror = match args.mirror {
        Some(mirror) => Some(mirror),
        None => Settings::open(&paths.config)?.speech.mirror,
    };
    output.note(format!("Getting {name}, {}, by {made_by} ({licence}).", megabytes(*size_bytes)));
    let mut said = None;
    let say = |now: DownloadProgress| {
        let step = (now.stage, now.here_bytes * 100 / now.size_bytes.max(1));
        if said.replace(step) != Some(step) && now.stage != Stage::Asking {
            let text = format!("{} of {}", megabytes(now.here_bytes), megabytes(now.size_bytes));
            output.say(&json!({ "event": "progress", "model": name, "progress": now }), text);
        }
    };
    let cancel = CancellationToken::new();
    let getting = download_model(models, name, mirror.as_ref(), &cancel, say);
    tokio::pin!(getting);
    let got = tokio::select! {
        got = &mut getting => got,
        () = interrupts.pressed(1) => {
            cancel.cancel();
            getting.await
        }
    };
    match got {
        Ok(file) => {
            let in_use = models.in_use().as_ref() == Some(&file);
            let text = if in_use {
                format!("{name} is here and in use. {FOR_TAKES}")
            } else {
                format!("{name} is here.")
            };
            output.say(&json!({ "event": "model_here", "model": name, "in_use": in_use }), text);
            Ok(Exit::Done)
        }
        Err(TranscribeError::Cancelled(_)) => {
            output.say(
                &json!({ "event": "cancelled", "model": name }),
                "Stopped; what has arrived is kept.",
            );
            Ok(Exit::Cancelled)
        }
        Err(error) => Err(error.into()),
    }
}
