//! The built pages' scripts and styles: embedded in the binary, found through Vite's manifest.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use serde::Deserialize;
use vignette_model::ErrorCode;

use crate::allowed::Open;
use crate::refusal::Refusal;

/// `ui/dist`: read from disk by debug builds, inside the binary in release builds.
#[derive(RustEmbed)]
#[folder = "../ui/dist"]
struct Built;

/// What a page links: paths on this server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// The page's module script.
    pub script: Option<String>,
    /// What the script imports, to be fetched beside it instead of after it.
    pub modules: Vec<String>,
    /// Style sheets, shared ones first.
    pub styles: Vec<String>,
}

/// One entry of `.vite/manifest.json`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    file: String,
    #[serde(default)]
    css: Vec<String>,
    #[serde(default)]
    imports: Vec<String>,
}

/// What a page links that is built from `sources` (keys of the manifest, such as `watch.html`; the last script counts), with
/// the modules that its script will ask for `soon`; nothing of what was not built.
#[must_use]
pub fn links(sources: &[&str], soon: &[&str]) -> Links {
    let manifest = Built::get(".vite/manifest.json");
    let entries = manifest.and_then(|file| serde_json::from_slice(&file.data).ok()).unwrap_or_default();
    let mut links = sources.iter().map(|source| resolve(&entries, source)).fold(Links::default(), Links::and);
    links.modules.extend(soon.iter().filter_map(|source| resolve(&entries, source).script));
    links
}

impl Links {
    /// These and then those of `more`, whose script counts if there is one.
    fn and(mut self, more: Self) -> Self {
        self.styles.extend(more.styles);
        self.modules.extend(more.modules);
        Self { script: more.script.or(self.script), ..self }
    }
}

fn resolve(entries: &BTreeMap<String, Entry>, source: &str) -> Links {
    let Some(entry) = entries.get(source) else { return Links::default() };
    let path = |file: &String| format!("/{file}");
    let mut links = Links::default();
    collect(entries, source, &mut links, &mut BTreeSet::new());
    links.modules.retain(|module| *module != path(&entry.file));
    if entry.file.ends_with(".css") {
        links.styles.push(path(&entry.file));
    } else {
        links.script = Some(path(&entry.file));
    }
    links
}

/// Styles and modules of everything that `source` imports, then its own.
fn collect<'e>(entries: &'e BTreeMap<String, Entry>, source: &'e str, links: &mut Links, seen: &mut BTreeSet<&'e str>) {
    let Some(entry) = entries.get(source).filter(|_| seen.insert(source)) else { return };
    for import in &entry.imports {
        collect(entries, import, links, seen);
    }
    for style in &entry.css {
        let path = format!("/{style}");
        if !links.styles.contains(&path) {
            links.styles.push(path);
        }
    }
    if entry.file.ends_with(".js") {
        links.modules.push(format!("/{}", entry.file));
    }
}

/// `GET /icon.svg`.
pub async fn icon(_: Open) -> impl IntoResponse {
    const ICON: &str = include_str!("../../assets/icon.svg");
    ([(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, "public, max-age=86400")], ICON)
}

/// `GET /assets/{path}`. Names carry a hash of their content, so they are kept for ever.
pub async fn asset(_: Open, Path(path): Path<String>) -> Result<Response, Refusal> {
    let plain = path.split('/').all(|part| !part.is_empty() && !part.starts_with('.'));
    let file = plain.then(|| Built::get(&format!("assets/{path}"))).flatten();
    let file = file.ok_or_else(|| Refusal::new(ErrorCode::NotFound, "There is no such file."))?;
    let kind = content_type(&path);
    Ok(([(CONTENT_TYPE, kind), (CACHE_CONTROL, "public, max-age=31536000, immutable")], file.data.into_owned()).into_response())
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "json" | "map" => "application/json",
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_links_its_script_and_the_styles_of_what_it_imports() {
        let manifest = r#"{
            "_player-1.js": { "file": "assets/player-1.js", "css": ["assets/player-1.css"], "imports": ["watch.html"] },
            "watch.html": { "file": "assets/watch-2.js", "isEntry": true, "css": ["assets/watch-2.css"], "imports": ["_player-1.js"] },
            "src/page.css": { "file": "assets/page-3.css", "src": "src/page.css", "isEntry": true }
        }"#;
        let entries = serde_json::from_str(manifest).unwrap();
        let watch = resolve(&entries, "watch.html");
        assert_eq!(watch.script.as_deref(), Some("/assets/watch-2.js"));
        assert_eq!(watch.modules, ["/assets/player-1.js"]);
        assert_eq!(watch.styles, ["/assets/player-1.css", "/assets/watch-2.css"], "a circle of imports ends");
        assert_eq!(resolve(&entries, "src/page.css").styles, ["/assets/page-3.css"]);
        assert_eq!(resolve(&entries, "src/page.css").script, None);
        assert_eq!(resolve(&entries, "gone.html"), Links::default());
    }
}
