//! The words of a clip: what a machine heard and made of it, and what people wrote in its place.

use vignette_model::words::{MachineWords, WordsChange, WordsView};
use vignette_model::{ClipId, ClipKey, ErrorCode, Problem};

use crate::library::Library;
use crate::rules::{Action, Actor};

/// Words as a text file, small enough to be held whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordsFile {
    /// Strong entity tag, quotes included.
    pub etag: String,
    /// The text.
    pub text: String,
}

impl Library {
    /// What was said in the clip of a link, and what was made of it. Empty while nothing is known.
    ///
    /// # Errors
    /// `not_found`; `conflict` while it may not be watched yet.
    pub async fn words(&self, actor: &Actor, key: &ClipKey) -> Result<WordsView, Problem> {
        self.by_key(actor, key, Action::Play).await?;
        Ok(WordsView::default())
    }

    /// What was said, as WebVTT.
    ///
    /// # Errors
    /// `not_found`, also if nothing was said; `conflict` while it may not be watched yet.
    pub async fn captions(&self, actor: &Actor, key: &ClipKey) -> Result<WordsFile, Problem> {
        self.by_key(actor, key, Action::Play).await?;
        Err(Problem::new(ErrorCode::NotFound, "This clip has no captions."))
    }

    /// The chapters, as WebVTT.
    ///
    /// # Errors
    /// `not_found`, also if it has none; `conflict` while it may not be watched yet.
    pub async fn chapters(&self, actor: &Actor, key: &ClipKey) -> Result<WordsFile, Problem> {
        self.by_key(actor, key, Action::Play).await?;
        Err(Problem::new(ErrorCode::NotFound, "This clip has no chapters."))
    }

    /// What was said, as text to be read.
    ///
    /// # Errors
    /// `not_found`, also if nothing was said; `conflict` while it may not be watched yet.
    pub async fn transcript(&self, actor: &Actor, key: &ClipKey) -> Result<WordsFile, Problem> {
        self.by_key(actor, key, Action::Play).await?;
        Err(Problem::new(ErrorCode::NotFound, "This clip has no transcript."))
    }

    /// Takes what a machine made, where no person wrote: all of it or nothing. A revision that is not higher than the last is
    /// passed over.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`, `not_found`; `bad_request` and `too_large` for what no clip can have.
    pub async fn put_words(&self, actor: &Actor, id: ClipId, words: MachineWords) -> Result<(), Problem> {
        self.by_id(actor, id, Action::Change).await?;
        drop(words);
        Err(Problem::new(ErrorCode::Internal, "The library does not keep words yet."))
    }

    /// Writes what a person says in place of what a machine made: all of it or nothing.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`, `not_found`; `conflict` if a cue is not there any more; `bad_request`.
    pub async fn change_words(&self, actor: &Actor, id: ClipId, change: WordsChange) -> Result<WordsView, Problem> {
        self.by_id(actor, id, Action::Change).await?;
        drop(change);
        Err(Problem::new(ErrorCode::Internal, "The library does not keep words yet."))
    }
}
