//! `/api/v1/clips`: the clips of the library, for its members.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use vignette_library::store::ClipFilter;
use vignette_model::api::{
    ClipChange, ClipPage, ClipSelection, CreatedClip, MemberClip, NewClip, header,
};
use vignette_model::{ClipId, ErrorCode, TakeId, paths};

use crate::access::allowed::{Allowed, ById, Change, Create, Delete, InLibrary, List, See};
use crate::access::payload::{FromJson, RawBody};
use crate::app::SharedApp;
use crate::http::api_error::{ApiError, ApiErrors};
use crate::http::headers::name;
use crate::uploads::append::upload_limit;

/// Which page of clips.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ClipQuery {
    /// `next` of the page before.
    after: Option<String>,
    /// At most so many, 1 to 100; 50 without it.
    limit: Option<u32>,
    /// Which of them; all without it.
    #[serde(default)]
    #[param(inline)]
    only: ClipSelection,
    /// The one that the requester made of this take.
    take: Option<TakeId>,
}

/// Makes a clip: its link and its upload address, before anything is recorded.
///
/// The same take gives the same clip; the upload address is new each time, and the one before ends.
#[utoipa::path(post, path = paths::CLIPS, tag = "clips", operation_id = "create_clip", security(("token" = [])), request_body = NewClip, responses(
    (status = 201, description = "The clip; `Location` is its upload address", body = CreatedClip),
    ApiErrors,
))]
pub(crate) async fn create_clip(
    Allowed { requester, .. }: Allowed<InLibrary<Create>>,
    State(app): State<SharedApp>,
    FromJson(new): FromJson<NewClip>,
) -> Result<Response, ApiError> {
    let created = app.library.create_clip(&requester.actor, new).await?;
    let location = HeaderValue::from_str(&created.upload)
        .map_err(|_| ApiError::new(ErrorCode::Internal, "The upload has no address."))?;
    let headers = [(LOCATION, location), (name(header::UPLOAD_LIMIT), upload_limit(&app))];
    Ok((StatusCode::CREATED, headers, Json(created)).into_response())
}

/// The library's clips, newest first.
#[utoipa::path(get, path = paths::CLIPS, tag = "clips", operation_id = "list_clips", security(("token" = [])), params(ClipQuery), responses(
    (status = 200, description = "One page of clips", body = ClipPage),
    ApiErrors,
))]
pub(crate) async fn list_clips(
    Allowed { requester, .. }: Allowed<InLibrary<List>>,
    State(app): State<SharedApp>,
    Query(query): Query<ClipQuery>,
) -> Result<Json<ClipPage>, ApiError> {
    let limit = query.limit.unwrap_or(50).clamp(1, 100);
    let filter = ClipFilter { selection: query.only, take: query.take };
    Ok(Json(app.library.clips(&requester.actor, filter, query.after.as_deref(), limit).await?))
}

/// One clip.
#[utoipa::path(get, path = paths::CLIP, tag = "clips", operation_id = "get_clip", security(("token" = [])), params(("id" = ClipId, Path)), responses(
    (status = 200, description = "The clip", body = MemberClip),
    ApiErrors,
))]
pub(crate) async fn get_clip(
    Allowed { requester, target: id }: Allowed<ById<See>>,
    State(app): State<SharedApp>,
) -> Result<Json<MemberClip>, ApiError> {
    Ok(Json(app.library.clip(&requester.actor, id).await?))
}

/// Changes what is given, leaves the rest.
#[utoipa::path(patch, path = paths::CLIP, tag = "clips", operation_id = "change_clip", security(("token" = [])), params(("id" = ClipId, Path)),
    request_body = ClipChange, responses(
    (status = 200, description = "The clip as it is now", body = MemberClip),
    ApiErrors,
))]
pub(crate) async fn change_clip(
    Allowed { requester, target: id }: Allowed<ById<Change>>,
    State(app): State<SharedApp>,
    FromJson(change): FromJson<ClipChange>,
) -> Result<Json<MemberClip>, ApiError> {
    Ok(Json(app.library.change_clip(&requester.actor, id, change).await?))
}

/// Deletes a clip with its replies and its bytes.
#[utoipa::path(delete, path = paths::CLIP, tag = "clips", operation_id = "delete_clip", security(("token" = [])), params(("id" = ClipId, Path)), responses(
    (status = 204, description = "It is gone"),
    ApiErrors,
))]
pub(crate) async fn delete_clip(
    Allowed { requester, target: id }: Allowed<ById<Delete>>,
    State(app): State<SharedApp>,
) -> Result<StatusCode, ApiError> {
    app.library.delete_clip(&requester.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sets the poster: a JPEG of at most 1 MiB.
#[utoipa::path(put, path = paths::CLIP_POSTER, tag = "clips", operation_id = "put_poster", security(("token" = [])), params(("id" = ClipId, Path)),
    request_body(content = Vec<u8>, content_type = "image/jpeg"), responses(
    (status = 200, description = "The clip as it is now", body = MemberClip),
    ApiErrors,
))]
pub(crate) async fn put_poster(
    Allowed { requester, target: id }: Allowed<ById<Change>>,
    State(app): State<SharedApp>,
    RawBody(jpeg): RawBody,
) -> Result<Json<MemberClip>, ApiError> {
    Ok(Json(app.library.put_poster(&requester.actor, id, jpeg).await?))
}

/// Gives the clip a new link; the one before shows nothing any more.
#[utoipa::path(post, path = paths::CLIP_KEY, tag = "clips", operation_id = "rotate_key", security(("token" = [])), params(("id" = ClipId, Path)), responses(
    (status = 200, description = "The clip with its new link", body = MemberClip),
    ApiErrors,
))]
pub(crate) async fn rotate_key(
    Allowed { requester, target: id }: Allowed<ById<Change>>,
    State(app): State<SharedApp>,
) -> Result<Json<MemberClip>, ApiError> {
    Ok(Json(app.library.rotate_key(&requester.actor, id).await?))
}
