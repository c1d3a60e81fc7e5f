//! The loopback address that the browser comes back to. Anything on this computer can connect to
//! it, and any page can send a browser there: only who knows the `state` is believed, everybody
//! else is refused and the waiting goes on.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use url::Url;
use vignette_model::{Problem, Secret};

/// Where the browser comes back to.
pub(super) const PATH: &str = "/callback";
/// A request for that is short.
const MAX_HEAD_BYTES: usize = 8 << 10;
/// How long a connection may take to send its request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// A browser that came back.
#[derive(Debug)]
pub(super) struct BrowserReturn {
    pub(super) callback: Callback,
    /// Wants to know how signing in went, for the page.
    pub(super) outcome: oneshot::Sender<Result<(), Problem>>,
    /// Says when the page is on its way.
    pub(super) shown: oneshot::Receiver<()>,
}

/// What the browser brought.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Callback {
    /// A code to exchange for a token.
    Code(Secret),
    /// The person said no (RFC 6749 §4.1.2.1).
    Declined,
}

/// Reads one request, hands over what it brought and answers with a page.
pub(super) async fn serve(
    mut stream: TcpStream,
    state: Secret,
    found: mpsc::Sender<BrowserReturn>,
) {
    let head = tokio::time::timeout(HEAD_TIMEOUT, head(&mut stream)).await;
    let Some(callback) = head.ok().flatten().and_then(|head| read(&head, &state)) else {
        return show(
            &mut stream,
            page(
                "400 Bad Request",
                "This does not belong here",
                "Begin signing in again from Vignette.",
            ),
        )
        .await;
    };
    let ((outcome, went), (is_shown, shown)) = (oneshot::channel(), oneshot::channel());
    if found.send(BrowserReturn { callback, outcome, shown }).await.is_err() {
        return;
    }
    match went.await {
        Ok(Ok(())) => {
            show(
                &mut stream,
                page(
                    "200 OK",
                    "You are signed in",
                    "You can close this page and go back to Vignette.",
                ),
            )
            .await;
        }
        Ok(Err(problem)) => {
            let text = format!("{} {}", problem.message, problem.help);
            show(&mut stream, page("200 OK", "You are not signed in", &text)).await;
        }
        Err(_) => {}
    }
    drop(is_shown);
}

/// Sends a page. A browser that is gone needs none.
async fn show(stream: &mut TcpStream, page: String) {
    let _ = stream.write_all(page.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// The head of a request, or `None` if it has no end within its bounds.
async fn head(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if head.len() > MAX_HEAD_BYTES || stream.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    Some(head)
}

/// What the head of a request brings, if it knows the state.
fn read(head: &[u8], state: &Secret) -> Option<Callback> {
    let line = std::str::from_utf8(head).ok()?.lines().next()?;
    let target = line.strip_prefix("GET ")?.strip_suffix(" HTTP/1.1")?;
    // Only a path: no other host, no other scheme.
    let url = Url::parse(&format!("http://localhost{}", target.strip_prefix('/').map(|_| target)?))
        .ok()?;
    if url.path() != PATH {
        return None;
    }
    let only = |name: &str| {
        let mut values =
            url.query_pairs().filter(|(n, _)| n == name).map(|(_, value)| value.into_owned());
        values.next().filter(|_| values.next().is_none())
    };
    // By their hashes, so that the time it takes tells nothing.
    if Secret::presented(&only("state")?).hash() != state.hash() {
        return None;
    }
    if only("error").is_some() {
        return Some(Callback::Declined);
    }
    only("code")
        .filter(|code| !code.is_empty())
        .map(|code| Callback::Code(Secret::presented(&code)))
}

fn page(status: &str, title: &str, text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let body = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport \
         content=\"width=device-width\">\
         <title>{title}</title><style>:root{{color-scheme:light dark}}body{{font:1.1rem/1.5 \
         system-ui,sans-serif;\
         max-width:30rem;margin:20vh auto;padding:0 \
         1rem}}</style><h1>{title}</h1><p>{text}</p></html>\n"
    );
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: \
         {}\r\nConnection: close\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: \
         nosniff\r\n\
         Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; frame-ancestors \
         'none'\r\n\r\n{body}",
        body.len(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_request_is_believed() {
        let state = Secret::presented("right");
        let code = Some(Callback::Code(Secret::presented("c o")));
        for (line, callback) in [
            ("GET /callback?code=c%20o&state=right HTTP/1.1", code),
            ("GET /callback?error=access_denied&state=right HTTP/1.1", Some(Callback::Declined)),
            ("GET /callback?code=c&state=wrong HTTP/1.1", None),
            ("GET /callback?code=c&state=right&state=wrong HTTP/1.1", None),
            ("GET /callback?code=c&code=d&state=right HTTP/1.1", None),
            ("GET /callback?code=&state=right HTTP/1.1", None),
            ("GET /callback?code=c HTTP/1.1", None),
            ("GET /callback?state=right HTTP/1.1", None),
            ("GET /other?code=c&state=right HTTP/1.1", None),
            ("GET /callback/../other?code=c&state=right HTTP/1.1", None),
            ("GET http://elsewhere.example/callback?code=c&state=right HTTP/1.1", None),
            ("GET @elsewhere.example/callback?code=c&state=right HTTP/1.1", None),
            ("POST /callback?code=c&state=right HTTP/1.1", None),
            ("HEAD /callback?code=c&state=right HTTP/1.1", None),
            ("GET", None),
            ("", None),
        ] {
            assert_eq!(
                read(format!("{line}\r\nHost: x\r\n\r\n").as_bytes(), &state),
                callback,
                "{line}"
            );
        }
    }
}
