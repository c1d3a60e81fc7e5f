//! `/api/v1/clips`: clips as their author sees them.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use vignette_model::api::{ClipChange, ClipPage, CreatedClip, NewClip, OwnClip, header};
use vignette_model::{ClipId, ErrorCode, Problem};

use crate::allowed::{Allowed, ById, Change, Create, Delete, InLibrary, List, See};
use crate::app::Shared;
use crate::appending::limits;
use crate::headers::name;
use crate::payload::{FromJson, Plain};
use crate::refusal::Refusal;

/// Which clips.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// `next` of the page before.
    after: Option<String>,
    /// At most so many, 1 to 100; 50 without it.
    limit: Option<u32>,
}

/// Makes a clip: its link and its upload address, before anything is recorded.
///
/// The same take gives the same clip; the upload address is new each time, and the one before ends.
#[utoipa::path(post, path = "/api/v1/clips", tag = "clips", operation_id = "create_clip", security(("token" = [])), request_body = NewClip, responses(
    (status = 201, description = "The clip; `Location` is its upload address", body = CreatedClip),
    (status = "4XX", description = "Refused", body = Problem, content_type = "application/problem+json"),
))]
pub async fn create(
    Allowed { asker, .. }: Allowed<InLibrary<Create>>,
    State(app): State<Shared>,
    FromJson(new): FromJson<NewClip>,
) -> Result<Response, Refusal> {
    let created = app.library.create_clip(&asker.actor, new).await?;
    let location =
        HeaderValue::from_str(&created.upload).map_err(|_| Refusal::new(ErrorCode::Internal, "The upload has no address."))?;
    let headers = [(LOCATION, location), (name(header::UPLOAD_LIMIT), limits(&app))];
    Ok((StatusCode::CREATED, headers, Json(created)).into_response())
}

/// The library's clips, newest first.
#[utoipa::path(get, path = "/api/v1/clips", tag = "clips", operation_id = "list_clips", security(("token" = [])), params(Page), responses(
    (status = 200, description = "One page of clips", body = ClipPage),
    (status = "4XX", description = "Refused", body = Problem, content_type = "application/problem+json"),
))]
pub async fn list(
    Allowed { asker, .. }: Allowed<InLibrary<List>>,
    State(app): State<Shared>,
    Query(page): Query<Page>,
) -> Result<Json<ClipPage>, Refusal> {
    let limit = page.limit.unwrap_or(50).clamp(1, 100);
    Ok(Json(app.library.clips(&asker.actor, page.after.as_deref(), limit).await?))
}

/// One clip.
#[utoipa::path(get, path = "/api/v1/clips/{id}", tag = "clips", operation_id = "get_clip", security(("token" = [])), params(("id" = ClipId, Path)), responses(
    (status = 200, description = "The clip", body = OwnClip),
    (status = "4XX", description = "Refused", body = Problem, content_type = "application/problem+json"),
))]
pub async fn one(Allowed { asker, of: id }: Allowed<ById<See>>, State(app): State<Shared>) -> Result<Json<OwnClip>, Refusal> {
    Ok(Json(app.library.clip(&asker.actor, id).await?))
}

/// Changes what is given, leaves the rest.
#[utoipa::path(patch, path = "/api/v1/clips/{id}", tag = "clips", operation_id = "change_clip", security(("token" = [])), params(("id" = ClipId, Path)),
    request_body = ClipChange, responses(
    (status = 200, description = "The clip as it is now", body = OwnClip),
    (status = "4XX", description = "Refused", body = Problem, content_type = "application/problem+json"),
))]
pub async fn change(
    Allowed { asker, of: id }: Allowed<ById<Change>>,
    State(app): State<Shared>,
    FromJson(change): FromJson<ClipChange>,
) -> Result<Json<OwnClip>, Refusal> {
    Ok(Json(app.library.change_clip(&asker.actor, id, change).await?))
}

/// Deletes a clip with its replies and its bytes.
#[utoipa::path(delete, path = "/api/v1/clips/{id}", tag = "clips", operation_id = "delete_clip", security(("token" = [])), params(("id" = ClipId, Path)), responses(
    (status = 204, description = "It is gone"),
    (status = "4XX", description = "Refused", body = Problem, content_type = "application/problem+json"),
))]
pub async fn delete(Allowed { asker, of: id }: Allowed<ById<Delete>>, State(app): State<Shared>) -> Result<StatusCode, Refusal> {
    app.library.delete_clip(&asker.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sets the poster: a JPEG of at most 1 MiB.
#[utoipa::path(put, path = "/api/v1/clips/{id}/poster", tag = "clips", operation_id = "put_poster", security(("token" = [])), params(("id" = ClipId, Path)),
    request_body(content = Vec<u8>, content_type = "image/jpeg"), responses(
    (status = 200, description = "The clip as it is now", body = OwnClip),
    (status = "4XX", description = "Refused", body = Problem, content_type = "application/problem+json"),
))]
pub async fn put_poster(
    Allowed { asker, of: id }: Allowed<ById<Change>>,
    State(app): State<Shared>,
    Plain(jpeg): Plain,
) -> Result<Json<OwnClip>, Refusal> {
    Ok(Json(app.library.put_poster(&asker.actor, id, jpeg).await?))
}

/// Gives the clip a new link; the one before shows nothing any more.
#[utoipa::path(post, path = "/api/v1/clips/{id}/key", tag = "clips", operation_id = "rotate_key", security(("token" = [])), params(("id" = ClipId, Path)), responses(
    (status = 200, description = "The clip with its new link", body = OwnClip),
    (status = "4XX", description = "Refused", body = Problem, content_type = "application/problem+json"),
))]
pub async fn rotate_key(
    Allowed { asker, of: id }: Allowed<ById<Change>>,
    State(app): State<Shared>,
) -> Result<Json<OwnClip>, Refusal> {
    Ok(Json(app.library.rotate_key(&asker.actor, id).await?))
}
