//! Addresses of servers: `http` or `https`, a host, perhaps a port and a path; no user and no
//! query.

use thiserror::Error;
use url::{Host, Url};

/// Why a text is not the address of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AddressError {
    /// It is not a URL at all.
    #[error("it is not an address: {0}")]
    Syntax(#[from] url::ParseError),
    /// It is neither `http` nor `https`.
    #[error("it is neither http nor https")]
    Scheme,
    /// It carries a user name, a password, a query or a fragment.
    #[error("it carries a user, a query or a fragment")]
    Extra,
}

/// Reads the address of a server as a person writes it. Without a scheme it is `https`, or `http`
/// on this computer.
///
/// # Errors
/// [`AddressError`]: what is wrong with it. It repeats nothing of the text, which may hold a
/// password.
pub fn parse_address(text: &str) -> Result<Url, AddressError> {
    let text = text.trim();
    let url = if text.contains("://") {
        Url::parse(text)?
    } else {
        let secure = Url::parse(&format!("https://{text}"))?;
        // The text is parsed again, or a port that is the usual one for https would be lost.
        if is_this_computer(&secure) { Url::parse(&format!("http://{text}"))? } else { secure }
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Err(AddressError::Scheme);
    }
    let has_user = !url.username().is_empty() || url.password().is_some();
    if has_user || url.query().is_some() || url.fragment().is_some() {
        return Err(AddressError::Extra);
    }
    Ok(url)
}

/// Whether the host is this computer: a loopback address, `localhost` or a name below it (RFC 6761
/// §6.3). No proxy stands in between then, and nobody on the network can read what is sent.
#[must_use]
pub fn is_this_computer(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_write_them() {
        for (text, url) in [
            ("clips.example.org", "https://clips.example.org/"),
            (" https://clips.example.org/ ", "https://clips.example.org/"),
            ("HTTP://Clips.Example.Org:8455", "http://clips.example.org:8455/"),
            ("localhost:8455", "http://localhost:8455/"),
            ("models.localhost/v1", "http://models.localhost/v1"),
            ("127.0.0.1:443", "http://127.0.0.1:443/"),
            ("[::1]:8455", "http://[::1]:8455/"),
            ("10.0.0.7:8455", "https://10.0.0.7:8455/"),
        ] {
            assert_eq!(parse_address(text).map(String::from).as_deref(), Ok(url), "{text}");
        }
    }

    #[test]
    fn other_addresses_are_refused() {
        for (text, error) in [
            ("", AddressError::Syntax(url::ParseError::EmptyHost)),
            ("https://", AddressError::Syntax(url::ParseError::EmptyHost)),
            ("not a host", AddressError::Syntax(url::ParseError::IdnaError)),
            ("ftp://clips.example.org", AddressError::Scheme),
            ("file:///etc/passwd", AddressError::Scheme),
            ("https://me:secret@clips.example.org", AddressError::Extra),
            ("https://:secret@clips.example.org", AddressError::Extra),
            ("https://clips.example.org/?a=b", AddressError::Extra),
            ("https://clips.example.org/#a", AddressError::Extra),
        ] {
            assert_eq!(parse_address(text), Err(error), "{text}");
            assert!(!error.to_string().contains("secret"));
        }
    }

    #[test]
    fn this_computer_is_known_by_name_and_by_address() {
        for (address, is) in [
            ("http://localhost", true),
            ("http://LOCALHOST:80", true),
            ("http://models.localhost:1234", true),
            ("http://127.0.0.1", true),
            ("http://127.9.9.9:8455", true),
            ("http://[::1]:8455", true),
            ("http://notlocalhost", false),
            ("http://localhost.example.org", false),
            ("http://127.0.0.1.example.org", false),
            ("http://10.0.0.7", false),
            ("http://[fe80::1]", false),
            ("file:///etc/passwd", false),
        ] {
            assert_eq!(is_this_computer(&Url::parse(address).unwrap()), is, "{address}");
        }
    }
}
