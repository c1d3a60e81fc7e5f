//! The set-up of a client, and what its errors come from.

use std::error::Error;
use std::time::Duration;

use reqwest::ClientBuilder;
use url::Url;

use crate::is_this_computer;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// More than a person reads.
const MAX_CAUSE_CHARS: usize = 300;

/// A client for the server at this address: it says which program it is, gives up a connection
/// after 10 s, and goes through no proxy to this computer. Redirects are followed unless the caller
/// forbids them.
pub fn client_builder(server: &Url) -> ClientBuilder {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("vignette/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT);
    if is_this_computer(server) { builder.no_proxy() } else { builder }
}

/// The innermost cause of an error, on one line. The outer ones repeat the address, which may be a
/// secret.
#[must_use]
pub fn cause(error: &reqwest::Error) -> String {
    let Some(mut cause) = error.source() else { return "the connection failed".to_owned() };
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string().chars().filter(|c| !c.is_control()).take(MAX_CAUSE_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_cause_does_not_repeat_the_address() {
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url =
            format!("http://{}/uploads/up_secret", nobody.local_addr().unwrap()).parse().unwrap();
        drop(nobody);
        let error = client_builder(&url).build().unwrap().get(url).send().await.unwrap_err();
        let cause = cause(&error);
        assert!(!cause.is_empty() && !cause.contains("up_secret"), "{cause}");
    }
}
