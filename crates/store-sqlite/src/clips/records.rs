//! What SQLite gives of clips, and how it becomes the library's types.

use vignette_library::store::{Clip, StoreError, TranscriptState};
use vignette_model::UtcMicros;
use vignette_model::text::{Login, PersonName, Summary, Title};
use vignette_model::transcript::{ReplyWriter, TranscriptVersion};

use crate::recordings::RecordingRecord;
use crate::row::Reader;
use crate::transcript::origin;

/// A clip as SQLite gives it.
pub(super) struct ClipRecord {
    pub(super) id: String,
    pub(super) key: String,
    pub(super) author: String,
    pub(super) author_name: String,
    pub(super) author_login: Option<String>,
    pub(super) take: String,
    pub(super) title: String,
    pub(super) summary: String,
    pub(super) live: bool,
    pub(super) guests: bool,
    pub(super) recorded_at_us: i64,
    pub(super) by_upload: bool,
    pub(super) poster: bool,
    pub(super) recording: String,
    pub(super) upload_phase: String,
    pub(super) heard_at_us: i64,
    pub(super) offset_bytes: i64,
    pub(super) length_bytes: Option<i64>,
    pub(super) complete_sha256: Option<Vec<u8>>,
    pub(super) head_bytes: Option<i64>,
    pub(super) width: Option<i64>,
    pub(super) height: Option<i64>,
    pub(super) duration_us: i64,
    pub(super) seal_state: String,
    pub(super) sealed_object: Option<String>,
    pub(super) header_bytes: Option<i64>,
    pub(super) header_sha256: Option<Vec<u8>>,
    pub(super) sealed_sha256: Option<Vec<u8>>,
    pub(super) replies: i64,
    pub(super) repliers: String,
    pub(super) title_model: Option<String>,
    pub(super) title_person: bool,
    pub(super) summary_model: Option<String>,
    pub(super) summary_person: bool,
    pub(super) transcript_version: Option<i64>,
    pub(super) transcript_done: Option<bool>,
    pub(super) has_cues: bool,
    pub(super) has_chapters: bool,
}

impl ClipRecord {
    pub(super) fn read(self, doing: &'static str) -> Result<Clip, StoreError> {
        let read = Reader { doing };
        let recording = RecordingRecord {
            id: self.recording,
            upload_phase: self.upload_phase,
            heard_at_us: self.heard_at_us,
            offset_bytes: self.offset_bytes,
            length_bytes: self.length_bytes,
            complete_sha256: self.complete_sha256,
            head_bytes: self.head_bytes,
            width: self.width,
            height: self.height,
            duration_us: self.duration_us,
            seal_state: self.seal_state,
            sealed_object: self.sealed_object,
            header_bytes: self.header_bytes,
            header_sha256: self.header_sha256,
            sealed_sha256: self.sealed_sha256,
        };
        let transcript = match (self.transcript_version, self.transcript_done) {
            (Some(version), Some(done)) => Some(TranscriptState {
                mark: TranscriptVersion { version: read.count("version", version)?, done },
                cues: self.has_cues,
                chapters: self.has_chapters,
            }),
            _ => None,
        };
        let repliers: Vec<ReplyWriter> =
            read.text("repliers", |text| serde_json::from_str(text), &self.repliers)?;
        let stored = |writer: ReplyWriter| ReplyWriter {
            name: PersonName::stored(&writer.name).to_string(),
            ..writer
        };
        Ok(Clip {
            id: read.parse("id", &self.id)?,
            key: read.parse("key", &self.key)?,
            author: read.parse("author", &self.author)?,
            author_name: PersonName::stored(&self.author_name).to_string(),
            author_login: self.author_login.as_deref().map(Login::stored),
            take: read.parse("take", &self.take)?,
            title: Title::stored(&self.title),
            summary: Summary::stored(&self.summary),
            live: self.live,
            guests: self.guests,
            recorded_at: UtcMicros(self.recorded_at_us),
            recording: recording.read(read)?,
            by_upload: self.by_upload,
            poster: self.poster,
            replies: read.count("replies", self.replies)?,
            repliers: repliers.into_iter().map(stored).collect(),
            title_by: origin(self.title_model.as_deref(), self.title_person),
            summary_by: origin(self.summary_model.as_deref(), self.summary_person),
            transcript,
        })
    }
}
