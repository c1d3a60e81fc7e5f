//! The router: every route, inside the middleware that holds for all of them.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::info;
use vignette_library::LibraryError;

use crate::access::allowed::Public;
use crate::app::SharedApp;
use crate::http::api_error::panicked;
use crate::http::body::{BodyDeadlines, enforce_body_deadlines};
use crate::http::host::require_known_host;
use crate::http::listener::{RequestLimit, limit_requests};
use crate::http::security::{PublicOrigin, cors, require_same_site, set_security_headers};
use crate::pages::errors::render_errors;
use crate::routes;

/// The router over pages, media and API. Middleware runs in this order:
///
/// ```text
/// log ─▶ security headers ─▶ upload protocol headers ─▶ CORS ─▶ render errors ─▶ catch panics
///     ─▶ known host ─▶ same site ─▶ request limit ─▶ body deadlines ─▶ access ─▶ routes
/// ```
pub(crate) fn router(app: SharedApp) -> Router {
    let (origin, url) = (PublicOrigin::at(app.url()), app.url().clone());
    // A second longer than the timeout of an append, whose answer says more.
    let deadlines = BodyDeadlines::standard(app.upload_idle_timeout + Duration::from_secs(1));
    let request_limit = RequestLimit {
        limit: app.request_limit.clone(),
        trusted_proxies: app.trusted_proxies.clone().into(),
    };
    let (api, document) = routes::api().split();
    routes::pages()
        .into_router()
        .merge(api)
        .merge(routes::document(document).into_router())
        .fallback(async |_: Public| StatusCode::NOT_FOUND)
        .method_not_allowed_fallback(async |_: Public| StatusCode::METHOD_NOT_ALLOWED)
        // Whoever reads a body bounds it, see `access::payload` and `http::body`.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(deadlines, enforce_body_deadlines))
        .layer(from_fn_with_state(request_limit, limit_requests))
        .layer(from_fn_with_state(url, require_same_site))
        .layer(from_fn_with_state(app.hosts.clone(), require_known_host))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(render_errors))
        .layer(cors())
        .layer(from_fn_with_state(app.clone(), routes::new_upload::mark_dialect))
        .layer(from_fn_with_state(origin, set_security_headers))
        .layer(from_fn_with_state(app.clone(), log))
        .with_state(app)
}

/// Logs one line for each response, with the pattern of the route and never the path, since paths
/// contain keys and secrets.
async fn log(State(app): State<SharedApp>, request: Request, next: Next) -> Response {
    let began = app.clock().monotonic();
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let response = next.run(request).await;
    if let Some(error) = response.extensions().get::<Arc<LibraryError>>() {
        app.log_disk_problem(error);
    }
    let took_us = app.clock().monotonic().saturating_since(began).0;
    let status = response.status().as_u16();
    info!(%method, route, status, took_us, "Answered");
    response
}
