//! The [`Asker`]: whoever sent a request, as the things they hold. Every route takes one, and the library decides what it may.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::extract::{ConnectInfo, FromRequestParts, Path};
use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use vignette_library::{Actor, Visit};
use vignette_model::{ErrorCode, Problem, Secret};

use crate::app::{App, Shared};
use crate::browser;
use crate::headers::{bearer, cookies, reply_secret};
use crate::peer::{household, peer};
use crate::refusal::Refusal;

/// Whoever sent a request.
pub struct Asker {
    /// What they may is decided by what this holds.
    pub actor: Actor,
    /// Where they ask from.
    pub peer: IpAddr,
    held: Held,
    from: String,
    browser: String,
    devices: Vec<Secret>,
}

/// Of several cookies of one name, how many are looked at.
const COOKIES: usize = 16;

/// The secrets a request carries.
#[derive(Clone, Debug, Default)]
struct Held {
    token: Option<Secret>,
    session: Option<Secret>,
    reply: Option<Secret>,
}

impl Held {
    /// What the headers carry, and whose it is. Of several sessions the one that opens something counts: the others were set
    /// by another program on this host.
    async fn read(app: &App, headers: &HeaderMap) -> Result<(Self, Actor), Problem> {
        let mut held = Self { token: bearer(headers), session: None, reply: reply_secret(headers) };
        if held.token.is_none() {
            for session in cookies(headers, session_cookie(app)).take(COOKIES) {
                held.session = Some(session);
                let actor = held.actor(app).await?;
                if actor.person().is_some() {
                    return Ok((held, actor));
                }
            }
        }
        let actor = held.actor(app).await?;
        Ok((held, actor))
    }

    /// Whose they are. What opens nothing (any more) counts as nothing: a link shows its clip to a recorder that was signed
    /// out as it does to anybody, and where an account is needed the library says so.
    async fn actor(&self, app: &App) -> Result<Actor, Problem> {
        let member = match (&self.token, &self.session) {
            (Some(token), _) => app.library.actor_for_token(token).await,
            (None, Some(session)) => app.library.actor_for_session(session).await,
            (None, None) => Ok(Actor::nobody()),
        };
        let actor = match member {
            Err(problem) if problem.code == ErrorCode::SignInNeeded => Actor::nobody(),
            other => other?,
        };
        Ok(match &self.reply {
            Some(secret) => actor.with_reply_secret(secret.clone()),
            None => actor,
        })
    }
}

impl Asker {
    /// The session or token they signed in with, to be signed out.
    #[must_use]
    pub fn signed_in_with(&self) -> Option<&Secret> {
        self.held.token.as_ref().or(self.held.session.as_ref())
    }

    /// By what they come to sign in.
    #[must_use]
    pub fn visit(&self) -> Visit<'_> {
        Visit { from: &self.from, browser: &self.browser, devices: &self.devices }
    }

    /// The same, asked anew: for those who listen for a long time.
    ///
    /// # Errors
    /// `internal`.
    pub async fn again(&self, app: &App) -> Result<Actor, Problem> {
        self.held.actor(app).await
    }

    /// The name of the member who asks, if it is one.
    #[must_use]
    pub fn member_name(&self) -> Option<&str> {
        self.actor.person().map(|person| person.name.as_str())
    }
}

impl FromRequestParts<Shared> for Asker {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Refusal> {
        let connection = connection(parts)?;
        app.advice.see(connection, &parts.headers, &app.trusted_proxies);
        let (held, actor) = Held::read(app, &parts.headers).await?;
        let peer = peer(connection, &parts.headers, &app.trusted_proxies);
        let user_agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Ok(Self {
            actor,
            peer,
            held,
            from: household(peer).to_string(),
            browser: browser::name(user_agent),
            devices: cookies(&parts.headers, device_cookie(app)).take(COOKIES).collect(),
        })
    }
}

/// The address of the connection that a request came by.
fn connection(parts: &Parts) -> Result<SocketAddr, Refusal> {
    let connection = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| *address);
    connection.ok_or_else(|| Refusal::new(ErrorCode::Internal, "The connection has no address."))
}

/// Where a request comes from, without asking who sent it.
///
/// # Errors
/// `internal`.
pub fn peer_of(parts: &Parts, app: &App) -> Result<IpAddr, Refusal> {
    Ok(peer(connection(parts)?, &parts.headers, &app.trusted_proxies))
}

/// The session cookie's name. Over https the prefix makes the browser refuse it from anybody but this very host.
#[must_use]
pub fn session_cookie(app: &App) -> &'static str {
    if app.https() { "__Host-vignette" } else { "vignette" }
}

/// The name of the cookie by which a browser is known at its next sign-in.
#[must_use]
pub fn device_cookie(app: &App) -> &'static str {
    if app.https() { "__Host-vignette-device" } else { "vignette-device" }
}

/// The id, key or secret in a path. One that cannot be right names nothing: `404`, as for one that does not exist.
pub struct At<T>(pub T);

impl<T: FromStr + Send> FromRequestParts<Shared> for At<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Refusal> {
        let text = Path::<String>::from_request_parts(parts, app).await.ok();
        text.and_then(|Path(text)| text.parse().ok()).map(At).ok_or_else(nothing)
    }
}

/// Two of them in one path.
pub struct AtBoth<T, U>(pub T, pub U);

impl<T: FromStr + Send, U: FromStr + Send> FromRequestParts<Shared> for AtBoth<T, U> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Refusal> {
        let texts = Path::<(String, String)>::from_request_parts(parts, app).await.ok();
        texts.and_then(|Path((t, u))| Some(AtBoth(t.parse().ok()?, u.parse().ok()?))).ok_or_else(nothing)
    }
}

fn nothing() -> Refusal {
    Refusal::new(ErrorCode::NotFound, "There is nothing at this address.")
}
