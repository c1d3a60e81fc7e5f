//! [`FlatTake`]: the record of versions before 0.2, whose fields lay side by side. It is read and
//! written in the parts of a [`Take`] from then on.

use serde::Deserialize;
use vignette_model::api::CreatedClip;
use vignette_model::text::{Summary, Title};
use vignette_model::transcript::TranscriptVersion;
use vignette_model::{Micros, Sha256, Span, TakeId, UtcMicros};

use crate::take::{
    StreamRecord, SyncedMetadata, Take, TakeDetails, TranscriptPlan, TranscriptRecord,
    TranscriptionAttempts, UploadRecord,
};

/// A record as it was.
#[derive(Debug, Deserialize)]
pub(super) struct FlatTake {
    id: TakeId,
    #[serde(default)]
    title: Title,
    #[serde(default)]
    summary: Summary,
    #[serde(default)]
    live: bool,
    recorded_at_us: UtcMicros,
    #[serde(default)]
    duration_us: Span,
    #[serde(default)]
    complete: bool,
    #[serde(default)]
    size_bytes: u64,
    #[serde(default)]
    sha256: Option<Sha256>,
    #[serde(default)]
    library: Option<String>,
    #[serde(default)]
    clip: Option<CreatedClip>,
    #[serde(default)]
    acked_bytes: u64,
    #[serde(default)]
    sealed: bool,
    #[serde(default)]
    told: Option<FlatSynced>,
    #[serde(default)]
    poster: bool,
    #[serde(default)]
    paused: Vec<(Micros, Span)>,
    #[serde(default)]
    interrupted: bool,
    #[serde(default)]
    words: Option<TranscriptVersion>,
    #[serde(default)]
    wordless: bool,
    #[serde(default)]
    unheard: bool,
    #[serde(default)]
    hearings: Option<TranscriptionAttempts>,
}

/// What a library had been sent.
#[derive(Debug, Deserialize)]
struct FlatSynced {
    title: Title,
    summary: Summary,
    live: bool,
    stopped: bool,
    poster: bool,
    #[serde(default)]
    words: u64,
}

impl From<FlatTake> for Take {
    fn from(flat: FlatTake) -> Self {
        let FlatTake { title, summary, live, recorded_at_us, paused, .. } = flat;
        let FlatTake { duration_us, size_bytes, complete, interrupted, sha256, poster, .. } = flat;
        let plan = TranscriptPlan {
            no_transcript: flat.wordless,
            untranscribed: flat.unheard,
            attempts: flat.hearings,
        };
        Self {
            id: flat.id,
            details: TakeDetails { title, summary, live, recorded_at_us, paused, discarded: false },
            stream: StreamRecord { duration_us, size_bytes, complete, interrupted, sha256, poster },
            upload: UploadRecord {
                library: flat.library,
                clip: flat.clip,
                acked_bytes: flat.acked_bytes,
                sealed: flat.sealed,
                synced: flat.told.map(SyncedMetadata::from),
            },
            transcript: TranscriptRecord { version: flat.words, plan },
        }
    }
}

impl From<FlatSynced> for SyncedMetadata {
    fn from(flat: FlatSynced) -> Self {
        let FlatSynced { title, summary, live, stopped, poster, words } = flat;
        Self { title, summary, live, stopped, poster, transcript: words }
    }
}
