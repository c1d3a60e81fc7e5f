//! What is compressed on its way, and what must not be.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use reqwest::header::{CONTENT_ENCODING, VARY};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::json;

use crate::common::{PASSWORD, TestClip, TestServer};

/// A browser that shows bytes as they come.
fn client() -> Client {
    let client = Client::builder().no_proxy().no_gzip().no_brotli().cookie_store(true);
    client.redirect(Policy::none()).timeout(Duration::from_secs(20)).build().unwrap()
}

/// The encoding of an answer, and its bytes as they came.
async fn answer(request: RequestBuilder, accepted: &str) -> (Option<String>, Vec<u8>) {
    let answer = request.header("accept-encoding", accepted).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
    let encoding = answer.headers().get(CONTENT_ENCODING);
    let encoding = encoding.map(|encoding| encoding.to_str().unwrap().to_owned());
    if encoding.is_some() {
        assert_eq!(answer.headers()[VARY], "accept-encoding", "caches keep both forms apart");
    }
    (encoding, answer.bytes().await.unwrap().to_vec())
}

fn unzipped(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = Command::new("gzip")
        .arg("-dc")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("gzip is installed");
    let mut stdin = gzip.stdin.take().unwrap();
    let bytes = bytes.to_vec();
    let writing = std::thread::spawn(move || stdin.write_all(&bytes));
    let unzipped = gzip.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    assert!(unzipped.status.success(), "gzip reads it");
    unzipped.stdout
}

/// A clip with as many replies as people write to one that they care about.
async fn discussed(server: &TestServer) -> TestClip {
    let clip = server.sealed_clip().await;
    for n in 0..40 {
        let body = format!("Reply {n}: the export at 0:0{} needs a test, see `export.rs`.", n % 4);
        let reply = json!({ "name": "Grace", "body": body, "anchor": { "start_us": n * 10_000 } });
        let sent = server.request("POST", &format!("/api/v1/c/{}/replies", clip.key)).json(&reply);
        assert_eq!(sent.send().await.unwrap().status(), StatusCode::CREATED);
    }
    clip
}

#[tokio::test]
async fn pages_and_the_api_are_small_on_their_way() {
    let server = TestServer::start().await;
    let clip = discussed(&server).await;
    let client = client();
    let get = |path: &str| client.get(format!("{}{path}", server.url));
    let page = format!("/c/{}", clip.key);
    let replies = format!("/api/v1/c/{}/replies", clip.key);
    for path in [&page, &replies, "/api/v1/openapi.json"] {
        let (none, whole) = answer(get(path), "identity").await;
        assert_eq!(none, None, "{path}: who asks for none gets none");
        let (gzip, zipped) = answer(get(path), "gzip").await;
        assert_eq!(gzip.as_deref(), Some("gzip"), "{path}");
        assert_eq!(unzipped(&zipped), whole, "{path}: it is the same");
        let (best, brotli) = answer(get(path), "gzip, deflate, br, zstd").await;
        assert_eq!(best.as_deref(), Some("br"), "{path}: as browsers ask");
        for (how, small) in [("gzip", &zipped), ("br", &brotli)] {
            assert!(small.len() * 4 < whole.len(), "{path}: {} by {how}", small.len());
        }
    }
}

#[tokio::test]
async fn media_events_and_small_answers_stay_as_they_are() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let token = server.token(&server.ann).await;
    let client = client();
    let get = |path: &str| client.get(format!("{}{path}", server.url));
    for path in ["clip.mp4", "stream.mp4"] {
        let media = || get(&format!("/c/{}/{path}", clip.key)).bearer_auth(&token);
        assert_eq!(answer(media(), "gzip, br").await.0, None, "{path}");
        let (encoding, bytes) = answer(media().header("range", "bytes=0-99"), "gzip, br").await;
        assert_eq!((encoding, bytes.len()), (None, 100), "a range of {path}");
    }
    assert_eq!(answer(get("/healthz"), "gzip, br").await.0, None, "a small one");
    let events = get(&format!("/api/v1/c/{}/events", clip.key));
    let events = events.header("accept-encoding", "gzip, br").send().await.unwrap();
    assert_eq!(events.headers()["content-type"], "text/event-stream");
    assert_eq!(events.headers().get(CONTENT_ENCODING), None, "an event is told at once");
}

#[tokio::test]
async fn secrets_are_not_beside_chosen_words_in_a_compressed_answer() {
    let server = TestServer::start().await;
    for n in 0..20 {
        server.clip_like(json!({ "title": format!("How the export works, part {n}") })).await;
    }
    let browser = client();
    let ask = |path: &str| browser.get(format!("{}{path}", server.url));
    let form = [("login", "Ann"), ("password", PASSWORD)];
    let signed_in = browser.post(format!("{}/sign-in", server.url)).form(&form).send();
    assert_eq!(signed_in.await.unwrap().status(), StatusCode::SEE_OTHER);

    let own = |path| ask(path).header("sec-fetch-site", "same-origin");
    assert_eq!(answer(own("/"), "gzip").await.0.as_deref(), Some("gzip"), "a list of clips");
    assert_eq!(answer(own("/?q=export"), "gzip").await.0.as_deref(), Some("gzip"));
    for site in ["cross-site", "same-site"] {
        for path in ["/?q=export", "/", "/api/v1/search?q=export", "/api/v1/clips"] {
            let (encoding, _) = answer(ask(path).header("sec-fetch-site", site), "gzip").await;
            assert_eq!(encoding, None, "words that another site chose, beside keys: {path}");
        }
    }
    assert_eq!(answer(ask("/?q=export"), "gzip").await.0, None, "a browser that does not say");
    assert_eq!(answer(own("/account"), "gzip").await.0, None, "a page that may show a token");
    let people = answer(own("/people"), "gzip").await;
    assert_eq!(people.0, None, "a page that may show an invitation");
    assert!(people.1.len() > 1_024, "large enough to be compressed otherwise");
}
