//! The Content-Security-Policy of the window's pages. `tauri.conf.json` has the part that never changes and names no library;
//! the one library whose clips are shown is added whenever a page is loaded.

use tauri::http::{HeaderValue, Response, header::CONTENT_SECURITY_POLICY};
use url::{Host, Url};

/// What a library's pictures, films and answers may be asked for by.
const OF_THE_LIBRARY: [&str; 3] = ["img-src", "media-src", "connect-src"];

/// Lets a page ask `library`, and no other site. Answers without a policy are no pages.
pub(crate) fn name_library<B>(response: &mut Response<B>, library: Option<&Url>) {
    let Some(before) =
        response.headers().get(CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok())
    else {
        return;
    };
    let Some(source) = library.and_then(source) else { return };
    match HeaderValue::from_str(&with_library(before, &source)) {
        Ok(policy) => drop(response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy)),
        Err(error) => {
            tracing::warn!(%error, "The library could not be named in the window's policy")
        }
    }
}

fn with_library(policy: &str, source: &str) -> String {
    let directives = policy.split(';').map(|directive| {
        let directive = directive.trim();
        let name = directive.split_whitespace().next().unwrap_or_default();
        if OF_THE_LIBRARY.contains(&name) {
            format!("{directive} {source}")
        } else {
            directive.to_owned()
        }
    });
    directives.collect::<Vec<_>>().join("; ")
}

/// A library as a source of a policy (CSP Level 3 §2.3.1). None if its host cannot stand there without ending the directive.
fn source(library: &Url) -> Option<String> {
    let host = match library.host()? {
        Host::Domain(name) => name.to_owned(),
        Host::Ipv4(address) => address.to_string(),
        // The grammar has no IPv6 addresses. Of all hosts that any host stands for, the port narrows it down.
        Host::Ipv6(_) => "*".to_owned(),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '*');
    let port = library.port_or_known_default()?;
    host.chars().all(plain).then(|| format!("{}://{host}:{port}", library.scheme()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATIC: &str = "default-src 'none'; img-src 'self' data:; media-src blob:; connect-src ipc:; form-action 'none'";

    fn policy(library: Option<&str>) -> String {
        let mut response =
            Response::builder().header(CONTENT_SECURITY_POLICY, STATIC).body(()).unwrap();
        name_library(&mut response, library.map(|address| Url::parse(address).unwrap()).as_ref());
        response.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned()
    }

    #[test]
    fn only_the_chosen_library_is_named() {
        assert_eq!(policy(None), STATIC);
        let named = |source: &str| {
            format!(
                "default-src 'none'; img-src 'self' data: {source}; media-src blob: {source}; connect-src ipc: {source}; \
                 form-action 'none'"
            )
        };
        for (library, source) in [
            ("https://clips.example.org/", "https://clips.example.org:443"),
            ("http://127.0.0.1:8455/", "http://127.0.0.1:8455"),
            ("http://localhost/", "http://localhost:80"),
            ("https://bücher.example:8443/", "https://xn--bcher-kva.example:8443"),
            ("http://[::1]:8455/", "http://*:8455"),
        ] {
            assert_eq!(policy(Some(library)), named(source), "{library}");
        }
    }

    #[test]
    fn an_address_cannot_write_directives() {
        for library in ["https://a;script-src/", "https://a,b.example/", "https://a'none'.example/"]
        {
            assert_eq!(policy(Some(library)), STATIC, "{library}");
        }
    }

    #[test]
    fn what_is_no_page_stays_as_it_is() {
        let mut response = Response::new(());
        name_library(&mut response, Some(&Url::parse("https://clips.example.org").unwrap()));
        assert!(response.headers().is_empty());
    }
}
