//! Pages: HTML that is complete without JavaScript. What people wrote is escaped here, or was
//! sanitized by the library.

pub(crate) mod assets;
mod clips;
pub(crate) mod errors;
mod people;
mod watch;

pub(crate) use clips::{ClipCard, Clips, FirstSteps, HitGroup, PlaceLink, empty_text, next_page};
pub(crate) use people::{
    Account, Authorize, Confirm, InvitationCard, MadeLink, MemberCard, OwnLibraryPage, People,
    RemovePage, ResetPage, SessionCard, Setup, SignInPage, TokenCard,
};
pub(crate) use vignette_model::take::UNTITLED;
pub(crate) use watch::{Watched, watch};

use askama::Template;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use vignette_library::markdown::summary_text;
use vignette_model::ErrorCode;
use vignette_model::api::{ClipState, ClipView};

use crate::http::api_error::ApiError;
use crate::http::date::Date;
use assets::Links;

/// What other programs show of a clip that does not play yet.
pub(crate) const ON_ITS_WAY: &str = "A clip is on its way";

/// A clip's title, or what it is called without one.
#[must_use]
pub(crate) fn heading(clip: &ClipView) -> &str {
    if clip.title.as_str().is_empty() { UNTITLED } else { clip.title.as_str() }
}

/// A sentence about a clip that is not complete; empty if it is.
#[must_use]
pub(crate) fn state_text(clip: &ClipView) -> &'static str {
    match (clip.state, clip.hls.is_some()) {
        (ClipState::Recording, true) => {
            "This clip is being recorded. You see it a few seconds behind."
        }
        (ClipState::Recording, false) => {
            "This clip is being recorded. It can be watched as soon as the recording stops."
        }
        (ClipState::Arriving, true) => "The last of this clip is still on its way.",
        (ClipState::Arriving, false) => "This clip is on its way and can be watched in a moment.",
        (ClipState::Interrupted, true) => {
            "The rest of this clip never arrived. What is here plays."
        }
        (ClipState::Interrupted, false) => "This clip never arrived.",
        (ClipState::Ready, _) => "",
    }
}

/// The same in a word or two, for lists.
#[must_use]
pub(crate) fn state_word(clip: &ClipView) -> &'static str {
    match clip.state {
        ClipState::Recording => "recording",
        ClipState::Arriving => "on its way",
        ClipState::Interrupted => "interrupted",
        ClipState::Ready => "",
    }
}

/// The first sentence of the summary, or who recorded it when.
#[must_use]
pub(crate) fn description(clip: &ClipView) -> String {
    let text = summary_text(clip.summary.as_str());
    let end = text.find(". ").map_or(text.len(), |dot| dot + 1);
    let sentence: String = text.chars().take(text[..end].chars().count().min(200)).collect();
    if sentence.is_empty() {
        format!("Recorded by {} on {}.", clip.author, Date::from(clip.recorded_at_us).text)
    } else {
        sentence
    }
}

/// The style sheet of all pages, by its key in the manifest.
const STYLE: &str = "src/page.css";

/// The script of pages that are whole without one, likewise: it copies links and repeats names.
const PLAIN_SCRIPT: &str = "src/plain/main.ts";

/// The links of a page without a script.
#[must_use]
pub(crate) fn plain_links() -> Links {
    assets::links(&[STYLE], None)
}

/// The script of the library's home page, likewise.
const HOME_SCRIPT: &str = "src/home/main.svelte.ts";

/// The links of the library's home page.
#[must_use]
pub(crate) fn home_links() -> Links {
    assets::links(&[STYLE, HOME_SCRIPT], None)
}

/// The links of a page on which something is copied or filled in.
#[must_use]
pub(crate) fn helped_links() -> Links {
    assets::links(&[STYLE, PLAIN_SCRIPT], None)
}

/// Renders a page. Pages are made for one requester and never cached.
///
/// # Errors
/// [`ErrorCode::Internal`] if it cannot be rendered.
pub(crate) fn render(page: &impl Template) -> Result<Response, ApiError> {
    let html = page
        .render()
        .map_err(|_| ApiError::new(ErrorCode::Internal, "The page could not be written."))?;
    Ok(([(CONTENT_TYPE, "text/html; charset=utf-8"), (CACHE_CONTROL, "no-store")], html)
        .into_response())
}
