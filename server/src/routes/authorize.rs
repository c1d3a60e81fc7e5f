//! `/authorize`: a recorder asks, by way of its user's browser, for a code that it turns into a token. RFC 6749 §4.1 with
//! RFC 7636 (S256) and RFC 8252 §7.3 (loopback addresses); the library is an authorization server for its own app only.

use axum::extract::{Query, RawQuery, State};
use axum::response::Response;
use serde::Deserialize;
use url::form_urlencoded::Serializer;
use url::{Position, Url};
use vignette_library::{Action, Authorization};
use vignette_model::ErrorCode;

use super::confirm::{self, Confirmed, confirmed};
use crate::allowed::{Allowed, KeepTokens, OnceConfirmed, signed_in};
use crate::app::Shared;
use crate::pages::{Authorize, page_links, render};
use crate::payload::FromForm;
use crate::refusal::{Refusal, see_other};

/// What the token is called if the recorder does not say what computer it is on.
const LABEL: &str = "Recorder";
const MAX_STATE_CHARS: usize = 512;

/// The recorder's request (RFC 6749 §4.1.1).
#[derive(Deserialize)]
pub struct Asked {
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

impl Asked {
    /// Checked before anybody is asked or sent anywhere: a request that is wrong must not be answered to its address.
    fn authorization(&self) -> Result<Authorization, Refusal> {
        if self.response_type != "code" {
            return Err(Refusal::new(ErrorCode::BadRequest, "Only response_type=code is answered here."));
        }
        if self.state.chars().count() > MAX_STATE_CHARS {
            return Err(Refusal::new(ErrorCode::BadRequest, "The state is too long."));
        }
        let label = self.label.trim();
        let asked = Authorization {
            code_challenge_method: self.code_challenge_method.clone(),
            code_challenge: self.code_challenge.clone(),
            redirect_uri: self.redirect_uri.clone(),
            label: if label.is_empty() { LABEL.to_owned() } else { label.chars().take(80).collect() },
        };
        asked.check()?;
        Ok(asked)
    }

    /// The request, to be sent on with an answer.
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

    /// Back to the recorder, with an answer and its own state.
    fn back(&self, answer: (&str, &str)) -> Result<Response, Refusal> {
        let wrong = |_| Refusal::new(ErrorCode::BadRequest, "The redirect_uri is no address.");
        let mut to = Url::parse(&self.redirect_uri).map_err(wrong)?;
        to.query_pairs_mut().append_pair(answer.0, answer.1);
        if !self.state.is_empty() {
            to.query_pairs_mut().append_pair("state", &self.state);
        }
        Ok(see_other(to.as_str()))
    }
}

/// `GET /authorize`: asks the person, after they have signed in.
pub async fn question(
    by: Result<Allowed<OnceConfirmed<KeepTokens>>, Refusal>,
    State(app): State<Shared>,
    RawQuery(query): RawQuery,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let authorization = asked.authorization()?;
    let Some(Allowed { asker, .. }) = signed_in(by)? else {
        let next = format!("/authorize?{}", query.unwrap_or_default());
        let query = Serializer::new(String::new()).append_pair("next", &next).finish();
        return Ok(see_other(&format!("/sign-in?{query}")));
    };
    let name = asker.member_name().unwrap_or_default();
    let label = &authorization.label;
    // Checked above: an address of this computer.
    let address = Url::parse(&asked.redirect_uri).map(|url| url[Position::BeforeHost..Position::AfterPort].to_owned());
    let address = &address.unwrap_or_default();
    render(&Authorize { links: page_links(), library: app.name(), name, label, address, fields: asked.fields() })
}

/// `POST /authorize`: the person's answer.
pub async fn answer(
    Allowed { asker, .. }: Allowed<OnceConfirmed<KeepTokens>>,
    State(app): State<Shared>,
    FromForm(asked): FromForm<Asked>,
) -> Result<Response, Refusal> {
    let authorization = asked.authorization()?;
    if asked.answer != "allow" {
        return asked.back(("error", "access_denied"));
    }
    let fields = asked.fields().into_iter().chain([("answer", "allow")]).collect();
    let again = confirm::Asked { action: "/authorize", fields };
    let actor = match confirmed(&app, &asker, Action::KeepTokens, asked.password.as_deref(), again).await? {
        Confirmed::GoOn(actor) => actor,
        Confirmed::Ask(page) => return Ok(page),
    };
    let code = app.library.authorize(&actor, &authorization).await?;
    asked.back(("code", code.expose()))
}
