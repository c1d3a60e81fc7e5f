//! `/api/v1/me` and `/api/v1/token`: whose token it is, how a recorder gets one and ends it.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use vignette_model::api::{Me, TokenAnswer, TokenRequest};
use vignette_model::paths;

use crate::access::allowed::{Allowed, Exchange, InLibrary, List, RateLimited};
use crate::access::payload::FromJsonOrForm;
use crate::app::SharedApp;
use crate::http::api_error::{ApiError, ApiErrors};

/// Who asks, and which library this is.
#[utoipa::path(get, path = paths::ME, tag = "sign-in", operation_id = "me", security(("token" = [])), responses(
    (status = 200, description = "Who", body = Me),
    ApiErrors,
))]
pub(crate) async fn get_me(
    Allowed { requester, .. }: Allowed<InLibrary<List>>,
    State(app): State<SharedApp>,
) -> Result<Json<Me>, ApiError> {
    Ok(Json(app.library.me(&requester.actor)?))
}

/// UploadLocks a sign-in code into a token (RFC 6749 §4.1.3 with RFC 7636 §4.5). Takes JSON as well as a form.
#[utoipa::path(post, path = paths::TOKEN, tag = "sign-in", operation_id = "exchange_code", request_body(content(
    (TokenRequest = "application/json"), (TokenRequest = "application/x-www-form-urlencoded")
)), responses(
    (status = 200, description = "The token", body = TokenAnswer),
    ApiErrors,
))]
pub(crate) async fn exchange_code(
    _: Allowed<RateLimited<Exchange>>,
    State(app): State<SharedApp>,
    FromJsonOrForm(request): FromJsonOrForm<TokenRequest>,
) -> Result<Response, ApiError> {
    let answer = app.library.exchange(&request).await?;
    Ok(([(CACHE_CONTROL, "no-store")], Json(answer)).into_response())
}

/// Signs out: the token that the request carries ends.
#[utoipa::path(delete, path = paths::TOKEN, tag = "sign-in", operation_id = "sign_out", security(("token" = [])), responses(
    (status = 204, description = "It opens nothing any more"),
    ApiErrors,
))]
pub(crate) async fn revoke_own_token(
    Allowed { requester, .. }: Allowed<InLibrary<List>>,
    State(app): State<SharedApp>,
) -> Result<StatusCode, ApiError> {
    if let Some(secret) = requester.signed_in_with() {
        app.library.sign_out(secret).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
