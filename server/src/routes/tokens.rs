//! `/tokens`: tokens to be pasted into a recorder, made and revoked.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use vignette_library::TokenId;
use vignette_model::{ErrorCode, Secret};

use crate::allowed::{Allowed, InLibrary, KeepTokens, signed_in};
use crate::app::Shared;
use crate::asker::Asker;
use crate::pages::{TokenRow, Tokens, page_links, render};
use crate::payload::FromForm;
use crate::refusal::{Refusal, see_other};

/// `GET /tokens`.
pub async fn list(
    asked: Result<Allowed<InLibrary<KeepTokens>>, Refusal>,
    State(app): State<Shared>,
) -> Result<Response, Refusal> {
    let Some(Allowed { asker, .. }) = signed_in(asked)? else { return Ok(see_other("/sign-in?next=/tokens")) };
    page(&app, &asker, None).await
}

/// What the forms send: one or the other.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    label: Option<String>,
    revoke: Option<i64>,
}

/// `POST /tokens`.
pub async fn change(
    Allowed { asker, .. }: Allowed<InLibrary<KeepTokens>>,
    State(app): State<Shared>,
    FromForm(change): FromForm<Change>,
) -> Result<Response, Refusal> {
    match change {
        Change { label: Some(label), revoke: None } => {
            let token = app.library.issue_token(&asker.actor, label.trim()).await?;
            page(&app, &asker, Some(token)).await
        }
        Change { label: None, revoke: Some(id) } => {
            app.library.revoke_token(&asker.actor, TokenId(id)).await?;
            Ok(see_other("/tokens"))
        }
        _ => Err(Refusal::new(ErrorCode::BadRequest, "Either a token is made or one is revoked.")),
    }
}

async fn page(app: &Shared, asker: &Asker, new: Option<Secret>) -> Result<Response, Refusal> {
    let tokens = app.library.tokens(&asker.actor).await?;
    render(&Tokens {
        links: page_links(),
        library: app.name(),
        name: asker.member_name().unwrap_or_default(),
        new: new.as_ref().map(Secret::expose),
        tokens: tokens.into_iter().map(row).collect(),
    })
}

fn row(token: vignette_library::TokenView) -> TokenRow {
    TokenRow {
        id: token.id.0.to_string(),
        label: token.label,
        made: token.created_at_us.into(),
        used: token.used_at_us.map(Into::into),
    }
}
