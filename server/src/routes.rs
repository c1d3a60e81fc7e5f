//! Routes: one noun a file. Those of the API describe themselves for the OpenAPI document.
//!
//! A handler's first argument says who may ask, as a type: `Allowed { asker, of: key }: Allowed<ByLink<Play>>` (see
//! [`allowed`](crate::allowed) for the doors there are, and add an [`Act`](crate::allowed::Act) for a new action). `of` is what the
//! path names. The answer is given before the body is read; bodies are read by [`FromJson`](crate::payload::FromJson),
//! [`FromForm`](crate::payload::FromForm) and [`Plain`](crate::payload::Plain), which are bounded by whose they are. Anything else
//! does not compile, see [`gate`](crate::gate).

use axum::http::header::CONTENT_TYPE;
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

use crate::allowed::Open;
use crate::assets;
use crate::gate::{Api, Pages, get, post};
use crate::gated;

pub mod account;
pub mod authorize;
pub mod clips;
pub mod confirm;
pub mod events;
pub mod health;
pub mod home;
pub mod me;
pub mod media;
pub mod new_upload;
pub mod oembed;
pub mod people;
pub mod replies;
pub mod reset;
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
pub fn api() -> Api {
    Api::new(Document::openapi())
        .routes(gated!(clips::create, clips::list))
        .routes(gated!(clips::one, clips::change, clips::delete))
        .routes(gated!(clips::put_poster))
        .routes(gated!(clips::rotate_key))
        .routes(gated!(words::put, words::change))
        .routes(gated!(uploads::status, uploads::append, uploads::end, uploads::overridden))
        .routes(gated!(new_upload::create))
        .routes(gated!(watch::view))
        .routes(gated!(words::view))
        .routes(gated!(replies::list, replies::post))
        .routes(gated!(replies::change, replies::delete))
        .routes(gated!(events::clip))
        .routes(gated!(events::library))
        .routes(gated!(search::search))
        .routes(gated!(me::me))
        .routes(gated!(me::exchange, me::sign_out))
}

/// Pages, media, and what machines ask of a server.
pub fn pages() -> Pages {
    Pages::default()
        .route("/", get(home::clips))
        .route("/c/{key}", get(watch::page))
        .route("/c/{key}/replies", post(replies::post_form))
        .route("/c/{key}/poster.jpg", get(media::poster))
        .route("/c/{key}/stream.m3u8", get(media::multivariant))
        .route("/c/{key}/media.m3u8", get(media::playlist).compressed())
        .route("/c/{key}/stream.mp4", get(media::stream))
        .route("/c/{key}/clip.mp4", get(media::clip))
        .route("/c/{key}/stream.mp4.txt", get(media::dump))
        .route("/c/{key}/captions.vtt", get(words::captions))
        .route("/c/{key}/chapters.vtt", get(words::chapters))
        .route("/c/{key}/transcript.txt", get(words::transcript))
        .route("/oembed", get(oembed::oembed))
        .route("/assets/{*path}", get(assets::asset).compressed())
        .route("/icon.svg", get(assets::icon))
        .route("/setup", get(setup::form).post(setup::answer))
        .route("/sign-in", get(sign_in::form).post(sign_in::answer))
        .route("/sign-out", post(sign_in::out))
        .route("/authorize", get(authorize::question).post(authorize::answer))
        .route("/account", get(account::show).post(account::change))
        .route("/confirm", get(confirm::form).post(confirm::answer))
        .route("/people", get(people::list).post(people::change))
        .route("/reset", get(reset::form).post(reset::answer))
        .route("/tokens", get(tokens::list).post(tokens::change))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
}

/// `GET /api/v1/openapi.json`.
pub fn document(document: utoipa::openapi::OpenApi) -> Pages {
    let json = document.to_json().unwrap_or_default();
    Pages::default().route("/api/v1/openapi.json", get(async move |_: Open| ([(CONTENT_TYPE, "application/json")], json)))
}
