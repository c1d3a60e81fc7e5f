//! `/reset?secret=`: behind the link that an administrator gives to somebody who cannot sign in any more.

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use vignette_model::{ErrorCode, Problem, Secret};

use super::sign_in::with_session;
use crate::allowed::{Allowed, Anybody, SetUp, Trying};
use crate::app::{App, Shared};
use crate::headers;
use crate::pages::{Reset, page_links, render};
use crate::payload::FromForm;
use crate::refusal::{Refusal, see_other};

/// The secret of the link.
#[derive(Deserialize)]
pub struct Link {
    #[serde(default)]
    secret: String,
}

/// `GET /reset?secret=`.
pub async fn form(_: Allowed<Anybody>, State(app): State<Shared>, Query(link): Query<Link>) -> Result<Response, Refusal> {
    page(&app, &secret(&link.secret)?, None).await
}

/// What the form sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chosen {
    secret: String,
    password: String,
    end_tokens: Option<String>,
}

/// `POST /reset`.
pub async fn answer(
    Allowed { asker, .. }: Allowed<Trying<SetUp>>,
    State(app): State<Shared>,
    FromForm(chosen): FromForm<Chosen>,
) -> Result<Response, Refusal> {
    let secret = secret(&chosen.secret)?;
    let end_tokens = chosen.end_tokens.is_some();
    match app.library.reset_password(&secret, &chosen.password, end_tokens, &asker.visit()).await {
        Ok(signed_in) => Ok(with_session(&app, &signed_in, see_other("/"))),
        Err(problem) if problem.code == ErrorCode::BadRequest => page(&app, &secret, Some(&problem)).await,
        Err(problem) => Err(problem.into()),
    }
}

async fn page(app: &App, secret: &Secret, problem: Option<&Problem>) -> Result<Response, Refusal> {
    let person = app.library.check_reset(secret).await?;
    let (secret, name) = (secret.expose(), person.name.as_str());
    render(&Reset { links: page_links(), library: app.name(), secret, name, problem })
}

fn secret(text: &str) -> Result<Secret, Refusal> {
    headers::secret(text).ok_or_else(|| Refusal::new(ErrorCode::NotFound, "This link changes no password."))
}
