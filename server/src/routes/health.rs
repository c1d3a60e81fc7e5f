//! Whether the library lives, and whether it can take bytes: for those who watch over it.

use axum::extract::State;
use axum::http::StatusCode;

use crate::allowed::Open;
use crate::app::Shared;
use crate::refusal::Refusal;

/// `GET /healthz`: the process answers.
pub async fn alive(_: Open) -> &'static str {
    "ok\n"
}

/// `GET /readyz`: rows and bytes can be written. What whoever runs the library should see to stands in further lines.
///
/// # Errors
/// `503` with `internal`, `cannot_write` or `no_space`, and where.
pub async fn ready(_: Open, State(app): State<Shared>) -> Result<String, (StatusCode, Refusal)> {
    app.ready().await.map_err(|problem| (StatusCode::SERVICE_UNAVAILABLE, problem.into()))?;
    let advice: String = app.advice.lines().into_iter().map(|line| format!("warning: {line}\n")).collect();
    Ok(format!("ok\n{advice}"))
}
