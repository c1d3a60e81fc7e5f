//! [`SpeechSetup`]: what transcribes: what the person chose, the models that are here, the keys of
//! endpoints.

use std::path::{Path, PathBuf};
use std::time::Duration;

use vignette_insights::Endpoint;
use vignette_model::text::Label;
use vignette_transcribe::Models;
use vignette_upload::{Credentials, CredentialsError};

use crate::speech_settings::{EndpointSettings, SpeechSettings};
use crate::{Paths, Settings};

/// How long an endpoint may take for one clip, unless the person says otherwise.
const DEFAULT_TIMEOUT_S: u16 = 300;

/// What transcribes, and what it needs for that.
#[derive(Clone, Debug)]
pub struct SpeechSetup {
    /// What the person chose.
    pub settings: SpeechSettings,
    /// The speech models of this computer.
    pub models: Models,
    /// The keys of endpoints, by their base address.
    pub keys: Credentials,
}

/// What transcribes speech.
#[derive(Clone, Debug)]
pub(crate) enum SpeechEngine {
    /// A model on this computer, by its file.
    Model(PathBuf),
    /// An endpoint that the person named.
    Endpoint(Endpoint),
}

impl SpeechSetup {
    /// What this person chose, with the models and keys in their usual places.
    ///
    /// # Errors
    /// If the file of keys cannot be read.
    pub fn of(paths: &Paths, settings: &Settings) -> Result<Self, CredentialsError> {
        Ok(Self {
            settings: settings.speech.clone(),
            models: Models::open(&paths.models),
            keys: Credentials::open(&paths.keys())?,
        })
    }

    /// The endpoint that makes insights, if there is one.
    pub(crate) fn insights(&self) -> Option<Endpoint> {
        self.settings
            .insights
            .as_ref()
            .filter(|_| !self.settings.off)
            .map(|settings| self.endpoint(settings))
    }

    /// The model that transcribes a take while it is recorded, if it is transcribed then.
    pub(crate) fn model(&self) -> Option<PathBuf> {
        self.models.in_use().filter(|_| !self.settings.off && self.settings.transcription.is_none())
    }

    /// What may transcribe a take after it was recorded, the first choice first.
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
