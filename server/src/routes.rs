//! Routes: one noun a file. Those of the API describe themselves for the OpenAPI document.
//!
//! The first argument of a handler checks access, as a type:
//! `Allowed { requester, target: key }: Allowed<ByLink<Play>>` (see
//! [`allowed`](crate::access::allowed) for the guards there are, and add an
//! [`ActionType`](crate::access::allowed::ActionType) for a new action). `target` is what the path
//! names. Access is decided before the body is read. Bodies are read by
//! [`FromJson`](crate::access::payload::FromJson), [`FromForm`](crate::access::payload::FromForm) and
//! [`RawBody`](crate::access::payload::RawBody), which bound them by their sender. Anything else does
//! not compile, see [`handlers`](crate::access::handlers).

use axum::http::header::CONTENT_TYPE;
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

use vignette_model::paths;

use crate::access::allowed::Public;
use crate::access::handlers::{ApiRoutes, PageRoutes, checked, get, post};

pub(crate) mod account;
pub(crate) mod assets;
pub(crate) mod authorize;
pub(crate) mod clips;
pub(crate) mod confirm;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod home;
pub(crate) mod me;
pub(crate) mod media;
pub(crate) mod moment;
pub(crate) mod new_upload;
pub(crate) mod oembed;
pub(crate) mod people;
pub(crate) mod reactions;
pub(crate) mod replies;
pub(crate) mod reset;
pub(crate) mod search;
pub(crate) mod setup;
pub(crate) mod sign_in;
pub(crate) mod tokens;
pub(crate) mod transcript;
pub(crate) mod uploads;
pub(crate) mod watch;

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

/// The security scheme of the API.
struct Bearer;

impl utoipa::Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let token = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A member's token: `lib_…`"))
            .build();
        document
            .components
            .get_or_insert_default()
            .add_security_scheme("token", SecurityScheme::Http(token));
    }
}

/// The routes of the API, with their description.
pub(crate) fn api() -> ApiRoutes {
    ApiRoutes::new(Document::openapi())
        .routes(checked!(clips::create_clip, clips::list_clips).compressed())
        .routes(checked!(clips::get_clip, clips::change_clip, clips::delete_clip).compressed())
        .routes(checked!(clips::put_poster))
        .routes(checked!(clips::rotate_key))
        .routes(checked!(transcript::put_transcript, transcript::edit_transcript))
        .routes(checked!(
            uploads::get_upload_status,
            uploads::append_upload,
            uploads::end_upload,
            uploads::override_method
        ))
        .routes(checked!(new_upload::create_upload))
        .routes(checked!(watch::get_clip_view).compressed())
        .routes(checked!(watch::put_progress))
        .routes(checked!(transcript::get_transcript).compressed())
        .routes(checked!(replies::list_replies, replies::post_reply).compressed())
        .routes(checked!(replies::change_reply, replies::delete_reply))
        .routes(checked!(reactions::list_reactions, reactions::post_reaction))
        .routes(checked!(reactions::delete_reaction))
        .routes(checked!(events::stream_clip_events))
        .routes(checked!(events::stream_library_events))
        .routes(checked!(search::search_clips).compressed())
        .routes(checked!(me::get_me))
        .routes(checked!(me::exchange_code, me::revoke_own_token))
}

/// The description of the API, as `GET /api/v1/openapi.json` gives it.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    api().split().1
}

/// The routes outside the API: pages, media, health checks.
pub(crate) fn pages() -> PageRoutes {
    PageRoutes::default()
        .route(paths::HOME, get(home::show_clips).compressed())
        .route(paths::PAGE, get(watch::show_clip_page).compressed())
        .route(paths::PAGE_REPLIES, post(replies::post_reply_form))
        .route(paths::POSTER, get(media::get_poster))
        .route(paths::HLS, get(media::get_multivariant_playlist))
        .route(paths::MEDIA_PLAYLIST, get(media::get_media_playlist).compressed())
        .route(paths::STREAM, get(media::get_stream))
        .route(paths::MP4, get(media::get_mp4))
        .route(paths::STREAM_DUMP, get(media::get_stream_dump).compressed())
        .route(paths::CAPTIONS, get(transcript::get_captions).compressed())
        .route(paths::CHAPTERS, get(transcript::get_chapters).compressed())
        .route(paths::TRANSCRIPT_TEXT, get(transcript::get_transcript_text).compressed())
        .route(paths::OEMBED, get(oembed::get_oembed))
        .route(paths::ASSET, get(assets::get_asset).compressed())
        .route(paths::ICON, get(assets::get_icon).compressed())
        .route(paths::SETUP, get(setup::show_setup).post(setup::post_setup))
        .route(paths::SIGN_IN, get(sign_in::show_sign_in).post(sign_in::post_sign_in))
        .route(paths::SIGN_OUT, post(sign_in::sign_out))
        .route(paths::AUTHORIZE, get(authorize::show_authorize).post(authorize::post_authorize))
        .route(paths::ACCOUNT, get(account::show_account).post(account::change_account))
        .route(paths::CONFIRM, get(confirm::show_confirm).post(confirm::post_confirm))
        .route(paths::PEOPLE, get(people::show_people).post(people::change_people))
        .route(paths::RESET, get(reset::show_reset).post(reset::post_reset))
        .route(paths::TOKENS, get(tokens::redirect_to_account).post(tokens::change_tokens))
        .route(paths::HEALTH, get(health::get_health))
        .route(paths::READINESS, get(health::get_readiness))
}

/// `GET /api/v1/openapi.json`.
pub(crate) fn document(document: utoipa::openapi::OpenApi) -> PageRoutes {
    let json = document.to_json().unwrap_or_default();
    PageRoutes::default().route(
        paths::OPENAPI,
        get(async move |_: Public| ([(CONTENT_TYPE, "application/json")], json)).compressed(),
    )
}
