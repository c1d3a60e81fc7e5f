//! [`Address`]: where a sound server listens, as written in `PULSE_SERVER` and `client.conf`.
//!
//! ```text
//!  addresses ─ separated by blanks, tried in this order
//!  address   ─ [ "{" machine "}" ] ( "unix:" path | "/" path | tcp )
//!  tcp       ─ [ "tcp:" | "tcp4:" | "tcp6:" ] host [ ":" port ]
//! ```

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::path::PathBuf;

/// The port if none is given.
const PORT: u16 = 4713;

/// One address at which a server may listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// A socket in the file system.
    Unix(PathBuf),
    /// A port of a host. `version` is 4 or 6 if only that version of IP is to be used.
    Tcp { host: String, port: u16, version: Option<u8> },
}

impl Address {
    /// Whether an address of a host is of the permitted IP version.
    pub(super) fn takes(&self, ip: IpAddr) -> bool {
        match self {
            Self::Unix(_) => false,
            Self::Tcp { version, .. } => {
                version.is_none_or(|version| (version == 4) == ip.is_ipv4())
            }
        }
    }

    fn parse(text: &str) -> Option<Self> {
        if let Some(path) = text.strip_prefix("unix:") {
            return (!path.is_empty()).then(|| Self::Unix(path.into()));
        }
        if text.starts_with('/') {
            return Some(Self::Unix(text.into()));
        }
        let versions = [("tcp4:", Some(4)), ("tcp6:", Some(6)), ("tcp:", None)];
        let (text, version) = versions
            .into_iter()
            .find_map(|(prefix, version)| Some((text.strip_prefix(prefix)?, version)))
            .unwrap_or((text, None));
        let (host, port) = if let Some(rest) = text.strip_prefix('[') {
            let (host, rest) = rest.split_once(']')?;
            (host, rest.strip_prefix(':'))
        } else if text.parse::<Ipv6Addr>().is_ok() {
            (text, None)
        } else {
            text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)))
        };
        let port = port.map_or(Some(PORT), |port| port.parse().ok())?;
        (!host.is_empty()).then(|| Self::Tcp { host: host.to_owned(), port, version })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "{}", path.display()),
            Self::Tcp { host, port, .. } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp { host, port, .. } => write!(f, "{host}:{port}"),
        }
    }
}

/// All addresses in `text` that are for a machine with one of these `identities`. Invalid ones are
/// skipped.
pub(super) fn parse_all(text: &str, identities: &[String]) -> Vec<Address> {
    let for_us = |address: &str| match address.strip_prefix('{') {
        None => Address::parse(address),
        Some(rest) => {
            let (machine, address) = rest.split_once('}')?;
            identities
                .iter()
                .any(|identity| identity == machine)
                .then(|| Address::parse(address))?
        }
    };
    text.split_ascii_whitespace().filter_map(for_us).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_libpulse_reads_them() {
        let unix = |path: &str| Some(Address::Unix(path.into()));
        let tcp =
            |host: &str, port, version| Some(Address::Tcp { host: host.to_owned(), port, version });
        for (text, expected) in [
            ("unix:/run/native", unix("/run/native")),
            ("/run/native", unix("/run/native")),
            ("{id}unix:/run/native", unix("/run/native")),
            ("{host}/run/native", unix("/run/native")),
            ("{other}unix:/run/native", None),
            ("{id", None),
            ("tcp:sound.example:99", tcp("sound.example", 99, None)),
            ("sound.example", tcp("sound.example", PORT, None)),
            ("tcp4:127.0.0.1", tcp("127.0.0.1", PORT, Some(4))),
            ("tcp6:[::1]:77", tcp("::1", 77, Some(6))),
            ("::1", tcp("::1", PORT, None)),
            ("tcp:host:port", None),
            ("tcp:", None),
            ("unix:", None),
        ] {
            let found = parse_all(text, &["id".to_owned(), "host".to_owned()]);
            assert_eq!(found.first(), expected.as_ref(), "{text}");
        }
        let several = parse_all("  {other}/a unix:/b\t/c  host:1 ", &[]);
        assert_eq!(
            several.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["/b", "/c", "host:1"]
        );
    }
}
