//! Reading answers: bounded, and only believed if a library gave them. A proxy or the log-in page of a hotel's network
//! answers too, and its 404 must not make a recorder think that a clip was deleted.

use std::error::Error as _;

use reqwest::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;
use url::Url;
use vignette_model::{ErrorCode, Problem};

/// More than any answer of a library has.
const MAX_JSON_BYTES: usize = 8 << 20;
const MAX_PROBLEM_BYTES: usize = 64 << 10;
/// A library, or a proxy in front of it, that asks for more is asked again after this.
const MAX_RETRY_AFTER_S: u64 = 300;
/// More than a person reads.
const MAX_MESSAGE_CHARS: usize = 500;

/// The JSON of an answer.
pub(super) async fn json<T: DeserializeOwned>(response: Response, library: &Url) -> Result<T, Problem> {
    if !is_json(&response) {
        return Err(not_a_library(response.status(), library));
    }
    let bytes = body(response, MAX_JSON_BYTES, library).await?;
    serde_json::from_slice(&bytes).map_err(|error| {
        // The text of a JSON error may repeat what was read; its place does not.
        tracing::warn!(line = error.line(), column = error.column(), "The library's answer is not what was asked for");
        Problem::new(ErrorCode::Unreachable, format!("The library at {library} gave an answer that this version does not know."))
            .with_help("Bring Vignette and the library to the same version.")
    })
}

/// What an answer says that did not succeed.
pub(super) async fn problem(response: Response, library: &Url) -> Problem {
    let status = response.status();
    if status.is_redirection() {
        return redirected(&response, library);
    }
    // Limits of a proxy count like the library's own.
    if status == StatusCode::PAYLOAD_TOO_LARGE && !is_json(&response) {
        return Problem::new(ErrorCode::TooLarge, "This is more than is taken at once on the way to the library.")
            .with_help("Raise the limit for request bodies in the proxy in front of the library.");
    }
    if !is_json(&response) {
        return not_a_library(status, library);
    }
    let said = match body(response, MAX_PROBLEM_BYTES, library).await {
        Ok(bytes) => serde_json::from_slice::<Problem>(&bytes).ok(),
        Err(problem) => return problem,
    };
    match said {
        Some(problem) => Problem { message: short(&problem.message), help: short(&problem.help), ..problem },
        // Without a body (the answer to a `HEAD`), or with a code that came into the world after this version.
        None => by_status(status),
    }
}

/// How many seconds a refusal asks to wait (RFC 9110 §10.2.3), at most five minutes; zero if it does not. Dates are not
/// read: this computer's clock may be off.
pub(super) fn retry_after_s(response: &Response) -> u64 {
    let status = response.status();
    let asks = status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::SERVICE_UNAVAILABLE;
    let said = response.headers().get(RETRY_AFTER).filter(|_| asks).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    said.unwrap_or(0).min(MAX_RETRY_AFTER_S)
}

/// Why no answer came.
pub(super) fn unreachable(error: &reqwest::Error, library: &Url) -> Problem {
    let why = if error.is_timeout() { "it did not answer in time".to_owned() } else { cause(error) };
    Problem::new(ErrorCode::Unreachable, format!("The library at {library} could not be reached: {why}."))
}

/// The innermost reason. The outer ones repeat the address, which may be a secret.
pub(super) fn cause(error: &reqwest::Error) -> String {
    let Some(mut cause) = error.source() else { return "the connection failed".to_owned() };
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    short(&cause.to_string())
}

/// What a status means where nothing else is said.
pub(super) fn by_status(status: StatusCode) -> Problem {
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
pub(super) fn not_a_library(status: StatusCode, library: &Url) -> Problem {
    let message = format!("What answers at {library} is not a Vignette library (status {}).", status.as_u16());
    Problem::new(ErrorCode::Unreachable, message).with_help(
        "Check the address. In a hotel or café, log in to the network first; behind a proxy, see that it finds the library.",
    )
}

fn redirected(response: &Response, library: &Url) -> Problem {
    let to = response.headers().get(LOCATION).and_then(|to| to.to_str().ok()).and_then(|to| library.join(to).ok());
    let help = match to.filter(|to| to.origin() != library.origin()) {
        Some(to) => format!("If you trust {0}, use {0} as the library's address.", to.origin().ascii_serialization()),
        None => "Check the address.".to_owned(),
    };
    Problem::new(ErrorCode::Unreachable, format!("What answers at {library} sends on to another address.")).with_help(help)
}

fn is_json(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json") || kind.eq_ignore_ascii_case("application/problem+json")
}

pub(super) async fn body(mut response: Response, most_bytes: usize, library: &Url) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    while let Some(part) = response.chunk().await.map_err(|error| unreachable(&error, library))? {
        if bytes.len() + part.len() > most_bytes {
            let message = format!("The library at {library} gave an answer of more than {most_bytes} bytes.");
            return Err(Problem::new(ErrorCode::Unreachable, message));
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_MESSAGE_CHARS).collect()
}
