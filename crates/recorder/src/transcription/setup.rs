//! [`SpeechSetup`]: what transcribes: what the person chose, the models that are here, the keys of services.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;
use vignette_insights::Endpoint;
use vignette_model::Problem;
use vignette_model::text::Label;
use vignette_transcribe::Models;
use vignette_upload::Credentials;

use crate::{Paths, Settings};

/// How long a service may take for one clip, unless the person says otherwise.
const DEFAULT_TIMEOUT_S: u16 = 300;

/// What a person chose about speech. Which speech model is in use is kept beside the models.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default, deny_unknown_fields)]
pub struct SpeechSettings {
    /// Whether nothing is transcribed.
    pub off: bool,
    /// Where models are downloaded from instead of their usual place.
    #[ts(as = "Option<String>")]
    pub mirror: Option<Url>,
    /// A language model that makes title, summary, chapters and tasks; none: rules on this computer do. What was said
    /// leaves this computer only if there is one.
    pub insights: Option<EndpointSettings>,
    /// A speech model elsewhere that is sent the sound of a take after it was recorded, in place of the one on this
    /// computer. Files of versions before 0.2 call it `speech`.
    #[serde(alias = "speech")]
    pub transcription: Option<EndpointSettings>,
}

/// An OpenAI-compatible service. Its key, if it wants one, lies in a file that only this person can read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct EndpointSettings {
    /// Its base address, such as `http://localhost:11434/v1`.
    #[ts(as = "String")]
    pub url: Url,
    /// The model to ask for.
    #[ts(as = "String")]
    pub model: Label,
    /// How many seconds it may take for one clip; none: five minutes.
    #[serde(default)]
    pub timeout_s: Option<u16>,
}

/// What transcribes, and what it needs for that.
#[derive(Clone, Debug)]
pub struct SpeechSetup {
    /// What the person chose.
    pub settings: SpeechSettings,
    /// The speech models of this computer.
    pub models: Models,
    /// The keys of services, by their base address.
    pub keys: Credentials,
}

/// Who hears speech.
#[derive(Clone, Debug)]
pub(crate) enum SpeechEngine {
    /// A model on this computer, by its file.
    Model(PathBuf),
    /// A service that the person named.
    Endpoint(Endpoint),
}

impl SpeechSetup {
    /// What this person chose, with the models and keys in their usual places.
    ///
    /// # Errors
    /// A [`Problem`] if the file of keys cannot be read.
    pub fn of(paths: &Paths, settings: &Settings) -> Result<Self, Problem> {
        Ok(Self {
            settings: settings.speech.clone(),
            models: Models::open(&paths.models),
            keys: Credentials::open(&paths.keys())?,
        })
    }

    /// The service that makes insights, if there is one.
    pub(crate) fn insights(&self) -> Option<Endpoint> {
        self.settings
            .insights
            .as_ref()
            .filter(|_| !self.settings.off)
            .map(|settings| self.endpoint(settings))
    }

    /// The model that hears a take while it is recorded, if it is transcribed then.
    pub(crate) fn model(&self) -> Option<PathBuf> {
        self.models.in_use().filter(|_| !self.settings.off && self.settings.transcription.is_none())
    }

    /// Who may hear a take after it was recorded, the first choice first.
    pub(crate) fn speech_engines(&self) -> Vec<SpeechEngine> {
        if self.settings.off {
            return Vec::new();
        }
        let endpoint = self
            .settings
            .transcription
            .as_ref()
            .map(|settings| SpeechEngine::Endpoint(self.endpoint(settings)));
        endpoint.into_iter().chain(self.models.in_use().map(SpeechEngine::Model)).collect()
    }

    fn endpoint(&self, settings: &EndpointSettings) -> Endpoint {
        Endpoint {
            base_url: settings.url.clone(),
            model: settings.model.clone(),
            api_key: self.keys.token(&settings.url),
            timeout: Duration::from_secs(settings.timeout_s.unwrap_or(DEFAULT_TIMEOUT_S).into()),
        }
    }
}

impl SpeechEngine {
    /// What it is called beside the transcript.
    pub(crate) fn name(&self) -> Option<Label> {
        match self {
            Self::Model(file) => model_name(file),
            Self::Endpoint(endpoint) => Some(endpoint.model.clone()),
        }
    }
}

/// What a model's file is called, without its ending.
fn model_name(file: &Path) -> Option<Label> {
    Label::cut(&file.file_stem()?.to_string_lossy()).ok()
}
