//! [`Take`]: what is known of a take besides its bytes. It lies beside the stream as `take.json`.
//!
//! A take is four parts, and each is written by one owner:
//!
//! | part | written by |
//! |---|---|
//! | [`TakeDetails`] | the person, and the recorder in their name |
//! | [`StreamRecord`] | the spool, which computes it from the files of the take |
//! | [`UploadRecord`] | the uploader |
//! | [`TranscriptRecord`] | its version by the spool, its plan by the transcription |
//!
//! [`TakeEdit`] is what a change may write, so nothing outside this crate can change what is
//! computed.

use serde::{Deserialize, Serialize};
use vignette_model::api::CreatedClip;
use vignette_model::text::{Label, Summary, Title};
use vignette_model::transcript::TranscriptVersion;
use vignette_model::{Micros, Sha256, Span, TakeId, UtcMicros};

/// One press of record until stop.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Take {
    /// Which take.
    pub id: TakeId,
    /// What the person says of it.
    pub details: TakeDetails,
    /// What its files hold.
    #[serde(default)]
    pub stream: StreamRecord,
    /// How far it is on its way to a library.
    #[serde(default)]
    pub upload: UploadRecord,
    /// Its transcript, and what is still to be done for it.
    #[serde(default)]
    pub transcript: TranscriptRecord,
}

/// What the person says of a take, and what they did while it was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeDetails {
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
    /// What was left out: where in the clip, and how long it was.
    #[serde(default)]
    pub paused: Vec<(Micros, Span)>,
    /// Whether the person threw it away. It is removed soon, and until then it is neither listed
    /// nor sent, and can be brought back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub discarded: bool,
}

/// What the files of a take hold, computed by the spool. Of a complete take it is believed once
/// computed, while the stream's file has that size.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StreamRecord {
    /// How much is in the stream.
    pub duration_us: Span,
    /// How many bytes of whole pieces the stream has.
    pub size_bytes: u64,
    /// Whether the stream is at its end.
    pub complete: bool,
    /// Whether the recording ended without being stopped, so that its last seconds may be missing.
    pub interrupted: bool,
    /// SHA-256 of the complete stream.
    pub sha256: Option<Sha256>,
    /// Whether `poster.jpg` lies beside it.
    pub poster: bool,
}

/// How far a take is on its way to a library.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UploadRecord {
    /// Address of the library it goes to; none: it stays here.
    pub library: Option<String>,
    /// The clip that waits for it there.
    pub clip: Option<CreatedClip>,
    /// What the library last acknowledged, for display alone: the library is always asked.
    pub acked_bytes: u64,
    /// Whether the library has sealed it with the same SHA-256.
    pub sealed: bool,
    /// What the library was last sent besides the bytes; what differs from it is still to be sent.
    /// None: nothing yet.
    pub synced: Option<SyncedMetadata>,
}

/// A take's transcript, and what is still to be done for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TranscriptRecord {
    /// Where the snapshot in `transcript.json` stands; none: there is none. Set by the spool.
    pub version: Option<TranscriptVersion>,
    /// What the transcription is to do, or has tried.
    pub plan: TranscriptPlan,
}

/// What the transcription of a take is to do, or has tried.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TranscriptPlan {
    /// Whether no transcript is to be made: the person said so, or there is no sound in it.
    pub no_transcript: bool,
    /// Whether the transcript is only what came with a file, and the sound is still to be
    /// transcribed.
    pub untranscribed: bool,
    /// How often a speech model has begun to transcribe all of it, without success so far.
    pub attempts: Option<TranscriptionAttempts>,
}

/// Attempts of one speech model to transcribe a take. Another model starts at none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranscriptionAttempts {
    /// The model's name.
    pub model: Label,
    /// How often it was begun and did not reach its end.
    pub times: u32,
}

/// What a library was sent of a take besides its bytes. What somebody changes there is not
/// overwritten by sending it again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncedMetadata {
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
    #[serde(default)]
    pub transcript: u64,
}

/// What a change of a take may write.
#[derive(Debug)]
pub struct TakeEdit<'a> {
    /// What the person says of it.
    pub details: &'a mut TakeDetails,
    /// How far it is on its way to a library.
    pub upload: &'a mut UploadRecord,
    /// What the transcription is to do.
    pub transcript: &'a mut TranscriptPlan,
}

impl Take {
    /// A take that begins now, with nothing in it.
    #[must_use]
    pub fn new(id: TakeId, recorded_at_us: UtcMicros) -> Self {
        Self {
            id,
            details: TakeDetails {
                title: Title::default(),
                summary: Summary::default(),
                live: false,
                recorded_at_us,
                paused: Vec::new(),
                discarded: false,
            },
            stream: StreamRecord::default(),
            upload: UploadRecord::default(),
            transcript: TranscriptRecord::default(),
        }
    }

    /// This take with an empty stream, for a library that has nothing of it yet.
    pub(crate) fn at_its_beginning(self) -> Self {
        Self {
            stream: StreamRecord::default(),
            upload: UploadRecord { library: self.upload.library, ..UploadRecord::default() },
            transcript: TranscriptRecord { version: None, ..self.transcript },
            ..self
        }
    }

    /// The parts that a change may write.
    pub(crate) fn edit(&mut self) -> TakeEdit<'_> {
        TakeEdit {
            details: &mut self.details,
            upload: &mut self.upload,
            transcript: &mut self.transcript.plan,
        }
    }
}
