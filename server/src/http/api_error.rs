//! An [`ApiError`]: the response when a request is refused or fails. It carries a [`Problem`] in the
//! response's extensions; `pages::errors::render_errors` writes the body.

use std::sync::Arc;

use std::collections::BTreeMap;

use axum::Json;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use utoipa::IntoResponses;
use utoipa::openapi::{self, Content, Ref, RefOr};
use vignette_library::error::{LibraryError, chain};
use vignette_model::{ErrorCode, Problem};

use super::headers::{InvalidHeader, name};

/// Media type of a problem in JSON (RFC 9457).
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// A problem with the status and headers of its response.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    problem: Problem,
    /// The status, if the protocol asks for another one than that of the code.
    status: Option<StatusCode>,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// What went wrong in the library: logged with the response, never sent.
    fault: Option<Arc<LibraryError>>,
}

impl ApiError {
    /// An error with a message for people.
    #[must_use]
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Problem::new(code, message).into()
    }

    /// `429`: the rate limit is exceeded for `seconds` more.
    #[must_use]
    pub(crate) fn too_many(seconds: u64) -> Self {
        Self::new(ErrorCode::TooManyRequests, "Too many requests in a short time.")
            .with_header(RETRY_AFTER, seconds.into())
    }

    /// Adds a header to the response.
    #[must_use]
    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Sets another status than that of the code.
    #[must_use]
    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    /// Sets the help, in place of the usual help of the code.
    #[must_use]
    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.problem = self.problem.with_help(help);
        self
    }

    /// The problem that the body describes.
    #[must_use]
    pub(crate) fn problem(&self) -> &Problem {
        &self.problem
    }
}

/// The refusals of every route, for the OpenAPI document: `responses(…, ApiErrors)`.
pub(crate) struct ApiErrors;

impl IntoResponses for ApiErrors {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        let problem = Content::new(Some(Ref::from_schema_name("Problem")));
        let refused = openapi::ResponseBuilder::new()
            .description("Refused")
            .content(PROBLEM_JSON, problem)
            .build();
        BTreeMap::from([("4XX".to_owned(), refused.into())])
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self { problem, status: None, headers: Vec::new(), fault: None }
    }
}

impl From<LibraryError> for ApiError {
    fn from(error: LibraryError) -> Self {
        let response = Self::from(Problem::from(&error));
        Self { fault: error.is_fault().then(|| Arc::new(error)), ..response }
    }
}

impl From<InvalidHeader> for ApiError {
    fn from(bad: InvalidHeader) -> Self {
        let headers = bad.header.into_iter().map(|(header, value)| (name(header), value)).collect();
        Self { problem: bad.problem, status: bad.status, headers, fault: None }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if let Some(fault) = &self.fault {
            tracing::error!(error = chain(&**fault), "The library failed");
        }
        let of_code = || {
            StatusCode::from_u16(self.problem.code.status())
                .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
        };
        let status = self.status.unwrap_or_else(of_code);
        let headers: HeaderMap = self.headers.into_iter().collect();
        let mut response = (status, headers).into_response();
        response.extensions_mut().insert(self.problem);
        response
    }
}

/// A problem as the body of a response, without its status.
pub(crate) fn problem_json(problem: &Problem) -> Response {
    ([(CONTENT_TYPE, PROBLEM_JSON)], Json(problem).into_response().into_body()).into_response()
}

/// The response of a handler that panicked. What went wrong is in the log alone.
pub(crate) fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    tracing::error!("A request panicked");
    ApiError::new(ErrorCode::Internal, "The library made a mistake.").into_response()
}

/// `303 See Other`: redirects after a form.
#[must_use]
pub(crate) fn see_other(path: &str) -> Response {
    match HeaderValue::from_str(path) {
        Ok(path) => (
            StatusCode::SEE_OTHER,
            [(LOCATION, path), (CACHE_CONTROL, HeaderValue::from_static("no-store"))],
        )
            .into_response(),
        Err(_) => ApiError::new(ErrorCode::BadRequest, "There is no such address to go on to.")
            .into_response(),
    }
}
