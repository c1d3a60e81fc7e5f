//! `/sign-in`, `/sign-out`: sessions of browsers.

use axum::extract::{Query, State};
use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use cookie::time::Duration as CookieDuration;
use cookie::{Cookie, SameSite};
use serde::Deserialize;
use vignette_library::{LibraryError, SignedIn};
use vignette_model::paths;

use crate::access::allowed::{self, Allowed, Anyone, RateLimited};
use crate::access::payload::FromForm;
use crate::access::requester::{device_cookie, session_cookie};
use crate::app::{App, SharedApp};
use crate::http::api_error::{ApiError, see_other};
use crate::pages::{OwnLibraryPage, SignInPage, plain_links, render};

/// Where to continue after signing in.
#[derive(Deserialize)]
pub(crate) struct SignInQuery {
    #[serde(default)]
    next: String,
}

/// `GET /sign-in`.
pub(crate) async fn show_sign_in(
    Allowed { requester, .. }: Allowed<Anyone>,
    State(app): State<SharedApp>,
    Query(SignInQuery { next }): Query<SignInQuery>,
) -> Result<Response, ApiError> {
    if requester.actor.person().is_some() {
        return Ok(see_other(local_path(&next)));
    }
    if app.of_one_computer {
        return render(&OwnLibraryPage { links: plain_links(), library: &app.name() });
    }
    render(&SignInPage {
        links: plain_links(),
        library: &app.name(),
        next: &next,
        login: "",
        problem: None,
    })
}

/// The form of the page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInForm {
    #[serde(default)]
    next: String,
    login: String,
    password: String,
}

/// `POST /sign-in`.
pub(crate) async fn post_sign_in(
    Allowed { requester, .. }: Allowed<RateLimited<allowed::SignInAttempt>>,
    State(app): State<SharedApp>,
    FromForm(form): FromForm<SignInForm>,
) -> Result<Response, ApiError> {
    match app.library.sign_in(&form.login, &form.password, &requester.visit()).await {
        Ok(signed_in) => Ok(with_session(&app, &signed_in, see_other(local_path(&form.next)))),
        Err(error @ LibraryError::WrongLogin) => {
            let (library, next, login) = (&app.name(), &form.next, &form.login);
            // With 200: password managers and browsers treat the page as usable then.
            render(&SignInPage {
                links: plain_links(),
                library,
                next,
                login,
                problem: Some(&error.into()),
            })
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /sign-out`.
pub(crate) async fn sign_out(
    Allowed { requester, .. }: Allowed<Anyone>,
    State(app): State<SharedApp>,
) -> Result<Response, ApiError> {
    if let Some(secret) = requester.signed_in_with() {
        app.library.sign_out(secret).await?;
    }
    let mut response = see_other(paths::SIGN_IN);
    set_cookie(&app, &mut response, session_cookie(&app), "", 0);
    Ok(response)
}

/// How long a browser is recognized after a sign-in.
const DEVICE_SECS: i64 = 400 * 24 * 60 * 60;

/// Sets the cookies of a session and of the device. The library decides when a session ends; the
/// cookie only lives at least as long.
pub(crate) fn with_session(app: &App, signed_in: &SignedIn, mut response: Response) -> Response {
    let life = i64::try_from(app.library.settings().session_most.as_secs()).unwrap_or(i64::MAX);
    set_cookie(app, &mut response, session_cookie(app), signed_in.session.expose(), life);
    if let Some(device) = &signed_in.device {
        set_cookie(app, &mut response, device_cookie(app), device.expose(), DEVICE_SECS);
    }
    response
}

fn set_cookie(app: &App, response: &mut Response, name: &str, value: &str, max_age_secs: i64) {
    let cookie = Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(CookieDuration::seconds(max_age_secs))
        .secure(app.https());
    // Names and secrets are ASCII, so this does not fail.
    if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

/// `next`, if it is a path of this site to continue at, else `/`: a form must not redirect to other
/// sites.
pub(crate) fn local_path(next: &str) -> &str {
    let pages = [paths::AUTHORIZE, paths::ACCOUNT, paths::PEOPLE];
    let path = next.split('?').next().unwrap_or_default();
    let known = pages.contains(&path) || paths::key_of_page(path).is_some();
    let plain = next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if known && plain { next } else { paths::HOME }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_never_redirects_to_another_site() {
        for next in [
            "/authorize?a=b&c=http%3A%2F%2F127.0.0.1%2F",
            "/account",
            "/people",
            "/c/ia3kx7uizcmg2yobjzcjcn2iwu",
        ] {
            assert_eq!(local_path(next), next);
        }
        for next in [
            "",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/c/\r\nSet-Cookie: a=b",
            "javascript:1",
        ] {
            assert_eq!(local_path(next), "/", "{next}");
        }
    }
}
