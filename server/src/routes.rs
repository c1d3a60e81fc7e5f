//! Routes: one noun a file. Those of the API describe themselves for the OpenAPI document.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use tower_http::compression::CompressionLayer;
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

use crate::app::Shared;
use crate::assets;

pub mod authorize;
pub mod clips;
pub mod events;
pub mod health;
pub mod home;
pub mod me;
pub mod media;
pub mod oembed;
pub mod replies;
pub mod search;
pub mod setup;
pub mod sign_in;
pub mod tokens;
pub mod uploads;
pub mod watch;
pub mod words;

/// The document's head.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Vignette library",
        description = "Clips, uploads and replies of a library. Errors are `{ code, message, help }` (application/problem+json). \
            Times are integer microseconds: `_us` since the clip began, `_at_us` since 1970.",
        license(name = "MIT OR Apache-2.0"),
        version = env!("CARGO_PKG_VERSION"),
    ),
    components(schemas(vignette_model::Problem)),
    modifiers(&Bearer),
)]
struct Document;

/// The one way to sign a request.
struct Bearer;

impl utoipa::Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("A member's token: `lib_…`")).build();
        document.components.get_or_insert_default().add_security_scheme("token", SecurityScheme::Http(token));
    }
}

/// The routes of the API, with their description.
pub fn api() -> OpenApiRouter<Shared> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(clips::create, clips::list))
        .routes(routes!(clips::one, clips::change, clips::delete))
        .routes(routes!(clips::put_poster))
        .routes(routes!(clips::rotate_key))
        .routes(routes!(words::put, words::change).layer(DefaultBodyLimit::max(words::MAX_WORDS_BYTES)))
        .routes(routes!(uploads::status, uploads::append, uploads::end))
        .routes(routes!(watch::view))
        .routes(routes!(words::view))
        .routes(routes!(replies::list, replies::post))
        .routes(routes!(replies::change, replies::delete))
        .routes(routes!(events::clip))
        .routes(routes!(events::library))
        .routes(routes!(search::search))
        .routes(routes!(me::me))
        .routes(routes!(me::exchange, me::sign_out))
}

/// Pages, media, and what machines ask of a server.
pub fn pages() -> Router<Shared> {
    Router::new()
        .route("/", get(home::clips))
        .route("/c/{key}", get(watch::page))
        .route("/c/{key}/replies", axum::routing::post(replies::post_form))
        .route("/c/{key}/poster.jpg", get(media::poster))
        .route("/c/{key}/stream.m3u8", get(media::multivariant))
        .route("/c/{key}/media.m3u8", get(media::playlist).layer(CompressionLayer::new()))
        .route("/c/{key}/stream.mp4", get(media::stream))
        .route("/c/{key}/clip.mp4", get(media::clip))
        .route("/c/{key}/stream.mp4.txt", get(media::dump))
        .route("/c/{key}/captions.vtt", get(words::captions))
        .route("/c/{key}/chapters.vtt", get(words::chapters))
        .route("/c/{key}/transcript.txt", get(words::transcript))
        .route("/oembed", get(oembed::oembed))
        .route("/assets/{*path}", get(assets::asset).layer(CompressionLayer::new()))
        .route("/icon.svg", get(assets::icon))
        .route("/setup", get(setup::form).post(setup::answer))
        .route("/sign-in", get(sign_in::form).post(sign_in::answer))
        .route("/sign-out", axum::routing::post(sign_in::out))
        .route("/authorize", get(authorize::question).post(authorize::answer))
        .route("/tokens", get(tokens::list).post(tokens::change))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
}

/// `GET /api/v1/openapi.json`.
pub fn document(document: utoipa::openapi::OpenApi) -> Router<Shared> {
    let json = document.to_json().unwrap_or_default();
    Router::new().route("/api/v1/openapi.json", get(async move || ([(CONTENT_TYPE, "application/json")], json)))
}
