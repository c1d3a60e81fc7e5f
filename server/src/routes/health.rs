//! Whether the library lives, and whether it can take bytes: for those who watch over it.

use axum::extract::State;

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
/// `internal` or `no_space`.
pub async fn ready(_: Open, State(app): State<Shared>) -> Result<String, Refusal> {
    app.ready().await?;
    let advice: String = app.advice.lines().into_iter().map(|line| format!("warning: {line}\n")).collect();
    Ok(format!("ok\n{advice}"))
}
