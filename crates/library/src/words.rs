//! The words of a clip: what a machine heard and made of it, and what people wrote in its place.
//!
//! ```text
//! snapshot ─▶ in order? ─┐
//!                        ├─▶ merged with what is there ─▶ store: one transaction, if nobody was faster ─▶ events
//! change ────────────────┘
//! ```
//! Words are for those who may [`Play`](Action::Play) the clip: while it is kept back, so is what is said in it.

mod merge;
mod snapshot;

use vignette_model::words::{MachineWords, ShownCue, WordsChange, WordsView};
use vignette_model::{ClipId, ClipKey, ErrorCode, Problem};

use crate::captions;
use crate::events::News;
use crate::library::Library;
use crate::rules::{Action, Actor};
use crate::store::{Clip, MachineTexts, WordsRow};
use crate::watch::etag;

/// Words as a text file, small enough to be held whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordsFile {
    /// Strong entity tag, quotes included.
    pub etag: String,
    /// The text.
    pub text: String,
}

impl WordsFile {
    fn new(text: String) -> Self {
        Self { etag: etag(&format!("words {text}")), text }
    }
}

impl Library {
    /// What was said in the clip of a link, and what was made of it. Empty while nothing is known.
    ///
    /// # Errors
    /// `not_found`; `conflict` while it may not be watched yet.
    pub async fn words(&self, actor: &Actor, key: &ClipKey) -> Result<WordsView, Problem> {
        Ok(self.playable_words(actor, key).await?.1)
    }

    /// What was said, as WebVTT.
    ///
    /// # Errors
    /// `not_found`, also if nothing was said; `conflict` while it may not be watched yet.
    pub async fn captions(&self, actor: &Actor, key: &ClipKey) -> Result<WordsFile, Problem> {
        let (_, words) = self.playable_words(actor, key).await?;
        if words.cues.is_empty() {
            return Err(Problem::new(ErrorCode::NotFound, "This clip has no captions."));
        }
        Ok(WordsFile::new(captions::vtt(&words.cues)))
    }

    /// The chapters, as WebVTT.
    ///
    /// # Errors
    /// `not_found`, also if it has none; `conflict` while it may not be watched yet.
    pub async fn chapters(&self, actor: &Actor, key: &ClipKey) -> Result<WordsFile, Problem> {
        let (clip, words) = self.playable_words(actor, key).await?;
        if words.chapters.is_empty() {
            return Err(Problem::new(ErrorCode::NotFound, "This clip has no chapters."));
        }
        Ok(WordsFile::new(captions::chapters_vtt(&words.chapters, clip.duration)))
    }

    /// What was said, as text to be read.
    ///
    /// # Errors
    /// `not_found`, also if nothing was said; `conflict` while it may not be watched yet.
    pub async fn transcript(&self, actor: &Actor, key: &ClipKey) -> Result<WordsFile, Problem> {
        let (_, words) = self.playable_words(actor, key).await?;
        if words.cues.is_empty() {
            return Err(Problem::new(ErrorCode::NotFound, "This clip has no transcript."));
        }
        Ok(WordsFile::new(captions::txt(&words.cues, &words.chapters)))
    }

    /// Takes what a machine made, where no person wrote: all of it or nothing. A revision that is not higher than the last is
    /// passed over.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`, `not_found`; `bad_request` and `too_large` for what no clip can have.
    pub async fn put_words(&self, actor: &Actor, id: ClipId, words: MachineWords) -> Result<(), Problem> {
        self.by_id(actor, id, Action::Change).await?;
        let words = snapshot::in_order(words)?;
        let (insights, made_by) = (&words.insights, &words.made_by);
        let texts = MachineTexts { title: &insights.title, summary: &insights.summary, made_by };
        loop {
            let before = self.store().words(id).await?.unwrap_or_default();
            let Some(after) = merge::heard(before, words.clone()) else { return Ok(()) };
            if self.store().put_words(id, &after, Some(texts)).await? {
                tracing::info!(clip.id = %id, words.revision, cues = words.cues.len(), done = words.done, "Words arrived");
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
    pub async fn change_words(&self, actor: &Actor, id: ClipId, change: WordsChange) -> Result<WordsView, Problem> {
        self.by_id(actor, id, Action::Change).await?;
        loop {
            let before = self.store().words(id).await?.unwrap_or_default();
            if change == WordsChange::default() {
                return Ok(shown(before));
            }
            let after = merge::changed(before, change.clone())?;
            if self.store().put_words(id, &after, None).await? {
                tracing::info!(clip.id = %id, "Words were changed");
                self.announce(News::Clip(id));
                return Ok(shown(after));
            }
            self.by_id(actor, id, Action::Change).await?;
        }
    }

    /// A clip that the actor may play, and its words.
    async fn playable_words(&self, actor: &Actor, key: &ClipKey) -> Result<(Clip, WordsView), Problem> {
        let (_, clip) = self.by_key(actor, key, Action::Play).await?;
        let words = self.store().words(clip.id).await?;
        Ok((clip, shown(words.unwrap_or_default())))
    }
}

/// What a reader sees: without the cues that a person took out.
fn shown(words: WordsRow) -> WordsView {
    let cues = words.cues.into_iter().filter(|row| !row.hidden);
    WordsView {
        done: words.done,
        language: words.language,
        heard_by: words.heard_by,
        cues: cues.map(|row| ShownCue { cue: row.cue, edited: row.edited }).collect(),
        chapters_by: words.chapters_by.filter(|_| !words.chapters.is_empty()),
        chapters: words.chapters,
        tasks_by: words.tasks_by.filter(|_| !words.tasks.is_empty()),
        tasks: words.tasks,
    }
}
