//! The Content-Security-Policy of pages that show clips of one library. The part that never changes
//! names no library; the one whose clips are shown is added whenever a page is loaded.

use url::{Host, Url};

/// What a library's pictures, films and answers may be asked for by.
const OF_THE_LIBRARY: [&str; 3] = ["img-src", "media-src", "connect-src"];

/// `policy` with leave to ask `library`, and no other site. None if the library cannot be named
/// there.
#[must_use]
pub fn policy_with_library(policy: &str, library: &Url) -> Option<String> {
    let source = source(library)?;
    let directives = policy.split(';').map(|directive| {
        let directive = directive.trim();
        let name = directive.split_whitespace().next().unwrap_or_default();
        if OF_THE_LIBRARY.contains(&name) {
            format!("{directive} {source}")
        } else {
            directive.to_owned()
        }
    });
    Some(directives.collect::<Vec<_>>().join("; "))
}

/// A library as a source of a policy (CSP Level 3 §2.3.1). None if its host cannot stand there
/// without ending the directive.
fn source(library: &Url) -> Option<String> {
    let host = match library.host()? {
        Host::Domain(name) => name.to_owned(),
        Host::Ipv4(address) => address.to_string(),
        // The grammar has no IPv6 addresses. Of all hosts that any host stands for, the port
        // narrows it down.
        Host::Ipv6(_) => "*".to_owned(),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '*');
    let port = library.port_or_known_default()?;
    host.chars().all(plain).then(|| format!("{}://{host}:{port}", library.scheme()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATIC: &str = "default-src 'none'; img-src 'self' data:; media-src blob:; \
                          connect-src ipc:; form-action 'none'";

    fn policy(library: &str) -> Option<String> {
        policy_with_library(STATIC, &Url::parse(library).unwrap())
    }

    #[test]
    fn only_the_chosen_library_is_named() {
        let named = |source: &str| {
            format!(
                "default-src 'none'; img-src 'self' data: {source}; media-src blob: {source}; \
                 connect-src ipc: {source}; form-action 'none'"
            )
        };
        for (library, source) in [
            ("https://clips.example.org/", "https://clips.example.org:443"),
            ("http://127.0.0.1:8455/", "http://127.0.0.1:8455"),
            ("http://localhost/", "http://localhost:80"),
            ("https://bücher.example:8443/", "https://xn--bcher-kva.example:8443"),
            ("http://[::1]:8455/", "http://*:8455"),
        ] {
            assert_eq!(policy(library), Some(named(source)), "{library}");
        }
    }

    #[test]
    fn an_address_cannot_write_directives() {
        for library in ["https://a;script-src/", "https://a,b.example/", "https://a'none'.example/"]
        {
            assert_eq!(policy(library), None, "{library}");
        }
    }
}
