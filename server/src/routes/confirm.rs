//! Confirming the password again: before tokens are made, people invited or removed. The page that
//! asks for it repeats the original form with the password added.

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use vignette_library::{Action, Actor, LibraryError, Resource, may};
use vignette_model::{Problem, paths};

use super::sign_in::local_path;
use crate::access::allowed::{Allowed, KeepTokens, OnceConfirmed};
use crate::access::payload::FromForm;
use crate::access::requester::Requester;
use crate::app::{App, SharedApp};
use crate::http::api_error::{ApiError, see_other};
use crate::http::rate_limit::Purpose;
use crate::pages::{Confirm, plain_links, render};

/// The form that waits for the password.
pub(crate) struct PendingForm<'a> {
    /// Where it is sent.
    pub action: &'a str,
    /// Its fields.
    pub fields: Vec<(&'a str, &'a str)>,
}

/// The result of [`confirm`].
pub(crate) enum Confirmation {
    /// The password was typed now or within the last ten minutes.
    Confirmed(Actor),
    /// The page that asks for it.
    AskPassword(Response),
}

/// Checks that the requester may do `action`, with the password `typed` now or within the last ten
/// minutes; else gives the page that asks for it.
///
/// # Errors
/// What the rules refuse for another reason; `too_many_requests`.
pub(crate) async fn confirm(
    app: &App,
    requester: &Requester,
    action: Action,
    typed: Option<&str>,
    form: PendingForm<'_>,
) -> Result<Confirmation, ApiError> {
    let problem = match may(&requester.actor, action, Resource::Library) {
        Ok(()) => return Ok(Confirmation::Confirmed(requester.actor.clone())),
        Err(LibraryError::PasswordNeeded) => match typed.filter(|typed| !typed.is_empty()) {
            None => None,
            Some(typed) => {
                requester.check_rate_limit(app, Purpose::SignIn)?;
                match app.library.confirm(&requester.actor, typed).await {
                    Ok(actor) => return Ok(Confirmation::Confirmed(actor)),
                    Err(error @ LibraryError::WrongPassword) => Some(Problem::from(error)),
                    Err(error) => return Err(error.into()),
                }
            }
        },
        Err(error) => return Err(error.into()),
    };
    Ok(Confirmation::AskPassword(page(app, requester, problem.as_ref(), form)?))
}

fn page(
    app: &App,
    requester: &Requester,
    problem: Option<&Problem>,
    form: PendingForm<'_>,
) -> Result<Response, ApiError> {
    let name = requester.member_name().unwrap_or_default();
    let PendingForm { action, fields } = form;
    render(&Confirm { links: plain_links(), library: &app.name(), name, action, fields, problem })
}

/// Where to continue afterwards.
#[derive(Deserialize)]
pub(crate) struct ConfirmQuery {
    #[serde(default)]
    next: String,
}

/// `GET /confirm?next=`.
pub(crate) async fn show_confirm(
    Allowed { requester, .. }: Allowed<OnceConfirmed<KeepTokens>>,
    State(app): State<SharedApp>,
    Query(ConfirmQuery { next }): Query<ConfirmQuery>,
) -> Result<Response, ApiError> {
    match confirm_for(&app, &requester, None, &next).await? {
        Confirmation::Confirmed(_) => Ok(see_other(local_path(&next))),
        Confirmation::AskPassword(page) => Ok(page),
    }
}

/// The form of the page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfirmForm {
    #[serde(default)]
    next: String,
    password: String,
}

/// `POST /confirm`.
pub(crate) async fn post_confirm(
    Allowed { requester, .. }: Allowed<OnceConfirmed<KeepTokens>>,
    State(app): State<SharedApp>,
    FromForm(form): FromForm<ConfirmForm>,
) -> Result<Response, ApiError> {
    match confirm_for(&app, &requester, Some(&form.password), &form.next).await? {
        Confirmation::Confirmed(_) => Ok(see_other(local_path(&form.next))),
        Confirmation::AskPassword(page) => Ok(page),
    }
}

async fn confirm_for(
    app: &App,
    requester: &Requester,
    typed: Option<&str>,
    next: &str,
) -> Result<Confirmation, ApiError> {
    // `KeepTokens` stands for everything that needs a confirmed password.
    confirm(
        app,
        requester,
        Action::KeepTokens,
        typed,
        PendingForm { action: paths::CONFIRM, fields: vec![("next", next)] },
    )
    .await
}
