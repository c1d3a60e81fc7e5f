//! The [`Requester`]: who sent a request, by the secrets it carries. The library decides what they may
//! do.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::extract::{ConnectInfo, FromRequestParts, Path};
use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use vignette_library::{Actor, LibraryError, Visit};
use vignette_model::{ErrorCode, Secret};

use super::credentials::{bearer, cookies, reply_secret};
use super::user_agent;
use crate::app::{App, SharedApp};
use crate::http::api_error::ApiError;
use crate::http::peer::{RateLimitKey, client_address};
use crate::http::rate_limit::Purpose;

/// Who sent a request.
pub(crate) struct Requester {
    /// Whose secrets they are: what they may do depends on it.
    pub actor: Actor,
    /// The client's address.
    pub address: IpAddr,
    secrets: RequestSecrets,
    client: String,
    browser: String,
    devices: Vec<Secret>,
}

/// The most cookies of one name that are tried.
const MAX_COOKIES: usize = 16;

/// The secrets that a request carries.
#[derive(Clone, Debug, Default)]
struct RequestSecrets {
    token: Option<Secret>,
    session: Option<Secret>,
    reply: Option<Secret>,
}

impl RequestSecrets {
    /// Reads the headers and looks up whose secrets they are. Of several session cookies the first
    /// valid one counts: over plain http, programs on other ports of this host can set cookies of
    /// the same name.
    async fn read(app: &App, headers: &HeaderMap) -> Result<(Self, Actor), LibraryError> {
        let mut secrets =
            Self { token: bearer(headers), session: None, reply: reply_secret(headers) };
        if secrets.token.is_none() {
            for session in cookies(headers, session_cookie(app)).take(MAX_COOKIES) {
                secrets.session = Some(session);
                let actor = secrets.actor(app).await?;
                if actor.person().is_some() {
                    return Ok((secrets, actor));
                }
            }
        }
        let actor = secrets.actor(app).await?;
        Ok((secrets, actor))
    }

    /// The actor they belong to. An invalid secret counts as none: a link shows its clip to a
    /// recorder that was signed out as to anybody, and where an account is needed the library
    /// refuses.
    async fn actor(&self, app: &App) -> Result<Actor, LibraryError> {
        let member = match (&self.token, &self.session) {
            (Some(token), _) => app.library.actor_for_token(token).await,
            (None, Some(session)) => app.library.actor_for_session(session).await,
            (None, None) => Ok(Actor::anonymous()),
        };
        let actor = match member {
            Err(LibraryError::UnknownToken | LibraryError::SessionEnded) => Actor::anonymous(),
            other => other?,
        };
        Ok(match &self.reply {
            Some(secret) => actor.with_reply_secret(secret.clone()),
            None => actor,
        })
    }
}

impl Requester {
    /// The session or token they signed in with.
    #[must_use]
    pub(crate) fn signed_in_with(&self) -> Option<&Secret> {
        self.secrets.token.as_ref().or(self.secrets.session.as_ref())
    }

    /// What a sign-in records about the browser.
    #[must_use]
    pub(crate) fn visit(&self) -> Visit<'_> {
        Visit { from: &self.client, browser: &self.browser, devices: &self.devices }
    }

    /// Looks the actor up again: for event streams, which outlive sessions and tokens.
    ///
    /// # Errors
    /// `internal`.
    pub(crate) async fn current_actor(&self, app: &App) -> Result<Actor, LibraryError> {
        self.secrets.actor(app).await
    }

    /// The member's name, if they are one.
    #[must_use]
    pub(crate) fn member_name(&self) -> Option<&str> {
        self.actor.person().map(|person| person.name.as_str())
    }

    /// Counts an attempt against the rate limit of the client. Members' replies and reactions are not limited,
    /// since they answer for them; passwords, invitations and codes are limited for everybody.
    ///
    /// # Errors
    /// `too_many_requests` with `Retry-After`.
    pub(crate) fn check_rate_limit(&self, app: &App, purpose: Purpose) -> Result<(), ApiError> {
        let answers = matches!(purpose, Purpose::Reply | Purpose::React);
        if answers && self.actor.person().is_some() {
            return Ok(());
        }
        let key = RateLimitKey::of(self.address);
        app.rate_limiters.try_once(purpose, key).map_err(ApiError::too_many)
    }
}

impl FromRequestParts<SharedApp> for Requester {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &SharedApp) -> Result<Self, ApiError> {
        let connection = connection_address(parts)?;
        app.warnings.check_proxy(connection, &parts.headers, &app.trusted_proxies);
        let (secrets, actor) = RequestSecrets::read(app, &parts.headers).await?;
        let address = client_address(connection, &parts.headers, &app.trusted_proxies);
        let user_agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
        Ok(Self {
            actor,
            address,
            secrets,
            client: RateLimitKey::of(address).to_string(),
            browser: user_agent::describe(user_agent.unwrap_or_default()),
            devices: cookies(&parts.headers, device_cookie(app)).take(MAX_COOKIES).collect(),
        })
    }
}

/// The address of the connection that a request came by.
fn connection_address(parts: &Parts) -> Result<SocketAddr, ApiError> {
    let address = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let address = address.map(|ConnectInfo(address)| *address);
    address.ok_or_else(|| ApiError::new(ErrorCode::Internal, "The connection has no address."))
}

/// The client's address, without looking up who sent the request.
///
/// # Errors
/// `internal`.
pub(crate) fn client_of(parts: &Parts, app: &App) -> Result<IpAddr, ApiError> {
    Ok(client_address(connection_address(parts)?, &parts.headers, &app.trusted_proxies))
}

/// The name of the session cookie. With the prefix, used over https, browsers accept it from this very
/// host alone.
#[must_use]
pub(crate) fn session_cookie(app: &App) -> &'static str {
    if app.https() { "__Host-vignette" } else { "vignette" }
}

/// The name of the cookie by which a later sign-in recognizes the browser.
#[must_use]
pub(crate) fn device_cookie(app: &App) -> &'static str {
    if app.https() { "__Host-vignette-device" } else { "vignette-device" }
}

/// The id, key or secret in a path. One that cannot be parsed is not found, like one that does not
/// exist.
pub(crate) struct PathParam<T>(pub T);

impl<T: FromStr + Send> FromRequestParts<SharedApp> for PathParam<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &SharedApp) -> Result<Self, ApiError> {
        let text = Path::<String>::from_request_parts(parts, app).await.ok();
        text.and_then(|Path(text)| text.parse().ok()).map(PathParam).ok_or_else(not_found)
    }
}

/// Two of them in one path.
pub(crate) struct PathParams<T, U>(pub T, pub U);

impl<T: FromStr + Send, U: FromStr + Send> FromRequestParts<SharedApp> for PathParams<T, U> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &SharedApp) -> Result<Self, ApiError> {
        let texts = Path::<(String, String)>::from_request_parts(parts, app).await.ok();
        texts
            .and_then(|Path((t, u))| Some(PathParams(t.parse().ok()?, u.parse().ok()?)))
            .ok_or_else(not_found)
    }
}

fn not_found() -> ApiError {
    ApiError::new(ErrorCode::NotFound, "There is nothing at this address.")
}
