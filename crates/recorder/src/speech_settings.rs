//! [`SpeechSettings`]: how a person wants speech to be transcribed.

use serde::{Deserialize, Serialize};
use url::Url;
use vignette_model::text::Label;

/// What a person chose about speech. Which speech model is in use is kept beside the models.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default, deny_unknown_fields)]
pub struct SpeechSettings {
    /// Whether nothing is transcribed.
    pub off: bool,
    /// Where models are downloaded from instead of their usual place.
    #[ts(as = "Option<String>")]
    pub mirror: Option<Url>,
    /// A language model that makes title, summary, chapters and tasks; none: rules on this computer
    /// do. What was said leaves this computer only if there is one.
    pub insights: Option<EndpointSettings>,
    /// A speech model elsewhere that is sent the sound of a take after it was recorded, in place of
    /// the one on this computer. Files of versions before 0.2 call it `speech`.
    #[serde(alias = "speech")]
    pub transcription: Option<EndpointSettings>,
}

/// An OpenAI-compatible endpoint. Its key, if it wants one, lies in a file that only this person
/// can read.
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
