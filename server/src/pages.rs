//! Pages: HTML that is whole without JavaScript. Everything a person wrote is escaped here, or was cleaned by the library.

use askama::Template;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use url::Url;
use vignette_model::api::{ClipState, ClipView, Reply};
use vignette_model::{ClipKey, ErrorCode, Problem};

use crate::assets::{self, Links};
use crate::date::Date;
use crate::refusal::Refusal;

/// What a clip without a title is called.
pub const UNTITLED: &str = "Untitled clip";
/// What other programs show of a clip that does not play yet.
pub const ON_ITS_WAY: &str = "A clip is on its way";

/// The page behind a link.
#[derive(Template)]
#[template(path = "watch.html")]
pub struct Watch<'a> {
    links: Links,
    /// Path of this page.
    page: String,
    /// The whole link.
    url: String,
    oembed: String,
    library: &'a str,
    heading: &'a str,
    clip: &'a ClipView,
    recorded: Date,
    replies: &'a [Reply],
    card: Card<'a>,
    source: Option<Source<'a>>,
    /// `#t=3` where the clip should start.
    start: String,
    /// What there is to wait for, in words.
    state: &'static str,
    growing: bool,
    member: Option<&'a str>,
    /// What the page script begins with, as JSON that cannot end its element.
    data: String,
}

/// What the player is given without JavaScript.
struct Source<'a> {
    path: &'a str,
    kind: &'static str,
}

/// What other programs show of the link. Names nothing until there is something to play.
struct Card<'a> {
    title: &'a str,
    description: String,
    poster: Option<String>,
    mp4: Option<String>,
    secure: bool,
}

/// The JSON that the page script begins with.
#[derive(Serialize)]
struct Island<'a> {
    key: &'a ClipKey,
    library: &'a str,
    member: Option<&'a str>,
    clip: &'a ClipView,
    replies: &'a [Reply],
}

/// What the watch page is made of.
pub struct Watched<'a> {
    /// Where the library is.
    pub base: &'a Url,
    /// What it is called.
    pub library: &'a str,
    /// The link's key.
    pub key: &'a ClipKey,
    /// The clip.
    pub clip: &'a ClipView,
    /// Its replies.
    pub replies: &'a [Reply],
    /// The member who looks at it, if it is one.
    pub member: Option<&'a str>,
    /// Seconds to begin at.
    pub start_secs: Option<u64>,
}

/// The page behind a link.
///
/// # Errors
/// [`ErrorCode::Internal`] if it cannot be written.
pub fn watch(watched: &Watched<'_>) -> Result<Response, Refusal> {
    let Watched { base, library, key, clip, replies, member, start_secs } = *watched;
    let absolute = |path: &str| base.join(path).map(String::from).unwrap_or_default();
    let page = format!("/c/{key}");
    let url = absolute(&page);
    let oembed = base.join("/oembed").map(|mut o| {
        String::from({
            o.query_pairs_mut().append_pair("url", &url);
            o
        })
    });
    let heading = heading(clip);
    let source = source(clip);
    let card = match source {
        Some(_) => Card {
            title: heading,
            description: description(clip),
            poster: clip.poster.as_deref().map(absolute),
            mp4: clip.mp4.as_deref().map(absolute),
            secure: base.scheme() == "https",
        },
        None => Card { title: ON_ITS_WAY, description: String::new(), poster: None, mp4: None, secure: false },
    };
    let island = serde_json::to_string(&Island { key, library, member, clip, replies });
    let data = in_script(&island.map_err(|_| Refusal::new(ErrorCode::Internal, "The page could not be written."))?);
    render(&Watch {
        links: page_links().and(assets::links("watch.html")),
        page,
        oembed: oembed.unwrap_or_default(),
        library,
        heading,
        recorded: clip.recorded_at_us.into(),
        replies,
        card,
        source,
        start: start_secs.map(|secs| format!("#t={secs}")).unwrap_or_default(),
        state: state(clip),
        growing: matches!(clip.state, ClipState::Recording | ClipState::Arriving),
        member,
        data,
        url,
        clip,
    })
}

/// The sealed MP4 where there is one: it plays in every browser.
fn source(clip: &ClipView) -> Option<Source<'_>> {
    let mp4 = clip.mp4.as_deref().map(|path| Source { path, kind: "video/mp4" });
    mp4.or_else(|| clip.hls.as_deref().map(|path| Source { path, kind: "application/vnd.apple.mpegurl" }))
}

/// A clip's title, or what it is called without one.
#[must_use]
pub fn heading(clip: &ClipView) -> &str {
    if clip.title.as_str().is_empty() { UNTITLED } else { clip.title.as_str() }
}

/// What there is to wait for, in words; nothing once all of it is there.
#[must_use]
pub fn state(clip: &ClipView) -> &'static str {
    match (clip.state, clip.hls.is_some()) {
        (ClipState::Recording, true) => "This clip is being recorded. You see it a few seconds behind.",
        (ClipState::Recording, false) => "This clip is being recorded. It can be watched as soon as the recording stops.",
        (ClipState::Arriving, true) => "The last of this clip is still on its way.",
        (ClipState::Arriving, false) => "This clip is on its way and can be watched in a moment.",
        (ClipState::Interrupted, true) => "The rest of this clip never arrived. What is here plays.",
        (ClipState::Interrupted, false) => "This clip never arrived.",
        (ClipState::Ready, _) => "",
    }
}

/// The same in a word or two, for lists.
#[must_use]
pub fn state_word(clip: &ClipView) -> &'static str {
    match clip.state {
        ClipState::Recording => "recording",
        ClipState::Arriving => "on its way",
        ClipState::Interrupted => "interrupted",
        ClipState::Ready => "",
    }
}

/// The first sentence of the summary, or who recorded it when.
#[must_use]
pub fn description(clip: &ClipView) -> String {
    let text = plain(clip.summary.as_str());
    let end = text.find(". ").map_or(text.len(), |dot| dot + 1);
    let sentence: String = text.chars().take(text[..end].chars().count().min(200)).collect();
    if sentence.is_empty() {
        format!("Recorded by {} on {}.", clip.author, Date::from(clip.recorded_at_us).words)
    } else {
        sentence
    }
}

/// Markdown without its marks, on one line.
fn plain(markdown: &str) -> String {
    use pulldown_cmark::{Event, TagEnd};
    let mut text = String::new();
    for event in pulldown_cmark::Parser::new(markdown) {
        match event {
            Event::Text(words) | Event::Code(words) => text.push_str(&words),
            Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image) => {}
            Event::SoftBreak | Event::HardBreak | Event::End(_) => text.push(' '),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// JSON that no content can turn into the end of its element, nor into script.
fn in_script(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

/// What went wrong, as a page.
#[derive(Template)]
#[template(path = "problem.html")]
struct Wrong<'a> {
    links: Links,
    problem: &'a Problem,
}

/// What went wrong, as a page.
#[must_use]
pub fn problem(problem: &Problem) -> Response {
    render(&Wrong { links: page_links(), problem }).unwrap_or_else(|_| problem.message.clone().into_response())
}

/// The form to sign in.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub struct SignIn<'a> {
    /// What the page links.
    pub links: Links,
    /// The library's name.
    pub library: &'a str,
    /// Where to go on afterwards.
    pub next: &'a str,
    /// The name typed before.
    pub name: &'a str,
    /// What was wrong with it.
    pub problem: Option<&'a Problem>,
}

/// The form behind a set-up link or an invitation.
#[derive(Template)]
#[template(path = "setup.html")]
pub struct Setup<'a> {
    /// What the page links.
    pub links: Links,
    /// The library's name.
    pub library: &'a str,
    /// The secret of the link.
    pub secret: &'a str,
    /// The name typed before.
    pub name: &'a str,
    /// What was wrong with it.
    pub problem: Option<&'a Problem>,
}

/// The question whether a recorder may act for somebody.
#[derive(Template)]
#[template(path = "authorize.html")]
pub struct Authorize<'a> {
    /// What the page links.
    pub links: Links,
    /// The library's name.
    pub library: &'a str,
    /// Whose token it will be.
    pub name: &'a str,
    /// The recorder's request, sent on with the answer.
    pub fields: Vec<(&'static str, &'a str)>,
}

/// Somebody's tokens.
#[derive(Template)]
#[template(path = "tokens.html")]
pub struct Tokens<'a> {
    /// What the page links.
    pub links: Links,
    /// The library's name.
    pub library: &'a str,
    /// Whose tokens.
    pub name: &'a str,
    /// One that was just made.
    pub new: Option<&'a str>,
    /// Those there are.
    pub tokens: Vec<TokenRow>,
}

/// One token in the list.
pub struct TokenRow {
    /// Which one.
    pub id: String,
    /// What it is for.
    pub label: String,
    /// When it was made.
    pub made: Date,
    /// When it was last used.
    pub used: Option<Date>,
}

/// The library's clips.
#[derive(Template)]
#[template(path = "clips.html")]
pub struct Clips<'a> {
    /// What the page links.
    pub links: Links,
    /// The library's name.
    pub library: &'a str,
    /// Who is looking.
    pub name: &'a str,
    /// One page of clips.
    pub clips: Vec<ClipCard>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// One clip in the list.
pub struct ClipCard {
    /// Path of its page.
    pub page: String,
    /// Path of its poster.
    pub poster: Option<String>,
    /// Its title.
    pub heading: String,
    /// Who recorded it.
    pub author: String,
    /// When.
    pub recorded: Date,
    /// What there is to wait for.
    pub state: &'static str,
    /// How long it is.
    pub duration: String,
    /// How many replies it has.
    pub replies: u32,
}

/// What a plain page links: the shared style sheet alone.
#[must_use]
pub fn page_links() -> Links {
    assets::links("src/page.css")
}

/// Writes a page. Pages are made for one asker and never kept.
///
/// # Errors
/// [`ErrorCode::Internal`] if it cannot be written.
pub fn render(page: &impl Template) -> Result<Response, Refusal> {
    let html = page.render().map_err(|_| Refusal::new(ErrorCode::Internal, "The page could not be written."))?;
    Ok(([(CONTENT_TYPE, "text/html; charset=utf-8"), (CACHE_CONTROL, "no-store")], html).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_the_data_element() {
        let json = in_script(r#"{"title":"</script><!--<script>&\u2028"}"#);
        assert!(!json.contains(['<', '>', '&']), "{json}");
        let back: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(back["title"], "</script><!--<script>&\u{2028}", "it is the same JSON");
    }

    #[test]
    fn markdown_becomes_a_sentence() {
        assert_eq!(
            plain("# Export\n\nIt *works* now: `ok`. [Try](http://x)!\n\n<script>no</script>"),
            "Export It works now: ok. Try!"
        );
    }
}
