//! [`Words`]: what makes words of what is said, and what the window may ask about it. Event `words` tells the window of every
//! change, as a whole [`WordsView`].

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tauri::{AppHandle, State};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use url::Url;
use vignette_model::text::Label;
use vignette_model::{ErrorCode, Problem, Secret};
use vignette_recorder::models::{DownloadProgress, ListedModel};
use vignette_recorder::{
    Credentials, Endpoint, EndpointSettings, Models, Paths, Recorder, Settings, TranscribeError, WordsSettings, WordsSetup,
};

use crate::app::App;
use crate::asking::{Asking, Question};
use crate::events;

/// Time between two snapshots of a download.
const PACE: Duration = Duration::from_millis(200);

/// Models, services and a download, for as long as the app runs. Clones are the same.
#[derive(Clone)]
pub(crate) struct Words(Arc<Inner>);

struct Inner {
    recorder: Recorder,
    paths: Paths,
    models: Models,
    keys: Credentials,
    cancel: Mutex<Option<CancellationToken>>,
    view: watch::Sender<WordsView>,
}

/// Everything that the window shows of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct WordsView {
    off: bool,
    models: Vec<ListedModel>,
    /// A model file of the person's own that is in use.
    file: Option<PathBuf>,
    mirror: Option<Url>,
    insights: Option<Service>,
    speech: Option<Service>,
    download: Option<Downloading>,
    /// Why the last download, or the last take, has not come to anything.
    problem: Option<Problem>,
}

/// A service as the window shows it: never its key.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Service {
    #[serde(flatten)]
    settings: EndpointSettings,
    has_key: bool,
}

/// A model on its way.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Downloading {
    name: String,
    #[serde(flatten)]
    progress: DownloadProgress,
}

/// What the person chose in the window.
#[derive(Debug, Deserialize)]
pub(crate) struct Chosen {
    off: bool,
    mirror: Option<String>,
    insights: Option<ChosenService>,
    speech: Option<ChosenService>,
}

/// A service as a person writes it.
#[derive(Debug, Deserialize)]
struct ChosenService {
    address: String,
    model: String,
    /// None: the one before stays; empty: it wants none.
    key: Option<Secret>,
}

impl Words {
    /// Lets the recorder make words as this person chose, of takes from before too.
    pub(crate) fn open(app: &App) -> Result<Self, Problem> {
        let setup = WordsSetup::of(&app.paths, &Settings::open(&app.paths.config)?)?;
        let inner = Inner {
            recorder: app.recorder.clone(),
            paths: app.paths.clone(),
            models: setup.models.clone(),
            keys: setup.keys.clone(),
            cancel: Mutex::default(),
            view: watch::Sender::default(),
        };
        let words = Self(Arc::new(inner));
        words.look(&setup.settings);
        app.recorder.use_words(setup);
        app.recorder.catch_up();
        Ok(words)
    }

    /// Tells the window of every change, for as long as the app runs.
    pub(crate) fn forward(&self, handle: &AppHandle) {
        events::follow(handle, "words", self.0.view.subscribe(), PACE);
        let (words, mut problem) = (self.clone(), self.0.recorder.words_problem());
        tauri::async_runtime::spawn(async move {
            while problem.changed().await.is_ok() {
                let now = problem.borrow_and_update().clone();
                words.0.view.send_modify(|view| view.problem = now);
            }
        });
    }

    /// Takes a new snapshot.
    fn look(&self, settings: &WordsSettings) {
        let Inner { models, keys, view, .. } = &*self.0;
        let listed = models.list();
        let file = models.in_use().filter(|_| !listed.iter().any(|model| model.in_use));
        let service = |settings: &Option<EndpointSettings>| {
            settings.clone().map(|settings| Service { has_key: keys.token(&settings.url).is_some(), settings })
        };
        view.send_modify(|view| {
            view.off = settings.off;
            view.models = listed;
            view.file = file;
            view.mirror.clone_from(&settings.mirror);
            view.insights = service(&settings.insights);
            view.speech = service(&settings.speech);
        });
    }

    /// Looks again after a model has come or gone; takes may get their words now.
    fn look_again(&self) -> Result<(), Problem> {
        self.look(&Settings::open(&self.0.paths.config)?.words);
        self.0.recorder.look_for_words();
        Ok(())
    }

    /// Downloads a model; how far it is, and how it ended, is told by `words` events.
    fn get(&self, name: String) -> Result<(), Problem> {
        let mut cancel = self.0.cancel.lock().unwrap_or_else(PoisonError::into_inner);
        if cancel.is_some() {
            return Err(TranscribeError::Busy(name).into());
        }
        let token = cancel.insert(CancellationToken::new()).clone();
        drop(cancel);
        let words = self.clone();
        tauri::async_runtime::spawn(async move {
            let got = words.download(&name, &token).await;
            *words.0.cancel.lock().unwrap_or_else(PoisonError::into_inner) = None;
            let problem = got.and_then(|()| words.look_again()).err();
            words.0.view.send_modify(|view| (view.download, view.problem) = (None, problem));
        });
        Ok(())
    }

    async fn download(&self, name: &str, cancel: &CancellationToken) -> Result<(), Problem> {
        let mirror = Settings::open(&self.0.paths.config)?.words.mirror;
        let (progress, mut seen) = watch::channel(DownloadProgress::default());
        let getting = self.0.models.get(name, mirror.as_ref(), &progress, cancel);
        tokio::pin!(getting);
        loop {
            let downloading = Downloading { name: name.to_owned(), progress: *seen.borrow_and_update() };
            self.0.view.send_modify(|view| (view.download, view.problem) = (Some(downloading), None));
            tokio::select! {
                got = &mut getting => return match got {
                    Err(TranscribeError::Cancelled(_)) => self.look_again(),
                    other => Ok(other.map(drop)?),
                },
                Ok(()) = seen.changed() => {}
            }
        }
    }

    /// The services of `chosen` that nothing is sent to so far, and what would be.
    fn new_services(&self, chosen: &Chosen) -> Result<Vec<(Url, &'static str)>, Problem> {
        let before = Settings::open(&self.0.paths.config)?.words;
        let services = [(&chosen.insights, before.insights, "The transcript"), (&chosen.speech, before.speech, "The sound")];
        let mut new = Vec::new();
        for (service, before, what) in services {
            let Some(service) = service else { continue };
            let url = Endpoint::url(&service.address)?;
            if before.is_none_or(|before| before.url != url) {
                new.push((url, what));
            }
        }
        Ok(new)
    }

    /// Keeps what the person chose, and goes by it from now on.
    fn choose(&self, chosen: Chosen) -> Result<(), Problem> {
        let Inner { paths, models, keys, recorder, .. } = &*self.0;
        let mirror = chosen.mirror.filter(|mirror| !mirror.trim().is_empty());
        let mirror = mirror.map(|mirror| mirror.trim().parse().map_err(|_| no_address(&mirror))).transpose()?;
        let settings = WordsSettings {
            off: chosen.off,
            mirror,
            insights: chosen.insights.map(|service| service.keep(keys)).transpose()?,
            speech: chosen.speech.map(|service| service.keep(keys)).transpose()?,
        };
        Settings { words: settings.clone(), ..Settings::open(&paths.config)? }.keep(&paths.config)?;
        self.look(&settings);
        recorder.use_words(WordsSetup { settings, models: models.clone(), keys: keys.clone() });
        Ok(())
    }
}

impl ChosenService {
    fn keep(self, keys: &Credentials) -> Result<EndpointSettings, Problem> {
        let url = Endpoint::url(&self.address)?;
        let model = Label::new(&self.model).map_err(|_| {
            Problem::new(ErrorCode::BadRequest, "A service needs the name of a model.")
                .with_help("Enter it as the service calls it.")
        })?;
        match self.key {
            None => {}
            Some(key) if key.expose().trim().is_empty() => keys.forget(&url)?,
            Some(key) => keys.keep(&url, key)?,
        }
        Ok(EndpointSettings { url, model, timeout_s: None })
    }
}

fn no_address(text: &str) -> Problem {
    Problem::new(ErrorCode::BadRequest, format!("“{text}” is not a web address."))
        .with_help("Write it like https://models.example.org, or leave it empty.")
}

type Answer<T> = Result<T, Problem>;

/// How words are made, for a window that opens. The command line may have changed that meanwhile.
#[tauri::command]
pub(crate) async fn words(words: State<'_, Words>) -> Answer<WordsView> {
    words.look(&Settings::open(&words.0.paths.config)?.words);
    Ok(words.0.view.borrow().clone())
}

/// Begins to download a model; `words` events follow.
#[tauri::command]
pub(crate) async fn get_model(words: State<'_, Words>, name: String) -> Answer<()> {
    words.get(name)
}

/// Stops the download; what has arrived is kept.
#[tauri::command]
pub(crate) async fn stop_download(words: State<'_, Words>) -> Answer<()> {
    words.0.cancel.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(CancellationToken::cancel);
    Ok(())
}

/// Uses a model that is here.
#[tauri::command]
pub(crate) async fn use_model(words: State<'_, Words>, name: String) -> Answer<()> {
    words.0.models.choose(&name)?;
    words.look_again()
}

/// Lets the person pick a model file that they have, and uses it; false if they leave it.
#[tauri::command]
pub(crate) async fn choose_model_file(handle: AppHandle, words: State<'_, Words>, asking: State<'_, Asking>) -> Answer<bool> {
    let chosen = asking.file(&handle, "Choose a model", ("Speech models", &["gguf", "bin"])).await?;
    let Some(path) = chosen else { return Ok(false) };
    let models = words.0.models.clone();
    let used = tauri::async_runtime::spawn_blocking(move || models.use_file(&path).map(drop)).await;
    used.unwrap_or_else(|error| Err(TranscribeError::Engine(error.to_string())))?;
    words.look_again()?;
    Ok(true)
}

/// Deletes a model from this computer.
#[tauri::command]
pub(crate) async fn remove_model(words: State<'_, Words>, name: String) -> Answer<()> {
    words.0.models.remove(&name)?;
    words.look_again()
}

/// Remembers how words are to be made, once the person has agreed to every place that what is said is newly sent to.
#[tauri::command]
pub(crate) async fn choose_words(
    handle: AppHandle,
    words: State<'_, Words>,
    asking: State<'_, Asking>,
    chosen: Chosen,
) -> Answer<()> {
    for (service, what) in words.new_services(&chosen)? {
        let text = format!("{what} of every clip will be sent to {service}\n\nWhoever runs it can read and keep it.");
        asking.agreed(&handle, Question { title: "Send what you say to a service?", text, yes: "Send it there" }).await?;
    }
    words.choose(chosen)
}
