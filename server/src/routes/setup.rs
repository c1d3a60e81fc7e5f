//! `/setup?secret=`: behind the set-up link and behind invitations. Makes an account, once.

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use vignette_model::text::PersonName;
use vignette_model::{ErrorCode, Problem, Secret};

use super::replies::wrong;
use super::sign_in::with_session;
use crate::allowed::{Allowed, Anybody, SetUp, Trying};
use crate::app::Shared;
use crate::headers;
use crate::pages::{Setup, page_links, render};
use crate::payload::FromForm;
use crate::refusal::{Refusal, see_other};

/// The secret of the link.
#[derive(Deserialize)]
pub struct Link {
    #[serde(default)]
    secret: String,
}

/// `GET /setup?secret=`.
pub async fn form(_: Allowed<Anybody>, State(app): State<Shared>, Query(link): Query<Link>) -> Result<Response, Refusal> {
    app.library.check_invite(&secret(&link.secret)?).await.map_err(used_up)?;
    render(&Setup { links: page_links(), library: app.name(), secret: &link.secret, name: "", problem: None })
}

/// What the form sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    secret: String,
    name: String,
    password: String,
}

/// `POST /setup`.
pub async fn answer(
    Allowed { asker, .. }: Allowed<Trying<SetUp>>,
    State(app): State<Shared>,
    FromForm(typed): FromForm<Account>,
) -> Result<Response, Refusal> {
    let name = PersonName::new(&typed.name).map_err(wrong)?;
    match app.library.join(&secret(&typed.secret)?, name, &typed.password, &asker.visit()).await {
        Ok(signed_in) => Ok(with_session(&app, &signed_in, see_other("/"))),
        Err(problem) if matches!(problem.code, ErrorCode::BadRequest | ErrorCode::Conflict) => {
            let (library, secret, name) = (app.name(), &typed.secret, &typed.name);
            render(&Setup { links: page_links(), library, secret, name, problem: Some(&problem) })
        }
        Err(problem) => Err(used_up(problem)),
    }
}

fn secret(text: &str) -> Result<Secret, Refusal> {
    headers::secret(text).ok_or_else(|| used_up(Problem::new(ErrorCode::NotFound, "")))
}

fn used_up(problem: Problem) -> Refusal {
    if problem.code != ErrorCode::NotFound {
        return problem.into();
    }
    Problem::new(ErrorCode::NotFound, "This link has been used, or it is too old.")
        .with_help("Sign in if you have an account; else ask for a new invitation.")
        .into()
}
