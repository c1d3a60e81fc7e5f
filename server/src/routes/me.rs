//! Who a token belongs to; how a recorder gets one and gives it back.

use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::{Form, Json};
use vignette_model::api::{Me, TokenAnswer, TokenRequest};
use vignette_model::{ErrorCode, Problem};

use crate::app::Shared;
use crate::asker::Asker;
use crate::refusal::Refusal;

/// Who asks, and which library this is.
#[utoipa::path(get, path = "/api/v1/me", tag = "sign-in", operation_id = "me", security(("token" = [])), responses(
    (status = 200, description = "Who", body = Me),
    (status = "4XX", description = "Refused", body = Problem, content_type = "application/problem+json"),
))]
pub async fn me(State(app): State<Shared>, asker: Asker) -> Result<Json<Me>, Refusal> {
    Ok(Json(app.library.me(&asker.actor)?))
}

/// Turns a sign-in code into a token (RFC 6749 §4.1.3 with RFC 7636 §4.5). Takes JSON as well as a form.
#[utoipa::path(post, path = "/api/v1/token", tag = "sign-in", operation_id = "exchange_code", request_body(content(
    (TokenRequest = "application/json"), (TokenRequest = "application/x-www-form-urlencoded")
)), responses(
    (status = 200, description = "The token", body = TokenAnswer),
    (status = "4XX", description = "Refused", body = Problem, content_type = "application/problem+json"),
))]
pub async fn exchange(State(app): State<Shared>, asker: Asker, request: Request) -> Result<Response, Refusal> {
    app.count_try(&asker)?;
    let kind = request.headers().get(CONTENT_TYPE);
    let request = if kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded")) {
        Form::from_request(request, &app).await.map(|Form(request)| request).map_err(|refused| refused.body_text())
    } else {
        Json::from_request(request, &app).await.map(|Json(request)| request).map_err(|refused| refused.body_text())
    };
    let request: TokenRequest = request.map_err(|message| Refusal::new(ErrorCode::BadRequest, message))?;
    let answer = app.library.exchange(&request).await?;
    Ok(([(CACHE_CONTROL, "no-store")], Json(answer)).into_response())
}

/// Signs out: the token that the request carries ends.
#[utoipa::path(delete, path = "/api/v1/token", tag = "sign-in", operation_id = "sign_out", security(("token" = [])), responses(
    (status = 204, description = "It opens nothing any more"),
    (status = "4XX", description = "Refused", body = Problem, content_type = "application/problem+json"),
))]
pub async fn sign_out(State(app): State<Shared>, asker: Asker) -> Result<StatusCode, Refusal> {
    app.library.me(&asker.actor)?;
    if let Some(secret) = asker.signed_in_with() {
        app.library.sign_out(secret).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
