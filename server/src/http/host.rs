//! The `Host` of a request must be a name of this library, or an address. This stops DNS rebinding: a
//! page of another site whose name was pointed at this computer sends that name as `Host`.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::http::{StatusCode, Version};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use url::Url;
use vignette_model::ErrorCode;

use crate::http::api_error::ApiError;

/// The host names that are answered.
#[derive(Clone, Debug)]
pub(crate) struct AllowedHosts(Arc<[String]>);

impl AllowedHosts {
    /// The host of `url`, `localhost`, and `further` names.
    #[must_use]
    pub(crate) fn new(url: &Url, further: &[String]) -> Self {
        let names = url
            .host_str()
            .into_iter()
            .chain(["localhost"])
            .chain(further.iter().map(String::as_str));
        Self(names.map(normalized).collect())
    }

    /// Whether a host, with or without a port, is allowed. Addresses always are: rebinding needs a name.
    #[must_use]
    pub(crate) fn contains(&self, host: &str) -> bool {
        let Ok(authority) = host.parse::<Authority>() else { return false };
        let host = authority.host();
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok();
        !host.is_empty()
            && !authority.as_str().contains('@')
            && (address || self.0.contains(&normalized(host)))
    }
}

/// A name as it is compared.
fn normalized(name: &str) -> String {
    name.trim().trim_end_matches('.').to_ascii_lowercase()
}

/// Middleware that refuses requests for other hosts. There must be exactly one `Host` (RFC 9112 §3.2),
/// or in HTTP/2 an `:authority` (RFC 9113 §8.3.1).
pub(crate) async fn require_known_host(
    State(hosts): State<AllowedHosts>,
    request: Request,
    next: Next,
) -> Response {
    match check_host(&hosts, &request) {
        Some(refused) => refused,
        None => next.run(request).await,
    }
}

/// The refusal, if a request does not name one allowed host.
fn check_host(hosts: &AllowedHosts, request: &Request) -> Option<Response> {
    let mut lines = request.headers().get_all(HOST).iter();
    let (line, more) = (lines.next().map(|line| line.to_str().unwrap_or_default()), lines.next());
    let authority = request.uri().authority().map(Authority::as_str);
    if more.is_some() {
        return Some(refused("A request must have exactly one Host."));
    }
    if line.is_none() && authority.is_none() {
        return (request.version() > Version::HTTP_10)
            .then(|| refused("A request must have a Host."));
    }
    if line.into_iter().chain(authority).all(|host| hosts.contains(host)) {
        return None;
    }
    let error = ApiError::new(ErrorCode::BadRequest, "This library is not served under this name.")
        .with_help("Use the address in its links. Whoever runs the library can add names with `hosts` in its settings.");
    Some(error.with_status(StatusCode::MISDIRECTED_REQUEST).into_response())
}

fn refused(message: &str) -> Response {
    ApiError::new(ErrorCode::BadRequest, message).with_help("Send one Host header.").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses() {
        let url = Url::parse("https://Clips.example.org").unwrap();
        let hosts = AllowedHosts::new(&url, &["nas.local".to_owned()]);
        for (host, known) in [
            ("clips.example.org", true),
            ("CLIPS.example.org.:443", true),
            ("nas.local:8455", true),
            ("localhost:1", true),
            ("127.0.0.1:8455", true),
            ("192.168.1.7", true),
            ("[::1]:8455", true),
            ("[2001:db8::1]", true),
            ("evil.example", false),
            ("clips.example.org.evil.example", false),
            ("evil@clips.example.org", false),
            ("127.0.0.1.evil.example", false),
            ("", false),
            ("a b", false),
            ("clips.example.org,evil.example", false),
        ] {
            assert_eq!(hosts.contains(host), known, "{host}");
        }
    }
}
