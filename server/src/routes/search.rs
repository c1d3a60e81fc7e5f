//! `/api/v1/search`: full-text search in the library's clips.

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use utoipa::IntoParams;
use vignette_model::paths;
use vignette_model::transcript::SearchPage;

use crate::access::allowed::{Allowed, InLibrary, List};
use crate::app::SharedApp;
use crate::http::api_error::{ApiError, ApiErrors};

/// What to search for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchQuery {
    /// Words that all have to stand there, the last may be only begun; "in quotes" in this order. At most 200 characters.
    q: String,
    /// At most so many hits, 1 to 50; 20 without it.
    limit: Option<u32>,
}

/// Where words stand in titles, summaries, in what was said and in replies: the best few places of each clip, the best clip
/// first. Only what the requester may see.
#[utoipa::path(get, path = paths::SEARCH, tag = "clips", operation_id = "search", security(("token" = [])), params(SearchQuery), responses(
    (status = 200, description = "The hits", body = SearchPage),
    ApiErrors,
))]
pub(crate) async fn search_clips(
    Allowed { requester, .. }: Allowed<InLibrary<List>>,
    State(app): State<SharedApp>,
    Query(query): Query<SearchQuery>,
) -> Result<Json<SearchPage>, ApiError> {
    Ok(Json(app.library.search(&requester.actor, &query.q, query.limit.unwrap_or(20)).await?))
}
