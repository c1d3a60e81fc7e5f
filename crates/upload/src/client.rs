//! A [`Client`]: the library's API as typed calls. Whatever goes wrong is a [`ClientError`];
//! whatever comes back is bounded in size and time.

mod clips;
mod events;
mod media;
mod replies;
mod response;
mod uploads;

use std::path::Path;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder, Response};
use serde::de::DeserializeOwned;
use url::Url;
use vignette_http::{cause, client_builder};
use vignette_model::Secret;
use vignette_model::api::{Me, TokenAnswer, TokenRequest};

pub use events::EventStream;
pub(crate) use uploads::{AppendRequest, RemoteUpload};

use crate::error::ClientError;

/// For a whole question and its answer. Appends and events have no such limit: see [`uploads`] and
/// [`events`].
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

/// The API of one library, with or without a token. Clones share their connections.
///
/// No redirect is followed: a token or an upload address would go along, perhaps in clear, perhaps
/// to somebody else.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    library: Url,
    token: Option<Secret>,
}

impl Client {
    /// The API of the library at this address: see [`crate::library_url`].
    ///
    /// # Errors
    /// [`ClientError::SetUp`] if this computer's certificates cannot be read.
    pub fn new(library: &Url, token: Option<Secret>) -> Result<Self, ClientError> {
        Self::with_socket(library, token, None)
    }

    /// The same, by a socket of this computer where there is one. Then nothing goes to the address
    /// itself.
    pub(crate) fn with_socket(
        library: &Url,
        token: Option<Secret>,
        socket: Option<&Path>,
    ) -> Result<Self, ClientError> {
        let mut http = client_builder(library).redirect(Policy::none());
        if let Some(socket) = socket {
            http = by_socket(http, socket);
        }
        let http = http.build().map_err(|error| ClientError::SetUp { reason: cause(&error) })?;
        Ok(Self { http, library: library.clone(), token })
    }

    /// The same library with another token.
    #[must_use]
    pub fn with_token(&self, token: Option<Secret>) -> Self {
        Self { token, ..self.clone() }
    }

    /// Which library it is.
    #[must_use]
    pub(crate) fn library(&self) -> &Url {
        &self.library
    }

    /// Who the token belongs to.
    ///
    /// # Errors
    /// `sign_in_needed`, `unreachable`.
    pub async fn me(&self) -> Result<Me, ClientError> {
        self.request_json(self.request(Method::GET, "/api/v1/me")).await
    }

    /// Turns a sign-in code into a token.
    ///
    /// # Errors
    /// `bad_request` if the code is not good any more, `unreachable`.
    pub(crate) async fn exchange(
        &self,
        request: &TokenRequest,
    ) -> Result<TokenAnswer, ClientError> {
        self.request_json(self.anonymous_request(Method::POST, "/api/v1/token").json(request)).await
    }

    /// Ends the token, so that it opens nothing any more.
    ///
    /// # Errors
    /// `sign_in_needed`, `unreachable`.
    pub async fn sign_out(&self) -> Result<(), ClientError> {
        self.request_ok(self.request(Method::DELETE, "/api/v1/token")).await
    }

    /// A request with the token.
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

    /// A request without the token.
    fn anonymous_request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path, None))
    }

    /// An address of the library. `path` is made of constants and ids; whatever it is, the host
    /// stays the library's.
    fn url(&self, path: &str, query: Option<&str>) -> Url {
        let mut url = self.library.clone();
        url.set_path(path);
        url.set_query(query);
        url
    }

    /// Sends a request and reads the JSON of its answer.
    async fn request_json<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
    ) -> Result<T, ClientError> {
        let response = self.send(request.timeout(REQUEST_TIMEOUT)).await?;
        response::json(response, &self.library).await
    }

    /// Sends a request whose answer says nothing more than that it was done.
    async fn request_ok(&self, request: RequestBuilder) -> Result<(), ClientError> {
        self.send(request.timeout(REQUEST_TIMEOUT)).await.map(drop)
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        let response =
            request.send().await.map_err(|error| response::broken(&error, &self.library))?;
        if response.status().is_success() {
            Ok(response)
        } else {
            Err(response::refusal(response, &self.library).await)
        }
    }
}
