//! Scripts and styles of the pages: embedded in the binary, found through Vite's manifest.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use rust_embed::RustEmbed;
use serde::Deserialize;

/// `ui/dist`: read from disk by debug builds, inside the binary in release builds.
#[derive(RustEmbed)]
#[folder = "../ui/dist"]
struct Built;

/// The typeface of the interface, by its key in the manifest: fetched with the styles, since a page keeps the system's
/// typeface when its own comes late.
const FONT: &str =
    "node_modules/@fontsource-variable/figtree/files/figtree-latin-wght-normal.woff2";

/// What a page links: paths on this server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Links {
    /// The page's module script.
    pub script: Option<String>,
    /// Modules that the script imports, to be fetched at the same time.
    pub modules: Vec<String>,
    /// Style sheets, shared ones first.
    pub styles: Vec<String>,
    /// The typeface that the styles use.
    pub font: Option<String>,
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
    #[serde(default)]
    dynamic_imports: Vec<String>,
}

/// The links of a page that is built from `sources`: keys of the manifest, such as `watch.html`.
/// The last script counts. Of the modules that its script imports only when it needs them, the one
/// whose key ends with `preload` is linked too. What was not built is left out.
#[must_use]
pub(crate) fn links(sources: &[&str], preload: Option<&str>) -> Links {
    let manifest = Built::get(".vite/manifest.json");
    let entries =
        manifest.and_then(|file| serde_json::from_slice(&file.data).ok()).unwrap_or_default();
    let of_source = |source: &&str| resolve(&entries, source, preload);
    let font = entries.get(FONT).map(|entry: &Entry| format!("/{}", entry.file));
    sources.iter().map(of_source).fold(Links { font, ..Links::default() }, Links::merge)
}

impl Links {
    /// Adds `more`, whose script replaces this one if there is one.
    fn merge(mut self, more: Self) -> Self {
        self.styles.extend(more.styles);
        self.modules.extend(more.modules);
        Self { script: more.script.or(self.script), ..self }
    }
}

fn resolve(entries: &BTreeMap<String, Entry>, source: &str, preload: Option<&str>) -> Links {
    let Some(entry) = entries.get(source) else { return Links::default() };
    let path = |file: &String| format!("/{file}");
    let mut links = Links::default();
    let mut seen = BTreeSet::new();
    collect(entries, source, &mut links, &mut seen);
    if let Some(preload) = preload {
        let imported = seen.iter().filter_map(|source| entries.get(*source));
        let later = imported.flat_map(|entry| &entry.dynamic_imports);
        let later = later.filter(|source| source.ends_with(preload));
        let files = later.filter_map(|source| entries.get(source)).map(|entry| path(&entry.file));
        links.modules.extend(files);
    }
    links.modules.retain(|module| *module != path(&entry.file));
    if entry.file.ends_with(".css") {
        links.styles.push(path(&entry.file));
    } else if !source.ends_with(".css") {
        // A style sheet that shares its styles with a script is built with an empty script of its own.
        links.script = Some(path(&entry.file));
    }
    links
}

/// Collects styles and modules of what `source` imports, then its own.
fn collect<'e>(
    entries: &'e BTreeMap<String, Entry>,
    source: &'e str,
    links: &mut Links,
    seen: &mut BTreeSet<&'e str>,
) {
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

/// A built file.
pub(crate) struct AssetFile {
    /// Its media type.
    pub content_type: String,
    /// Its content.
    pub bytes: Cow<'static, [u8]>,
}

/// The built file at `path` below `assets/`.
#[must_use]
pub(crate) fn file(path: &str) -> Option<AssetFile> {
    let plain = path.split('/').all(|part| !part.is_empty() && !part.starts_with('.'));
    let file = plain.then(|| Built::get(&format!("assets/{path}"))).flatten()?;
    let mut content_type = file.metadata.mimetype().to_owned();
    // Vite writes UTF-8.
    if content_type.starts_with("text/") {
        content_type.push_str("; charset=utf-8");
    }
    Some(AssetFile { content_type, bytes: file.data })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_links_its_script_and_the_styles_of_what_it_imports() {
        let manifest = r#"{
            "_player-1.js": { "file": "assets/player-1.js", "css": ["assets/player-1.css"], "imports": ["watch.html"], "dynamicImports": ["lib/hls.mjs", "src/read.svelte"] },
            "src/read.svelte": { "file": "assets/read-5.js", "isDynamicEntry": true },
            "lib/hls.mjs": { "file": "assets/hls-4.js", "isDynamicEntry": true },
            "watch.html": { "file": "assets/watch-2.js", "isEntry": true, "css": ["assets/watch-2.css"], "imports": ["_player-1.js"] },
            "src/page.css": { "file": "assets/page-3.css", "src": "src/page.css", "isEntry": true },
            "src/shared.css": { "file": "assets/shared-5.js", "css": ["assets/shared-5.css"], "isEntry": true }
        }"#;
        let entries = serde_json::from_str(manifest).unwrap();
        let watch = resolve(&entries, "watch.html", None);
        assert_eq!(watch.script.as_deref(), Some("/assets/watch-2.js"));
        assert_eq!(watch.modules, ["/assets/player-1.js"]);
        assert_eq!(
            watch.styles,
            ["/assets/player-1.css", "/assets/watch-2.css"],
            "a circle of imports ends"
        );
        assert_eq!(resolve(&entries, "src/page.css", None).styles, ["/assets/page-3.css"]);
        assert_eq!(resolve(&entries, "src/page.css", None).script, None);
        let shared = resolve(&entries, "src/shared.css", None);
        assert_eq!(
            (shared.script, &*shared.styles),
            (None, &["/assets/shared-5.css".to_owned()][..])
        );
        let preloaded = resolve(&entries, "watch.html", Some("/hls.mjs")).modules;
        assert_eq!(
            preloaded,
            ["/assets/player-1.js", "/assets/hls-4.js"],
            "what the player may import later"
        );
        assert_eq!(resolve(&entries, "gone.html", None), Links::default());
    }
}
