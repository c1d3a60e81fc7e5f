//! Replies to a clip, for everybody with its link: in the API, and as a plain form.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;
use vignette_library::MOST_OF_A_PAGE;
use vignette_model::api::{NewReply, PostedReply, Reply, ReplyChange, ReplyPage};
use vignette_model::text::{PersonName, ReplyBody, TextError};
use vignette_model::{Anchor, ClipKey, ErrorCode, Problem, ReplyId, paths};

use crate::access::allowed::{self, Allowed, ByLink, ByReply, Remove, Rewrite, See};
use crate::access::payload::{FromForm, FromJson};
use crate::app::SharedApp;
use crate::http::api_error::{ApiError, ApiErrors, see_other};
use crate::routes::moment;

/// Which page of replies.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReplyQuery {
    /// `next` of the page before.
    after: Option<String>,
    /// At most so many, 1 to 50; 50 without it. A page of long replies has fewer.
    limit: Option<u32>,
}

/// Replies to a clip: threads by the moment of the reply they begin with, each reply before its follow-ups.
#[utoipa::path(get, path = paths::LINK_REPLIES, tag = "by link", operation_id = "list_replies", params(("key" = ClipKey, Path), ReplyQuery), responses(
    (status = 200, description = "One page of replies", body = ReplyPage),
    ApiErrors,
))]
pub(crate) async fn list_replies(
    Allowed { requester, target: key }: Allowed<ByLink<See>>,
    State(app): State<SharedApp>,
    Query(query): Query<ReplyQuery>,
) -> Result<Json<ReplyPage>, ApiError> {
    let limit = query.limit.unwrap_or(MOST_OF_A_PAGE);
    Ok(Json(app.library.replies(&requester.actor, &key, query.after.as_deref(), limit).await?))
}

/// Adds a reply. A guest gets a secret with which to change or delete it.
#[utoipa::path(post, path = paths::LINK_REPLIES, tag = "by link", operation_id = "post_reply", params(("key" = ClipKey, Path)), request_body = NewReply,
    responses(
    (status = 201, description = "The reply", body = PostedReply),
    ApiErrors,
))]
pub(crate) async fn post_reply(
    Allowed { requester, target: key }: Allowed<ByLink<allowed::Reply>>,
    State(app): State<SharedApp>,
    FromJson(new): FromJson<NewReply>,
) -> Result<(StatusCode, Json<PostedReply>), ApiError> {
    Ok((StatusCode::CREATED, Json(app.library.post_reply(&requester.actor, &key, new).await?)))
}

/// New words for a reply, from its writer: by token, or by `Vignette-Reply-Secret`.
#[utoipa::path(patch, path = paths::LINK_REPLY, tag = "by link", operation_id = "change_reply", params(
    ("key" = ClipKey, Path), ("reply" = ReplyId, Path),
    ("Vignette-Reply-Secret" = Option<String>, Header, description = "A guest's right to change their reply"),
), request_body = ReplyChange, responses(
    (status = 200, description = "The reply as it is now", body = Reply),
    ApiErrors,
))]
pub(crate) async fn change_reply(
    Allowed { requester, target: (key, reply) }: Allowed<ByReply<Rewrite>>,
    State(app): State<SharedApp>,
    FromJson(change): FromJson<ReplyChange>,
) -> Result<Json<Reply>, ApiError> {
    Ok(Json(app.library.change_reply(&requester.actor, &key, reply, change).await?))
}

/// Deletes a reply and its follow-ups: its writer, or the clip's author.
#[utoipa::path(delete, path = paths::LINK_REPLY, tag = "by link", operation_id = "delete_reply", params(
    ("key" = ClipKey, Path), ("reply" = ReplyId, Path),
    ("Vignette-Reply-Secret" = Option<String>, Header, description = "A guest's right to delete their reply"),
), responses(
    (status = 204, description = "It is gone"),
    ApiErrors,
))]
pub(crate) async fn delete_reply(
    Allowed { requester, target: (key, reply) }: Allowed<ByReply<Remove>>,
    State(app): State<SharedApp>,
) -> Result<StatusCode, ApiError> {
    app.library.delete_reply(&requester.actor, &key, reply).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The form of the page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplyForm {
    #[serde(default)]
    name: String,
    text: String,
    #[serde(default)]
    time: String,
}

/// `POST /c/{key}/replies`: the form of the page, without JavaScript.
pub(crate) async fn post_reply_form(
    Allowed { requester, target: key }: Allowed<ByLink<allowed::Reply>>,
    State(app): State<SharedApp>,
    FromForm(form): FromForm<ReplyForm>,
) -> Result<Response, ApiError> {
    let name = if requester.actor.person().is_some() {
        None
    } else {
        Some(PersonName::new(&form.name).map_err(invalid_text)?)
    };
    let anchor = match form.time.trim() {
        "" => None,
        time => Some(anchor(time).ok_or_else(|| {
            ApiError::new(ErrorCode::BadRequest, "The time is not one.").with_help(
                "Write it as minutes and seconds, such as 0:03 or 0:03–0:10, or leave it empty.",
            )
        })?),
    };
    let new = NewReply {
        body: ReplyBody::new(&form.text).map_err(invalid_text)?,
        name,
        anchor,
        parent: None,
    };
    let posted = app.library.post_reply(&requester.actor, &key, new).await?;
    let page = match app.library.page_of_reply(&requester.actor, &key, posted.reply.id).await? {
        Some(after) => format!("?after={after}"),
        None => String::new(),
    };
    Ok(see_other(&format!("{}{page}#reply-{}", paths::page(&key), posted.reply.id)))
}

/// A text of a form that is not valid.
pub(crate) fn invalid_text(error: TextError) -> ApiError {
    text_problem(error).with_help("Go back, change it and send it again.").into()
}

/// Why a text that was typed into a form is not taken.
pub(crate) fn text_problem(error: TextError) -> Problem {
    let sentence = error.to_string();
    let first = sentence.chars().take(1).flat_map(char::to_uppercase);
    let message: String = first.chain(sentence.chars().skip(1)).chain(['.']).collect();
    Problem::new(ErrorCode::BadRequest, message).with_help("Change it and try again.")
}

/// A moment, or two with a dash between them for a range.
fn anchor(text: &str) -> Option<Anchor> {
    let (start, end) = match text.split_once(['-', '–']) {
        Some((start, end)) => (start, Some(moment::by_clock(end.trim())?)),
        None => (text, None),
    };
    Some(Anchor { start_us: moment::by_clock(start.trim())?, end_us: end, shape: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_a_dash() {
        for (text, read) in [
            ("0:03", Some("0:03")),
            ("1:02–1:10", Some("1:02–1:10")),
            ("1:02 - 70", Some("1:02–1:10")),
            ("1:02-", None),
            ("1-2-3", None),
        ] {
            assert_eq!(anchor(text).map(|anchor| anchor.to_string()).as_deref(), read, "{text}");
        }
    }
}
