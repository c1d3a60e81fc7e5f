//! [`Advice`]: what whoever runs a library should see to, said once in the log and by `/readyz` as long as it holds.

use std::net::SocketAddr;
use std::sync::OnceLock;

use axum::http::HeaderMap;
use tracing::warn;

use crate::config::Config;
use crate::peer::{Network, is_unknown_proxy};

/// What should be seen to.
#[derive(Debug, Default)]
pub struct Advice {
    at_start: Vec<String>,
    unknown_proxy: OnceLock<String>,
}

impl Advice {
    /// What the settings alone show, which is logged.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let https = config.url.as_ref().is_some_and(|url| url.scheme() == "https");
        let mut at_start = Vec::new();
        if https && config.trusted_proxies.is_empty() {
            at_start.push(
                "url is https, so there is a proxy in front, but trusted_proxies is empty: everybody counts as one address, and \
                 one of them can use up what all may do. Set trusted_proxies to the proxy's address."
                    .to_owned(),
            );
        }
        for advice in &at_start {
            warn!("{advice}");
        }
        Self { at_start, unknown_proxy: OnceLock::new() }
    }

    /// Sees whether a request was passed on by somebody who is not trusted to.
    pub fn see(&self, connection: SocketAddr, headers: &HeaderMap, trusted: &[Network]) {
        if self.unknown_proxy.get().is_some() || !is_unknown_proxy(connection, headers, trusted) {
            return;
        }
        let proxy = connection.ip().to_canonical();
        let advice = format!(
            "{proxy} passes on requests of others (X-Forwarded-For) and is not in trusted_proxies: they all count as one \
             address. If it is your proxy, add it there."
        );
        if self.unknown_proxy.set(advice.clone()).is_ok() {
            warn!("{advice}");
        }
    }

    /// All of it, a line each.
    #[must_use]
    pub fn lines(&self) -> Vec<&str> {
        self.at_start.iter().map(String::as_str).chain(self.unknown_proxy.get().map(String::as_str)).collect()
    }
}
