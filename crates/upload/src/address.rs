//! The address of a library: scheme, host and port, nothing else. It is what tokens belong to.

use url::{Host, Url};
use vignette_model::{ErrorCode, Problem};

/// Reads the address of a library as a person writes it. Without a scheme it is `https`, or `http` on this computer.
///
/// # Errors
/// [`ErrorCode::BadRequest`] if it is no such address, or has a path, a user or anything else that does not belong there.
pub fn library_url(text: &str) -> Result<Url, Problem> {
    let text = text.trim();
    let wrong = || {
        Problem::new(ErrorCode::BadRequest, "This is not the address of a library.")
            .with_help("Write it like https://clips.example.org, without anything after the name and port.")
    };
    let url = if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("https://{text}")) };
    let mut url = url.map_err(|_| wrong())?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let named = url.username().is_empty() && url.password().is_none() && url.host().is_some();
    if !bare || !named || !matches!(url.scheme(), "http" | "https") {
        return Err(wrong());
    }
    if !text.contains("://") && is_this_computer(&url) {
        // The text again, so that a port that is usual for https stays.
        url = Url::parse(&format!("http://{text}")).map_err(|_| wrong())?;
    }
    Ok(url)
}

/// Whether the host is this computer, by name or address: no proxy stands in between then.
#[must_use]
pub(crate) fn is_this_computer(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether what goes to a library there can be read, and changed, by whoever is on the way: http to another computer.
#[must_use]
pub fn is_readable_on_the_way(library: &Url) -> bool {
    library.scheme() != "https" && !is_this_computer(library)
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
            ("127.0.0.1:443", "http://127.0.0.1:443/"),
            ("[::1]:8455", "http://[::1]:8455/"),
            ("10.0.0.7:8455", "https://10.0.0.7:8455/"),
        ] {
            assert_eq!(library_url(text).unwrap().as_str(), url, "{text}");
        }
    }

    #[test]
    fn only_https_keeps_what_is_sent_to_another_computer_private() {
        for (address, readable) in [
            ("http://clips.example.org", true),
            ("http://10.0.0.7:8455", true),
            ("http://127.0.0.1.example.org", true),
            ("https://clips.example.org", false),
            ("http://127.0.0.1:8455", false),
            ("http://[::1]:8455", false),
            ("http://localhost", false),
        ] {
            assert_eq!(is_readable_on_the_way(&library_url(address).unwrap()), readable, "{address}");
        }
    }

    #[test]
    fn other_addresses_are_refused() {
        for text in [
            "",
            "https://",
            "ftp://clips.example.org",
            "file:///etc/passwd",
            "https://me:secret@clips.example.org",
            "https://clips.example.org/c/ia3kx7uizcmg2yobjzcjcn2iwu",
            "https://clips.example.org/?a=b",
            "https://clips.example.org/#a",
            "not a host",
        ] {
            assert!(library_url(text).is_err(), "{text}");
        }
    }
}
