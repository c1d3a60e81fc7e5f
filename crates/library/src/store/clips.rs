//! Rows of clips.

use async_trait::async_trait;
use vignette_model::api::{ClipSelection, ClipState, NewClip};
use vignette_model::text::{Login, Summary, Title};
use vignette_model::transcript::{Origin, ReplyWriter, TranscriptVersion};
use vignette_model::{ClipId, ClipKey, PersonId, RecordingId, Sha256, TakeId, UtcMicros};

use crate::actor::{Audience, Viewer};
#[cfg(doc)]
use crate::store::Job;
use crate::store::{RecordingRow, StoreError, UploadPhase};

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
    /// Their login, if the name of another member shares a [look](vignette_model::text::name_looks) with theirs.
    pub author_login: Option<Login>,
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
    /// Its stream.
    pub recording: RecordingRow,
    /// Whether its upload alone made it, so that it goes with an upload that is given up.
    pub by_upload: bool,
    /// Whether it has a poster.
    pub poster: bool,
    /// How many replies it has.
    pub replies: u32,
    /// Who replied, the last first and each once; at most three.
    pub repliers: Vec<ReplyWriter>,
    /// Who wrote the title; none while nobody has.
    pub title_by: Option<Origin>,
    /// Who wrote the summary; none while nobody has.
    pub summary_by: Option<Origin>,
    /// How far its transcript is, once there is one.
    pub transcript: Option<TranscriptState>,
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
        match self.recording.phase {
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
}

/// A clip to be made.
#[derive(Clone, Debug)]
pub struct FreshClip<'a> {
    /// Its id, if the take has none yet.
    pub id: ClipId,
    /// The id of its recording, if the take has none yet.
    pub recording: RecordingId,
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

/// Which of the clips that a viewer may see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClipFilter {
    /// Whose, or what is new in them.
    pub selection: ClipSelection,
    /// The one that the viewer made of this take.
    pub take: Option<TakeId>,
}

/// The rows of clips.
#[async_trait]
pub trait ClipRows {
    /// Makes a clip, or finds the one that this author made of this take: its id and key stay then, and only its upload
    /// secret is replaced. A title or a summary that is not empty is a person's.
    async fn create_clip(&self, fresh: &FreshClip<'_>) -> Result<Clip, StoreError>;

    /// The clip of an id.
    async fn clip(&self, id: ClipId) -> Result<Option<Clip>, StoreError>;

    /// The clip whose stream a recording is.
    async fn clip_of(&self, recording: RecordingId) -> Result<Option<Clip>, StoreError>;

    /// The clip of a key.
    async fn clip_by_key(&self, key: &ClipKey) -> Result<Option<Clip>, StoreError>;

    /// At most `limit` of the clips that the viewer may see, newest first, those made before `after`.
    async fn clips(
        &self,
        viewer: &Viewer,
        filter: ClipFilter,
        after: Option<ClipId>,
        limit: u32,
    ) -> Result<Vec<Clip>, StoreError>;

    /// Changes a clip and gives it as it is then; `None` if there is no such clip.
    async fn change_clip(&self, id: ClipId, change: &RowChange)
    -> Result<Option<Clip>, StoreError>;

    /// Deletes a clip with its recording and all other rows, and enqueues [`Job::Clean`]. `false`
    /// if there is no such clip.
    async fn delete_clip(&self, id: ClipId, at: UtcMicros) -> Result<bool, StoreError>;
}
