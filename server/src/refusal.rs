//! A [`Refusal`]: the answer when something did not work. Whatever refuses (a handler, a limit, the router itself, a panic),
//! the asker sees one shape: Problem JSON in the API, a calm page in the browser.

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use vignette_model::{ErrorCode, Problem};

use crate::headers::{BadHead, name};
use crate::pages;

/// Media type of a problem in JSON (RFC 9457).
pub const PROBLEM_JSON: &str = "application/problem+json";

/// A problem on its way out, with headers that belong to it.
#[derive(Clone, Debug)]
pub struct Refusal {
    problem: Problem,
    /// Where a protocol has another status for it than the code's own.
    status: Option<StatusCode>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Refusal {
    /// Refuses with a problem of our own words.
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Problem::new(code, message).into()
    }

    /// Refuses a try too many; `seconds` from now there is another.
    #[must_use]
    pub fn too_many(seconds: u64) -> Self {
        Self::new(ErrorCode::TooManyRequests, "That was a little fast.").with_header(RETRY_AFTER, seconds.into())
    }

    /// The same with a header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The same with another status than the code's own, where a protocol has one.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    /// The same with better help than the usual.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.problem = self.problem.with_help(help);
        self
    }

    /// What is refused, and why.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.problem
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self { problem, status: None, headers: Vec::new() }
    }
}

impl From<BadHead> for Refusal {
    fn from(bad: BadHead) -> Self {
        let headers = bad.header.into_iter().map(|(header, value)| (name(header), value)).collect();
        Self { problem: bad.problem, status: bad.status, headers }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let usual = || StatusCode::from_u16(self.problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let status = self.status.unwrap_or_else(usual);
        let headers: HeaderMap = self.headers.into_iter().collect();
        let mut response = (status, headers).into_response();
        response.extensions_mut().insert(self.problem);
        response
    }
}

/// Middleware that gives every refusal its words, in the asker's language: JSON or a page. The problem stays with the answer for
/// the log.
pub async fn speak(request: Request, next: Next) -> Response {
    let browser = wants_page(&request);
    let head = request.method() == Method::HEAD;
    let response = next.run(request).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let problem = match parts.extensions.remove::<Problem>() {
        Some(problem) => problem,
        None => foreign(status, &parts.headers, body).await,
    };
    let mut answer = if browser {
        pages::problem(&problem).into_response()
    } else {
        ([(CONTENT_TYPE, PROBLEM_JSON)], Json(&problem).into_response().into_body()).into_response()
    };
    *answer.status_mut() = status;
    parts.headers.remove(CONTENT_TYPE);
    parts.headers.remove("content-length");
    answer.headers_mut().extend(parts.headers);
    answer.headers_mut().entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if status == StatusCode::UNAUTHORIZED && !browser {
        answer.headers_mut().insert("www-authenticate", HeaderValue::from_static("Bearer"));
    }
    if head {
        *answer.body_mut() = Body::empty();
    }
    answer.extensions_mut().insert(problem);
    answer
}

/// Whether a person with a browser asks for a page, rather than a program or a script.
fn wants_page(request: &Request) -> bool {
    let accepts = request.headers().get_all("accept").iter().filter_map(|line| line.to_str().ok());
    !request.uri().path().starts_with("/api/") && accepts.into_iter().any(|line| line.contains("text/html"))
}

/// Words for a refusal that is not ours: the router's, an extractor's, a limit's.
async fn foreign(status: StatusCode, headers: &HeaderMap, body: Body) -> Problem {
    let plain = headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    let said = if plain { to_bytes(body, 4096).await.unwrap_or_default() } else { Default::default() };
    let said = String::from_utf8_lossy(&said).trim().to_owned();
    match status {
        StatusCode::NOT_FOUND => Problem::new(ErrorCode::NotFound, "There is nothing at this address."),
        StatusCode::METHOD_NOT_ALLOWED => {
            let allowed = headers.get(ALLOW).and_then(|value| value.to_str().ok()).unwrap_or("another method");
            Problem::new(ErrorCode::BadRequest, "This address does not take this method.")
                .with_help(format!("It takes: {allowed}."))
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(ErrorCode::TooLarge, "This is more than is taken at once.").with_help("Send less at once.")
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            Problem::new(ErrorCode::BadRequest, or(said, "This content type is not taken here."))
        }
        StatusCode::UNAUTHORIZED => Problem::new(ErrorCode::SignInNeeded, "This needs a sign-in."),
        StatusCode::FORBIDDEN => Problem::new(ErrorCode::NotAllowed, "This is not allowed."),
        _ if status.is_server_error() => Problem::new(ErrorCode::Internal, "The library could not do this."),
        _ => Problem::new(ErrorCode::BadRequest, or(said, "This request is not what it should be.")),
    }
}

fn or(said: String, otherwise: &str) -> String {
    if said.is_empty() { otherwise.to_owned() } else { said }
}

/// What a form sent across sites gets.
pub fn cross_site() -> Response {
    let problem = Problem::new(ErrorCode::NotAllowed, "This form was sent from another site.")
        .with_help("Open the library's own page and try again; behind a proxy, Host and Origin must be passed on unchanged.");
    Refusal::from(problem).into_response()
}

/// What a panic looks like from outside.
pub fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    tracing::error!("A request panicked");
    Refusal::new(ErrorCode::Internal, "The library made a mistake.").into_response()
}

/// `303 See Other`: where a form goes on.
#[must_use]
pub fn see_other(path: &str) -> Response {
    match HeaderValue::from_str(path) {
        Ok(path) => {
            (StatusCode::SEE_OTHER, [(LOCATION, path), (CACHE_CONTROL, HeaderValue::from_static("no-store"))]).into_response()
        }
        Err(_) => Refusal::new(ErrorCode::BadRequest, "There is no such address to go on to.").into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::middleware::from_fn;
    use axum::routing::get;
    use tower::ServiceExt;
    use tower_http::catch_panic::CatchPanicLayer;

    use super::*;

    async fn ask(path: &str, accept: &str) -> (StatusCode, String, String) {
        let router = Router::new()
            .route("/panic", get(async || -> &'static str { panic!("inner detail") }))
            .route("/busy", get(async || Refusal::too_many(7)))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(from_fn(speak));
        let request = Request::get(path).header("accept", accept).body(Body::empty()).unwrap();
        let answer = router.oneshot(request).await.unwrap();
        let status = answer.status();
        let kind = answer.headers()[CONTENT_TYPE].to_str().unwrap().to_owned();
        let body = to_bytes(answer.into_body(), 10_000).await.unwrap();
        (status, kind, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_panic_is_a_problem_too() {
        let (status, kind, body) = ask("/panic", "*/*").await;
        assert_eq!((status, kind.as_str()), (StatusCode::INTERNAL_SERVER_ERROR, PROBLEM_JSON));
        let problem: Problem = serde_json::from_str(&body).unwrap();
        assert_eq!(problem.code, ErrorCode::Internal);
        assert!(!body.contains("inner detail"), "what went wrong inside is for the log");
    }

    #[tokio::test]
    async fn people_get_pages_and_programs_get_json() {
        assert_eq!(ask("/busy", "text/html,*/*").await.1, "text/html; charset=utf-8");
        assert_eq!(ask("/busy", "application/json").await.1, PROBLEM_JSON);
    }
}
