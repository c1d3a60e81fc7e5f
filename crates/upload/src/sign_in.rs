//! Signing in through the browser: OAuth 2.0 for native apps (RFC 8252) with a loopback address,
//! PKCE S256 (RFC 7636) and `state`. Nothing secret is ever in the address that the browser is sent
//! to.

mod callback;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use url::Url;
use vignette_model::api::TokenRequest;
use vignette_model::{Problem, Secret};

use crate::{Client, SignInError};
use callback::{BrowserReturn, Callback};

/// How long a person may take.
const SIGN_IN_TIMEOUT: Duration = Duration::from_secs(5 * 60);
/// Connections that may be open at once; browsers open a few ahead of need.
const MAX_CONNECTIONS: usize = 16;
/// How long the last page may take to reach the browser.
const RESULT_PAGE_TIMEOUT: Duration = Duration::from_secs(2);

/// Signs in to a library: opens its page in the browser, waits at most 5 minutes for the person
/// there, and gives the token, which the caller keeps in [`crate::Credentials`]. `open` gets the
/// address to show; see [`browser`].
///
/// # Errors
/// [`SignInError`].
pub async fn loopback(library: &Url, open: impl FnOnce(&Url)) -> Result<Secret, SignInError> {
    let client = Client::new(library, None)?;
    let listener = listen()?;
    let address = listener.local_addr()?;
    let verifier = random()?;
    let state = random()?;
    let redirect_uri = format!("http://{address}{}", callback::PATH);
    open(&authorize_url(library, &redirect_uri, &verifier, &state));

    let coming = tokio::time::timeout(SIGN_IN_TIMEOUT, first_callback(&listener, &state));
    let (found, connections) = coming.await.map_err(|_| SignInError::TimedOut)??;
    let outcome = match found.callback {
        Callback::Declined => Err(SignInError::Declined),
        Callback::Code(code) => {
            let request = TokenRequest {
                grant_type: "authorization_code".to_owned(),
                code,
                code_verifier: verifier,
                redirect_uri,
            };
            client
                .exchange(&request)
                .await
                .map(|answer| answer.access_token)
                .map_err(SignInError::from)
        }
    };
    // The page is shown once it is known whether the token is here.
    if found.outcome.send(outcome.as_ref().map(drop).map_err(Problem::from)).is_ok() {
        let _ = tokio::time::timeout(RESULT_PAGE_TIMEOUT, found.shown).await;
    }
    drop(connections);
    outcome
}

/// Opens an address in the person's browser, without waiting for it. For [`loopback`].
pub fn browser(url: &Url) {
    if let Err(error) = open::that_detached(url.as_str()) {
        tracing::warn!(%error, "No browser could be opened");
    }
}

/// Answers connections until one brings what was waited for; the answer to that one is still due.
async fn first_callback(
    listener: &TcpListener,
    state: &Secret,
) -> Result<(BrowserReturn, JoinSet<()>), SignInError> {
    let mut connections = JoinSet::new();
    let (found, mut returns) = mpsc::channel(1);
    loop {
        tokio::select! {
            biased;
            Some(found) = returns.recv() => return Ok((found, connections)),
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept(), if connections.len() < MAX_CONNECTIONS => match accepted {
                Ok((stream, _)) => drop(connections.spawn(callback::serve(stream, state.clone(), found.clone()))),
                Err(error) => return Err(error.into()),
            },
        }
    }
}

fn listen() -> io::Result<TcpListener> {
    let listener = std::net::TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}

fn authorize_url(library: &Url, redirect_uri: &str, verifier: &Secret, state: &Secret) -> Url {
    let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(verifier.expose().as_bytes()));
    let mut url = library.clone();
    url.set_path("/authorize");
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", "vignette")
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256")
        .append_pair("state", state.expose())
        .append_pair("label", &format!("Vignette on {}", std::env::consts::OS));
    url
}

/// 256 random bits in the letters of a verifier (RFC 7636 §4.1).
fn random() -> Result<Secret, SignInError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(SignInError::NoRandomness)?;
    Ok(Secret::presented(&BASE64URL_NOPAD.encode(&bytes)))
}
