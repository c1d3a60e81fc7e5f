//! `/tokens`: tokens to be pasted into a recorder, made and revoked. They are listed on the page of the account.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use vignette_library::{Action, TokenId};
use vignette_model::ErrorCode;

use super::account::{Notice, page};
use super::confirm::{Asked, Confirmed, confirmed};
use crate::allowed::{Allowed, InLibrary, KeepAccount, Open};
use crate::app::Shared;
use crate::payload::FromForm;
use crate::refusal::{Refusal, see_other};

/// `GET /tokens`, where the list once was.
pub async fn list(_: Open) -> Response {
    see_other("/account")
}

/// What the forms send: one or the other.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    label: Option<String>,
    revoke: Option<i64>,
    password: Option<String>,
}

/// `POST /tokens`.
pub async fn change(
    Allowed { asker, .. }: Allowed<InLibrary<KeepAccount>>,
    State(app): State<Shared>,
    FromForm(change): FromForm<Change>,
) -> Result<Response, Refusal> {
    match change {
        Change { label: Some(label), revoke: None, password } => {
            let asked = Asked { action: "/tokens", fields: vec![("label", &label)] };
            match confirmed(&app, &asker, Action::KeepTokens, password.as_deref(), asked).await? {
                Confirmed::GoOn(actor) => {
                    let token = app.library.issue_token(&actor, label.trim()).await?;
                    page(&app, &asker, Notice::Token(token)).await
                }
                Confirmed::Ask(page) => Ok(page),
            }
        }
        Change { label: None, revoke: Some(id), password: None } => {
            app.library.revoke_token(&asker.actor, TokenId(id)).await?;
            Ok(see_other("/account"))
        }
        _ => Err(Refusal::new(ErrorCode::BadRequest, "Either a token is made or one is revoked.")),
    }
}
