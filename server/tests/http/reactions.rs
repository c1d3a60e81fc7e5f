//! Reactions: one of a kind for each at a moment, taken back by who made it, told to those who listen.

use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::common::{TestServer, json_of, problem};

async fn listed(server: &TestServer, path: &str) -> Vec<Value> {
    let list = json_of(server.get(path).send().await.unwrap(), StatusCode::OK).await;
    list["reactions"].as_array().unwrap().clone()
}

fn by_guest(request: RequestBuilder, secret: &str) -> RequestBuilder {
    request.header("vignette-reply-secret", secret)
}

#[tokio::test]
async fn a_guest_reacts_once_at_a_moment_and_takes_it_back() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let path = format!("/api/v1/c/{}/reactions", clip.key);
    let heart = |at_us: u64| {
        server.request("POST", &path).json(&json!({ "kind": "heart", "at_us": at_us }))
    };
    let first = json_of(heart(3_400_000).send().await.unwrap(), StatusCode::CREATED).await;
    let secret = first["secret"].as_str().expect("a guest gets a secret").to_owned();
    assert_eq!(first["reaction"]["at_us"], 3_000_000, "to whole seconds");
    assert_eq!(
        (&first["reaction"]["name"], &first["reaction"]["mine"]),
        (&Value::Null, &json!(true))
    );
    let again = by_guest(heart(3_900_000), &secret).send().await.unwrap();
    let again = json_of(again, StatusCode::CREATED).await;
    assert_eq!(again["reaction"]["id"], first["reaction"]["id"], "once at a moment");
    assert_eq!(again["secret"], Value::Null, "they are known");
    let forged = by_guest(heart(3_000_000), "reaction_of_nobody").send().await.unwrap();
    let forged = json_of(forged, StatusCode::CREATED).await;
    assert!(forged["secret"].is_string(), "what opens nothing makes nobody known");
    assert_eq!(listed(&server, &path).await.len(), 2);

    let one = format!("{path}/{}", first["reaction"]["id"].as_str().unwrap());
    let other = forged["secret"].as_str().unwrap();
    let delete = || server.request("DELETE", &one);
    problem(delete().send().await.unwrap(), 403, "not_allowed").await;
    problem(by_guest(delete(), other).send().await.unwrap(), 403, "not_allowed").await;
    let gone = by_guest(delete(), &secret).send().await.unwrap();
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    assert_eq!(listed(&server, &path).await.len(), 1);
    problem(by_guest(delete(), &secret).send().await.unwrap(), 404, "not_found").await;

    for (status, new) in [
        (400, json!({ "kind": "heart", "at_us": 90_000_000 })),
        (422, json!({ "kind": "shrug", "at_us": 0 })),
        (422, json!({ "kind": "heart", "at_us": 0, "name": "Gus" })),
    ] {
        let refused = server.request("POST", &path).json(&new).send().await.unwrap();
        problem(refused, status, "bad_request").await;
    }
}

#[tokio::test]
async fn a_member_reacts_by_name_and_the_author_may_take_it_away() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let path = format!("/api/v1/c/{}/reactions", clip.key);
    let (ann, bob) = (server.token(&server.ann).await, server.token(&server.bob).await);
    let clap = json!({ "kind": "clap", "at_us": 1_000_000 });
    for _ in 0..2 {
        let sent =
            server.request("POST", &path).bearer_auth(&bob).json(&clap).send().await.unwrap();
        let sent = json_of(sent, StatusCode::CREATED).await;
        assert_eq!((&sent["reaction"]["name"], &sent["secret"]), (&json!("Bob"), &Value::Null));
    }
    let list = listed(&server, &path).await;
    assert_eq!((list.len(), &list[0]["mine"]), (1, &json!(false)), "nobody else's");
    let page = server.get(&format!("/c/{}", clip.key)).send().await.unwrap().text().await.unwrap();
    let shown = r#"<span role="img" aria-label="Applause">👏</span> 1"#;
    assert!(page.contains(shown), "counted without JavaScript: {page}");
    let one = format!("{path}/{}", list[0]["id"].as_str().unwrap());
    let gone = server.request("DELETE", &one).bearer_auth(&ann).send().await.unwrap();
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn where_guests_may_not_reply_they_may_not_react() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let path = format!("/api/v1/c/{}/reactions", clip.key);
    let ann = server.token(&server.ann).await;
    let muted = server.request("PATCH", &format!("/api/v1/clips/{}", clip.id)).bearer_auth(&ann);
    let muted = muted.json(&json!({ "guests": false })).send().await.unwrap();
    assert_eq!(muted.status(), StatusCode::OK);
    let clap = json!({ "kind": "clap", "at_us": 0 });
    let refused = server.request("POST", &path).json(&clap).send().await.unwrap();
    problem(refused, 401, "sign_in_needed").await;
    let sent = server.request("POST", &path).bearer_auth(&ann).json(&clap).send().await.unwrap();
    assert_eq!(sent.status(), StatusCode::CREATED);
}
