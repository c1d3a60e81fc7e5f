//! `/authorize`: a recorder asks, by way of its user's browser, for a code that it turns into a token. RFC 6749 §4.1 with
//! RFC 7636 (S256) and RFC 8252 §7.3 (loopback addresses); the library is an authorization server for its own app only.

use axum::extract::{Query, RawQuery, State};
use axum::response::Response;
use serde::Deserialize;
use url::form_urlencoded::Serializer;
use url::{Position, Url};
use vignette_library::error::LibraryError;
use vignette_library::{Action, Authorization};
use vignette_model::{ErrorCode, paths};

use super::confirm::{Confirmation, PendingForm, confirm};
use crate::access::allowed::{Allowed, KeepTokens, OnceConfirmed, signed_in};
use crate::access::payload::FromForm;
use crate::app::SharedApp;
use crate::http::api_error::{ApiError, see_other};
use crate::pages::{Authorize, plain_links, render};

/// The label of the token if the request has none.
const DEFAULT_LABEL: &str = "Recorder";
const MAX_STATE_CHARS: usize = 512;

/// The recorder's request (RFC 6749 §4.1.1).
#[derive(Deserialize)]
pub(crate) struct AuthorizeRequest {
    response_type: String,
    code_challenge: String,
    code_challenge_method: String,
    redirect_uri: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    label: String,
    #[serde(default)]
    answer: String,
    password: Option<String>,
}

impl AuthorizeRequest {
    /// Checks the request. An invalid one is refused here and not redirected to its address.
    fn authorization(&self) -> Result<Authorization, ApiError> {
        if self.response_type != "code" {
            return Err(ApiError::new(
                ErrorCode::BadRequest,
                "Only response_type=code is answered here.",
            ));
        }
        if self.state.chars().count() > MAX_STATE_CHARS {
            return Err(ApiError::new(ErrorCode::BadRequest, "The state is too long."));
        }
        let label = self.label.trim();
        let authorization = Authorization {
            code_challenge_method: self.code_challenge_method.clone(),
            code_challenge: self.code_challenge.clone(),
            redirect_uri: self.redirect_uri.clone(),
            label: if label.is_empty() {
                DEFAULT_LABEL.to_owned()
            } else {
                label.chars().take(80).collect()
            },
        };
        authorization.check().map_err(LibraryError::from)?;
        Ok(authorization)
    }

    /// The fields of the request, repeated in the form.
    fn fields(&self) -> Vec<(&'static str, &str)> {
        vec![
            ("response_type", self.response_type.as_str()),
            ("code_challenge", &self.code_challenge),
            ("code_challenge_method", &self.code_challenge_method),
            ("redirect_uri", &self.redirect_uri),
            ("state", &self.state),
            ("label", &self.label),
        ]
    }

    /// Redirects to the recorder, with the answer and the state of its request.
    fn redirect(&self, answer: (&str, &str)) -> Result<Response, ApiError> {
        let wrong = |_| ApiError::new(ErrorCode::BadRequest, "The redirect_uri is no address.");
        let mut to = Url::parse(&self.redirect_uri).map_err(wrong)?;
        to.query_pairs_mut().append_pair(answer.0, answer.1);
        if !self.state.is_empty() {
            to.query_pairs_mut().append_pair("state", &self.state);
        }
        Ok(see_other(to.as_str()))
    }
}

/// `GET /authorize`: asks the person, after they signed in.
pub(crate) async fn show_authorize(
    allowed: Result<Allowed<OnceConfirmed<KeepTokens>>, ApiError>,
    State(app): State<SharedApp>,
    RawQuery(query): RawQuery,
    Query(request): Query<AuthorizeRequest>,
) -> Result<Response, ApiError> {
    let authorization = request.authorization()?;
    let Some(Allowed { requester, .. }) = signed_in(allowed)? else {
        let next = format!("{}?{}", paths::AUTHORIZE, query.unwrap_or_default());
        let query = Serializer::new(String::new()).append_pair("next", &next).finish();
        return Ok(see_other(&format!("{}?{query}", paths::SIGN_IN)));
    };
    let name = requester.member_name().unwrap_or_default();
    let label = &authorization.label;
    // `authorization` has checked that it is a loopback address.
    let address = Url::parse(&request.redirect_uri)
        .map(|url| url[Position::BeforeHost..Position::AfterPort].to_owned());
    let address = &address.unwrap_or_default();
    render(&Authorize {
        links: plain_links(),
        library: &app.name(),
        name,
        label,
        address,
        fields: request.fields(),
    })
}

/// `POST /authorize`: the person's answer.
pub(crate) async fn post_authorize(
    Allowed { requester, .. }: Allowed<OnceConfirmed<KeepTokens>>,
    State(app): State<SharedApp>,
    FromForm(request): FromForm<AuthorizeRequest>,
) -> Result<Response, ApiError> {
    let authorization = request.authorization()?;
    if request.answer != "allow" {
        return request.redirect(("error", "access_denied"));
    }
    let fields = request.fields().into_iter().chain([("answer", "allow")]).collect();
    let pending = PendingForm { action: paths::AUTHORIZE, fields };
    let actor =
        match confirm(&app, &requester, Action::KeepTokens, request.password.as_deref(), pending)
            .await?
        {
            Confirmation::Confirmed(actor) => actor,
            Confirmation::AskPassword(page) => return Ok(page),
        };
    let code = app.library.authorize(&actor, &authorization).await?;
    request.redirect(("code", code.expose()))
}
