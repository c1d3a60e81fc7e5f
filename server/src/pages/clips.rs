//! The library's own page: its clips, or what was found in them.

use askama::Template;
use vignette_model::paths;
use vignette_model::transcript::{ReplyWriter, SearchHit, SearchPlace, SnippetPiece};

use super::UNTITLED;
use crate::http::date::Date;
use crate::pages::assets::Links;

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
    /// Whether they look after the library's people.
    pub admin: bool,
    /// What is searched for; empty if nothing is.
    pub q: &'a str,
    /// What was found, if something is searched for.
    pub found: Option<Vec<HitGroup>>,
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

/// What was found in one clip.
pub struct HitGroup {
    /// Path of its page.
    page: String,
    /// Path of its poster.
    poster: Option<String>,
    /// Its title.
    heading: String,
    /// Who recorded it.
    author: String,
    /// When.
    recorded: Date,
    places: Vec<HitPlace>,
}

/// One place in it.
struct HitPlace {
    /// Leads there.
    link: String,
    /// What kind of place it is, and when.
    name: String,
    /// Who wrote it, if it is a reply.
    by: Option<ReplyWriter>,
    snippet: Vec<SnippetPiece>,
}

impl HitGroup {
    /// Hits that follow each other in one clip, together.
    #[must_use]
    pub fn of(hits: Vec<SearchHit>) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for hit in hits {
            let page = paths::page(&hit.key);
            let place = HitPlace {
                link: hit.at_us.map_or_else(|| page.clone(), |at| format!("{page}?t={}", at.0 / 1_000_000)),
                name: match (hit.place, hit.at_us) {
                    (SearchPlace::Title, _) => "Title".to_owned(),
                    (SearchPlace::Summary, _) => "Summary".to_owned(),
                    (SearchPlace::Cue, at) => at.map(|at| at.to_string()).unwrap_or_default(),
                    (SearchPlace::Reply, Some(at)) => format!("Reply at {at}"),
                    (SearchPlace::Reply, None) => "Reply".to_owned(),
                },
                by: hit.by,
                snippet: hit.snippet,
            };
            match groups.last_mut() {
                Some(group) if group.page == page => group.places.push(place),
                _ => groups.push(Self {
                    page,
                    poster: hit.poster,
                    heading: if hit.title.as_str().is_empty() { UNTITLED.to_owned() } else { hit.title.to_string() },
                    author: hit.author,
                    recorded: hit.recorded_at_us.into(),
                    places: vec![place],
                }),
            }
        }
        groups
    }
}
