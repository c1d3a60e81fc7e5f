//! `/oembed`: what other programs show of a link (oembed.com §2.3). Its type is `link`, since the page
//! cannot be framed.

use axum::Json;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use url::Url;
use vignette_model::{ClipKey, ErrorCode, paths};

use crate::access::allowed::{Allowed, Anyone};
use crate::app::SharedApp;
use crate::http::api_error::ApiError;
use crate::pages;

/// The query; consumers add parameters of their own.
#[derive(Deserialize)]
pub(crate) struct OembedQuery {
    url: String,
    format: Option<String>,
}

/// A response of type `link`.
#[derive(Serialize)]
pub(crate) struct OembedResponse {
    version: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    provider_name: String,
    provider_url: String,
    title: String,
    author_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    thumbnail_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thumbnail_width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thumbnail_height: Option<u32>,
}

/// `GET /oembed?url=`.
pub(crate) async fn get_oembed(
    Allowed { requester, .. }: Allowed<Anyone>,
    State(app): State<SharedApp>,
    Query(query): Query<OembedQuery>,
) -> Result<Json<OembedResponse>, ApiError> {
    if query.format.is_some_and(|format| format != "json") {
        return Err(ApiError::new(ErrorCode::BadRequest, "Only format=json is supported."));
    }
    let key = key(app.url(), &query.url)
        .ok_or_else(|| ApiError::new(ErrorCode::NotFound, "This is no link of this library."))?;
    let clip = app.library.watch(&requester.actor, &key).await?;
    let plays = clip.hls.is_some() || clip.mp4.is_some();
    let poster = clip
        .poster
        .as_deref()
        .filter(|_| plays && clip.width > 0)
        .and_then(|path| app.url().join(path).ok());
    Ok(Json(OembedResponse {
        version: "1.0",
        kind: "link",
        provider_name: app.name(),
        provider_url: app.url().to_string(),
        title: if plays { pages::heading(&clip) } else { pages::ON_ITS_WAY }.to_owned(),
        author_name: if plays { clip.author.clone() } else { String::new() },
        thumbnail_width: poster.as_ref().map(|_| clip.width),
        thumbnail_height: poster.as_ref().map(|_| clip.height),
        thumbnail_url: poster.map(String::from),
    }))
}

/// The key in a link of this library.
fn key(library: &Url, link: &str) -> Option<ClipKey> {
    let link = Url::parse(link).ok().filter(|link| link.origin() == library.origin())?;
    paths::key_of_page(link.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_links_of_this_library_are_known() {
        let library = Url::parse("https://a.example/").unwrap();
        let key_text = ClipKey::random().to_string();
        assert!(key(&library, &format!("https://a.example/c/{key_text}?t=3")).is_some());
        for wrong in [
            format!("https://b.example/c/{key_text}"),
            format!("https://a.example/d/{key_text}"),
            "x".into(),
        ] {
            assert_eq!(key(&library, &wrong), None, "{wrong}");
        }
    }
}
