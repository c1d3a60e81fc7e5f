//! Rows of transcripts: cues, chapters, tasks, and what a machine made of them.

use async_trait::async_trait;
use vignette_model::ClipId;
use vignette_model::text::{Label, Summary, Title};
use vignette_model::transcript::{Chapter, Cue, Origin, Task};

use crate::store::StoreError;

/// The transcript of a clip as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TranscriptRow {
    /// Rises by one with every change; 0 before the first.
    pub version: u64,
    /// The machine's last snapshot; 0 before the first.
    pub revision: u64,
    /// Whether the whole clip was heard.
    pub done: bool,
    /// BCP 47 tag of the language, if known.
    pub language: Option<Label>,
    /// The speech model that made the cues, once one did.
    pub transcribed_by: Option<Label>,
    /// In order, and none reaches into the next.
    pub cues: Vec<CueRow>,
    /// In order.
    pub chapters: Vec<Chapter>,
    /// Who made the chapters. A person may have made that there are none.
    pub chapters_by: Option<Origin>,
    /// In order.
    pub tasks: Vec<Task>,
    /// Who made the tasks. A person may have made that there are none.
    pub tasks_by: Option<Origin>,
}

/// A cue as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CueRow {
    /// The cue.
    pub cue: Cue,
    /// Whether a person wrote it anew.
    pub edited: bool,
    /// Whether a person took it out.
    pub hidden: bool,
}

/// Title and summary as a machine made them; either may be empty.
#[derive(Clone, Copy, Debug)]
pub struct MachineTexts<'a> {
    /// The title.
    pub title: &'a Title,
    /// The summary, Markdown.
    pub summary: &'a Summary,
    /// What made them.
    pub insights_by: &'a Label,
}

/// The rows of transcripts.
#[async_trait]
pub trait TranscriptRows {
    /// The transcript of a clip, if there is one.
    async fn transcript(&self, clip: ClipId) -> Result<Option<TranscriptRow>, StoreError>;

    /// Writes a transcript over the version before, by compare-and-swap, and in the same transaction title and summary
    /// where no person wrote them. `false`, and nothing changed, if the version before is not `transcript.version - 1` or the clip
    /// is gone.
    async fn put_transcript(
        &self,
        clip: ClipId,
        transcript: &TranscriptRow,
        texts: Option<MachineTexts<'_>>,
    ) -> Result<bool, StoreError>;
}
