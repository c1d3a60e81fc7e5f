//! Who asks is decided before the body is read, and what is read is bounded by whose it is.

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use reqwest::StatusCode;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use vignette_model::ClipId;

use crate::common::{TestServer, problem, raw_head};

/// A request whose body never comes: `length` bytes are promised, one is sent.
async fn answer_without_a_body(
    server: &TestServer,
    line: &str,
    kind: &str,
    length: usize,
    token: &str,
) -> String {
    let head = format!(
        "{line} HTTP/1.1\r\nhost: 127.0.0.1\r\n{token}content-type: {kind}\r\ncontent-length: {length}\r\n\r\n{{"
    );
    let mut stream = server.raw(head.as_bytes()).await;
    raw_head(&mut stream).await.lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn whoever_may_not_is_refused_without_their_body() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let bob = format!("authorization: Bearer {}\r\n", server.token(&server.bob).await);
    let (any, id, guessed) = (ClipId::new(), &clip.id, vignette_model::ClipKey::random());
    for (line, token, status) in [
        (format!("PUT /api/v1/clips/{any}/transcript"), "", "401"),
        (format!("PUT /api/v1/clips/{id}/transcript"), "", "401"),
        (format!("PUT /api/v1/clips/{id}/transcript"), bob.as_str(), "403"),
        (format!("PUT /api/v1/clips/{any}/transcript"), bob.as_str(), "404"),
        (format!("PUT /api/v1/clips/{id}/poster"), "", "401"),
        (format!("PATCH /api/v1/clips/{id}"), bob.as_str(), "403"),
        ("POST /api/v1/clips".to_owned(), "", "401"),
        (format!("POST /api/v1/c/{guessed}/replies"), "", "404"),
        ("PATCH /api/v1/uploads/up_guessed".to_owned(), "", "404"),
        ("POST /tokens".to_owned(), "", "401"),
    ] {
        // The usual form of JSON that cannot be: what is refused first is whoever asks, not what they wrote.
        let answer =
            answer_without_a_body(&server, &line, "application/json", 900_000, token).await;
        assert!(answer.contains(status), "{line}: {answer}, not {status}");
    }
}

#[tokio::test]
async fn a_refusal_is_read_though_the_body_was_not() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    // More than the connection holds on its way, so that it is still being sent when the answer comes.
    let large = vec![b' '; 7 << 20];
    let transcript = server
        .request("PUT", &format!("/api/v1/clips/{}/transcript", clip.id))
        .header("content-type", "application/json");
    problem(
        transcript.body(large).send().await.expect("the answer comes through"),
        401,
        "sign_in_needed",
    )
    .await;
}

#[tokio::test]
async fn a_body_is_as_large_as_whose_it_is() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let form = |text: String| [("name", text), ("password", String::new())];
    let nobody =
        server.request("POST", "/sign-in").form(&form("a".repeat(17 << 10))).send().await.unwrap();
    problem(nobody, 413, "too_large").await;
    let reply = |text: String| {
        let request = server.request("POST", &format!("/api/v1/c/{}/replies", clip.key));
        request.json(&json!({ "name": "Guest", "body": text })).send()
    };
    problem(reply("a".repeat(129 << 10)).await.unwrap(), 413, "too_large").await;
    assert_eq!(
        reply("\u{1f600}".repeat(10_000)).await.unwrap().status(),
        StatusCode::CREATED,
        "the longest reply there is"
    );
}

#[tokio::test]
async fn one_household_does_not_use_up_what_nobody_may_send() {
    let server = TestServer::start().await;
    let mut held = Vec::new();
    // Each sends almost all of a form, and no more.
    for _ in 0..80 {
        let head = "POST /sign-in HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 16000\r\n\r\n";
        let mut stream = server.raw(head.as_bytes()).await;
        let _ = stream.write_all(&[b'a'; 15_999]).await;
        held.push(stream);
    }
    // 512 KiB hold 32 such forms, so that at least 40 are refused.
    let refusals = held.iter_mut().map(|stream| async move {
        let mut first = [0; 12];
        stream.read_exact(&mut first).await.expect("an answer");
        first
    });
    let mut refusals: FuturesUnordered<_> = refusals.collect();
    for refused in 0..40 {
        let first = tokio::time::timeout(Duration::from_secs(15), refusals.next()).await;
        let first = first.unwrap_or_else(|_| panic!("only {refused} of 80 were refused"));
        let first = first.expect("there are 80");
        assert_eq!(&first, b"HTTP/1.1 429", "{}", String::from_utf8_lossy(&first));
    }
    drop(refusals);
    drop(held);
    let members = server
        .get("/api/v1/clips")
        .bearer_auth(server.token(&server.ann).await)
        .send()
        .await
        .unwrap();
    assert_eq!(members.status(), StatusCode::OK);
}
