//! The `Host` of a request: a name that the library goes by, or an address. A page of another site whose name was pointed at this
//! computer (DNS rebinding) asks with that name, and gets nothing.

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

use crate::refusal::Refusal;

/// The names that a library goes by.
#[derive(Clone, Debug)]
pub struct Hosts(Arc<[String]>);

impl Hosts {
    /// Those of `url`, of this computer, and `further` ones.
    #[must_use]
    pub fn new(url: &Url, further: &[String]) -> Self {
        let names = url.host_str().into_iter().chain(["localhost"]).chain(further.iter().map(String::as_str));
        Self(names.map(plain).collect())
    }

    /// Whether a host, with or without a port, is one of them. An address always is: nobody's name was pointed at it.
    #[must_use]
    pub fn know(&self, host: &str) -> bool {
        let Ok(authority) = host.parse::<Authority>() else { return false };
        let host = authority.host();
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok();
        !host.is_empty() && !authority.as_str().contains('@') && (address || self.0.contains(&plain(host)))
    }
}

/// As names are compared.
fn plain(name: &str) -> String {
    name.trim().trim_end_matches('.').to_ascii_lowercase()
}

/// Middleware that answers only those who ask for a name of the library: exactly one `Host` (RFC 9112 §3.2), and in HTTP/2 the
/// `:authority` (RFC 9113 §8.3.1).
pub async fn known_host(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    match wrong(&hosts, &request) {
        Some(refusal) => refusal,
        None => next.run(request).await,
    }
}

/// The refusal of a request that names no host of ours.
fn wrong(hosts: &Hosts, request: &Request) -> Option<Response> {
    let mut lines = request.headers().get_all(HOST).iter();
    let (line, more) = (lines.next().map(|line| line.to_str().unwrap_or_default()), lines.next());
    let authority = request.uri().authority().map(Authority::as_str);
    if more.is_some() {
        return Some(refused("A request names one host."));
    }
    if line.is_none() && authority.is_none() {
        return (request.version() > Version::HTTP_10).then(|| refused("A request names the host that it is for."));
    }
    if line.into_iter().chain(authority).all(|host| hosts.know(host)) {
        return None;
    }
    let problem = Refusal::new(ErrorCode::BadRequest, "This library does not go by this name.")
        .with_help("Use the address of its links; whoever runs it can add names with `hosts` in its settings.");
    let mut response = problem.into_response();
    *response.status_mut() = StatusCode::MISDIRECTED_REQUEST;
    Some(response)
}

fn refused(message: &str) -> Response {
    Refusal::new(ErrorCode::BadRequest, message).with_help("Send one Host header.").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses() {
        let url = Url::parse("https://Clips.example.org").unwrap();
        let hosts = Hosts::new(&url, &["nas.local".to_owned()]);
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
            assert_eq!(hosts.know(host), known, "{host}");
        }
    }
}
