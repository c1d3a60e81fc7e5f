//! [`Take`]: what is known of a take besides its bytes. It lies beside the stream as `take.json`.

use serde::{Deserialize, Serialize};
use vignette_model::api::CreatedClip;
use vignette_model::text::{Label, Summary, Title};
use vignette_model::transcript::TranscriptVersion;
use vignette_model::{Micros, Sha256, TakeId, UtcMicros};

/// One press of record until stop. What the stream itself tells (size, duration, digest) is computed from its bytes. Of a
/// complete take it is believed once computed, while the stream's file has that size.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Take {
    /// Which take.
    pub id: TakeId,
    /// May be empty.
    #[serde(default)]
    pub title: Title,
    /// Markdown; may be empty.
    #[serde(default)]
    pub summary: Summary,
    /// Whether it may be watched while it is being recorded.
    #[serde(default)]
    pub live: bool,
    /// When it was begun.
    pub recorded_at_us: UtcMicros,
    /// How much is in the stream. Computed from the stream.
    #[serde(default)]
    pub duration_us: Micros,
    /// Whether the stream is at its end. Set by the spool.
    #[serde(default)]
    pub complete: bool,
    /// How many bytes of whole pieces the stream has. Computed from the stream.
    #[serde(default)]
    pub size_bytes: u64,
    /// SHA-256 of the complete stream. Computed from the stream.
    #[serde(default)]
    pub sha256: Option<Sha256>,
    /// Address of the library it goes to; none: it stays here.
    #[serde(default)]
    pub library: Option<String>,
    /// The clip that waits for it there.
    #[serde(default)]
    pub clip: Option<CreatedClip>,
    /// What the library last acknowledged, for display alone: the library is always asked.
    #[serde(default)]
    pub acked_bytes: u64,
    /// Whether the library has sealed it with the same SHA-256.
    #[serde(default)]
    pub sealed: bool,
    /// What the library was last told besides the bytes; what differs from it is still to be told. None: nothing yet.
    #[serde(default)]
    pub told: Option<Told>,
    /// Whether `poster.jpg` lies beside it. Set by the spool.
    #[serde(default)]
    pub poster: bool,
    /// Spans that were left out, in the take's own time: where the pause began and where it ended.
    #[serde(default)]
    pub paused: Vec<(Micros, Micros)>,
    /// Whether the recording ended without being stopped, so that its last seconds may be missing. Set by the spool.
    #[serde(default)]
    pub interrupted: bool,
    /// Which version of the transcript lies beside it as `transcript.json`; none: there is none. Set by the spool.
    #[serde(default, alias = "words")]
    pub transcript: Option<TranscriptVersion>,
    /// Whether it is not to be transcribed: the person said so, or there is nothing to hear in it.
    #[serde(default)]
    pub wordless: bool,
    /// Whether its transcript is only what came with a file, and its sound is still to be heard.
    #[serde(default)]
    pub unheard: bool,
    /// How often a speech model has tried to hear all of it after the recording, in vain so far.
    #[serde(default)]
    pub hearings: Option<Hearings>,
}

/// Tries of one speech model to hear a take. Another model is another chance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hearings {
    /// The model's name.
    pub model: Label,
    /// How often it was begun without coming to its end.
    pub times: u32,
}

/// What a library was told of a take besides its bytes. What somebody changes there is not overwritten by telling it again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The title.
    pub title: Title,
    /// The summary.
    pub summary: Summary,
    /// Whether it may be watched while it is being recorded.
    pub live: bool,
    /// Whether the recording has stopped.
    pub stopped: bool,
    /// Whether the poster is there.
    pub poster: bool,
    /// The revision of the transcript.
    #[serde(default, alias = "words")]
    pub transcript: u64,
}

impl Take {
    /// A take that begins now, with nothing in it.
    #[must_use]
    pub fn new(id: TakeId, recorded_at_us: UtcMicros) -> Self {
        Self {
            id,
            title: Title::default(),
            summary: Summary::default(),
            live: false,
            recorded_at_us,
            duration_us: Micros::ZERO,
            complete: false,
            size_bytes: 0,
            sha256: None,
            library: None,
            clip: None,
            acked_bytes: 0,
            sealed: false,
            told: None,
            poster: false,
            paused: Vec::new(),
            interrupted: false,
            transcript: None,
            wordless: false,
            unheard: false,
            hearings: None,
        }
    }
}
