//! Bodies that are read whole: JSON, forms, pictures. How much is taken depends on whose they are, one by one and in all, and
//! what is large is parsed where it holds nobody up.
//!
//! ```text
//! door opened ─▶ content type? ─▶ length? ─▶ bytes, each out of the budget of its kind ─▶ parsed ─▶ handler
//! ```
//! The deadlines are those of [`paced`](crate::body::paced), which is around every body.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;
use tokio::task;
use vignette_model::{ErrorCode, PersonId};

use crate::app::{App, Shared};
use crate::places::{Place, Places};
use crate::refusal::Refusal;

/// The most bytes of JSON, a form or a poster, of those who have an account. One more than a poster may have, so that the
/// library says what is wrong with a larger one.
const MAX_BYTES: usize = (1 << 20) + 1;
/// What is larger is parsed by threads that may be held up, two at a time.
const LARGE_BYTES: usize = 64 << 10;
const PARSED_AT_ONCE: usize = 2;

/// As what somebody sends a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Without an account or a link: a sign-in, a set-up.
    Nobody,
    /// With a clip's link: a reply.
    Guest,
    /// With an account.
    Member,
    /// With the secret of an upload: bytes of a stream.
    Upload,
}

/// Who a body counts against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// Somebody without an account.
    Household(IpAddr),
    /// Somebody with one: with all their uploads, however many they have.
    Person(PersonId),
}

/// Whose bytes a body is made of; every [`Allowed`](crate::allowed::Allowed) leaves it with the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sender {
    /// As what.
    pub kind: Kind,
    /// Who.
    pub who: Who,
}

/// The bytes of bodies that are held at one time, by kind of sender.
pub struct Bodies {
    nobody: Arc<Places<Who>>,
    guests: Arc<Places<Who>>,
    members: Arc<Places<Who>>,
    uploads: Arc<Places<Who>>,
    parsing: Semaphore,
}

impl Bodies {
    /// Bodies, of which the uploads of one member have `most_of_uploads` bytes at once: as many as one append may bring. Two
    /// have room for that. What members send beside, the words of a clip above all, has room of its own.
    #[must_use]
    pub fn new(most_of_uploads: u64) -> Self {
        let append = usize::try_from(most_of_uploads).unwrap_or(usize::MAX / 4);
        Self {
            nobody: Places::new(4 << 20, 512 << 10),
            guests: Places::new(16 << 20, 2 << 20),
            members: Places::new(64 << 20, 32 << 20),
            uploads: Places::new(2 * append, append),
            parsing: Semaphore::new(PARSED_AT_ONCE),
        }
    }

    /// A share of the bytes, to be grown as they arrive and dropped with them.
    #[must_use]
    pub fn share(&self, sender: Sender) -> Place<Who> {
        match sender.kind {
            Kind::Nobody => self.nobody.share(sender.who),
            Kind::Guest => self.guests.share(sender.who),
            Kind::Member => self.members.share(sender.who),
            Kind::Upload => self.uploads.share(sender.who),
        }
    }

    /// The most bytes of one body that is read whole: a form with a name and a password, a reply of 10,000 characters in
    /// whatever escapes, a poster.
    fn most(kind: Kind, of_route: usize) -> usize {
        match kind {
            Kind::Nobody => of_route.min(16 << 10),
            Kind::Guest => of_route.min(128 << 10),
            Kind::Member | Kind::Upload => of_route,
        }
    }
}

/// A body of JSON as a `T`, of at most `MOST` bytes.
pub struct FromJson<T, const MOST: usize = MAX_BYTES>(pub T);

impl<T: DeserializeOwned + Send + 'static, const MOST: usize> FromRequest<Shared> for FromJson<T, MOST> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Response> {
        if !is_json(request.headers()) {
            let said = "This takes JSON: `Content-Type: application/json`.";
            return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, said).into_response());
        }
        let whole = Whole::read(request, app, MOST).await?;
        whole.parsed(app, |bytes| axum::Json::from_bytes(bytes).map(|axum::Json(value)| Self(value))).await
    }
}

/// A form as a `T`.
pub struct FromForm<T>(pub T);

impl<T: DeserializeOwned + Send + 'static> FromRequest<Shared> for FromForm<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Response> {
        let headers = request.headers().clone();
        let whole = Whole::read(request, app, MAX_BYTES).await?;
        // A form is never large: what it says is read by the framework, from bytes that are here.
        let mut again = Request::new(Body::from(whole.bytes.clone()));
        *again.method_mut() = axum::http::Method::POST;
        *again.headers_mut() = headers;
        let form = axum::Form::<T>::from_request(again, app).await;
        form.map(|axum::Form(value)| Self(value)).map_err(IntoResponse::into_response)
    }
}

/// A `T` as JSON or as a form, whichever the content type says. What is wrong with it is `400`, as RFC 6749 §5.2 says of requests
/// for tokens.
pub struct FromEither<T>(pub T);

impl<T: DeserializeOwned + Send + 'static> FromRequest<Shared> for FromEither<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Response> {
        let read = if is_json(request.headers()) {
            FromJson::<T>::from_request(request, app).await.map(|FromJson(value)| Self(value))
        } else {
            FromForm::from_request(request, app).await.map(|FromForm(value)| Self(value))
        };
        read.map_err(|mut refused| {
            if matches!(refused.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE | StatusCode::UNPROCESSABLE_ENTITY) {
                *refused.status_mut() = StatusCode::BAD_REQUEST;
            }
            refused
        })
    }
}

/// A body as it is.
pub struct Plain(pub Bytes);

impl FromRequest<Shared> for Plain {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Response> {
        Ok(Self(Whole::read(request, app, MAX_BYTES).await?.bytes))
    }
}

/// A body that is here, and its part of the budget.
struct Whole {
    bytes: Bytes,
    _share: Place<Who>,
}

impl Whole {
    async fn read(request: Request, app: &App, of_route: usize) -> Result<Self, Response> {
        let (parts, mut body) = request.into_parts();
        let sender = sender(&parts).map_err(IntoResponse::into_response)?;
        let most = Bodies::most(sender.kind, of_route);
        let told = parts.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if told.is_some_and(|told| told > most as u64) {
            return Err(too_large(most).into_response());
        }
        let mut share = app.bodies.share(sender);
        let mut bytes = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| broken(&error).into_response())?;
            let Ok(data) = frame.into_data() else { continue };
            if bytes.len() + data.len() > most {
                return Err(too_large(most).into_response());
            }
            if !share.grow(data.len()) {
                return Err(busy().into_response());
            }
            bytes.extend_from_slice(&data);
        }
        Ok(Self { bytes: bytes.freeze(), _share: share })
    }

    /// What the bytes say; where they are many, beside the threads that answer requests.
    async fn parsed<T: Send + 'static, E: IntoResponse + Send + 'static>(
        self,
        app: &App,
        parse: impl FnOnce(&[u8]) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Response> {
        if self.bytes.len() <= LARGE_BYTES {
            return parse(&self.bytes).map_err(IntoResponse::into_response);
        }
        // Never closed.
        let _turn = app.bodies.parsing.acquire().await;
        let parsed = task::spawn_blocking(move || parse(&self.bytes)).await;
        let stopped = |_| Refusal::new(ErrorCode::Internal, "The library could not read this.").into_response();
        parsed.map_err(stopped)?.map_err(IntoResponse::into_response)
    }
}

/// Whose body it is. Every door says so; a body behind none is not read.
pub(crate) fn sender(parts: &Parts) -> Result<Sender, Refusal> {
    let sender = parts.extensions.get::<Sender>().copied();
    sender.ok_or_else(|| Refusal::new(ErrorCode::Internal, "Nobody was asked before this was read."))
}

/// `application/json`, or a type made of it (RFC 6839 §3.1).
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

fn too_large(most: usize) -> Refusal {
    Refusal::new(ErrorCode::TooLarge, format!("This takes at most {most} bytes.")).with_help("Send less at once.")
}

fn busy() -> Refusal {
    Refusal::new(ErrorCode::TooManyRequests, "Too much is being sent at once.").with_header(RETRY_AFTER, 1.into())
}

fn broken(error: &axum::Error) -> Refusal {
    tracing::debug!(%error, "A body did not come to its end");
    Refusal::new(ErrorCode::BadRequest, "The request did not come to its end in time.").with_help("Send it again.")
}
