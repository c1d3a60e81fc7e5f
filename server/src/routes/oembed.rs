//! `/oembed`: what other programs show of a link (oembed.com §2.3). A link alone, since the page lets nobody frame it.

use axum::Json;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use url::Url;
use vignette_model::{ClipKey, ErrorCode};

use crate::allowed::{Allowed, Anybody};
use crate::app::Shared;
use crate::pages;
use crate::refusal::Refusal;

/// What is asked; consumers add parameters of their own.
#[derive(Deserialize)]
pub struct Asked {
    url: String,
    format: Option<String>,
}

/// A response of type `link`.
#[derive(Serialize)]
pub struct Embed {
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
pub async fn oembed(
    Allowed { asker, .. }: Allowed<Anybody>,
    State(app): State<Shared>,
    Query(asked): Query<Asked>,
) -> Result<Json<Embed>, Refusal> {
    if asked.format.is_some_and(|format| format != "json") {
        return Err(Refusal::new(ErrorCode::BadRequest, "Only JSON is spoken here."));
    }
    let key = key(app.url(), &asked.url).ok_or_else(|| Refusal::new(ErrorCode::NotFound, "This is no link of this library."))?;
    let clip = app.library.watch(&asker.actor, &key).await?;
    let plays = clip.hls.is_some() || clip.mp4.is_some();
    let poster = clip.poster.as_deref().filter(|_| plays && clip.width > 0).and_then(|path| app.url().join(path).ok());
    Ok(Json(Embed {
        version: "1.0",
        kind: "link",
        provider_name: app.name().to_owned(),
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
    link.path().strip_prefix("/c/")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_links_are_known() {
        let library = Url::parse("https://a.example/").unwrap();
        let key_text = ClipKey::random().to_string();
        assert!(key(&library, &format!("https://a.example/c/{key_text}?t=3")).is_some());
        for wrong in [format!("https://b.example/c/{key_text}"), format!("https://a.example/d/{key_text}"), "x".into()] {
            assert_eq!(key(&library, &wrong), None, "{wrong}");
        }
    }
}
