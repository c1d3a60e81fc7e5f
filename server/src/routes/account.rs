//! `/account`: one's own password, sessions and tokens.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use vignette_library::{SessionId, SessionView, TokenView};
use vignette_model::{ErrorCode, Problem, Secret};

use crate::allowed::{Allowed, InLibrary, KeepAccount, signed_in};
use crate::app::{App, Shared};
use crate::asker::Asker;
use crate::pages::{Account, SessionCard, TokenCard, page_links, render};
use crate::payload::FromForm;
use crate::rate::Purpose;
use crate::refusal::{Refusal, see_other};

/// `GET /account`.
pub async fn show(
    asked: Result<Allowed<InLibrary<KeepAccount>>, Refusal>,
    State(app): State<Shared>,
) -> Result<Response, Refusal> {
    let Some(Allowed { asker, .. }) = signed_in(asked)? else { return Ok(see_other("/sign-in?next=/account")) };
    page(&app, &asker, Notice::None).await
}

/// What the forms send: one of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    present: Option<String>,
    new: Option<String>,
    end_tokens: Option<String>,
    end: Option<i64>,
    end_others: Option<String>,
}

/// `POST /account`.
pub async fn change(
    Allowed { asker, .. }: Allowed<InLibrary<KeepAccount>>,
    State(app): State<Shared>,
    FromForm(change): FromForm<Change>,
) -> Result<Response, Refusal> {
    match change {
        Change { present: Some(present), new: Some(new), end_tokens, end: None, end_others: None } => {
            app.count_try(Purpose::SignIn, &asker)?;
            match app.library.change_password(&asker.actor, &present, &new, end_tokens.is_some()).await {
                Ok(()) => page(&app, &asker, Notice::PasswordChanged).await,
                Err(problem) if problem.code == ErrorCode::BadRequest => page(&app, &asker, Notice::Problem(problem)).await,
                Err(problem) => Err(problem.into()),
            }
        }
        Change { present: None, new: None, end_tokens: None, end: Some(id), end_others: None } => {
            app.library.end_session(&asker.actor, SessionId(id)).await?;
            Ok(see_other("/account"))
        }
        Change { present: None, new: None, end_tokens: None, end: None, end_others: Some(_) } => {
            app.library.end_other_sessions(&asker.actor).await?;
            Ok(see_other("/account"))
        }
        _ => Err(Refusal::new(ErrorCode::BadRequest, "Either a password is changed or sessions are ended.")),
    }
}

/// What has just happened, said on the page.
pub enum Notice {
    /// Nothing.
    None,
    /// The password was changed.
    PasswordChanged,
    /// It was not.
    Problem(Problem),
    /// A token was made.
    Token(Secret),
}

/// The page, for whoever asks.
///
/// # Errors
/// `sign_in_needed`; `not_allowed` for a token.
pub async fn page(app: &App, asker: &Asker, notice: Notice) -> Result<Response, Refusal> {
    let (sessions, tokens) = (app.library.sessions(&asker.actor).await?, app.library.tokens(&asker.actor).await?);
    render(&Account {
        links: page_links(),
        library: app.name(),
        name: asker.member_name().unwrap_or_default(),
        admin: asker.actor.is_admin(),
        token: if let Notice::Token(token) = &notice { Some(token.expose()) } else { None },
        changed: matches!(notice, Notice::PasswordChanged),
        problem: if let Notice::Problem(problem) = &notice { Some(problem) } else { None },
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
