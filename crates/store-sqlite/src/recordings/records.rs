//! What SQLite gives of recordings, uploads, extents and fragments, and how it becomes the
//! library's types.

use vignette_library::media::{Extent, ObjectName};
use vignette_library::store::{
    Fragment, RecordingRow, SealState, Sealed, StoreError, StreamHead, UploadPhase,
};
use vignette_model::{Micros, Span, UtcMicros};

use crate::row::Reader;

/// A recording as SQLite gives it.
pub(crate) struct RecordingRecord {
    pub(crate) id: String,
    pub(crate) upload_phase: String,
    pub(crate) heard_at_us: i64,
    pub(crate) offset_bytes: i64,
    pub(crate) length_bytes: Option<i64>,
    pub(crate) complete_sha256: Option<Vec<u8>>,
    pub(crate) head_bytes: Option<i64>,
    pub(crate) width: Option<i64>,
    pub(crate) height: Option<i64>,
    pub(crate) duration_us: i64,
    pub(crate) seal_state: String,
    pub(crate) sealed_object: Option<String>,
    pub(crate) header_bytes: Option<i64>,
    pub(crate) header_sha256: Option<Vec<u8>>,
    pub(crate) sealed_sha256: Option<Vec<u8>>,
}

impl RecordingRecord {
    pub(crate) fn read(self, read: Reader) -> Result<RecordingRow, StoreError> {
        let head = match (self.head_bytes, self.width, self.height) {
            (Some(size), Some(width), Some(height)) => Some(StreamHead {
                size_bytes: read.count("head_bytes", size)?,
                width: read.count("width", width)?,
                height: read.count("height", height)?,
            }),
            _ => None,
        };
        let seal = SealRecord {
            object: self.sealed_object,
            header_bytes: self.header_bytes,
            header_sha256: self.header_sha256,
            sha256: self.sealed_sha256,
            state: self.seal_state,
        };
        let length_bytes = self.length_bytes.map(|length| read.count("length_bytes", length));
        Ok(RecordingRow {
            id: read.parse("recording", &self.id)?,
            phase: upload_phase(read, &self.upload_phase, self.complete_sha256.as_deref())?,
            heard_at: UtcMicros(self.heard_at_us),
            offset_bytes: read.count("offset_bytes", self.offset_bytes)?,
            length_bytes: length_bytes.transpose()?,
            head,
            duration: Span(read.count("duration_us", self.duration_us)?),
            seal: seal.read(read)?,
        })
    }
}

/// How far an upload has come, by the columns of its recording.
pub(super) fn upload_phase(
    read: Reader,
    phase: &str,
    complete_sha256: Option<&[u8]>,
) -> Result<UploadPhase, StoreError> {
    match (phase, read.maybe_digest("complete_sha256", complete_sha256)?) {
        ("recording", None) => Ok(UploadPhase::Recording),
        ("arriving", None) => Ok(UploadPhase::Arriving),
        ("interrupted", None) => Ok(UploadPhase::Interrupted),
        ("complete", Some(sha256)) => Ok(UploadPhase::Complete { sha256 }),
        _ => Err(read.unreadable("upload_phase", phase)),
    }
}

/// Whether a recording is one file, as SQLite gives it.
pub(super) struct SealRecord {
    pub(super) object: Option<String>,
    pub(super) header_bytes: Option<i64>,
    pub(super) header_sha256: Option<Vec<u8>>,
    pub(super) sha256: Option<Vec<u8>>,
    pub(super) state: String,
}

impl SealRecord {
    pub(super) fn read(self, read: Reader) -> Result<SealState, StoreError> {
        let file = (self.object, self.header_bytes, self.header_sha256, self.sha256);
        match (self.state.as_str(), file) {
            ("unsealed", (None, None, None, None)) => Ok(SealState::Unsealed),
            ("damaged", (None, None, None, None)) => Ok(SealState::Damaged),
            ("sealed", (Some(object), Some(size), Some(header), Some(stream))) => {
                Ok(SealState::Sealed(Sealed {
                    object: read.parse("sealed_object", &object)?,
                    header_bytes: read.count("header_bytes", size)?,
                    header_sha256: read.digest("header_sha256", &header)?,
                    sha256: read.digest("sealed_sha256", &stream)?,
                }))
            }
            (state, _) => Err(read.unreadable("seal_state", state)),
        }
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
    pub(super) fn read(self, read: Reader) -> Result<Fragment, StoreError> {
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
