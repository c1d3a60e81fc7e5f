//! `/`: the library's clips, for its members, or what was found in them.

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use crate::allowed::{Allowed, InLibrary, List, signed_in};
use crate::app::Shared;
use crate::pages::{self, ClipCard, Clips, HitGroup, page_links, render};
use crate::refusal::{Refusal, see_other};

const CLIPS_A_PAGE: u32 = 48;

const HITS: u32 = 50;

/// Where the page begins, or what is searched for.
#[derive(Deserialize)]
pub struct Page {
    after: Option<String>,
    #[serde(default)]
    q: String,
}

/// `GET /`.
pub async fn clips(
    asked: Result<Allowed<InLibrary<List>>, Refusal>,
    State(app): State<Shared>,
    Query(page): Query<Page>,
) -> Result<Response, Refusal> {
    let Some(Allowed { asker, .. }) = signed_in(asked)? else { return Ok(see_other("/sign-in")) };
    let name = asker.member_name().unwrap_or_default();
    let (q, admin) = (page.q.trim(), asker.actor.is_admin());
    if !q.is_empty() {
        let found = Some(HitGroup::of(app.library.search(&asker.actor, q, HITS).await?.hits));
        let (library, clips) = (app.name(), Vec::new());
        return render(&Clips { links: page_links(), library, name, admin, q, found, clips, next: None });
    }
    let page = app.library.clips(&asker.actor, page.after.as_deref(), CLIPS_A_PAGE).await?;
    let card = |clip: vignette_model::api::OwnClip| ClipCard {
        page: format!("/c/{}", clip.key),
        heading: pages::heading(&clip.view).to_owned(),
        recorded: clip.view.recorded_at_us.into(),
        state: pages::state_word(&clip.view),
        duration: clip.view.duration_us.to_string(),
        poster: clip.view.poster,
        author: clip.view.author,
        replies: clip.view.replies,
    };
    let clips = page.clips.into_iter().map(card).collect();
    render(&Clips { links: page_links(), library: app.name(), name, admin, q: "", found: None, clips, next: page.next })
}
