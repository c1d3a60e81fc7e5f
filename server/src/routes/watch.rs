//! The page of a link, and its content as JSON.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use vignette_library::MOST_OF_A_PAGE;
use vignette_model::api::{ClipView, WatchedTo};
use vignette_model::transcript::TranscriptView;
use vignette_model::{ClipKey, paths};

use crate::access::allowed::{Allowed, ByLink, NoteProgress, See};
use crate::access::payload::FromJson;
use crate::app::SharedApp;
use crate::http::api_error::{ApiError, ApiErrors};
use crate::pages::{self, Watched};
use crate::routes::moment;

/// What the link shows of the clip.
#[utoipa::path(get, path = paths::LINK, tag = "by link", operation_id = "watch_clip", params(("key" = ClipKey, Path)), responses(
    (status = 200, description = "The clip", body = ClipView),
    ApiErrors,
))]
pub(crate) async fn get_clip_view(
    Allowed { requester, target: key }: Allowed<ByLink<See>>,
    State(app): State<SharedApp>,
) -> Result<Json<ClipView>, ApiError> {
    Ok(Json(app.library.watch(&requester.actor, &key).await?))
}

/// Notes that the requester has the clip open, and how far they have watched it. Nobody else is told; lists give it back to them as
/// `progress`.
#[utoipa::path(put, path = paths::LINK_PROGRESS, tag = "by link", operation_id = "put_progress", security(("token" = [])), params(("key" = ClipKey, Path)),
    request_body = WatchedTo, responses(
    (status = 204, description = "It is noted"),
    ApiErrors,
))]
pub(crate) async fn put_progress(
    Allowed { requester, target: key }: Allowed<ByLink<NoteProgress>>,
    State(app): State<SharedApp>,
    FromJson(watched): FromJson<WatchedTo>,
) -> Result<StatusCode, ApiError> {
    app.library.note_progress(&requester.actor, &key, watched).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The moment to start at, and the page of replies. Programs add parameters of their own to links, so
/// unknown ones are ignored.
#[derive(Deserialize)]
pub(crate) struct WatchQuery {
    t: Option<String>,
    after: Option<String>,
}

/// `GET /c/{key}`.
pub(crate) async fn show_clip_page(
    Allowed { requester, target: key }: Allowed<ByLink<See>>,
    State(app): State<SharedApp>,
    Query(query): Query<WatchQuery>,
) -> Result<Response, ApiError> {
    let clip = app.library.watch(&requester.actor, &key).await?;
    let replies = app.library.replies(&requester.actor, &key, None, MOST_OF_A_PAGE).await?;
    let reactions = app.library.reactions(&requester.actor, &key).await?;
    // The script always starts with the first page; a later one is shown without JavaScript.
    let later = match &query.after {
        Some(after) => {
            app.library.replies(&requester.actor, &key, Some(after), MOST_OF_A_PAGE).await.ok()
        }
        None => None,
    };
    let transcript = match clip.transcript {
        Some(_) => app.library.transcript(&requester.actor, &key).await?,
        None => TranscriptView::default(),
    };
    pages::watch(&Watched {
        base: app.url(),
        library: &app.name(),
        key: &key,
        clip: &clip,
        replies: &replies,
        later: later.as_ref(),
        reactions: &reactions,
        transcript: &transcript,
        member: requester.member_name(),
        own: app.library.own(&requester.actor, &key).await?,
        start_secs: query.t.and_then(|t| moment::of_link(&t)).map(|at| at.0 / 1_000_000),
    })
}
