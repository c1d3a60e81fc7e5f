//! `/setup?secret=`: the page of the set-up link and of invitations. It makes one account.

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use vignette_library::Newcomer;
use vignette_library::error::{LibraryError, Missing};
use vignette_model::text::{Login, PersonName};
use vignette_model::{ErrorCode, Problem, Secret};

use super::replies::invalid_text;
use super::sign_in::with_session;
use crate::access::allowed::{Allowed, Anyone, RateLimited, SetUp};
use crate::access::credentials;
use crate::access::payload::FromForm;
use crate::app::SharedApp;
use crate::http::api_error::{ApiError, see_other};
use crate::pages::{Setup, render, setup_links};

/// The secret of the link.
#[derive(Deserialize)]
pub(crate) struct SetupQuery {
    #[serde(default)]
    secret: String,
}

/// `GET /setup?secret=`.
pub(crate) async fn show_setup(
    _: Allowed<Anyone>,
    State(app): State<SharedApp>,
    Query(query): Query<SetupQuery>,
) -> Result<Response, ApiError> {
    app.library.check_invite(&secret(&query.secret)?).await.map_err(link_used)?;
    render(&Setup {
        links: setup_links(),
        library: app.name(),
        secret: &query.secret,
        name: "",
        login: "",
        problem: None,
    })
}

/// The form of the page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetupForm {
    secret: String,
    name: String,
    /// Empty if they sign in by their name.
    #[serde(default)]
    login: String,
    password: String,
}

/// `POST /setup`.
pub(crate) async fn post_setup(
    Allowed { requester, .. }: Allowed<RateLimited<SetUp>>,
    State(app): State<SharedApp>,
    FromForm(form): FromForm<SetupForm>,
) -> Result<Response, ApiError> {
    let secret = secret(&form.secret)?;
    let name = PersonName::new(&form.name).map_err(invalid_text)?;
    let login = if form.login.trim().is_empty() { &form.name } else { &form.login };
    let login = Login::new(login).map_err(invalid_text)?;
    let newcomer = Newcomer { name, login, password: &form.password };
    match app.library.join(&secret, newcomer, &requester.visit()).await {
        Ok(signed_in) => Ok(with_session(&app, &signed_in, see_other("/"))),
        Err(error @ (LibraryError::LoginTaken | LibraryError::PasswordLength { .. })) => {
            render(&Setup {
                links: setup_links(),
                library: app.name(),
                secret: &form.secret,
                name: &form.name,
                login: &form.login,
                problem: Some(&error.into()),
            })
        }
        Err(error) => Err(link_used(error)),
    }
}

fn secret(text: &str) -> Result<Secret, ApiError> {
    credentials::secret(text)
        .ok_or_else(|| link_used(LibraryError::NotFound(Missing::OpenInvitation)))
}

fn link_used(error: LibraryError) -> ApiError {
    if !matches!(error, LibraryError::NotFound(Missing::OpenInvitation)) {
        return error.into();
    }
    Problem::new(ErrorCode::NotFound, "This link has been used, or it is too old.")
        .with_help("Sign in if you have an account; else ask for a new invitation.")
        .into()
}
