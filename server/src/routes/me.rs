//! Who a token belongs to; how a recorder gets one and gives it back.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use vignette_model::Problem;
use vignette_model::api::{Me, TokenAnswer, TokenRequest};

use crate::allowed::{Allowed, Exchange, InLibrary, List, Trying};
use crate::app::Shared;
use crate::payload::FromEither;
use crate::refusal::Refusal;

/// Who asks, and which library this is.
#[utoipa::path(get, path = "/api/v1/me", tag = "sign-in", operation_id = "me", security(("token" = [])), responses(
    (status = 200, description = "Who", body = Me),
    (status = "4XX", description = "Refused", body = Problem, content_type = "application/problem+json"),
))]
pub async fn me(Allowed { asker, .. }: Allowed<InLibrary<List>>, State(app): State<Shared>) -> Result<Json<Me>, Refusal> {
    Ok(Json(app.library.me(&asker.actor)?))
}

/// Turns a sign-in code into a token (RFC 6749 §4.1.3 with RFC 7636 §4.5). Takes JSON as well as a form.
#[utoipa::path(post, path = "/api/v1/token", tag = "sign-in", operation_id = "exchange_code", request_body(content(
    (TokenRequest = "application/json"), (TokenRequest = "application/x-www-form-urlencoded")
)), responses(
    (status = 200, description = "The token", body = TokenAnswer),
    (status = "4XX", description = "Refused", body = Problem, content_type = "application/problem+json"),
))]
pub async fn exchange(
    _: Allowed<Trying<Exchange>>,
    State(app): State<Shared>,
    FromEither(request): FromEither<TokenRequest>,
) -> Result<Response, Refusal> {
    let answer = app.library.exchange(&request).await?;
    Ok(([(CACHE_CONTROL, "no-store")], Json(answer)).into_response())
}

/// Signs out: the token that the request carries ends.
#[utoipa::path(delete, path = "/api/v1/token", tag = "sign-in", operation_id = "sign_out", security(("token" = [])), responses(
    (status = 204, description = "It opens nothing any more"),
    (status = "4XX", description = "Refused", body = Problem, content_type = "application/problem+json"),
))]
pub async fn sign_out(Allowed { asker, .. }: Allowed<InLibrary<List>>, State(app): State<Shared>) -> Result<StatusCode, Refusal> {
    if let Some(secret) = asker.signed_in_with() {
        app.library.sign_out(secret).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
