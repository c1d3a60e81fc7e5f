//! Reading answers: bounded, and only believed if a library gave them. A proxy or the log-in page
//! of a hotel's network answers too, and its 404 must not make a recorder think that a clip was
//! deleted.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;
use url::Url;
use vignette_http::{BodyError, cause, read_body};
use vignette_model::{ErrorCode, Problem};

use crate::error::ClientError;

/// More than any answer of a library has.
const MAX_JSON_BYTES: usize = 8 << 20;
const MAX_PROBLEM_BYTES: usize = 64 << 10;
/// A library, or a proxy in front of it, that asks for more is asked again after this.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(300);
/// More than a person reads.
const MAX_MESSAGE_CHARS: usize = 500;

/// The JSON of an answer.
pub(super) async fn json<T: DeserializeOwned>(
    response: Response,
    library: &Url,
) -> Result<T, ClientError> {
    if !is_json(&response) {
        return Err(not_a_library(response.status(), library));
    }
    let bytes = body(response, MAX_JSON_BYTES, library).await?;
    serde_json::from_slice(&bytes).map_err(|error| {
        // The text of a JSON error may repeat what was read; its place does not.
        tracing::warn!(
            line = error.line(),
            column = error.column(),
            "The library's answer is not what was asked for"
        );
        ClientError::UnknownAnswer { library: library.clone() }
    })
}

/// The body of an answer, up to `max_bytes`.
pub(super) async fn body(
    response: Response,
    max_bytes: usize,
    library: &Url,
) -> Result<Vec<u8>, ClientError> {
    read_body(response, max_bytes).await.map_err(|error| match error {
        BodyError::Broken(error) => broken(&error, library),
        BodyError::TooLarge { max_bytes } => {
            ClientError::AnswerTooLarge { library: library.clone(), max_bytes }
        }
    })
}

/// What an answer says that did not succeed.
pub(super) async fn refusal(response: Response, library: &Url) -> ClientError {
    let status = response.status();
    if status.is_redirection() {
        return redirected(&response, library);
    }
    // Limits of a proxy count like the library's own.
    if status == StatusCode::PAYLOAD_TOO_LARGE && !is_json(&response) {
        return ClientError::ProxyLimit;
    }
    if !is_json(&response) {
        return not_a_library(status, library);
    }
    let retry_after = retry_after(&response);
    let read = match body(response, MAX_PROBLEM_BYTES, library).await {
        Ok(bytes) => serde_json::from_slice::<Problem>(&bytes).ok(),
        Err(error) => return error,
    };
    let problem = match read {
        Some(problem) => {
            Problem { message: short(&problem.message), help: short(&problem.help), ..problem }
        }
        // Without a body (the answer to a `HEAD`), or with a code that came into the world after
        // this version.
        None => by_status(status),
    };
    ClientError::Refused { problem, retry_after }
}

/// How long a refusal asks to wait (RFC 9110 §10.2.3), at most five minutes. Dates are not read:
/// this computer's clock may be off.
fn retry_after(response: &Response) -> Option<Duration> {
    let status = response.status();
    if status != StatusCode::TOO_MANY_REQUESTS && status != StatusCode::SERVICE_UNAVAILABLE {
        return None;
    }
    let seconds: u64 = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(MAX_RETRY_AFTER)).filter(|wait| !wait.is_zero())
}

/// No answer came, or it broke off.
pub(super) fn broken(error: &reqwest::Error, library: &Url) -> ClientError {
    let reason =
        if error.is_timeout() { "it did not answer in time".to_owned() } else { cause(error) };
    ClientError::Unreachable { library: library.clone(), reason }
}

/// No answer came, for this reason.
pub(super) fn unreachable(reason: &str, library: &Url) -> ClientError {
    ClientError::Unreachable { library: library.clone(), reason: reason.to_owned() }
}

/// What a status means where nothing else is said.
fn by_status(status: StatusCode) -> Problem {
    let (code, message) = match status.as_u16() {
        401 => (ErrorCode::SignInNeeded, "The library wants to know who this is."),
        403 => (ErrorCode::NotAllowed, "The library does not allow this."),
        404 | 410 => (ErrorCode::NotFound, "There is no such thing in the library."),
        409 => (ErrorCode::Conflict, "This is not possible in the state it is in."),
        413 => (ErrorCode::TooLarge, "This is more than the library takes at once."),
        422 => (ErrorCode::NotAStream, "The library does not take these bytes."),
        429 => (ErrorCode::TooManyRequests, "The library was asked too often."),
        507 => (ErrorCode::NoSpace, "The library has no room left."),
        500..=599 => (ErrorCode::Internal, "The library could not do this."),
        _ => (ErrorCode::BadRequest, "The library did not understand this."),
    };
    Problem::new(code, message)
}

/// Something answered, but not as a library does.
pub(super) fn not_a_library(status: StatusCode, library: &Url) -> ClientError {
    ClientError::NotALibrary { library: library.clone(), status: status.as_u16() }
}

fn redirected(response: &Response, library: &Url) -> ClientError {
    let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    let target = location.and_then(|location| library.join(location).ok());
    let elsewhere = target.filter(|target| target.origin() != library.origin());
    let origin = elsewhere.map(|target| target.origin().ascii_serialization());
    ClientError::Redirected { library: library.clone(), origin }
}

fn is_json(response: &Response) -> bool {
    let kind = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
        || kind.eq_ignore_ascii_case("application/problem+json")
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_MESSAGE_CHARS).collect()
}
