//! `/reset?secret=`: a new password, by a link from an administrator.

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use vignette_library::LibraryError;
use vignette_model::{ErrorCode, Problem, Secret};

use super::sign_in::with_session;
use crate::access::allowed::{Allowed, Anyone, RateLimited, SetUp};
use crate::access::credentials;
use crate::access::payload::FromForm;
use crate::app::{App, SharedApp};
use crate::http::api_error::{ApiError, see_other};
use crate::pages::{ResetPage, plain_links, render};

/// The secret of the link.
#[derive(Deserialize)]
pub(crate) struct ResetQuery {
    #[serde(default)]
    secret: String,
}

/// `GET /reset?secret=`.
pub(crate) async fn show_reset(
    _: Allowed<Anyone>,
    State(app): State<SharedApp>,
    Query(query): Query<ResetQuery>,
) -> Result<Response, ApiError> {
    page(&app, &secret(&query.secret)?, None).await
}

/// The form of the page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResetForm {
    secret: String,
    password: String,
    end_tokens: Option<String>,
}

/// `POST /reset`.
pub(crate) async fn post_reset(
    Allowed { requester, .. }: Allowed<RateLimited<SetUp>>,
    State(app): State<SharedApp>,
    FromForm(form): FromForm<ResetForm>,
) -> Result<Response, ApiError> {
    let secret = secret(&form.secret)?;
    let end_tokens = form.end_tokens.is_some();
    match app.library.reset_password(&secret, &form.password, end_tokens, &requester.visit()).await
    {
        Ok(signed_in) => Ok(with_session(&app, &signed_in, see_other("/"))),
        Err(error @ LibraryError::PasswordLength { .. }) => {
            page(&app, &secret, Some(&error.into())).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn page(app: &App, secret: &Secret, problem: Option<&Problem>) -> Result<Response, ApiError> {
    let person = app.library.check_reset(secret).await?;
    let (secret, name) = (secret.expose(), person.name.as_str());
    render(&ResetPage { links: plain_links(), library: &app.name(), secret, name, problem })
}

fn secret(text: &str) -> Result<Secret, ApiError> {
    credentials::secret(text)
        .ok_or_else(|| ApiError::new(ErrorCode::NotFound, "This link changes no password."))
}
