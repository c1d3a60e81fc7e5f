//! `/tokens`: makes and revokes tokens to be pasted into a recorder. `/account` lists them.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use vignette_library::{Action, TokenId};
use vignette_model::{ErrorCode, paths};

use super::account::{AccountNotice, page};
use super::confirm::{Confirmation, PendingForm, confirm};
use crate::access::allowed::{Allowed, InLibrary, KeepAccount, Public};
use crate::access::payload::FromForm;
use crate::app::SharedApp;
use crate::http::api_error::{ApiError, see_other};

/// `GET /tokens`: the list was here before it moved to `/account`.
pub(crate) async fn redirect_to_account(_: Public) -> Response {
    see_other(paths::ACCOUNT)
}

/// The forms of the page: one or the other.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenForm {
    label: Option<String>,
    revoke: Option<i64>,
    password: Option<String>,
}

/// `POST /tokens`.
pub(crate) async fn change_tokens(
    Allowed { requester, .. }: Allowed<InLibrary<KeepAccount>>,
    State(app): State<SharedApp>,
    FromForm(form): FromForm<TokenForm>,
) -> Result<Response, ApiError> {
    match form {
        TokenForm { label: Some(label), revoke: None, password } => {
            let pending = PendingForm { action: paths::TOKENS, fields: vec![("label", &label)] };
            match confirm(&app, &requester, Action::KeepTokens, password.as_deref(), pending)
                .await?
            {
                Confirmation::Confirmed(actor) => {
                    let token = app.library.issue_token(&actor, label.trim()).await?;
                    page(&app, &requester, AccountNotice::Token(token)).await
                }
                Confirmation::AskPassword(page) => Ok(page),
            }
        }
        TokenForm { label: None, revoke: Some(id), password: None } => {
            app.library.revoke_token(&requester.actor, TokenId(id)).await?;
            Ok(see_other(paths::ACCOUNT))
        }
        _ => Err(ApiError::new(ErrorCode::BadRequest, "Either a token is made or one is revoked.")),
    }
}
