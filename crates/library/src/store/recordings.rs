//! Rows of recordings: streams with their uploads, seals, extents and fragments.

use std::ops::Range;

use async_trait::async_trait;
use vignette_fmp4::Fragment;
use vignette_model::{ClipId, PersonId, RecordingId, Sha256, Span, UtcMicros};

use crate::media::{Extent, ObjectName};
use crate::store::StoreError;
#[cfg(doc)]
use crate::store::{FreshUpload, Job};

/// A recording as it is stored. It knows nothing of what it is the stream of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingRow {
    /// Which.
    pub id: RecordingId,
    /// How far its upload has come.
    pub phase: UploadPhase,
    /// When its upload was last heard of.
    pub heard_at: UtcMicros,
    /// Bytes of the stream that are durable: the acknowledged offset.
    pub offset_bytes: u64,
    /// How long the whole stream will be, once its sender has said so.
    pub length_bytes: Option<u64>,
    /// What its init segment says, once it is here.
    pub head: Option<StreamHead>,
    /// How much of it is here and plays: the sum of its fragments.
    pub duration: Span,
    /// Whether it is one file.
    pub seal: SealState,
}

impl RecordingRow {
    /// Whether at least one fragment of it is here.
    #[must_use]
    pub fn plays(&self) -> bool {
        self.head.is_some() && self.duration > Span::ZERO
    }
}

/// How far the upload of a recording has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadPhase {
    /// The recording goes on, and so does the upload.
    Recording,
    /// The recording has stopped; bytes are still on their way.
    Arriving,
    /// The upload fell silent or was given up. The next append leads back to what it was before.
    Interrupted,
    /// Nothing follows.
    Complete {
        /// SHA-256 of the whole stream as it was acknowledged.
        sha256: Sha256,
    },
}

impl UploadPhase {
    /// SHA-256 of the whole stream, once nothing follows.
    #[must_use]
    pub(crate) const fn complete(self) -> Option<Sha256> {
        match self {
            Self::Complete { sha256 } => Some(sha256),
            Self::Recording | Self::Arriving | Self::Interrupted => None,
        }
    }

    /// Whether no byte is expected, so that what is here is sealed.
    #[must_use]
    pub(crate) const fn has_ended(self) -> bool {
        matches!(self, Self::Interrupted | Self::Complete { .. })
    }
}

/// Whether a recording is one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SealState {
    /// Not yet.
    Unsealed,
    /// It is.
    Sealed(Sealed),
    /// It cannot be: the bytes read back were not the bytes acknowledged.
    Damaged,
}

impl SealState {
    /// The sealed file, if there is one.
    #[must_use]
    pub(crate) const fn sealed(&self) -> Option<&Sealed> {
        match self {
            Self::Sealed(sealed) => Some(sealed),
            Self::Unsealed | Self::Damaged => None,
        }
    }
}

/// What an upload needs to know, and no more: read with each append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadRow {
    /// The clip whose stream it brings.
    pub clip: ClipId,
    /// The recording that it fills.
    pub recording: RecordingId,
    /// Who recorded it.
    pub author: PersonId,
    /// How far it has come.
    pub phase: UploadPhase,
    /// When it was last heard of.
    pub heard_at: UtcMicros,
    /// Bytes of the stream that are durable: the acknowledged offset.
    pub offset_bytes: u64,
    /// How long the whole stream will be, once its sender has said so.
    pub length_bytes: Option<u64>,
    /// Whether it alone made the clip, which is deleted if it is given up.
    pub by_upload: bool,
    /// Whether at least one fragment is here.
    pub plays: bool,
    /// Whether what is here is one file.
    pub seal: SealState,
    /// Where the bytes before the offset lie.
    pub last: Option<Extent>,
    /// Cutter and digest of the stream, at the offset or before: [`Appended::stream_state`].
    pub stream_state: Option<Vec<u8>>,
    /// How often a cleaning had begun when this was read.
    pub cleanings: u64,
}

/// What the rows keep of an init segment; the rest is read from the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamHead {
    /// Size of the init segment, from the start of the stream.
    pub size_bytes: u64,
    /// Width of the picture in pixels.
    pub width: u32,
    /// Height of the picture in pixels.
    pub height: u32,
}

/// A sealed file: a header before the whole stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The object that it is.
    pub object: ObjectName,
    /// Size of the header: where in the sealed file the stream begins.
    pub header_bytes: u64,
    /// SHA-256 of the header.
    pub header_sha256: Sha256,
    /// SHA-256 of the stream, read back from the media.
    pub sha256: Sha256,
}

/// Bytes that were made durable, to be told of in one transaction.
#[derive(Clone, Debug)]
pub struct Appended<'a> {
    /// Of which stream.
    pub recording: RecordingId,
    /// The offset before: must still be the recording's.
    pub from_bytes: u64,
    /// [`UploadRow::cleanings`], read before anything was written: must still be the recording's.
    pub cleanings: u64,
    /// The bytes from there on, if there are any.
    pub extent: Option<Extent>,
    /// How long the whole stream will be, if its sender says so with these bytes.
    pub length_bytes: Option<u64>,
    /// Now.
    pub at: UtcMicros,
    /// The init segment, if it ended within them.
    pub head: Option<StreamHead>,
    /// The fragments that ended within them.
    pub fragments: &'a [Fragment],
    /// Cutter and digest of the stream with them, in a form that only the library reads; the state
    /// before stays if there is none.
    pub stream_state: Option<&'a [u8]>,
    /// SHA-256 of the whole stream, if nothing follows.
    pub complete: Option<Sha256>,
}

impl Appended<'_> {
    /// The offset after.
    #[must_use]
    pub fn to_bytes(&self) -> u64 {
        self.extent.as_ref().map_or(self.from_bytes, Extent::end_bytes)
    }
}

/// The rows of recordings.
#[async_trait]
pub trait RecordingRows {
    /// The recording of an id.
    async fn recording(&self, id: RecordingId) -> Result<Option<RecordingRow>, StoreError>;

    /// The upload that a secret of this hash opens; none once it was given up, or while its
    /// author's account is shut.
    async fn upload(&self, secret: Sha256) -> Result<Option<UploadRow>, StoreError>;

    /// Whose upload a secret of this hash opens.
    async fn uploader(&self, secret: Sha256) -> Result<Option<PersonId>, StoreError>;

    /// What the sender of an upload of its own said of it: [`FreshUpload::metadata`].
    async fn upload_metadata(&self, id: RecordingId) -> Result<Option<String>, StoreError>;

    /// Moves the offset on, by compare-and-swap, and writes down the rest in the same transaction;
    /// an interruption ends, and a file that was sealed of less is the recording's no more, though
    /// its extents may still lie in it. The last one enqueues [`Job::Seal`]. `false`, and nothing
    /// changed, if the offset is not `from_bytes`, another length was noted before, the stream
    /// would be longer than the length noted, or the recording is complete or gone.
    async fn append(&self, appended: &Appended<'_>) -> Result<bool, StoreError>;

    /// The extents that hold a range of a stream, in order, as far as there are any.
    async fn extents(&self, id: RecordingId, range: Range<u64>) -> Result<Vec<Extent>, StoreError>;

    /// What the last append that brought one left as [`Appended::stream_state`]; none once nothing
    /// follows.
    async fn stream_state(&self, id: RecordingId) -> Result<Option<Vec<u8>>, StoreError>;

    /// All fragments of a stream, in order.
    async fn fragments(&self, id: RecordingId) -> Result<Vec<Fragment>, StoreError>;

    /// Recordings that are neither complete nor interrupted and were last heard of before `at`.
    async fn silent_since(&self, at: UtcMicros) -> Result<Vec<RecordingId>, StoreError>;

    /// Marks an upload that was not heard of since `heard_at` as interrupted; with `end` also as
    /// stopped, and its secret opens nothing any more. Enqueues [`Job::Seal`] for what arrived.
    /// `false`, and nothing changed, if it was heard of since, is complete or gone.
    async fn interrupt(
        &self,
        id: RecordingId,
        heard_at: UtcMicros,
        end: bool,
        at: UtcMicros,
    ) -> Result<bool, StoreError>;

    /// Tells of the sealed file, in which the extents lie from then on, and enqueues [`Job::Clean`]
    /// for the objects that they lay in. `false`, and nothing changed, if the offset is not
    /// `offset_bytes`, bytes are expected, or it is sealed or gone.
    async fn seal(
        &self,
        id: RecordingId,
        offset_bytes: u64,
        sealed: &Sealed,
        at: UtcMicros,
    ) -> Result<bool, StoreError>;

    /// Writes down that the bytes read back were not those acknowledged, unless the offset is another
    /// one by now.
    async fn mark_damaged(&self, id: RecordingId, offset_bytes: u64) -> Result<(), StoreError>;

    /// Begins to remove what no row names, after the objects have been listed: gives the one object
    /// that a sealed recording still has, and from then on refuses appends that read the recording
    /// before. `None` if it is not sealed: nothing of it is superfluous.
    async fn begin_cleaning(&self, id: RecordingId) -> Result<Option<ObjectName>, StoreError>;
}
