//! The library's home page: its clips, or the results of a search.

use askama::Template;
use vignette_model::api::ClipSelection;
use vignette_model::paths;
use vignette_model::transcript::{ReplyWriter, SearchHit, SearchPlace, SnippetPiece};

use super::UNTITLED;
use crate::http::date::Date;
use crate::pages::assets::Links;

/// The library's clips.
#[derive(Template)]
#[template(path = "clips.html")]
pub(crate) struct Clips<'a> {
    /// What the page links.
    pub links: Links,
    /// The library's name.
    pub library: &'a str,
    /// The name of the requester.
    pub name: &'a str,
    /// Whether they are an administrator.
    pub admin: bool,
    /// The query; empty without one.
    pub q: &'a str,
    /// The results, if there is a query.
    pub found: Option<Vec<HitGroup>>,
    /// The parts of the library.
    pub places: Vec<PlaceLink>,
    /// What is said where there is nothing.
    pub empty: &'static str,
    /// One page of clips.
    pub clips: Vec<ClipCard>,
    /// Path of the next page.
    pub next: Option<String>,
    /// What to do first, while there are no clips at all.
    pub first_steps: Option<FirstSteps<'a>>,
}

/// What somebody does first in an empty library.
pub(crate) struct FirstSteps<'a> {
    /// What the app connects to.
    pub address: &'a str,
}

/// A part of the library.
pub(crate) struct PlaceLink {
    /// Path of its page.
    link: &'static str,
    label: &'static str,
    /// Whether it is the one that is shown.
    current: bool,
}

impl PlaceLink {
    /// The parts that there are, of which one may be shown.
    #[must_use]
    pub(crate) fn all(shown: Option<ClipSelection>) -> Vec<Self> {
        let parts = [
            (ClipSelection::All, "/", "All recordings"),
            (ClipSelection::Mine, "/?only=mine", "Mine"),
            (ClipSelection::Unread, "/?only=unread", "Unread"),
        ];
        let link = |(part, link, label)| Self { link, label, current: shown == Some(part) };
        parts.map(link).into()
    }
}

/// What is said of a part of the library in which there is nothing.
#[must_use]
pub(crate) fn empty_text(of: ClipSelection) -> &'static str {
    match of {
        ClipSelection::All => "No recordings yet. They appear here while they are being made.",
        ClipSelection::Mine => "Your recordings appear here.",
        ClipSelection::Unread => "You have seen everything.",
    }
}

/// Path of the page after one.
#[must_use]
pub(crate) fn next_page(of: ClipSelection, after: &str) -> String {
    let only = match of {
        ClipSelection::All => "",
        ClipSelection::Mine => "only=mine&",
        ClipSelection::Unread => "only=unread&",
    };
    format!("{}?{only}after={after}", paths::HOME)
}

/// One clip in the list.
pub(crate) struct ClipCard {
    /// Path of its page.
    pub page: String,
    /// Path of its poster.
    pub poster: Option<String>,
    /// Its title.
    pub heading: String,
    /// Who recorded it.
    pub author: String,
    /// Their sign-in name, where another is called the same.
    pub login: Option<String>,
    /// Whether there is something in it that the requester has not seen.
    pub unread: bool,
    /// When.
    pub recorded: Date,
    /// What is still missing of it, in a word or two.
    pub state: &'static str,
    /// How long it is.
    pub duration: String,
    /// How many replies it has.
    pub replies: u32,
}

/// The hits in one clip.
pub(crate) struct HitGroup {
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

/// One hit.
struct HitPlace {
    /// Links to it.
    link: String,
    /// Its kind, and its time.
    name: String,
    /// Who wrote it, if it is a reply.
    by: Option<ReplyWriter>,
    snippet: Vec<SnippetPiece>,
}

impl HitGroup {
    /// Groups consecutive hits of one clip.
    #[must_use]
    pub(crate) fn of(hits: Vec<SearchHit>) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for hit in hits {
            let page = paths::page(&hit.key);
            let place = HitPlace {
                link: hit
                    .at_us
                    .map_or_else(|| page.clone(), |at| format!("{page}?t={}", at.0 / 1_000_000)),
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
                    heading: if hit.title.as_str().is_empty() {
                        UNTITLED.to_owned()
                    } else {
                        hit.title.to_string()
                    },
                    author: hit.author,
                    recorded: hit.recorded_at_us.into(),
                    places: vec![place],
                }),
            }
        }
        groups
    }
}
