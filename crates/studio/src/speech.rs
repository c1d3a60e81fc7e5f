//! [`Speech`]: what transcribes speech and makes insights of it: models and a download, endpoints,
//! settings. All that can be seen of it is one [`SpeechView`].

use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use url::Url;
use vignette_model::text::Label;
use vignette_model::{Problem, Secret};
use vignette_recorder::models::{DownloadProgress, ListedModel};
use vignette_recorder::{
    Credentials, Endpoint, EndpointSettings, Paths, Recorder, Settings, SpeechSettings, SpeechSetup,
};

use crate::{Question, SpeechModels, StudioError};

/// Models, endpoints and a download, for as long as the program runs. Clones are the same.
#[derive(Clone)]
pub struct Speech(Arc<Inner>);

struct Inner {
    recorder: Recorder,
    /// Folder of the settings.
    config: PathBuf,
    models: SpeechModels,
    keys: Credentials,
    view: watch::Sender<SpeechView>,
}

/// Everything that a window shows of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ts_rs::TS)]
pub struct SpeechView {
    /// Whether nothing is transcribed.
    pub off: bool,
    /// The models there are.
    pub models: Vec<ListedModel>,
    /// A model file of the person's own that is in use.
    #[ts(as = "Option<String>")]
    pub file: Option<PathBuf>,
    /// Where models are downloaded from instead of their usual place.
    #[ts(as = "Option<String>")]
    pub mirror: Option<Url>,
    /// What makes title, summary, chapters and tasks in place of this computer.
    pub insights: Option<EndpointView>,
    /// What transcribes in place of this computer.
    pub transcription: Option<EndpointView>,
    /// A model on its way.
    pub download: Option<ModelDownload>,
    /// Why the last download, or the transcription of the last take, failed.
    #[ts(type = "Problem | null")]
    pub problem: Option<Problem>,
}

/// An endpoint as it was set up; its key is never shown.
#[derive(Clone, Debug, PartialEq, Serialize, ts_rs::TS)]
pub struct EndpointView {
    /// Its address, model and timeout.
    #[serde(flatten)]
    pub settings: EndpointSettings,
    /// Whether a key for it is kept.
    pub has_key: bool,
}

/// A model on its way.
#[derive(Clone, Debug, PartialEq, Serialize, ts_rs::TS)]
pub struct ModelDownload {
    /// The model's name.
    pub name: String,
    /// How much of it is here.
    #[serde(flatten)]
    pub progress: DownloadProgress,
}

/// How a person wants speech to be transcribed.
#[derive(Debug, Deserialize, ts_rs::TS)]
pub struct ChosenSpeech {
    /// Whether nothing is transcribed.
    pub off: bool,
    /// Where models are downloaded from; none or empty: their usual place.
    pub mirror: Option<String>,
    /// What makes title, summary, chapters and tasks; none: this computer.
    pub insights: Option<ChosenEndpoint>,
    /// What transcribes; none: this computer.
    pub transcription: Option<ChosenEndpoint>,
}

/// An endpoint as a person writes it.
#[derive(Debug, Deserialize, ts_rs::TS)]
pub struct ChosenEndpoint {
    /// Its base address.
    pub address: String,
    /// The model to ask for.
    pub model: String,
    /// None: the one before stays; empty: it wants none.
    #[ts(as = "Option<String>")]
    pub key: Option<Secret>,
}

impl Speech {
    /// Lets the recorder transcribe as this person chose.
    pub(crate) fn open(paths: &Paths, recorder: &Recorder) -> Result<Self, StudioError> {
        let setup = SpeechSetup::of(paths, &Settings::open(&paths.config)?)?;
        let inner = Arc::new(Inner {
            recorder: recorder.clone(),
            config: paths.config.clone(),
            models: SpeechModels::new(setup.models.clone(), paths.config.clone()),
            keys: setup.keys.clone(),
            view: watch::Sender::default(),
        });
        inner.show(&setup.settings);
        recorder.use_speech(setup);
        tokio::spawn(show_problems(Arc::downgrade(&inner), recorder.transcription_problem()));
        Ok(Self(inner))
    }

    /// All that is to be seen; every later change is seen through the receiver.
    #[must_use]
    pub fn view(&self) -> watch::Receiver<SpeechView> {
        self.0.view.subscribe()
    }

    /// Takes up what another program changed, and gives what is to be seen then. Takes without a
    /// transcript may get theirs now.
    ///
    /// # Errors
    /// As [`Settings::open`].
    pub fn refresh(&self) -> Result<SpeechView, StudioError> {
        self.0.show(&Settings::open(&self.0.config)?.speech);
        self.0.recorder.look_for_model();
        Ok(self.0.view.borrow().clone())
    }

    /// Begins to download a model. How far it is, and how it ended, is seen in the view.
    ///
    /// # Errors
    /// As [`SpeechModels::download`].
    pub fn get_model(&self, name: &str) -> Result<(), StudioError> {
        let download = self.0.models.download(Some(name))?;
        let speech = self.clone();
        tokio::spawn(async move {
            let Inner { view, .. } = &*speech.0;
            let name = download.model().name.to_owned();
            let show = |progress| {
                let download = ModelDownload { name: name.clone(), progress };
                view.send_modify(|view| (view.download, view.problem) = (Some(download), None));
            };
            let got = download.run(None, show).await;
            let problem = got.and_then(|_| speech.refresh()).err().map(Problem::from);
            view.send_modify(|view| (view.download, view.problem) = (None, problem));
        });
        Ok(())
    }

    /// Stops the download; what has arrived is kept.
    pub fn stop_download(&self) {
        self.0.models.stop_download();
    }

    /// Uses a model that is here.
    ///
    /// # Errors
    /// As [`SpeechModels::use_model`].
    pub fn use_model(&self, name: &str) -> Result<(), StudioError> {
        self.0.models.use_model(name)?;
        self.refresh().map(drop)
    }

    /// Uses a model file that the person has.
    ///
    /// # Errors
    /// As [`SpeechModels::use_file`].
    pub async fn use_model_file(&self, file: &Path) -> Result<(), StudioError> {
        self.0.models.use_file(file).await?;
        self.refresh().map(drop)
    }

    /// Deletes a model from this computer.
    ///
    /// # Errors
    /// As [`SpeechModels::remove`].
    pub fn remove_model(&self, name: &str) -> Result<(), StudioError> {
        self.0.models.remove(name)?;
        self.refresh().map(drop)
    }

    /// What the person has to agree to before [`Speech::choose`]: each endpoint of `chosen` that
    /// nothing is sent to so far.
    ///
    /// # Errors
    /// [`StudioError::Endpoint`]; as [`Settings::open`].
    pub fn questions(&self, chosen: &ChosenSpeech) -> Result<Vec<Question>, StudioError> {
        let before = Settings::open(&self.0.config)?.speech;
        let endpoints = [
            (&chosen.insights, before.insights, "The transcript"),
            (&chosen.transcription, before.transcription, "The sound"),
        ];
        let mut new = Vec::new();
        for (endpoint, before, what) in endpoints {
            let Some(endpoint) = endpoint else { continue };
            let url = Endpoint::url(&endpoint.address)?;
            if before.is_none_or(|before| before.url != url) {
                new.push(Question::send_speech(&url, what));
            }
        }
        Ok(new)
    }

    /// Keeps what the person chose, and goes by it from now on.
    ///
    /// # Errors
    /// [`StudioError::NotAnAddress`], [`StudioError::Endpoint`], [`StudioError::EndpointModel`];
    /// that of the disk.
    pub fn choose(&self, chosen: ChosenSpeech) -> Result<(), StudioError> {
        let Inner { config, models, keys, recorder, .. } = &*self.0;
        let mirror = chosen.mirror.filter(|mirror| !mirror.trim().is_empty());
        let mirror = mirror
            .map(|mirror| {
                mirror.trim().parse().map_err(|_| StudioError::NotAnAddress { text: mirror })
            })
            .transpose()?;
        let insights = chosen.insights.map(|endpoint| endpoint.keep(keys)).transpose()?;
        let transcription = chosen.transcription.map(|endpoint| endpoint.keep(keys)).transpose()?;
        let settings = Settings::change(config, |settings| {
            let speech = &mut settings.speech;
            (speech.off, speech.mirror) = (chosen.off, mirror);
            speech.insights =
                insights.map(|endpoint| with_timeout_of(endpoint, speech.insights.as_ref()));
            speech.transcription = transcription
                .map(|endpoint| with_timeout_of(endpoint, speech.transcription.as_ref()));
        })?
        .speech;
        self.0.show(&settings);
        let (models, keys) = (models.models.clone(), keys.clone());
        recorder.use_speech(SpeechSetup { settings, models, keys });
        Ok(())
    }
}

impl Inner {
    /// Shows models, files and settings as they are now.
    fn show(&self, settings: &SpeechSettings) {
        let Self { models, keys, view, .. } = self;
        let (listed, file) = models.list();
        let endpoint = |settings: &Option<EndpointSettings>| {
            let settings = settings.clone()?;
            Some(EndpointView { has_key: keys.token(&settings.url).is_some(), settings })
        };
        view.send_modify(|view| {
            view.off = settings.off;
            view.models = listed;
            view.file = file;
            view.mirror.clone_from(&settings.mirror);
            view.insights = endpoint(&settings.insights);
            view.transcription = endpoint(&settings.transcription);
        });
    }
}

/// Shows why takes get no transcript, for as long as there is somebody who can see it.
async fn show_problems(inner: Weak<Inner>, mut problem: watch::Receiver<Option<Problem>>) {
    while problem.changed().await.is_ok() {
        let now = problem.borrow_and_update().clone();
        let Some(inner) = inner.upgrade() else { return };
        inner.view.send_modify(|view| view.problem = now);
    }
}

impl ChosenEndpoint {
    fn keep(self, keys: &Credentials) -> Result<EndpointSettings, StudioError> {
        let url = Endpoint::url(&self.address)?;
        let model = Label::new(&self.model).map_err(StudioError::EndpointModel)?;
        match self.key {
            None => {}
            Some(key) if key.expose().trim().is_empty() => keys.forget(&url)?,
            Some(key) => keys.keep(&url, key)?,
        }
        Ok(EndpointSettings { url, model, timeout_s: None })
    }
}

/// A window shows no timeout; one that was written into the file stays with its endpoint.
fn with_timeout_of(
    endpoint: EndpointSettings,
    before: Option<&EndpointSettings>,
) -> EndpointSettings {
    let before = before.filter(|before| before.url == endpoint.url);
    EndpointSettings { timeout_s: before.and_then(|before| before.timeout_s), ..endpoint }
}
