//! A [`Client`]: the library's API as typed calls. Whatever goes wrong is a [`Problem`]; whatever comes back is bounded in
//! size and time.

mod clips;
mod events;
mod media;
mod replies;
mod response;
mod uploads;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder, Response};
use serde::de::DeserializeOwned;
use url::Url;
use vignette_model::api::{Me, TokenAnswer, TokenRequest};
use vignette_model::{ErrorCode, Problem, Secret};

pub use events::EventStream;
pub use uploads::{AppendError, AppendRequest};

use crate::address::is_this_computer;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// For a whole question and its answer. Appends and events have no such limit: see [`uploads`] and [`events`].
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

#[cfg(unix)]
fn by_socket(http: reqwest::ClientBuilder, socket: &Path) -> reqwest::ClientBuilder {
    http.unix_socket(socket)
}

/// No program offers one here.
#[cfg(not(unix))]
fn by_socket(http: reqwest::ClientBuilder, _: &Path) -> reqwest::ClientBuilder {
    http
}

/// The API of one library, with or without somebody's token. Clones share their connections.
///
/// No redirect is followed: a token or an upload address would go along, perhaps in clear, perhaps to somebody else.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    library: Url,
    token: Option<Secret>,
    /// Seconds that the library last asked to be left alone for (RFC 9110 §10.2.3); zero: it did not.
    retry_after_s: Arc<AtomicU64>,
}

impl Client {
    /// The API of the library at this address: see [`crate::library_url`].
    ///
    /// # Errors
    /// [`ErrorCode::Internal`] if this computer's certificates cannot be read.
    pub fn new(library: &Url, token: Option<Secret>) -> Result<Self, Problem> {
        Self::with_socket(library, token, None)
    }

    /// The same, by a socket of this computer where there is one. Then nothing goes to the address itself.
    pub(crate) fn with_socket(library: &Url, token: Option<Secret>, socket: Option<&Path>) -> Result<Self, Problem> {
        let mut http = reqwest::Client::builder()
            .user_agent(concat!("vignette/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .connect_timeout(CONNECT_TIMEOUT);
        if is_this_computer(library) {
            http = http.no_proxy();
        }
        if let Some(socket) = socket {
            http = by_socket(http, socket);
        }
        let http = http.build().map_err(|error| {
            Problem::new(ErrorCode::Internal, format!("The connection could not be prepared: {}.", response::cause(&error)))
        })?;
        Ok(Self { http, library: library.clone(), token, retry_after_s: Arc::default() })
    }

    /// The same library with another token.
    #[must_use]
    pub fn with_token(&self, token: Option<Secret>) -> Self {
        Self { token, retry_after_s: Arc::default(), ..self.clone() }
    }

    /// For how long the library asked to be left alone when it last refused something to this client or a clone of it.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        let seconds = self.retry_after_s.load(Ordering::Relaxed);
        (seconds > 0).then(|| Duration::from_secs(seconds))
    }

    /// Which library it is.
    #[must_use]
    pub fn library(&self) -> &Url {
        &self.library
    }

    /// Who the token belongs to.
    ///
    /// # Errors
    /// `sign_in_needed`, `unreachable`.
    pub async fn me(&self) -> Result<Me, Problem> {
        self.request_json(self.request(Method::GET, "/api/v1/me")).await
    }

    /// Turns a sign-in code into a token.
    ///
    /// # Errors
    /// `bad_request` if the code is not good any more, `unreachable`.
    pub async fn exchange(&self, request: &TokenRequest) -> Result<TokenAnswer, Problem> {
        self.request_json(self.anonymous_request(Method::POST, "/api/v1/token").json(request)).await
    }

    /// Ends the token, so that it opens nothing any more.
    ///
    /// # Errors
    /// `sign_in_needed`, `unreachable`.
    pub async fn sign_out(&self) -> Result<(), Problem> {
        self.request_ok(self.request(Method::DELETE, "/api/v1/token")).await
    }

    /// A request in the name of whoever the token belongs to.
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.request_with(method, path, None)
    }

    fn request_with(&self, method: Method, path: &str, query: Option<&str>) -> RequestBuilder {
        let request = self.http.request(method, self.url(path, query));
        match &self.token {
            Some(token) => request.bearer_auth(token.expose()),
            None => request,
        }
    }

    /// A request in nobody's name.
    fn anonymous_request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path, None))
    }

    /// An address of the library. `path` is made of our own words and ids; whatever it is, the host stays the library's.
    fn url(&self, path: &str, query: Option<&str>) -> Url {
        let mut url = self.library.clone();
        url.set_path(path);
        url.set_query(query);
        url
    }

    /// Sends a request and reads the JSON of its answer.
    async fn request_json<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Problem> {
        let response = self.send(request.timeout(REQUEST_TIMEOUT)).await?;
        response::json(response, &self.library).await
    }

    /// Sends a request whose answer says nothing more than that it was done.
    async fn request_ok(&self, request: RequestBuilder) -> Result<(), Problem> {
        self.send(request.timeout(REQUEST_TIMEOUT)).await.map(drop)
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, Problem> {
        let response = request.send().await.map_err(|error| response::unreachable(&error, &self.library))?;
        self.record_retry_after(&response);
        if response.status().is_success() { Ok(response) } else { Err(response::problem(response, &self.library).await) }
    }

    fn record_retry_after(&self, response: &Response) {
        self.retry_after_s.store(response::retry_after_s(response), Ordering::Relaxed);
    }
}
