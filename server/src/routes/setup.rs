//! `/setup?secret=`: the page of the set-up link and of invitations. It makes one account.

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use vignette_library::error::{LibraryError, Missing};
use vignette_library::{Newcomer, SignedIn, Visit};
use vignette_model::text::{LibraryName, Login, PersonName, TextError};
use vignette_model::{ErrorCode, Problem, Secret};

use super::replies::text_problem;
use super::sign_in::with_session;
use crate::access::allowed::{Allowed, Anyone, RateLimited, SetUp};
use crate::access::credentials;
use crate::access::payload::FromForm;
use crate::app::{App, SharedApp};
use crate::http::api_error::{ApiError, see_other};
use crate::pages::{Setup, helped_links, render};

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
    page(&app, &SetupForm { secret: query.secret, ..SetupForm::default() }, None).await
}

/// The form of the page.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetupForm {
    secret: String,
    /// What the library shall be called, where its first person may say so.
    #[serde(default)]
    library: String,
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
    match join(&app, &secret, &form, &requester.visit()).await {
        Ok(signed_in) => Ok(with_session(&app, &signed_in, see_other("/"))),
        // The link is still good, and so is everything else that was typed.
        Err(refused @ (Refused::Text(_) | Refused::Library(LibraryError::LoginTaken)))
        | Err(refused @ Refused::Library(LibraryError::PasswordLength { .. })) => {
            page(&app, &form, Some(&refused.into())).await
        }
        Err(Refused::Library(error)) => Err(link_used(error)),
    }
}

/// Why nobody joined.
enum Refused {
    /// A name is empty or too long.
    Text(TextError),
    /// Anything else.
    Library(LibraryError),
}

impl From<TextError> for Refused {
    fn from(error: TextError) -> Self {
        Self::Text(error)
    }
}

impl From<LibraryError> for Refused {
    fn from(error: LibraryError) -> Self {
        Self::Library(error)
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Text(error) => text_problem(error),
            Refused::Library(error) => error.into(),
        }
    }
}

async fn join(
    app: &App,
    secret: &Secret,
    form: &SetupForm,
    visit: &Visit<'_>,
) -> Result<SignedIn, Refused> {
    let name = PersonName::new(&form.name)?;
    let login = if form.login.trim().is_empty() { &form.name } else { &form.login };
    let newcomer = Newcomer { name, login: Login::new(login)?, password: &form.password };
    if form.library.is_empty() || app.library.is_set_up().await? {
        return Ok(app.library.join(secret, newcomer, visit).await?);
    }
    let library = LibraryName::new(&form.library)?;
    Ok(app.library.set_up(secret, &library, newcomer, visit).await?)
}

async fn page(
    app: &App,
    form: &SetupForm,
    problem: Option<&Problem>,
) -> Result<Response, ApiError> {
    let first = !app.library.is_set_up().await?;
    render(&Setup {
        links: helped_links(),
        library: &app.name(),
        first,
        asks_name: first && !app.library.settings().is_named,
        secret: &form.secret,
        library_name: &form.library,
        name: &form.name,
        login: &form.login,
        problem,
    })
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
