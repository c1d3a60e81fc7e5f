//! The transcript of a clip: what a machine heard and made of it, and what people wrote in its place.
//!
//! ```text
//! snapshot ─▶ in order? ─┐
//!                        ├─▶ merged with what is there ─▶ store: one transaction, if nobody was faster ─▶ events
//! change ────────────────┘
//! ```
//! A transcript is for those who may [`Play`](Action::Play) the clip: while it is kept back, so is what is said in it.

mod merge;
mod snapshot;

use vignette_model::transcript::{ShownCue, TranscriptChange, TranscriptSnapshot, TranscriptView};
use vignette_model::{ClipId, ClipKey};

use crate::actor::Actor;
use crate::captions;
use crate::error::{LibraryError, Missing};
use crate::events::News;
use crate::library::Library;
use crate::rules::Action;
use crate::store::{Clip, MachineTexts, TranscriptRow};
use crate::watch::etag;

/// A transcript as a text file, small enough to be held whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TranscriptFile {
    /// Strong entity tag, quotes included.
    pub etag: String,
    /// The text.
    pub text: String,
}

impl TranscriptFile {
    fn new(text: String) -> Self {
        Self { etag: etag(&format!("words {text}")), text }
    }
}

impl Library {
    /// What was said in the clip of a link, and what was made of it. Empty while nothing is known.
    ///
    /// # Errors
    /// `not_found`; `conflict` while it may not be watched yet.
    pub async fn transcript(
        &self,
        actor: &Actor,
        key: &ClipKey,
    ) -> Result<TranscriptView, LibraryError> {
        Ok(self.playable_transcript(actor, key).await?.1)
    }

    /// What was said, as WebVTT.
    ///
    /// # Errors
    /// `not_found`, also if nothing was said; `conflict` while it may not be watched yet.
    pub async fn captions(
        &self,
        actor: &Actor,
        key: &ClipKey,
    ) -> Result<TranscriptFile, LibraryError> {
        let (_, transcript) = self.playable_transcript(actor, key).await?;
        if transcript.cues.is_empty() {
            return Err(LibraryError::NotFound(Missing::Captions));
        }
        Ok(TranscriptFile::new(captions::vtt(&transcript.cues)))
    }

    /// The chapters, as WebVTT.
    ///
    /// # Errors
    /// `not_found`, also if it has none; `conflict` while it may not be watched yet.
    pub async fn chapters(
        &self,
        actor: &Actor,
        key: &ClipKey,
    ) -> Result<TranscriptFile, LibraryError> {
        let (clip, transcript) = self.playable_transcript(actor, key).await?;
        if transcript.chapters.is_empty() {
            return Err(LibraryError::NotFound(Missing::Chapters));
        }
        Ok(TranscriptFile::new(captions::chapters_vtt(
            &transcript.chapters,
            clip.recording.duration,
        )))
    }

    /// What was said, as text to be read.
    ///
    /// # Errors
    /// `not_found`, also if nothing was said; `conflict` while it may not be watched yet.
    pub async fn transcript_text(
        &self,
        actor: &Actor,
        key: &ClipKey,
    ) -> Result<TranscriptFile, LibraryError> {
        let (_, transcript) = self.playable_transcript(actor, key).await?;
        if transcript.cues.is_empty() {
            return Err(LibraryError::NotFound(Missing::Transcript));
        }
        Ok(TranscriptFile::new(captions::txt(&transcript.cues, &transcript.chapters)))
    }

    /// Takes what a machine made, where no person wrote: all of it or nothing. A revision that is not higher than the last is
    /// passed over.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`, `not_found`; `bad_request` and `too_large` for what no clip can have.
    pub async fn put_transcript(
        &self,
        actor: &Actor,
        id: ClipId,
        transcript: TranscriptSnapshot,
    ) -> Result<(), LibraryError> {
        self.by_id(actor, id, Action::Change).await?;
        let transcript = snapshot::in_order(transcript)?;
        let (insights, insights_by) = (&transcript.insights, &transcript.insights_by);
        let texts =
            MachineTexts { title: &insights.title, summary: &insights.summary, insights_by };
        loop {
            let before = self.store().transcript(id).await?.unwrap_or_default();
            let Some(after) = merge::heard(before, transcript.clone()) else { return Ok(()) };
            if self.store().put_transcript(id, &after, Some(texts)).await? {
                tracing::info!(clip.id = %id, transcript.revision, cues = transcript.cues.len(), done = transcript.done, "Took a transcript");
                self.announce(News::Clip(id));
                return Ok(());
            }
            // Somebody was faster, or the clip was deleted.
            self.by_id(actor, id, Action::Change).await?;
        }
    }

    /// Writes what a person says in place of what a machine made: all of it or nothing.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`, `not_found`; `conflict` if a cue is not there any more; `bad_request` and `too_large` for
    /// what no clip can have.
    pub async fn edit_transcript(
        &self,
        actor: &Actor,
        id: ClipId,
        change: TranscriptChange,
    ) -> Result<TranscriptView, LibraryError> {
        self.by_id(actor, id, Action::Change).await?;
        loop {
            let before = self.store().transcript(id).await?.unwrap_or_default();
            if change == TranscriptChange::default() {
                return Ok(shown(before));
            }
            let after = merge::changed(before, change.clone())?;
            if self.store().put_transcript(id, &after, None).await? {
                tracing::info!(clip.id = %id, "Edited a transcript");
                self.announce(News::Clip(id));
                return Ok(shown(after));
            }
            self.by_id(actor, id, Action::Change).await?;
        }
    }

    /// A clip that the actor may play, and its transcript.
    async fn playable_transcript(
        &self,
        actor: &Actor,
        key: &ClipKey,
    ) -> Result<(Clip, TranscriptView), LibraryError> {
        let (_, clip) = self.by_key(actor, key, Action::Play).await?;
        let transcript = self.store().transcript(clip.id).await?;
        Ok((clip, shown(transcript.unwrap_or_default())))
    }
}

/// What a reader sees: without the cues that a person took out.
fn shown(transcript: TranscriptRow) -> TranscriptView {
    let cues = transcript.cues.into_iter().filter(|row| !row.hidden);
    TranscriptView {
        done: transcript.done,
        language: transcript.language,
        transcribed_by: transcript.transcribed_by,
        cues: cues.map(|row| ShownCue { cue: row.cue, edited: row.edited }).collect(),
        chapters_by: transcript.chapters_by.filter(|_| !transcript.chapters.is_empty()),
        chapters: transcript.chapters,
        tasks_by: transcript.tasks_by.filter(|_| !transcript.tasks.is_empty()),
        tasks: transcript.tasks,
    }
}
