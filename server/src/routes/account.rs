//! `/account`: a member's own name, password, sessions and tokens.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use vignette_library::{LibraryError, SessionId, SessionView, TokenView};
use vignette_model::text::PersonName;
use vignette_model::{ErrorCode, Problem, Secret, paths};

use super::replies::text_problem;
use crate::access::allowed::{Allowed, InLibrary, KeepAccount, signed_in};
use crate::access::payload::FromForm;
use crate::access::requester::Requester;
use crate::app::{App, SharedApp};
use crate::http::api_error::{ApiError, see_other};
use crate::http::rate_limit::Purpose;
use crate::pages::{Account, SessionCard, TokenCard, helped_links, render};

/// `GET /account`.
pub(crate) async fn show_account(
    allowed: Result<Allowed<InLibrary<KeepAccount>>, ApiError>,
    State(app): State<SharedApp>,
) -> Result<Response, ApiError> {
    let Some(Allowed { requester, .. }) = signed_in(allowed)? else {
        return Ok(see_other("/sign-in?next=/account"));
    };
    page(&app, &requester, AccountNotice::None).await
}

/// The forms of the page: one of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountForm {
    name: Option<String>,
    present: Option<String>,
    new: Option<String>,
    end_tokens: Option<String>,
    end: Option<i64>,
    end_others: Option<String>,
}

/// `POST /account`.
pub(crate) async fn change_account(
    Allowed { requester, .. }: Allowed<InLibrary<KeepAccount>>,
    State(app): State<SharedApp>,
    FromForm(form): FromForm<AccountForm>,
) -> Result<Response, ApiError> {
    match form {
        AccountForm {
            name: Some(name),
            present: None,
            new: None,
            end_tokens: None,
            end: None,
            end_others: None,
        } => match PersonName::new(&name) {
            Ok(name) => {
                app.library.rename(&requester.actor, &name).await?;
                Ok(see_other(paths::ACCOUNT))
            }
            Err(error) => {
                let problem = text_problem(error);
                page(&app, &requester, AccountNotice::NameRefused { name, problem }).await
            }
        },
        AccountForm {
            name: None,
            present: Some(present),
            new: Some(new),
            end_tokens,
            end: None,
            end_others: None,
        } => {
            requester.check_rate_limit(&app, Purpose::SignIn)?;
            match app
                .library
                .change_password(&requester.actor, &present, &new, end_tokens.is_some())
                .await
            {
                Ok(()) => page(&app, &requester, AccountNotice::PasswordChanged).await,
                Err(
                    error @ (LibraryError::WrongPresentPassword
                    | LibraryError::PasswordLength { .. }),
                ) => page(&app, &requester, AccountNotice::Problem(error.into())).await,
                Err(error) => Err(error.into()),
            }
        }
        AccountForm {
            name: None,
            present: None,
            new: None,
            end_tokens: None,
            end: Some(id),
            end_others: None,
        } => {
            app.library.end_session(&requester.actor, SessionId(id)).await?;
            Ok(see_other(paths::ACCOUNT))
        }
        AccountForm {
            name: None,
            present: None,
            new: None,
            end_tokens: None,
            end: None,
            end_others: Some(_),
        } => {
            app.library.end_other_sessions(&requester.actor).await?;
            Ok(see_other(paths::ACCOUNT))
        }
        _ => Err(ApiError::new(
            ErrorCode::BadRequest,
            "A name or a password is changed, or sessions are ended.",
        )),
    }
}

/// What the page says happened.
pub(crate) enum AccountNotice {
    /// Nothing.
    None,
    /// The password was changed.
    PasswordChanged,
    /// It was not.
    Problem(Problem),
    /// The name was not changed.
    NameRefused {
        /// As it was typed.
        name: String,
        /// Why.
        problem: Problem,
    },
    /// A token was made.
    Token(Secret),
}

/// The page of the requester.
///
/// # Errors
/// `sign_in_needed`; `not_allowed` for a token.
pub(crate) async fn page(
    app: &App,
    requester: &Requester,
    notice: AccountNotice,
) -> Result<Response, ApiError> {
    let (sessions, tokens) = (
        app.library.sessions(&requester.actor).await?,
        app.library.tokens(&requester.actor).await?,
    );
    let login = app.library.login(&requester.actor).await?;
    render(&Account {
        links: helped_links(),
        library: &app.name(),
        name: requester.member_name().unwrap_or_default(),
        login: login.as_str(),
        admin: requester.actor.is_admin(),
        token: if let AccountNotice::Token(token) = &notice { Some(token.expose()) } else { None },
        changed: matches!(notice, AccountNotice::PasswordChanged),
        problem: if let AccountNotice::Problem(problem) = &notice { Some(problem) } else { None },
        refused_name: match &notice {
            AccountNotice::NameRefused { name, problem } => Some((name, problem)),
            _ => None,
        },
        others: sessions.iter().any(|session| !session.current),
        sessions: sessions.into_iter().map(session).collect(),
        tokens: tokens.into_iter().map(token).collect(),
    })
}

fn session(session: SessionView) -> SessionCard {
    SessionCard {
        id: session.id.0.to_string(),
        device: session.device,
        began: session.created_at_us.into(),
        used: session.used_at_us.into(),
        current: session.current,
    }
}

fn token(token: TokenView) -> TokenCard {
    TokenCard {
        id: token.id.0.to_string(),
        label: token.label,
        made: token.created_at_us.into(),
        used: token.used_at_us.map(Into::into),
    }
}
