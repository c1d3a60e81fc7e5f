//! [`OperatorWarnings`]: settings that make a library unsafe or slow. Each is logged once and shown by
//! `/readyz` as long as it holds.

use std::net::SocketAddr;
use std::sync::OnceLock;

use axum::http::HeaderMap;
use tracing::warn;

use crate::config::Config;
use crate::http::peer::{Network, is_unknown_proxy};

/// What the operator should mend.
#[derive(Debug, Default)]
pub(crate) struct OperatorWarnings {
    of_config: Vec<String>,
    unknown_proxy: OnceLock<String>,
}

impl OperatorWarnings {
    /// The warnings that the settings alone give reason for. They are logged.
    #[must_use]
    pub(crate) fn from_config(config: &Config) -> Self {
        let https = config.url.as_ref().is_some_and(|url| url.scheme() == "https");
        let mut of_config = Vec::new();
        if https && config.trusted_proxies.is_empty() {
            of_config.push(
                "url is https, so there is a proxy in front, but trusted_proxies is empty: all clients \
                 count as one address and share its limits. Set trusted_proxies to the proxy's address."
                    .to_owned(),
            );
        }
        for warning in &of_config {
            warn!("{warning}");
        }
        Self { of_config, unknown_proxy: OnceLock::new() }
    }

    /// Warns, once, if this request was forwarded by a proxy that is not trusted.
    pub(crate) fn check_proxy(
        &self,
        connection: SocketAddr,
        headers: &HeaderMap,
        trusted: &[Network],
    ) {
        if self.unknown_proxy.get().is_some() || !is_unknown_proxy(connection, headers, trusted) {
            return;
        }
        let proxy = connection.ip().to_canonical();
        let warning = format!(
            "{proxy} forwards requests (X-Forwarded-For) and is not in trusted_proxies: all its clients \
             count as one address and share its limits. If it is your proxy, add it there."
        );
        if self.unknown_proxy.set(warning.clone()).is_ok() {
            warn!("{warning}");
        }
    }

    /// All warnings, one line each.
    #[must_use]
    pub(crate) fn lines(&self) -> Vec<&str> {
        let of_config = self.of_config.iter().map(String::as_str);
        of_config.chain(self.unknown_proxy.get().map(String::as_str)).collect()
    }
}
