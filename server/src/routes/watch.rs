//! The page behind a link, and the same as JSON.

use axum::Json;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use vignette_library::MOST_OF_A_PAGE;
use vignette_model::api::ClipView;
use vignette_model::words::WordsView;
use vignette_model::{ClipKey, Problem};

use crate::allowed::{Allowed, ByLink, See};
use crate::app::Shared;
use crate::pages::{self, Watched};
use crate::refusal::Refusal;

/// What the link shows of the clip.
#[utoipa::path(get, path = "/api/v1/c/{key}", tag = "by link", operation_id = "watch_clip", params(("key" = ClipKey, Path)), responses(
    (status = 200, description = "The clip", body = ClipView),
    (status = "4XX", description = "Refused", body = Problem, content_type = "application/problem+json"),
))]
pub async fn view(
    Allowed { asker, of: key }: Allowed<ByLink<See>>,
    State(app): State<Shared>,
) -> Result<Json<ClipView>, Refusal> {
    Ok(Json(app.library.watch(&asker.actor, &key).await?))
}

/// Where to begin: at which moment, and with which replies. Links are sent on by programs that add things of their own, so
/// anything else is passed over.
#[derive(Deserialize)]
pub struct Start {
    t: Option<String>,
    after: Option<String>,
}

/// `GET /c/{key}`.
pub async fn page(
    Allowed { asker, of: key }: Allowed<ByLink<See>>,
    State(app): State<Shared>,
    Query(start): Query<Start>,
) -> Result<Response, Refusal> {
    let clip = app.library.watch(&asker.actor, &key).await?;
    let replies = app.library.replies(&asker.actor, &key, None, MOST_OF_A_PAGE).await?;
    // The script begins with the first page, whichever is shown without it.
    let later = match &start.after {
        Some(after) => app.library.replies(&asker.actor, &key, Some(after), MOST_OF_A_PAGE).await.ok(),
        None => None,
    };
    let words = match clip.words {
        Some(_) => app.library.words(&asker.actor, &key).await?,
        None => WordsView::default(),
    };
    pages::watch(&Watched {
        base: app.url(),
        library: app.name(),
        key: &key,
        clip: &clip,
        replies: &replies,
        later: later.as_ref(),
        words: &words,
        member: asker.member_name(),
        own: app.library.own(&asker.actor, &key).await?,
        start_secs: start.t.and_then(|t| t.split('.').next()?.parse().ok()),
    })
}
