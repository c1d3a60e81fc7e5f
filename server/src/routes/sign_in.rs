//! Signing in and out with a browser.

use axum::extract::{Query, State};
use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use serde::Deserialize;
use vignette_library::SignedIn;
use vignette_model::ErrorCode;

use crate::allowed::{self, Allowed, Anybody, Trying};
use crate::app::{App, Shared};
use crate::asker::{device_cookie, session_cookie};
use crate::pages::{SignIn, page_links, render};
use crate::payload::FromForm;
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
    match app.library.sign_in(&typed.name, &typed.password, &asker.visit()).await {
        Ok(signed_in) => Ok(with_session(&app, &signed_in, see_other(inside(&typed.next)))),
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
    let mut response = see_other("/sign-in");
    set_cookie(&app, &mut response, session_cookie(&app), "", 0);
    Ok(response)
}

/// How long a browser is known by an earlier sign-in.
const DEVICE_SECS: u64 = 400 * 24 * 60 * 60;

/// Puts a session into the browser, and by what it is known next time. The library says when a session ends; the cookie only
/// outlives it.
pub fn with_session(app: &App, signed_in: &SignedIn, mut response: Response) -> Response {
    let life = app.library.settings().session_most.as_secs();
    set_cookie(app, &mut response, session_cookie(app), signed_in.session.expose(), life);
    if let Some(device) = &signed_in.device {
        set_cookie(app, &mut response, device_cookie(app), device.expose(), DEVICE_SECS);
    }
    response
}

fn set_cookie(app: &App, response: &mut Response, name: &str, value: &str, max_age_secs: u64) {
    let secure = if app.https() { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_secs}{secure}");
    // Names and secrets are plain text.
    if let Ok(value) = HeaderValue::from_str(&text) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

/// A path of ours to go on to; anything else leads home. A form must not send people to another site.
pub fn inside(next: &str) -> &str {
    let ours = ["/authorize?", "/account", "/people", "/c/"].iter().any(|start| next.starts_with(start));
    let plain = next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if ours && plain { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_nowhere_else() {
        for next in ["/authorize?a=b&c=http%3A%2F%2F127.0.0.1%2F", "/account", "/people", "/c/ia3kx7uizcmg2yobjzcjcn2iwu"] {
            assert_eq!(inside(next), next);
        }
        for next in ["", "https://evil.example", "//evil.example", "/\\evil.example", "/c/\r\nSet-Cookie: a=b", "javascript:1"] {
            assert_eq!(inside(next), "/", "{next}");
        }
    }
}
