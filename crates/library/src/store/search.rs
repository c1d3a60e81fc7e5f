//! Search over the rows: which passages match.
//!
//! A passage is a title, a summary, a shown cue or a reply that has text. Whatever changes such a text changes, in the same
//! transaction, what is found.

use async_trait::async_trait;
use vignette_model::transcript::{ReplyWriter, SearchPlace, SnippetPiece};
use vignette_model::{ClipId, Micros};

use crate::actor::Viewer;
use crate::store::StoreError;

/// Something that has to stand in a passage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// A word, or several in this order. Has at least one letter or digit, and no control character.
    pub text: String,
    /// Whether its last word may be only begun.
    pub begun: bool,
}

/// A passage that matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPassage {
    /// The clip.
    pub clip: ClipId,
    /// What kind of passage it is.
    pub place: SearchPlace,
    /// Who wrote it, if it is a reply.
    pub by: Option<ReplyWriter>,
    /// The moment of the cue, or that the reply is pinned to.
    pub at: Option<Micros>,
    /// What stands around the matches, in pieces.
    pub snippet: Vec<SnippetPiece>,
}

/// Finding passages.
#[async_trait]
pub trait SearchRows {
    /// Passages that the viewer may read and in which all terms stand, without regard to case and accents: at most `most` of one
    /// kind of a clip, best first; of these `limit` after the first `skip`. No term means none. A store may leave out what comes
    /// after the best thousands that the viewer may read.
    async fn search(
        &self,
        viewer: &Viewer,
        terms: &[Term],
        most: u32,
        skip: u32,
        limit: u32,
    ) -> Result<Vec<FoundPassage>, StoreError>;
}
