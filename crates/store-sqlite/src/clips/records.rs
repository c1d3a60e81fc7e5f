//! What SQLite gives of clips, uploads, extents and fragments, and how it becomes the library's types.

use vignette_library::media::{Extent, ObjectName};
use vignette_library::store::{
    Clip, Fragment, SealState, Sealed, StoreError, StreamHead, TranscriptState, UploadPhase,
};
use vignette_model::text::{PersonName, Summary, Title};
use vignette_model::transcript::TranscriptVersion;
use vignette_model::{Micros, Span, UtcMicros};

use crate::row::Reader;
use crate::transcript::origin;

/// A clip as SQLite gives it.
pub(super) struct ClipRecord {
    pub(super) id: String,
    pub(super) key: String,
    pub(super) author: String,
    pub(super) author_name: String,
    pub(super) take: String,
    pub(super) title: String,
    pub(super) summary: String,
    pub(super) live: bool,
    pub(super) guests: bool,
    pub(super) recorded_at_us: i64,
    pub(super) stopped: bool,
    pub(super) heard_at_us: i64,
    pub(super) offset_bytes: i64,
    pub(super) length_bytes: Option<i64>,
    pub(super) by_upload: bool,
    pub(super) head_bytes: Option<i64>,
    pub(super) width: Option<i64>,
    pub(super) height: Option<i64>,
    pub(super) duration_us: i64,
    pub(super) complete_sha256: Option<Vec<u8>>,
    pub(super) interrupted: bool,
    pub(super) sealed_object: Option<String>,
    pub(super) header_bytes: Option<i64>,
    pub(super) header_sha256: Option<Vec<u8>>,
    pub(super) sealed_sha256: Option<Vec<u8>>,
    pub(super) damaged: bool,
    pub(super) poster: bool,
    pub(super) replies: i64,
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
        let head = match (self.head_bytes, self.width, self.height) {
            (Some(size), Some(width), Some(height)) => Some(StreamHead {
                size_bytes: read.count("head_bytes", size)?,
                width: read.count("width", width)?,
                height: read.count("height", height)?,
            }),
            _ => None,
        };
        let phase =
            upload_phase(read, self.complete_sha256.as_deref(), self.interrupted, self.stopped)?;
        let seal = SealRecord {
            object: self.sealed_object,
            header_bytes: self.header_bytes,
            header_sha256: self.header_sha256,
            sha256: self.sealed_sha256,
            damaged: self.damaged,
        };
        let seal = seal.read(read)?;
        let transcript = match (self.transcript_version, self.transcript_done) {
            (Some(version), Some(done)) => Some(TranscriptState {
                mark: TranscriptVersion { version: read.count("version", version)?, done },
                cues: self.has_cues,
                chapters: self.has_chapters,
            }),
            _ => None,
        };
        Ok(Clip {
            id: read.parse("id", &self.id)?,
            key: read.parse("key", &self.key)?,
            author: read.parse("author", &self.author)?,
            author_name: PersonName::stored(&self.author_name).to_string(),
            take: read.parse("take", &self.take)?,
            title: Title::stored(&self.title),
            summary: Summary::stored(&self.summary),
            live: self.live,
            guests: self.guests,
            recorded_at: UtcMicros(self.recorded_at_us),
            upload: phase,
            heard_at: UtcMicros(self.heard_at_us),
            offset_bytes: read.count("offset_bytes", self.offset_bytes)?,
            length_bytes: self
                .length_bytes
                .map(|length| read.count("length_bytes", length))
                .transpose()?,
            by_upload: self.by_upload,
            head,
            duration: Span(read.count("duration_us", self.duration_us)?),
            seal,
            poster: self.poster,
            replies: read.count("replies", self.replies)?,
            title_by: origin(self.title_model.as_deref(), self.title_person),
            summary_by: origin(self.summary_model.as_deref(), self.summary_person),
            transcript,
        })
    }
}

/// How far an upload has come, by the columns of its clip.
pub(super) fn upload_phase(
    read: Reader,
    complete_sha256: Option<&[u8]>,
    interrupted: bool,
    stopped: bool,
) -> Result<UploadPhase, StoreError> {
    if let Some(sha256) = read.maybe_digest("complete_sha256", complete_sha256)? {
        return Ok(UploadPhase::Complete { sha256 });
    }
    Ok(match (interrupted, stopped) {
        (true, _) => UploadPhase::Interrupted,
        (false, true) => UploadPhase::Arriving,
        (false, false) => UploadPhase::Recording,
    })
}

/// Whether a clip is one file, as SQLite gives it.
pub(super) struct SealRecord {
    pub(super) object: Option<String>,
    pub(super) header_bytes: Option<i64>,
    pub(super) header_sha256: Option<Vec<u8>>,
    pub(super) sha256: Option<Vec<u8>>,
    pub(super) damaged: bool,
}

impl SealRecord {
    pub(super) fn read(self, read: Reader) -> Result<SealState, StoreError> {
        let file = (self.object, self.header_bytes, self.header_sha256, self.sha256);
        let (Some(object), Some(size), Some(header), Some(stream)) = file else {
            return Ok(if self.damaged { SealState::Damaged } else { SealState::Unsealed });
        };
        Ok(SealState::Sealed(Sealed {
            object: read.parse("sealed_object", &object)?,
            header_bytes: read.count("header_bytes", size)?,
            header_sha256: read.digest("header_sha256", &header)?,
            sha256: read.digest("sealed_sha256", &stream)?,
        }))
    }
}

/// An extent as SQLite gives it.
pub(super) struct ExtentRecord {
    pub(super) object: String,
    pub(super) position_bytes: i64,
    pub(super) offset_bytes: i64,
    pub(super) size_bytes: i64,
    pub(super) sha256: Vec<u8>,
}

impl ExtentRecord {
    pub(super) fn read(self, read: Reader) -> Result<Extent, StoreError> {
        Ok(Extent {
            object: read.parse::<ObjectName>("object", &self.object)?,
            position_bytes: read.count("position_bytes", self.position_bytes)?,
            offset_bytes: read.count("offset_bytes", self.offset_bytes)?,
            size_bytes: read.count("size_bytes", self.size_bytes)?,
            sha256: read.digest("sha256", &self.sha256)?,
        })
    }
}

/// A fragment as SQLite gives it.
pub(super) struct FragmentRecord {
    pub(super) offset_bytes: i64,
    pub(super) size_bytes: i64,
    pub(super) moof_offset_bytes: i64,
    pub(super) moof_size_bytes: i64,
    pub(super) start_us: i64,
    pub(super) duration_us: i64,
}

impl FragmentRecord {
    pub(super) fn read(self, doing: &'static str) -> Result<Fragment, StoreError> {
        let read = Reader { doing };
        Ok(Fragment {
            offset_bytes: read.count("offset_bytes", self.offset_bytes)?,
            size_bytes: read.count("size_bytes", self.size_bytes)?,
            moof_offset_bytes: read.count("moof_offset_bytes", self.moof_offset_bytes)?,
            moof_size_bytes: read.count("moof_size_bytes", self.moof_size_bytes)?,
            start: Micros(read.count("start_us", self.start_us)?),
            duration: Span(read.count("duration_us", self.duration_us)?),
        })
    }
}
