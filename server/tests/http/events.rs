//! Events: seen by whoever listens, while it happens.

use std::time::Duration;

use reqwest::Response;
use serde_json::{Value, json};

use crate::common::{STREAM, TestServer, problem};

/// A listener that reads server-sent events.
struct Listener(Response, String);

impl Listener {
    async fn to(server: &TestServer, path: &str, token: Option<&str>) -> Self {
        let request = server.get(path);
        let request = if let Some(token) = token { request.bearer_auth(token) } else { request };
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self(response, String::new())
    }

    /// The next event of that name; others are passed over.
    async fn next(&mut self, name: &str) -> Value {
        let wait = async {
            loop {
                while let Some((event, rest)) =
                    self.1.split_once("\n\n").map(|(e, r)| (e.to_owned(), r.to_owned()))
                {
                    self.1 = rest;
                    let field = |field: &str| {
                        event.lines().find_map(|line| {
                            line.strip_prefix(field).map(str::trim).map(str::to_owned)
                        })
                    };
                    if field("event:").as_deref() == Some(name) {
                        return serde_json::from_str(&field("data:").unwrap()).unwrap();
                    }
                }
                let chunk = self
                    .0
                    .chunk()
                    .await
                    .unwrap()
                    .unwrap_or_else(|| panic!("the events ended before {name}"));
                self.1.push_str(std::str::from_utf8(&chunk).unwrap());
            }
        };
        tokio::time::timeout(Duration::from_secs(10), wait)
            .await
            .unwrap_or_else(|_| panic!("no {name} came"))
    }

    async fn end(mut self) {
        let wait = async { while self.0.chunk().await.unwrap().is_some() {} };
        tokio::time::timeout(Duration::from_secs(10), wait).await.expect("the events end");
    }
}

#[tokio::test]
async fn a_reaction_is_seen_by_everybody_who_watches() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let bob = server.token(&server.bob).await;
    let mut listener = Listener::to(&server, &format!("/api/v1/c/{}/events", clip.key), None).await;
    let path = format!("/api/v1/c/{}/reactions", clip.key);
    let clap = json!({ "kind": "clap", "at_us": 1_000_000 });
    let sent = server.request("POST", &path).bearer_auth(&bob).json(&clap).send().await.unwrap();
    assert!(sent.status().is_success());
    let told = listener.next("reaction").await["reaction"].clone();
    let seen = (&told["kind"], &told["at_us"], &told["name"], &told["mine"]);
    assert_eq!(seen, (&json!("clap"), &json!(1_000_000), &json!("Bob"), &json!(false)));
    let one = format!("{path}/{}", told["id"].as_str().unwrap());
    let gone = server.request("DELETE", &one).bearer_auth(&bob).send().await.unwrap();
    assert!(gone.status().is_success());
    assert_eq!(listener.next("reaction_deleted").await["id"], told["id"]);
}

#[tokio::test]
async fn a_reply_is_seen_by_everybody_who_watches() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let events = format!("/api/v1/c/{}/events", clip.key);
    let mut one = Listener::to(&server, &events, None).await;
    let mut other = Listener::to(&server, &events, None).await;
    assert_eq!(
        one.next("clip").await["clip"]["state"],
        "ready",
        "the first event is the clip as it is"
    );
    let new = json!({ "name": "Guest", "body": "Here", "anchor": { "start_us": 1 } });
    server
        .request("POST", &format!("/api/v1/c/{}/replies", clip.key))
        .json(&new)
        .send()
        .await
        .unwrap();
    for listener in [&mut one, &mut other] {
        let event = listener.next("reply").await;
        assert_eq!(
            (event["reply"]["body"].as_str(), event["reply"]["mine"].as_bool()),
            (Some("Here"), Some(false))
        );
    }
}

#[tokio::test]
async fn a_viewer_learns_when_a_recording_can_be_watched() {
    let server = TestServer::start().await;
    let clip = server.clip().await;
    let mut listener = Listener::to(&server, &format!("/api/v1/c/{}/events", clip.key), None).await;
    assert_eq!(listener.next("clip").await["clip"]["state"], "recording");
    server.append(&clip, 0, STREAM, true).send().await.unwrap();
    while listener.next("clip").await["clip"]["state"] != "ready" {}
    let ann = server.token(&server.ann).await;
    server
        .request("DELETE", &format!("/api/v1/clips/{}", clip.id))
        .bearer_auth(&ann)
        .send()
        .await
        .unwrap();
    listener.next("gone").await;
    listener.end().await;
}

#[tokio::test]
async fn members_hear_of_the_library_and_nobody_else_does() {
    let server = TestServer::start().await;
    problem(server.get("/api/v1/events").send().await.unwrap(), 401, "sign_in_needed").await;
    let bob = server.token(&server.bob).await;
    let mut listener = Listener::to(&server, "/api/v1/events", Some(&bob)).await;
    let clip = server.clip().await;
    assert_eq!(listener.next("clip").await["clip"]["id"], clip.id.as_str());
    server.stop().await;
    listener.end().await;
}
