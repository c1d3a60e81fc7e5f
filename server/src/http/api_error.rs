//! An [`ApiError`]: the response when a request is refused or fails. It becomes a [`Problem`] here and
//! nowhere else, which is carried in the response's extensions; `pages::errors::render_errors` writes
//! the body.

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

/// Why a request is refused or fails.
#[derive(Clone, Debug)]
enum Cause {
    /// The library says so. Its fault is logged with the response, never sent.
    Library(Arc<LibraryError>),
    /// The request cannot be read, or a limit of the server refuses it.
    Server(Problem),
}

/// A refusal with the status and headers of its response.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    cause: Cause,
    /// The help, if it is another one than is usual for the cause.
    help: Option<String>,
    /// The status, if the protocol asks for another one than that of the code.
    status: Option<StatusCode>,
    headers: Vec<(HeaderName, HeaderValue)>,
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
        self.help = Some(help.into());
        self
    }

    /// Whether it is refused because it needs an account: a page leads to the sign-in then.
    #[must_use]
    pub(crate) fn needs_account(&self) -> bool {
        matches!(&self.cause, Cause::Library(error) if matches!(**error, LibraryError::AccountNeeded))
    }

    /// The problem that the body describes.
    #[must_use]
    pub(crate) fn problem(&self) -> Problem {
        let problem = match &self.cause {
            Cause::Library(error) => Problem::from(&**error),
            Cause::Server(problem) => problem.clone(),
        };
        match &self.help {
            Some(help) => problem.with_help(help.as_str()),
            None => problem,
        }
    }

    fn of(cause: Cause) -> Self {
        Self { cause, help: None, status: None, headers: Vec::new() }
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
        Self::of(Cause::Server(problem))
    }
}

impl From<LibraryError> for ApiError {
    fn from(error: LibraryError) -> Self {
        Self::of(Cause::Library(Arc::new(error)))
    }
}

impl From<InvalidHeader> for ApiError {
    fn from(bad: InvalidHeader) -> Self {
        let headers = bad.header.into_iter().map(|(header, value)| (name(header), value)).collect();
        Self { status: bad.status, headers, ..Self::from(bad.problem) }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let problem = self.problem();
        let of_code = || {
            StatusCode::from_u16(problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
        };
        let status = self.status.unwrap_or_else(of_code);
        let headers: HeaderMap = self.headers.into_iter().collect();
        let mut response = (status, headers).into_response();
        if let Cause::Library(error) = self.cause {
            if error.is_fault() {
                tracing::error!(error = chain(&*error), "The library failed");
            }
            response.extensions_mut().insert(error);
        }
        response.extensions_mut().insert(problem);
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
