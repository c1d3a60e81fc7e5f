//! `/`: the library's clips, for its members, or the results of a search.

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use vignette_library::store::ClipFilter;
use vignette_model::api::ClipSelection;
use vignette_model::paths;

use crate::access::allowed::{Allowed, InLibrary, List, signed_in};
use crate::app::SharedApp;
use crate::http::api_error::{ApiError, see_other};
use crate::pages::{
    self, ClipCard, Clips, FirstSteps, HitGroup, PlaceLink, helped_links, home_links, render,
};

const CLIPS_A_PAGE: u32 = 48;
const MAX_HITS: u32 = 50;

/// Which page of clips, or what to search for.
#[derive(Deserialize)]
pub(crate) struct HomeQuery {
    after: Option<String>,
    #[serde(default)]
    only: ClipSelection,
    #[serde(default)]
    q: String,
}

/// `GET /`.
pub(crate) async fn show_clips(
    allowed: Result<Allowed<InLibrary<List>>, ApiError>,
    State(app): State<SharedApp>,
    Query(query): Query<HomeQuery>,
) -> Result<Response, ApiError> {
    let Some(Allowed { requester, .. }) = signed_in(allowed)? else {
        return Ok(see_other(paths::SIGN_IN));
    };
    let name = requester.member_name().unwrap_or_default();
    let (q, admin) = (query.q.trim(), requester.actor.is_admin());
    if !q.is_empty() {
        let found =
            Some(HitGroup::of(app.library.search(&requester.actor, q, MAX_HITS).await?.hits));
        let (library, clips) = (&app.name(), Vec::new());
        return render(&Clips {
            links: home_links(),
            library,
            name,
            admin,
            q,
            found,
            places: PlaceLink::all(None),
            empty: "",
            clips,
            next: None,
            first_steps: None,
        });
    }
    let filter = ClipFilter { selection: query.only, take: None };
    let page =
        app.library.clips(&requester.actor, filter, query.after.as_deref(), CLIPS_A_PAGE).await?;
    let card = |clip: vignette_model::api::MemberClip| ClipCard {
        page: paths::page(&clip.key),
        heading: pages::heading(&clip.view).to_owned(),
        recorded: clip.view.recorded_at_us.into(),
        state: pages::state_word(&clip.view),
        duration: clip.view.duration_us.to_string(),
        unread: clip.progress.is_some_and(|seen| seen.unopened || seen.new_replies > 0),
        poster: clip.view.poster,
        author: clip.view.author,
        login: clip.view.author_login,
        replies: clip.view.replies,
    };
    let clips: Vec<ClipCard> = page.clips.into_iter().map(card).collect();
    let is_empty = clips.is_empty() && query.after.is_none() && query.only == ClipSelection::All;
    render(&Clips {
        links: if is_empty { helped_links() } else { home_links() },
        library: &app.name(),
        name,
        admin,
        q: "",
        found: None,
        places: PlaceLink::all(Some(query.only)),
        empty: pages::empty_text(query.only),
        clips,
        next: page.next.map(|after| pages::next_page(query.only, &after)),
        first_steps: is_empty.then(|| FirstSteps { address: app.url().as_str() }),
    })
}
