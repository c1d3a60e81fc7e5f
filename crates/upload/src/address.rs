//! The address of a library: scheme, host and port, nothing else. Tokens are kept by it.

use url::Url;
use vignette_http::{is_this_computer, parse_address};

use crate::error::NotALibraryAddress;

/// Reads the address of a library as a person writes it. Without a scheme it is `https`, or `http`
/// on this computer.
///
/// # Errors
/// [`NotALibraryAddress`] if it is none, or has a path, a user or anything else that does not
/// belong there.
pub fn library_url(text: &str) -> Result<Url, NotALibraryAddress> {
    parse_address(text).ok().filter(|url| url.path() == "/").ok_or(NotALibraryAddress)
}

/// Whether others on the network can read and change what goes to a library there: http to another
/// computer.
#[must_use]
pub fn is_readable_on_the_way(library: &Url) -> bool {
    library.scheme() != "https" && !is_this_computer(library)
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(
                is_readable_on_the_way(&library_url(address).unwrap()),
                readable,
                "{address}"
            );
        }
    }

    #[test]
    fn a_library_has_a_host_and_nothing_behind_it() {
        assert_eq!(library_url("localhost:8455").unwrap().as_str(), "http://localhost:8455/");
        for text in [
            "",
            "ftp://clips.example.org",
            "https://clips.example.org/c/ia3kx7uizcmg2yobjzcjcn2iwu",
            "not a host",
        ] {
            assert_eq!(library_url(text), Err(NotALibraryAddress), "{text}");
        }
    }
}
