//! `/assets` and `/icon.svg`: files that are the same for everybody.

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use vignette_model::ErrorCode;

use crate::access::allowed::Public;
use crate::http::api_error::ApiError;
use crate::pages::assets;

/// `GET /icon.svg`.
pub(crate) async fn get_icon(_: Public) -> impl IntoResponse {
    const ICON: &str = include_str!("../../../assets/icon.svg");
    ([(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, "public, max-age=86400")], ICON)
}

/// `GET /assets/{path}`. Names contain a hash of the content, so browsers keep the files for ever.
pub(crate) async fn get_asset(_: Public, Path(path): Path<String>) -> Result<Response, ApiError> {
    let file = assets::file(&path)
        .ok_or_else(|| ApiError::new(ErrorCode::NotFound, "There is no such file."))?;
    let headers = [
        (CONTENT_TYPE, file.content_type.as_str()),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, file.bytes.into_owned()).into_response())
}
