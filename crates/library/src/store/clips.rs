//! Rows of clips, their fragments and what their uploads have brought.

use std::ops::Range;

use async_trait::async_trait;
use vignette_fmp4::Fragment;
use vignette_model::api::{ClipState, NewClip};
use vignette_model::text::{Summary, Title};
use vignette_model::transcript::{Origin, TranscriptVersion};
use vignette_model::{ClipId, ClipKey, PersonId, Sha256, Span, TakeId, UtcMicros};

use crate::actor::{Audience, Viewer};
use crate::media::{Extent, ObjectName};
#[cfg(doc)]
use crate::store::Job;
use crate::store::StoreError;

/// A clip as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clip {
    /// Which.
    pub id: ClipId,
    /// The unguessable part of its link.
    pub key: ClipKey,
    /// Who recorded it.
    pub author: PersonId,
    /// Their name.
    pub author_name: String,
    /// The take it comes from.
    pub take: TakeId,
    /// May be empty.
    pub title: Title,
    /// Markdown; may be empty.
    pub summary: Summary,
    /// Whether it may be watched while it is being recorded.
    pub live: bool,
    /// Whether those without an account may reply.
    pub guests: bool,
    /// When the take was begun.
    pub recorded_at: UtcMicros,
    /// How far its upload has come.
    pub upload: UploadPhase,
    /// When its upload was last heard of.
    pub heard_at: UtcMicros,
    /// Bytes of the stream that are durable: the acknowledged offset.
    pub offset_bytes: u64,
    /// How long the whole stream will be, once its sender has said so.
    pub length_bytes: Option<u64>,
    /// Whether its upload alone made it, so that it goes with an upload that is given up.
    pub by_upload: bool,
    /// What its init segment says, once it is here.
    pub head: Option<StreamHead>,
    /// How much of it is here and plays: the sum of its fragments.
    pub duration: Span,
    /// Whether it is one file.
    pub seal: SealState,
    /// Whether it has a poster.
    pub poster: bool,
    /// How many replies it has.
    pub replies: u32,
    /// Who wrote the title; none while nobody has.
    pub title_by: Option<Origin>,
    /// Who wrote the summary; none while nobody has.
    pub summary_by: Option<Origin>,
    /// How far its transcript is, once there is one.
    pub transcript: Option<TranscriptState>,
}

/// How far the upload of a clip has come.
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

/// Whether a clip is one file.
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

/// What an upload needs to know of its clip, and no more: read with each append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadRow {
    /// The clip that it fills.
    pub clip: ClipId,
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
}

/// What the row of a clip says of its transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TranscriptState {
    /// Their version, and whether the whole clip was heard.
    pub mark: TranscriptVersion,
    /// Whether there is a cue to be shown.
    pub cues: bool,
    /// Whether there is a chapter.
    pub chapters: bool,
}

impl Clip {
    /// How far it has come.
    #[must_use]
    pub(crate) fn state(&self) -> ClipState {
        match self.upload {
            UploadPhase::Recording => ClipState::Recording,
            UploadPhase::Arriving => ClipState::Arriving,
            UploadPhase::Interrupted => ClipState::Interrupted,
            UploadPhase::Complete { .. } => ClipState::Ready,
        }
    }

    /// Who may know of it.
    #[must_use]
    pub(crate) fn audience(&self) -> Audience {
        Audience { link: self.key.clone() }
    }

    /// Whether at least one fragment of it is here.
    #[must_use]
    pub(crate) fn plays(&self) -> bool {
        self.head.is_some() && self.duration > Span::ZERO
    }
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

/// A clip to be made.
#[derive(Clone, Debug)]
pub struct FreshClip<'a> {
    /// Its id, if the take has none yet.
    pub id: ClipId,
    /// Its key, if the take has none yet.
    pub key: ClipKey,
    /// Who records it.
    pub author: PersonId,
    /// What they said of it.
    pub new: &'a NewClip,
    /// Hash of the upload secret.
    pub upload: Sha256,
    /// The upload that makes it, if no recorder does.
    pub by_upload: Option<FreshUpload>,
    /// Now.
    pub at: UtcMicros,
}

/// An upload that makes a clip of its own. Nothing is being recorded for it: such a clip begins as stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreshUpload {
    /// How long the whole stream will be, if its sender has said so.
    pub length_bytes: Option<u64>,
    /// What its sender says of it, in the form of tus's `Upload-Metadata`.
    pub metadata: Option<String>,
}

/// What a person changes in a row; what is left out stays. A title or a summary is theirs from then on.
#[derive(Clone, Debug, Default)]
pub struct RowChange {
    /// New title.
    pub title: Option<Title>,
    /// New summary.
    pub summary: Option<Summary>,
    /// New `live`.
    pub live: Option<bool>,
    /// New `guests`.
    pub guests: Option<bool>,
    /// New `stopped`.
    pub stopped: Option<bool>,
    /// New key.
    pub key: Option<ClipKey>,
    /// New `poster`.
    pub poster: Option<bool>,
}

/// Bytes that were made durable, to be told of in one transaction.
#[derive(Clone, Debug)]
pub struct Appended<'a> {
    /// Whose.
    pub clip: ClipId,
    /// The offset before: must still be the clip's.
    pub from_bytes: u64,
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
    /// Cutter and digest of the stream with them, in a form that only the library reads; the state before stays if there is none.
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

/// The rows of clips.
#[async_trait]
pub trait ClipRows {
    /// Makes a clip, or finds the one that this author made of this take: its id and key stay then, and only its upload
    /// secret is replaced. A title or a summary that is not empty is a person's.
    async fn create_clip(&self, fresh: &FreshClip<'_>) -> Result<Clip, StoreError>;

    /// The clip of an id.
    async fn clip(&self, id: ClipId) -> Result<Option<Clip>, StoreError>;

    /// The clip of a key.
    async fn clip_by_key(&self, key: &ClipKey) -> Result<Option<Clip>, StoreError>;

    /// The upload that a secret of this hash opens; none once it was given up, or while its author's account is shut.
    async fn upload(&self, secret: Sha256) -> Result<Option<UploadRow>, StoreError>;

    /// Whose upload a secret of this hash opens.
    async fn uploader(&self, secret: Sha256) -> Result<Option<PersonId>, StoreError>;

    /// At most `limit` of the clips that the viewer may see, newest first, those made before `after`.
    async fn clips(
        &self,
        viewer: &Viewer,
        after: Option<ClipId>,
        limit: u32,
    ) -> Result<Vec<Clip>, StoreError>;

    /// Changes a clip and gives it as it is then; `None` if there is no such clip.
    async fn change_clip(&self, id: ClipId, change: &RowChange)
    -> Result<Option<Clip>, StoreError>;

    /// Deletes a clip with all its rows, and enqueues [`Job::Clean`] for its objects. `false` if there is no such clip.
    async fn delete_clip(&self, id: ClipId, at: UtcMicros) -> Result<bool, StoreError>;

    /// What the sender of an upload that made this clip said of it: [`FreshUpload::metadata`].
    async fn upload_metadata(&self, id: ClipId) -> Result<Option<String>, StoreError>;

    /// Moves the offset on, by compare-and-swap, and writes down the rest in the same transaction; an interruption ends, and a file
    /// that was sealed of less is the clip's no more, though its extents may still lie in it. The last one enqueues [`Job::Seal`].
    /// `false`, and nothing changed, if the offset is not `from_bytes`, another length was noted before, the stream would be longer
    /// than the length noted, or the clip is complete or gone.
    async fn append(&self, appended: &Appended<'_>) -> Result<bool, StoreError>;

    /// The extents that hold a range of a clip's stream, in order, as far as there are any.
    async fn extents(&self, id: ClipId, range: Range<u64>) -> Result<Vec<Extent>, StoreError>;

    /// What the last append that brought one left as [`Appended::stream_state`]; none once nothing follows.
    async fn stream_state(&self, id: ClipId) -> Result<Option<Vec<u8>>, StoreError>;

    /// All fragments of a clip, in order.
    async fn fragments(&self, id: ClipId) -> Result<Vec<Fragment>, StoreError>;

    /// Clips that are neither complete nor interrupted and were last heard of before `at`.
    async fn silent_since(&self, at: UtcMicros) -> Result<Vec<ClipId>, StoreError>;

    /// Marks an upload that was not heard of since `heard_at` as interrupted; with `end` also as stopped, and its secret opens
    /// nothing any more. Enqueues [`Job::Seal`] for what arrived. `false`, and nothing changed, if it was heard of since, is complete
    /// or gone.
    async fn interrupt(
        &self,
        id: ClipId,
        heard_at: UtcMicros,
        end: bool,
        at: UtcMicros,
    ) -> Result<bool, StoreError>;

    /// Tells of the sealed file, in which the clip's extents lie from then on, and enqueues [`Job::Clean`] for the objects that
    /// they lay in. `false`, and nothing changed, if the offset is not `offset_bytes`, bytes are expected, or the clip is sealed or
    /// gone.
    async fn seal(
        &self,
        id: ClipId,
        offset_bytes: u64,
        sealed: &Sealed,
        at: UtcMicros,
    ) -> Result<bool, StoreError>;

    /// Writes down that the bytes read back were not those acknowledged.
    async fn mark_damaged(&self, id: ClipId) -> Result<(), StoreError>;
}
