//! What a member has watched, and which recordings are new to them: told to them alone.

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::common::{TestServer, json_of};

async fn listed(http: &Client, server: &TestServer, token: &str, query: &str) -> Vec<Value> {
    let asked = http.get(format!("{}/api/v1/clips{query}", server.url)).bearer_auth(token);
    let page = json_of(asked.send().await.unwrap(), StatusCode::OK).await;
    page["clips"].as_array().unwrap().clone()
}

#[tokio::test]
async fn what_one_has_watched_is_told_to_them_alone() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let (ann, bob) = (server.token(&server.ann).await, server.token(&server.bob).await);
    let http = Client::new();
    let (key, id) = (&clip.key, &clip.id);
    let unread = async |token: &str| listed(&http, &server, token, "?only=unread").await.len();
    assert_eq!((unread(&ann).await, unread(&bob).await), (0, 1), "it is Ann's own");

    let progress = format!("{}/api/v1/c/{key}/progress", server.url);
    let watched = json!({ "position_us": 500_000 });
    let put = async |body: &Value| {
        http.put(&progress).bearer_auth(&bob).json(body).send().await.unwrap().status()
    };
    assert_eq!(put(&watched).await, StatusCode::NO_CONTENT);
    let guest = http.put(&progress).json(&watched).send().await.unwrap();
    assert_eq!(guest.status(), StatusCode::UNAUTHORIZED, "nothing is kept of guests");
    let seen = async |token: &str| listed(&http, &server, token, "").await[0]["progress"].clone();
    let expected =
        json!({ "position_us": 500_000, "finished": false, "unopened": false, "new_replies": 0 });
    assert_eq!(seen(&bob).await, expected);
    assert_eq!(seen(&ann).await["position_us"], 0, "Ann is not told");
    assert_eq!(unread(&bob).await, 0);
    let by_link = http.get(format!("{}/api/v1/c/{key}", server.url)).send().await.unwrap();
    let by_link = json_of(by_link, StatusCode::OK).await;
    assert!(by_link.get("progress").is_none() && by_link.get("author_login").is_none());

    let far = json!({ "position_us": u64::from(u32::MAX) * 1_000_000, "finished": true });
    assert_eq!(put(&far).await, StatusCode::NO_CONTENT);
    let at = seen(&bob).await["position_us"].as_u64().unwrap();
    assert!(at < 60_000_000, "no farther than the recording goes: {at}");
    assert_eq!(put(&json!({ "position_us": -1 })).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(put(&json!({ "seen_by": "Ann" })).await, StatusCode::UNPROCESSABLE_ENTITY);

    let replies = format!("{}/api/v1/c/{key}/replies", server.url);
    let reply = json!({ "body": "Which port?", "name": "Guest" });
    let posted = http.post(&replies).json(&reply).send().await.unwrap();
    assert_eq!(posted.status(), StatusCode::CREATED);
    let one = format!("{}/api/v1/clips/{id}", server.url);
    let one = http.get(one).bearer_auth(&ann).send().await.unwrap();
    let one = json_of(one, StatusCode::OK).await;
    assert_eq!(
        (&one["progress"]["new_replies"], &one["repliers"][0]["name"]),
        (&json!(1), &json!("Guest"))
    );
    assert_eq!((unread(&ann).await, unread(&bob).await), (1, 1));
}

#[tokio::test]
async fn a_part_of_the_library_is_listed_with_and_without_a_script() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let (ann, bob) = (server.token(&server.ann).await, server.token(&server.bob).await);
    let http = Client::new();
    for (token, query, count) in
        [(&ann, "?only=mine", 1), (&bob, "?only=mine", 0), (&bob, "?only=all", 1)]
    {
        assert_eq!(listed(&http, &server, token, query).await.len(), count, "{query}");
    }
    let take = listed(&http, &server, &ann, "").await[0]["take"].as_str().unwrap().to_owned();
    let of_take = format!("?take={take}");
    assert_eq!(listed(&http, &server, &ann, &of_take).await[0]["id"], json!(clip.id));
    assert_eq!(listed(&http, &server, &bob, &of_take).await, Vec::<Value>::new());
    assert_eq!(listed(&http, &server, &bob, "").await[0].get("take"), None, "its author's alone");
    let wrong = http.get(format!("{}/api/v1/clips?only=theirs", server.url)).bearer_auth(&ann);
    assert_eq!(wrong.send().await.unwrap().status(), StatusCode::BAD_REQUEST);

    let page = async |path: &str| {
        let asked = http.get(format!("{}{path}", server.url)).bearer_auth(&bob);
        asked.send().await.unwrap().text().await.unwrap()
    };
    let all = page("/").await;
    assert!(all.contains("How the export works") && all.contains("Unread: "), "{all}");
    assert!(
        all.contains("href=\"/?only=unread\"") && all.contains("aria-current=\"page\""),
        "{all}"
    );
    let mine = page("/?only=mine").await;
    assert!(mine.contains("Your recordings appear here.") && !mine.contains("export"), "{mine}");
}
