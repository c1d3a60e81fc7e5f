//! Bodies that are read whole: JSON, forms, pictures. How many bytes are accepted depends on the
//! sender, for one body and for all together; large bodies are parsed on a blocking thread.
//!
//! ```text
//! access check ─▶ content type ─▶ length ─▶ bytes, within the budget of the sender ─▶ parse ─▶ handler
//! ```
//! Deadlines are enforced around every body, see
//! [`enforce_body_deadlines`](crate::http::body::enforce_body_deadlines).

use std::error::Error;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use serde::de::DeserializeOwned;
use tokio::task;
use vignette_model::ErrorCode;

use crate::app::{App, SharedApp};
use crate::http::api_error::ApiError;
use crate::http::body_budget::{BodyBudget, BodyOwner, BodySender};
use crate::http::keyed_limit::Permit;

/// The most bytes of JSON, a form or a poster. One more than a poster may have, so that the library
/// refuses a larger one with its own message.
const MAX_BYTES: usize = (1 << 20) + 1;
/// Larger bodies are parsed on a blocking thread, two at a time.
const LARGE_BYTES: usize = 64 << 10;

/// A body of JSON as a `T`, of at most `MOST` bytes.
pub(crate) struct FromJson<T, const MOST: usize = MAX_BYTES>(pub T);

impl<T: DeserializeOwned + Send + 'static, const MOST: usize> FromRequest<SharedApp>
    for FromJson<T, MOST>
{
    type Rejection = Response;

    async fn from_request(request: Request, app: &SharedApp) -> Result<Self, Response> {
        if !is_json(request.headers()) {
            let message = "This takes JSON: `Content-Type: application/json`.";
            return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, message).into_response());
        }
        let body = BufferedBody::read(request, app, MOST).await?;
        let parse = |bytes: &[u8]| match axum::Json::from_bytes(bytes) {
            Ok(axum::Json(value)) => Ok(Self(value)),
            Err(rejection) => Err(invalid_body("JSON", rejection.status(), &rejection)),
        };
        body.parse(app, parse).await
    }
}

/// A form as a `T`.
pub(crate) struct FromForm<T>(pub T);

impl<T: DeserializeOwned + Send + 'static> FromRequest<SharedApp> for FromForm<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &SharedApp) -> Result<Self, Response> {
        let headers = request.headers().clone();
        let body = BufferedBody::read(request, app, MAX_BYTES).await?;
        // axum parses the buffered bytes: as a POST, so that it looks at the body and not the query.
        let mut buffered = Request::new(Body::from(body.bytes.clone()));
        *buffered.method_mut() = axum::http::Method::POST;
        *buffered.headers_mut() = headers;
        let form = axum::Form::<T>::from_request(buffered, app).await;
        form.map(|axum::Form(value)| Self(value)).map_err(|rejection| match rejection.status() {
            StatusCode::UNSUPPORTED_MEDIA_TYPE => rejection.into_response(),
            status => invalid_body("form", status, &rejection).into_response(),
        })
    }
}

/// A `T` as JSON or as a form, by the content type. Anything wrong with it is `400`, as RFC 6749 §5.2
/// demands for token requests.
pub(crate) struct FromJsonOrForm<T>(pub T);

impl<T: DeserializeOwned + Send + 'static> FromRequest<SharedApp> for FromJsonOrForm<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &SharedApp) -> Result<Self, Response> {
        let read = if is_json(request.headers()) {
            FromJson::<T>::from_request(request, app).await.map(|FromJson(value)| Self(value))
        } else {
            FromForm::from_request(request, app).await.map(|FromForm(value)| Self(value))
        };
        read.map_err(|mut refused| {
            let status = refused.status();
            if matches!(
                status,
                StatusCode::UNSUPPORTED_MEDIA_TYPE | StatusCode::UNPROCESSABLE_ENTITY
            ) {
                *refused.status_mut() = StatusCode::BAD_REQUEST;
            }
            refused
        })
    }
}

/// A body as it is.
pub(crate) struct RawBody(pub Bytes);

impl FromRequest<SharedApp> for RawBody {
    type Rejection = Response;

    async fn from_request(request: Request, app: &SharedApp) -> Result<Self, Response> {
        Ok(Self(BufferedBody::read(request, app, MAX_BYTES).await?.bytes))
    }
}

/// A whole body in memory, with its permit of the budget.
struct BufferedBody {
    bytes: Bytes,
    _permit: Permit<BodyOwner>,
}

impl BufferedBody {
    async fn read(request: Request, app: &App, max_of_route: usize) -> Result<Self, Response> {
        let (parts, mut body) = request.into_parts();
        let sender = body_sender(&parts).map_err(IntoResponse::into_response)?;
        let most = BodyBudget::max_body_bytes(sender.kind, max_of_route);
        let length = parts.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        let length = length.and_then(|text| text.parse::<u64>().ok());
        if length.is_some_and(|length| length > most as u64) {
            return Err(too_large(most).into_response());
        }
        let mut permit = app.body_budget.empty_permit(sender);
        let mut bytes = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| incomplete(&error).into_response())?;
            let Ok(data) = frame.into_data() else { continue };
            if bytes.len() + data.len() > most {
                return Err(too_large(most).into_response());
            }
            if !permit.try_grow(data.len()) {
                return Err(over_budget().into_response());
            }
            bytes.extend_from_slice(&data);
        }
        Ok(Self { bytes: bytes.freeze(), _permit: permit })
    }

    /// Parses the bytes: here if they are few, else on a blocking thread.
    async fn parse<T: Send + 'static, E: IntoResponse + Send + 'static>(
        self,
        app: &App,
        parse: impl FnOnce(&[u8]) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Response> {
        if self.bytes.len() <= LARGE_BYTES {
            return parse(&self.bytes).map_err(IntoResponse::into_response);
        }
        let _permit = app.body_budget.parsing_permit().await;
        let parsed = task::spawn_blocking(move || parse(&self.bytes)).await;
        let panicked = |_| {
            ApiError::new(ErrorCode::Internal, "The library could not read this.").into_response()
        };
        parsed.map_err(panicked)?.map_err(IntoResponse::into_response)
    }
}

/// The sender that the access check left with the request. Without one the body is not read.
fn body_sender(parts: &Parts) -> Result<BodySender, ApiError> {
    let sender = parts.extensions.get::<BodySender>().copied();
    sender.ok_or_else(|| {
        ApiError::new(ErrorCode::Internal, "The body was read before access was checked.")
    })
}

/// `application/json`, or a type based on it (RFC 6839 §3.1).
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// The error for a body that does not have the expected fields. Its cause (serde's) names the field.
fn invalid_body(kind: &str, status: StatusCode, rejection: &dyn Error) -> ApiError {
    let mut cause = rejection.source();
    while let Some(deeper) = cause.and_then(Error::source) {
        cause = Some(deeper);
    }
    let cause = cause.map_or_else(String::new, |cause| format!(" ({cause})"));
    ApiError::new(
        ErrorCode::BadRequest,
        format!("The {kind} does not have the fields that are expected here{cause}."),
    )
    .with_status(status)
}

fn too_large(most: usize) -> ApiError {
    ApiError::new(ErrorCode::TooLarge, format!("This takes at most {most} bytes."))
        .with_help("Send less at once.")
}

fn over_budget() -> ApiError {
    ApiError::new(ErrorCode::TooManyRequests, "Too much is being sent at once.")
        .with_header(RETRY_AFTER, 1.into())
}

fn incomplete(error: &axum::Error) -> ApiError {
    tracing::debug!(%error, "A body did not come to its end");
    ApiError::new(ErrorCode::BadRequest, "The request did not come to its end in time.")
        .with_help("Send it again.")
}
