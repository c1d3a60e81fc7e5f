//! Replies, in the API and by the plain form.

use reqwest::StatusCode;
use serde_json::json;

use crate::common::{TestServer, json_of, problem};

#[tokio::test]
async fn a_guest_changes_what_they_wrote_and_nobody_else_does() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let replies = format!("/api/v1/c/{}/replies", clip.key);
    let new = json!({ "name": "Guest", "body": "Why *here*?", "at_us": 3_000_000 });
    let posted = json_of(server.request("POST", &replies).json(&new).send().await.unwrap(), StatusCode::CREATED).await;
    let secret = posted["secret"].as_str().expect("a guest gets a secret");
    let reply = format!("{replies}/{}", posted["reply"]["id"].as_str().unwrap());
    let change = json!({ "body": "Why there?" });
    problem(server.request("PATCH", &reply).json(&change).send().await.unwrap(), 403, "not_allowed").await;
    let bob = server.token(&server.bob).await;
    problem(server.request("PATCH", &reply).bearer_auth(&bob).json(&change).send().await.unwrap(), 403, "not_allowed").await;
    let changed = server.request("PATCH", &reply).header("vignette-reply-secret", secret).json(&change).send().await.unwrap();
    assert_eq!(json_of(changed, StatusCode::OK).await["body"], "Why there?");
    let ann = server.token(&server.ann).await;
    let deleted = server.request("DELETE", &reply).bearer_auth(&ann).send().await.unwrap();
    assert_eq!(deleted.status(), StatusCode::NO_CONTENT, "the clip's author may delete any reply");
    let left = json_of(server.get(&replies).send().await.unwrap(), StatusCode::OK).await;
    assert_eq!(left, json!([]));
}

#[tokio::test]
async fn the_form_works_without_javascript() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let page = format!("/c/{}", clip.key);
    let form = [("name", "Guest <b>"), ("text", "See **this** <script>alert(1)</script>"), ("time", "0:03")];
    let sent = server.request("POST", &format!("{page}/replies")).form(&form).send().await.unwrap();
    assert_eq!(sent.status(), StatusCode::SEE_OTHER);
    let back = sent.headers()["location"].to_str().unwrap().to_owned();
    assert!(back.starts_with(&format!("{page}#reply-")), "{back}");
    let html = server.get(&page).send().await.unwrap().text().await.unwrap();
    assert!(html.contains("<strong>this</strong>"), "{html}");
    assert!(!html.contains("<script>alert"), "script in Markdown must not reach the page");
    assert!(!html.contains("Guest <b>"), "a name is text");
    assert!(html.contains(&format!("href=\"{page}?t=3\"")), "the moment is a link: {html}");

    for (text, time) in [("", "0:03"), ("fine", "soon")] {
        let wrong = server.request("POST", &format!("{page}/replies")).header("accept", "text/html");
        let wrong = wrong.form(&[("name", "Guest"), ("text", text), ("time", time)]).send().await.unwrap();
        assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
        assert!(wrong.text().await.unwrap().contains("<h1>"), "a browser gets a page");
    }
}

#[tokio::test]
async fn a_form_on_another_site_is_refused() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let form = [("name", "Guest"), ("text", "spam")];
    let forged = server.request("POST", &format!("/c/{}/replies", clip.key)).header("origin", "https://evil.example").form(&form);
    problem(forged.send().await.unwrap(), 403, "not_allowed").await;
    let forged = server.request("POST", &format!("/c/{}/replies", clip.key)).header("sec-fetch-site", "same-site").form(&form);
    problem(forged.send().await.unwrap(), 403, "not_allowed").await;
}

#[tokio::test]
async fn too_many_at_once_have_to_wait() {
    let server = TestServer::start_with(|config| config.tries_per_minute = 2).await;
    let clip = server.sealed_clip().await;
    let path = format!("/api/v1/c/{}/replies", clip.key);
    let post = || server.request("POST", &path).json(&json!({ "name": "Guest", "body": "x" })).send();
    assert_eq!(post().await.unwrap().status(), StatusCode::CREATED);
    assert_eq!(post().await.unwrap().status(), StatusCode::CREATED);
    let third = post().await.unwrap();
    assert!(third.headers().contains_key("retry-after"));
    problem(third, 429, "too_many_requests").await;
    let forged =
        server.request("POST", &path).header("x-forwarded-for", "192.0.2.9").json(&json!({ "name": "Guest", "body": "x" }));
    problem(forged.send().await.unwrap(), 429, "too_many_requests").await;
}
