//! `/healthz` and `/readyz`, for monitoring.

use axum::extract::State;
use axum::http::StatusCode;

use crate::access::allowed::Public;
use crate::app::SharedApp;
use crate::http::api_error::ApiError;

/// `GET /healthz`: the process responds.
pub(crate) async fn get_health(_: Public) -> &'static str {
    "ok\n"
}

/// `GET /readyz`: rows and bytes can be written. Further lines are warnings for the operator.
///
/// # Errors
/// `503` with `internal`, `cannot_write` or `no_space`, which name the folder.
pub(crate) async fn get_readiness(
    _: Public,
    State(app): State<SharedApp>,
) -> Result<String, (StatusCode, ApiError)> {
    app.ready()
        .await
        .map_err(|error| (StatusCode::SERVICE_UNAVAILABLE, app.operators_problem(&error).into()))?;
    let lines = app.warnings.lines().into_iter();
    let warnings: String = lines.map(|line| format!("warning: {line}\n")).collect();
    Ok(format!("ok\n{warnings}"))
}
