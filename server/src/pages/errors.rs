//! [`render_errors`]: middleware that gives every refused request a body. Whatever refused it (a
//! handler, a limit, the router, a panic), programs get Problem JSON and people with a browser a
//! page.

use askama::Template;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use vignette_model::{ErrorCode, Problem, paths};

use super::assets::Links;
use super::{plain_links, render};
use crate::http::api_error::problem_json;

/// A problem as a page.
#[derive(Template)]
#[template(path = "problem.html")]
struct ErrorPage<'a> {
    links: Links,
    problem: &'a Problem,
}

fn error_page(problem: &Problem) -> Response {
    render(&ErrorPage { links: plain_links(), problem })
        .unwrap_or_else(|_| problem.message.clone().into_response())
}

/// Middleware that writes the body of every error response: a page for browsers, else JSON. What
/// the library refused with stays in the response's extensions, for the log.
pub(crate) async fn render_errors(request: Request, next: Next) -> Response {
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
        None => framework_problem(status, &parts.headers, body).await,
    };
    let mut rendered = if browser { error_page(&problem) } else { problem_json(&problem) };
    *rendered.status_mut() = status;
    parts.headers.remove(CONTENT_TYPE);
    parts.headers.remove("content-length");
    rendered.headers_mut().extend(parts.headers);
    rendered.headers_mut().entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if status == StatusCode::UNAUTHORIZED && !browser {
        rendered.headers_mut().insert("www-authenticate", HeaderValue::from_static("Bearer"));
    }
    if head {
        *rendered.body_mut() = Body::empty();
    }
    rendered.extensions_mut().extend(parts.extensions);
    rendered
}

/// Whether a browser asks for a page, rather than a program or a script for data.
fn wants_page(request: &Request) -> bool {
    let accepts = request.headers().get_all("accept").iter().filter_map(|line| line.to_str().ok());
    !request.uri().path().starts_with(paths::API_PREFIX)
        && accepts.into_iter().any(|line| line.contains("text/html"))
}

/// The problem of a response that axum or a layer made: the router, an extractor, a limit.
async fn framework_problem(status: StatusCode, headers: &HeaderMap, body: Body) -> Problem {
    let plain =
        headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    let said =
        if plain { to_bytes(body, 4096).await.unwrap_or_default() } else { Default::default() };
    let said = String::from_utf8_lossy(&said).trim().to_owned();
    let said = match said.strip_prefix("Failed to deserialize query string: ") {
        Some(cause) => {
            format!("The query does not have the fields that are expected here ({cause}).")
        }
        None => said,
    };
    match status {
        StatusCode::NOT_FOUND => {
            Problem::new(ErrorCode::NotFound, "There is nothing at this address.")
        }
        StatusCode::METHOD_NOT_ALLOWED => {
            Problem::new(ErrorCode::BadRequest, "This address does not take this method.")
                // axum sets `Allow` after this layer.
                .with_help("Use one of the methods in the Allow header of this answer.")
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(ErrorCode::TooLarge, "This is more than is taken at once.")
                .with_help("Send less at once.")
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            Problem::new(ErrorCode::BadRequest, or(said, "This content type is not taken here."))
        }
        StatusCode::UNAUTHORIZED => Problem::new(ErrorCode::SignInNeeded, "This needs a sign-in."),
        StatusCode::FORBIDDEN => Problem::new(ErrorCode::NotAllowed, "This is not allowed."),
        _ if status.is_server_error() => {
            Problem::new(ErrorCode::Internal, "The library could not do this.")
        }
        _ => {
            Problem::new(ErrorCode::BadRequest, or(said, "This request is not what it should be."))
        }
    }
}

fn or(said: String, otherwise: &str) -> String {
    if said.is_empty() { otherwise.to_owned() } else { said }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::middleware::from_fn;
    use axum::routing::get;
    use tower::ServiceExt;
    use tower_http::catch_panic::CatchPanicLayer;

    use super::*;
    use crate::http::api_error::{ApiError, PROBLEM_JSON, panicked};

    async fn ask(path: &str, accept: &str) -> (StatusCode, String, String) {
        let router = Router::new()
            .route("/panic", get(async || -> &'static str { panic!("inner detail") }))
            .route("/busy", get(async || ApiError::too_many(7)))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(from_fn(render_errors));
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
