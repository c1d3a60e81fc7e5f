//! Signing in and out with a browser.

use axum::extract::{Query, State};
use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use vignette_model::{ErrorCode, Secret};

use crate::allowed::{self, Allowed, Anybody, Trying};
use crate::app::{App, Shared};
use crate::asker::session_cookie;
use crate::pages::{SignIn, page_links, render};
use crate::payload::FromForm;
use crate::peer::household;
use crate::refusal::{Refusal, see_other};

/// Where to go on after signing in.
#[derive(Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

/// `GET /sign-in`.
pub async fn form(
    Allowed { asker, .. }: Allowed<Anybody>,
    State(app): State<Shared>,
    Query(Next { next }): Query<Next>,
) -> Result<Response, Refusal> {
    if asker.actor.person().is_some() {
        return Ok(see_other(inside(&next)));
    }
    render(&SignIn { links: page_links(), library: app.name(), next: &next, name: "", problem: None })
}

/// What the form sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    #[serde(default)]
    next: String,
    name: String,
    password: String,
}

/// `POST /sign-in`.
pub async fn answer(
    Allowed { asker, .. }: Allowed<Trying<allowed::SignIn>>,
    State(app): State<Shared>,
    FromForm(typed): FromForm<Credentials>,
) -> Result<Response, Refusal> {
    match app.library.sign_in(&typed.name, &typed.password, &household(asker.peer).to_string()).await {
        Ok(signed_in) => Ok(with_session(&app, &signed_in.session, see_other(inside(&typed.next)))),
        Err(problem) if problem.code == ErrorCode::SignInNeeded => {
            let (library, next, name) = (app.name(), &typed.next, &typed.name);
            // Shown with 200: for the browser the page is the answer, and the form on it works.
            render(&SignIn { links: page_links(), library, next, name, problem: Some(&problem) })
        }
        Err(problem) => Err(problem.into()),
    }
}

/// `POST /sign-out`.
pub async fn out(Allowed { asker, .. }: Allowed<Anybody>, State(app): State<Shared>) -> Result<Response, Refusal> {
    if let Some(secret) = asker.signed_in_with() {
        app.library.sign_out(secret).await?;
    }
    Ok((cookie(&app, "", Some(0)), see_other("/sign-in")).into_response())
}

/// Puts a session into the browser.
pub fn with_session(app: &App, session: &Secret, response: Response) -> Response {
    let life = app.library.settings().session_life.as_secs();
    (cookie(app, session.expose(), Some(life)), response).into_response()
}

fn cookie(app: &App, value: &str, max_age_secs: Option<u64>) -> [(axum::http::HeaderName, HeaderValue); 1] {
    let secure = if app.https() { "; Secure" } else { "" };
    let age = max_age_secs.map(|secs| format!("; Max-Age={secs}")).unwrap_or_default();
    let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{age}{secure}", session_cookie(app));
    [(SET_COOKIE, HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("vignette=; Max-Age=0")))]
}

/// A path of ours to go on to; anything else leads home. A form must not send people to another site.
fn inside(next: &str) -> &str {
    let ours = ["/authorize?", "/tokens", "/c/"].iter().any(|start| next.starts_with(start));
    let plain = next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if ours && plain { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_nowhere_else() {
        for next in ["/authorize?a=b&c=http%3A%2F%2F127.0.0.1%2F", "/tokens", "/c/ia3kx7uizcmg2yobjzcjcn2iwu"] {
            assert_eq!(inside(next), next);
        }
        for next in ["", "https://evil.example", "//evil.example", "/\\evil.example", "/c/\r\nSet-Cookie: a=b", "javascript:1"] {
            assert_eq!(inside(next), "/", "{next}");
        }
    }
}
