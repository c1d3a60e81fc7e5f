//! A password that is typed again: before tokens are made, people let in or put out. The page that asks for it goes on with
//! what was asked, by sending the same form again with the password beside it.

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use vignette_library::{Action, Actor, may};
use vignette_model::{ErrorCode, Problem};

use super::sign_in::inside;
use crate::allowed::{Allowed, KeepTokens, OnceConfirmed};
use crate::app::{App, Shared};
use crate::asker::Asker;
use crate::pages::{Confirm, page_links, render};
use crate::payload::FromForm;
use crate::rate::Purpose;
use crate::refusal::{Refusal, see_other};

/// What was asked: the form to be sent again.
pub struct Asked<'a> {
    /// Where it goes.
    pub action: &'a str,
    /// What it says.
    pub fields: Vec<(&'a str, &'a str)>,
}

/// How it goes on.
pub enum Confirmed {
    /// With somebody who may.
    GoOn(Actor),
    /// With a page that asks for the password.
    Ask(Response),
}

/// Goes on if whoever asks may do `action`, by what they typed just now or in the last ten minutes; else asks them to.
///
/// # Errors
/// What the rules refuse for another reason; `too_many_requests`.
pub async fn confirmed(
    app: &App,
    asker: &Asker,
    action: Action,
    typed: Option<&str>,
    asked: Asked<'_>,
) -> Result<Confirmed, Refusal> {
    let problem = match may(&asker.actor, action, None) {
        Ok(()) => return Ok(Confirmed::GoOn(asker.actor.clone())),
        Err(problem) if problem.code != ErrorCode::PasswordNeeded => return Err(problem.into()),
        Err(_) => match typed.filter(|typed| !typed.is_empty()) {
            None => None,
            Some(typed) => {
                app.count_try(Purpose::SignIn, asker)?;
                match app.library.confirm(&asker.actor, typed).await {
                    Ok(actor) => return Ok(Confirmed::GoOn(actor)),
                    Err(problem) if problem.code == ErrorCode::PasswordNeeded => Some(problem),
                    Err(problem) => return Err(problem.into()),
                }
            }
        },
    };
    Ok(Confirmed::Ask(page(app, asker, problem.as_ref(), asked)?))
}

fn page(app: &App, asker: &Asker, problem: Option<&Problem>, asked: Asked<'_>) -> Result<Response, Refusal> {
    let name = asker.member_name().unwrap_or_default();
    let Asked { action, fields } = asked;
    render(&Confirm { links: page_links(), library: app.name(), name, action, fields, problem })
}

/// Where to go on afterwards.
#[derive(Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

/// `GET /confirm?next=`.
pub async fn form(
    Allowed { asker, .. }: Allowed<OnceConfirmed<KeepTokens>>,
    State(app): State<Shared>,
    Query(Next { next }): Query<Next>,
) -> Result<Response, Refusal> {
    match go_on(&app, &asker, None, &next).await? {
        Confirmed::GoOn(_) => Ok(see_other(inside(&next))),
        Confirmed::Ask(page) => Ok(page),
    }
}

/// What the form sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Typed {
    #[serde(default)]
    next: String,
    password: String,
}

/// `POST /confirm`.
pub async fn answer(
    Allowed { asker, .. }: Allowed<OnceConfirmed<KeepTokens>>,
    State(app): State<Shared>,
    FromForm(typed): FromForm<Typed>,
) -> Result<Response, Refusal> {
    match go_on(&app, &asker, Some(&typed.password), &typed.next).await? {
        Confirmed::GoOn(_) => Ok(see_other(inside(&typed.next))),
        Confirmed::Ask(page) => Ok(page),
    }
}

async fn go_on(app: &App, asker: &Asker, typed: Option<&str>, next: &str) -> Result<Confirmed, Refusal> {
    // What everybody may who typed their password lately.
    confirmed(app, asker, Action::KeepTokens, typed, Asked { action: "/confirm", fields: vec![("next", next)] }).await
}
