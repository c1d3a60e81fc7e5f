//! Reactions to a clip, for everybody with its link.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use vignette_model::api::{NewReaction, PostedReaction, ReactionList};
use vignette_model::{ClipKey, ReactionId, paths};

use crate::access::allowed::{Allowed, ByLink, ByReaction, React, See};
use crate::access::payload::FromJson;
use crate::app::SharedApp;
use crate::http::api_error::{ApiError, ApiErrors};

/// All reactions to a clip, by moment.
#[utoipa::path(get, path = paths::LINK_REACTIONS, tag = "by link", operation_id = "list_reactions", params(("key" = ClipKey, Path)), responses(
    (status = 200, description = "The reactions", body = ReactionList),
    ApiErrors,
))]
pub(crate) async fn list_reactions(
    Allowed { requester, target: key }: Allowed<ByLink<See>>,
    State(app): State<SharedApp>,
) -> Result<Json<ReactionList>, ApiError> {
    Ok(Json(app.library.reactions(&requester.actor, &key).await?))
}

/// Reacts at a moment, to whole seconds; the same reaction again changes nothing. A guest gets a secret with their first one, which
/// they send with the next.
#[utoipa::path(post, path = paths::LINK_REACTIONS, tag = "by link", operation_id = "post_reaction", params(
    ("key" = ClipKey, Path),
    ("Vignette-Reply-Secret" = Option<String>, Header, description = "What a guest got with their first reaction to the clip"),
), request_body = NewReaction, responses(
    (status = 201, description = "The reaction", body = PostedReaction),
    ApiErrors,
))]
pub(crate) async fn post_reaction(
    Allowed { requester, target: key }: Allowed<ByLink<React>>,
    State(app): State<SharedApp>,
    FromJson(new): FromJson<NewReaction>,
) -> Result<(StatusCode, Json<PostedReaction>), ApiError> {
    Ok((StatusCode::CREATED, Json(app.library.react(&requester.actor, &key, new).await?)))
}

/// Takes a reaction away: whoever made it, or the clip's author.
#[utoipa::path(delete, path = paths::LINK_REACTION, tag = "by link", operation_id = "delete_reaction", params(
    ("key" = ClipKey, Path), ("reaction" = ReactionId, Path),
    ("Vignette-Reply-Secret" = Option<String>, Header, description = "A guest's right to take back their reaction"),
), responses(
    (status = 204, description = "It is gone"),
    ApiErrors,
))]
pub(crate) async fn delete_reaction(
    Allowed { requester, target: (key, reaction) }: Allowed<ByReaction>,
    State(app): State<SharedApp>,
) -> Result<StatusCode, ApiError> {
    app.library.delete_reaction(&requester.actor, &key, reaction).await?;
    Ok(StatusCode::NO_CONTENT)
}
