//! Signing in: a double of the library's `/api/v1/token`, a browser that is a few lines, and others
//! who knock.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::routing::post;
use axum::{Json, Router};
use data_encoding::BASE64URL_NOPAD;
use sha2::Digest as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use url::Url;
use vignette_model::Secret;
use vignette_model::api::{TokenAnswer, TokenRequest};
use vignette_upload::{ClientError, SignInError, library_url, sign_in};

/// A library that gives a token for the code `good`, and remembers how it was asked.
async fn library() -> (Url, Arc<Mutex<Vec<TokenRequest>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = asked.clone();
    let exchange = move |Json(request): Json<TokenRequest>| async move {
        seen.lock().unwrap().push(request.clone());
        Json(TokenAnswer {
            access_token: Secret::presented("lib_token"),
            token_type: "Bearer".to_owned(),
        })
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = library_url(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let routes = Router::new().route("/api/v1/token", post(exchange));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (url, asked)
}

/// Begins signing in and gives the address that the browser was sent to.
async fn begin(library: &Url) -> (Url, tokio::task::JoinHandle<Result<Secret, SignInError>>) {
    let (show, shown) = oneshot::channel();
    let library = library.clone();
    let signing_in = tokio::spawn(async move {
        sign_in::loopback(&library, move |url| {
            show.send(url.clone()).unwrap();
        })
        .await
    });
    (shown.await.unwrap(), signing_in)
}

fn part(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(n, _)| n == name).unwrap().1.into_owned()
}

/// What a browser shows for an address on this computer.
async fn visit(redirect_uri: &str, query: &str) -> String {
    let url = Url::parse(redirect_uri).unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", url.port().unwrap())).await.unwrap();
    let request = format!("GET {}?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", url.path());
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).await.unwrap();
    page
}

#[tokio::test]
async fn the_browser_brings_the_token() {
    let (library, asked) = library().await;
    let (shown, signing_in) = begin(&library).await;
    assert!(shown.as_str().starts_with(&format!("{library}authorize?")));
    let redirect_uri = part(&shown, "redirect_uri");
    assert!(redirect_uri.starts_with("http://127.0.0.1:"), "RFC 8252 §7.3: {redirect_uri}");

    // A browser opens connections ahead of need; another program looks what is there; a page tries
    // its luck.
    let port = Url::parse(&redirect_uri).unwrap().port().unwrap();
    let silent = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    for query in ["", "code=evil&state=guess", "code=evil", "error=access_denied&state=guess"] {
        assert!(
            visit(&redirect_uri, query).await.starts_with("HTTP/1.1 400"),
            "{query} is refused"
        );
    }
    assert!(!signing_in.is_finished(), "and waiting goes on");

    let page = visit(&redirect_uri, &format!("code=good&state={}", part(&shown, "state"))).await;
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("You are signed in"), "{page}");
    assert!(!page.contains("good") && !page.contains("lib_token"), "the page holds no secret");
    assert_eq!(signing_in.await.unwrap().unwrap(), Secret::presented("lib_token"));
    drop(silent);

    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 1, "only what came with the state is believed");
    assert_eq!(
        (asked[0].grant_type.as_str(), asked[0].code.expose()),
        ("authorization_code", "good")
    );
    assert_eq!(asked[0].redirect_uri, redirect_uri);
    let challenge = BASE64URL_NOPAD.encode(&sha2::Sha256::digest(asked[0].code_verifier.expose()));
    assert_eq!(part(&shown, "code_challenge"), challenge, "RFC 7636 §4.2");
    assert_eq!(part(&shown, "code_challenge_method"), "S256");
    assert!((43..=128).contains(&asked[0].code_verifier.expose().len()), "RFC 7636 §4.1");
    assert!(!shown.as_str().contains(asked[0].code_verifier.expose()), "the verifier stays here");
}

#[tokio::test]
async fn no_is_an_answer() {
    let (library, asked) = library().await;
    let (shown, signing_in) = begin(&library).await;
    let page = visit(
        &part(&shown, "redirect_uri"),
        &format!("error=access_denied&state={}", part(&shown, "state")),
    )
    .await;
    assert!(page.contains("You are not signed in"), "{page}");
    assert!(matches!(signing_in.await.unwrap().unwrap_err(), SignInError::Declined));
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_page_says_if_it_did_not_work() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let library = library_url(&format!("http://{}", nobody.local_addr().unwrap())).unwrap();
    drop(nobody);
    let (shown, signing_in) = begin(&library).await;
    let page =
        visit(&part(&shown, "redirect_uri"), &format!("code=good&state={}", part(&shown, "state")))
            .await;
    assert!(page.contains("could not be reached"), "{page}");
    let outcome = tokio::time::timeout(Duration::from_secs(10), signing_in).await.unwrap();
    assert!(matches!(
        outcome.unwrap().unwrap_err(),
        SignInError::Client(ClientError::Unreachable { .. })
    ));
}
