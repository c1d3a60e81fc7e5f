//! The peer: the address a request comes from, as trusted proxies forward it, and the key by which
//! it is limited.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use axum::http::HeaderMap;
use ipnet::{IpNet, Ipv4Net};
use serde::{Deserialize, Serialize};

/// A network, or a single address: `10.0.0.0/8`, `::1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network(IpNet);

/// Text that is no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an address such as 10.0.0.1, nor a network such as 10.0.0.0/8")]
pub struct NotANetwork(String);

impl Network {
    /// Whether `address` is in this network. An IPv4-mapped IPv6 address counts as the IPv4 address.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl FromStr for Network {
    type Err = NotANetwork;
    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let net = match text.parse::<IpAddr>() {
            Ok(address) => Some(address.to_canonical().into()),
            Err(_) => text.parse().ok().and_then(canonical),
        };
        net.map(Self).ok_or_else(|| NotANetwork(text.to_owned()))
    }
}

/// An IPv4-mapped IPv6 network as the IPv4 network; `None` if it is only partly one.
fn canonical(net: IpNet) -> Option<IpNet> {
    const MAPPED_BITS: u8 = 96;
    let IpNet::V6(v6) = net else { return Some(net) };
    match v6.addr().to_ipv4_mapped() {
        Some(v4) => Some(Ipv4Net::new(v4, v6.prefix_len().checked_sub(MAPPED_BITS)?).ok()?.into()),
        None => Some(net),
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<String> for Network {
    type Error = NotANetwork;
    fn try_from(text: String) -> Result<Self, NotANetwork> {
        text.parse()
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.to_string()
    }
}

/// The client's address: the connection's, or, if that is a trusted proxy, the last address in
/// `X-Forwarded-For` that is not one.
#[must_use]
pub(crate) fn client_address(
    connection: SocketAddr,
    headers: &HeaderMap,
    trusted: &[Network],
) -> IpAddr {
    let is_proxy = |address: &IpAddr| is_trusted(*address, trusted);
    let mut address = connection.ip().to_canonical();
    let lines = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
    let hops: Vec<_> = lines.flat_map(|line| line.split(',')).collect();
    for hop in hops.iter().rev() {
        let Some(next) = hop_address(hop).filter(|_| is_proxy(&address)) else { break };
        address = next.to_canonical();
    }
    address
}

/// Whether an address belongs to a trusted proxy.
#[must_use]
pub(crate) fn is_trusted(address: IpAddr, trusted: &[Network]) -> bool {
    trusted.iter().any(|network| network.contains(address))
}

/// An address as proxies write it: bare, with a port, or in brackets.
fn hop_address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    bare.parse().ok().or_else(|| Some(hop.parse::<SocketAddr>().ok()?.ip()))
}

/// Whether a request was forwarded by a proxy that is not trusted, so that all clients behind it
/// share one rate limit.
#[must_use]
pub(crate) fn is_unknown_proxy(
    connection: SocketAddr,
    headers: &HeaderMap,
    trusted: &[Network],
) -> bool {
    headers.contains_key("x-forwarded-for") && !is_trusted(connection.ip(), trusted)
}

/// The key that rates and connections are limited by: an IPv4 address, or the /64 of an IPv6 one,
/// since every address of a /64 usually belongs to one customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RateLimitKey(IpAddr);

impl RateLimitKey {
    /// The key of an address.
    #[must_use]
    pub(crate) fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
            v4 => v4,
        })
    }
}

impl fmt::Display for RateLimitKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(connection: &str, forwarded: &'static str, trusted: &[&str]) -> String {
        let trusted: Vec<Network> = trusted.iter().map(|n| n.parse().unwrap()).collect();
        let headers = [("x-forwarded-for".parse().unwrap(), forwarded.parse().unwrap())]
            .into_iter()
            .collect();
        client_address(connection.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn nobody_can_forge_an_address() {
        assert_eq!(
            seen("9.9.9.9:1", "1.1.1.1", &["10.0.0.0/8"]),
            "9.9.9.9",
            "who is no proxy speaks for themselves"
        );
        assert_eq!(
            seen("10.1.2.3:1", "1.1.1.1, 2.2.2.2", &["10.0.0.0/8"]),
            "2.2.2.2",
            "only what our proxy saw counts"
        );
        assert_eq!(
            seen("10.1.2.3:1", "1.1.1.1, 10.9.9.9", &["10.0.0.0/8"]),
            "1.1.1.1",
            "a chain of our proxies is followed"
        );
        assert_eq!(seen("10.1.2.3:1", "unknown", &["10.0.0.0/8"]), "10.1.2.3");
        assert_eq!(seen("[::ffff:10.1.2.3]:1", "2.2.2.2", &["10.1.2.3"]), "2.2.2.2");
        assert_eq!(seen("9.9.9.9:1", "1.1.1.1", &["0.0.0.0/0"]), "1.1.1.1");
    }

    #[test]
    fn addresses_as_proxies_write_them() {
        for (told, address) in [
            ("1.2.3.4:5678", "1.2.3.4"),
            (" 1.1.1.1 ,\t1.2.3.4:5678 ", "1.2.3.4"),
            ("[2001:db8::7]:443", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("2001:db8::7", "2001:db8::7"),
            ("1.2.3.4:99999", "10.1.2.3"),
            ("[1.2.3.4", "10.1.2.3"),
            ("", "10.1.2.3"),
        ] {
            assert_eq!(seen("10.1.2.3:1", told, &["10.0.0.0/8"]), address, "{told}");
        }
    }

    #[test]
    fn networks() {
        for text in ["10.0.0.0/33", "::/129", "10/8", "", "host", "::ffff:10.0.0.0/95"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
        for (text, shown) in [
            ("10.0.0.1", "10.0.0.1/32"),
            ("10.1.2.3/8", "10.1.2.3/8"),
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
            ("fd00::/8", "fd00::/8"),
        ] {
            assert_eq!(text.parse::<Network>().unwrap().to_string(), shown);
        }
        assert!(
            "::ffff:10.0.0.0/104".parse::<Network>().unwrap().contains("10.9.9.9".parse().unwrap())
        );
        assert!("fd00::/8".parse::<Network>().unwrap().contains("fd12::1".parse().unwrap()));
        assert!(!"fd00::/8".parse::<Network>().unwrap().contains("fe80::1".parse().unwrap()));
        assert_eq!(
            RateLimitKey::of("2001:db8:1:2:3:4:5:6".parse().unwrap()).to_string(),
            "2001:db8:1:2::"
        );
    }
}
