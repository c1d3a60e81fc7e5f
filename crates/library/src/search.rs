//! Search: where in the library's clips words stand, for those who may read them there.
//!
//! ```text
//! q ─▶ terms ─▶ store: passages that the viewer may read, best first ─▶ a few of each clip ─▶ hits
//! ```
//! The store takes the viewer, so that what somebody may not read moves nothing: no hit, no count, no place in the order.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::RangeInclusive;

use vignette_model::ClipId;
use vignette_model::transcript::{SearchHit, SearchPage};

use crate::actor::{Actor, Viewer};
use crate::error::LibraryError;
use crate::library::Library;
use crate::rules::{Action, Resource, may};
use crate::shown;
use crate::store::{FoundPassage, Term};

/// The longest search, in characters.
pub(crate) const MOST_CHARS: usize = 200;
/// The most hits of one answer.
pub(crate) const MOST_HITS: u32 = 50;
/// The most hits in one clip, and so the most of one kind of passage.
const OF_A_CLIP: usize = 3;
const OF_A_KIND: u32 = 3;
/// How many words are looked for apart from each other.
const MANY_TERMS: RangeInclusive<usize> = 2..=6;
/// How many passages are looked at in one go, and how many in all: beyond that nobody reads.
const PAGE: u32 = 200;
const PAGES: u32 = 10;

impl Library {
    /// Where all words of `q` stand, at most `limit` hits (1 to 50): the best few of each clip, the best clip first, and only
    /// what the actor may read. Without a word in it nothing is found.
    ///
    /// # Errors
    /// `sign_in_needed`; `bad_request` if `q` has more than 200 characters.
    pub async fn search(
        &self,
        actor: &Actor,
        q: &str,
        limit: u32,
    ) -> Result<SearchPage, LibraryError> {
        may(actor, Action::List, Resource::Library)?;
        let terms = terms(q)?;
        let limit = limit.clamp(1, MOST_HITS) as usize;
        let reading = Reading { library: self, viewer: actor.viewer() };
        let mut groups = reading.find(&terms, limit).await?;
        // Words that belong together are not always said in one breath: clips that have all of them somewhere.
        if MANY_TERMS.contains(&terms.len()) && groups.count < limit {
            groups.append(reading.find_apart(&terms).await?);
        }
        let found =
            groups.groups.into_iter().flat_map(|(_, group)| group.into_iter().take(OF_A_CLIP));
        Ok(SearchPage { hits: self.hits(actor, found.take(limit)).await? })
    }

    /// What was found, with what it was found in as `actor` sees that.
    async fn hits(
        &self,
        actor: &Actor,
        found: impl Iterator<Item = FoundPassage>,
    ) -> Result<Vec<SearchHit>, LibraryError> {
        let (mut clips, mut hits) = (HashMap::new(), Vec::new());
        for found in found {
            if let Entry::Vacant(new) = clips.entry(found.clip) {
                new.insert(self.store().clip(found.clip).await?);
            }
            // Deleted meanwhile, there is nothing to show.
            let Some(Some(clip)) = clips.get(&found.clip) else { continue };
            let view = shown::clip(actor, clip);
            hits.push(SearchHit {
                clip: clip.id,
                key: clip.key.clone(),
                title: view.title,
                author: view.author,
                recorded_at_us: view.recorded_at_us,
                poster: view.poster,
                place: found.place,
                by: found.by,
                at_us: found.at,
                snippet: found.snippet,
            });
        }
        Ok(hits)
    }
}

/// Somebody searches.
struct Reading<'a> {
    library: &'a Library,
    viewer: Viewer,
}

impl Reading<'_> {
    /// Passages in which all terms stand and which the viewer may read, until there are `limit`.
    async fn find(&self, terms: &[Term], limit: usize) -> Result<Groups, LibraryError> {
        let mut groups = Groups::default();
        for page in 0..if terms.is_empty() { 0 } else { PAGES } {
            let found = self
                .library
                .store()
                .search(&self.viewer, terms, OF_A_KIND, page * PAGE, PAGE)
                .await?;
            let last = found.len() < PAGE as usize;
            found.into_iter().for_each(|found| groups.add(found));
            if last || groups.count >= limit {
                break;
            }
        }
        Ok(groups)
    }

    /// Clips in which each term stands somewhere: of each term the best passage.
    async fn find_apart(&self, terms: &[Term]) -> Result<Groups, LibraryError> {
        let mut all: Option<Groups> = None;
        for term in terms {
            let having = self.find(std::slice::from_ref(term), usize::MAX).await?.best();
            all = Some(match all {
                None => having,
                Some(before) => before.and(having),
            });
        }
        Ok(all.unwrap_or_default())
    }
}

/// What was found, a few of each clip, in the order of the best of each.
#[derive(Default)]
struct Groups {
    groups: Vec<(ClipId, Vec<FoundPassage>)>,
    count: usize,
}

impl Groups {
    fn add(&mut self, found: FoundPassage) {
        match self.groups.iter_mut().find(|(id, _)| *id == found.clip) {
            Some((_, group)) if group.len() >= OF_A_CLIP => return,
            Some((_, group)) => group.push(found),
            None => self.groups.push((found.clip, vec![found])),
        }
        self.count += 1;
    }

    /// Only the best of each clip.
    fn best(mut self) -> Self {
        self.groups.iter_mut().for_each(|(_, group)| group.truncate(1));
        self
    }

    /// Only the clips that both have, with what both found there.
    fn and(mut self, mut other: Self) -> Self {
        self.groups.retain_mut(|(id, group)| {
            let Some((_, more)) = other.groups.iter_mut().find(|(known, _)| known == id) else {
                return false;
            };
            more.retain(|found| !group.contains(found));
            group.append(more);
            true
        });
        self
    }

    /// The same, and after it the clips that are not yet in it.
    fn append(&mut self, other: Self) {
        for (id, group) in other.groups {
            if !self.groups.iter().any(|(known, _)| *known == id) {
                self.groups.push((id, group));
            }
        }
    }
}

/// What is searched for: words, and words in quotes that stand in this order. The last word may be only begun, unless a quote
/// was closed after it. What has no letter and no digit is passed over.
///
/// # Errors
/// `bad_request`.
fn terms(q: &str) -> Result<Vec<Term>, LibraryError> {
    if q.chars().count() > MOST_CHARS {
        return Err(LibraryError::SearchTooLong { most_chars: MOST_CHARS });
    }
    let clean: String = q.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let pieces: Vec<&str> = clean.split(['"', '“', '”', '„']).collect();
    let mut terms = Vec::new();
    for (n, piece) in pieces.iter().enumerate() {
        let last = n + 1 == pieces.len();
        let quoted = n % 2 == 1;
        let texts: Vec<&str> =
            if quoted { vec![piece.trim()] } else { piece.split_whitespace().collect() };
        let texts: Vec<&str> =
            texts.into_iter().filter(|text| text.chars().any(char::is_alphanumeric)).collect();
        for (m, text) in texts.iter().enumerate() {
            // One letter begins nearly every passage.
            let begun = last && m + 1 == texts.len() && text.chars().nth(1).is_some();
            terms.push(Term { text: (*text).to_owned(), begun });
        }
    }
    Ok(terms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_words_and_phrases() {
        let cases: [(&str, &[(&str, bool)]); 10] = [
            ("export", &[("export", true)]),
            ("  the  exp ", &[("the", false), ("exp", true)]),
            ("\"the export\" works", &[("the export", false), ("works", true)]),
            ("works \"the export\"", &[("works", false), ("the export", false)]),
            ("“the export", &[("the export", true)]),
            ("a", &[("a", false)]),
            ("?! \"--\" \"\"", &[]),
            (
                "NEAR(a b) OR c* ^d text:e",
                &[
                    ("NEAR(a", false),
                    ("b)", false),
                    ("OR", false),
                    ("c*", false),
                    ("^d", false),
                    ("text:e", true),
                ],
            ),
            ("a\0b", &[("a", false), ("b", false)]),
            ("", &[]),
        ];
        for (q, expected) in cases {
            let terms = terms(q).unwrap();
            let terms: Vec<_> = terms.iter().map(|term| (term.text.as_str(), term.begun)).collect();
            assert_eq!(terms, expected, "{q}");
        }
        assert!(matches!(
            terms(&"ü".repeat(201)),
            Err(LibraryError::SearchTooLong { most_chars: 200 })
        ));
        assert!(terms(&"ü".repeat(200)).is_ok(), "length is counted in characters");
    }
}
