//! What holds for every answer: headers, other sites, methods and bodies that do not belong.

use reqwest::StatusCode;
use serde_json::json;

use crate::common::{TestServer, json_of, problem};

#[tokio::test]
async fn pages_are_told_to_load_nothing_foreign() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let page =
        server.get(&format!("/c/{}", clip.key)).header("accept", "text/html").send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"),
        "{policy}"
    );
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
    assert!(
        policy.contains(
            "require-trusted-types-for 'script'; trusted-types svelte-trusted-html vignette-inert"
        ),
        "{policy}"
    );
    assert_eq!(page.headers()["x-content-type-options"], "nosniff");
    assert_eq!(page.headers()["referrer-policy"], "same-origin");
    assert_eq!(page.headers()["cache-control"], "no-store");
    assert_eq!(page.headers()["cross-origin-opener-policy"], "same-origin");
    let html = page.text().await.unwrap();
    assert!(
        !html.contains("style=") && !html.contains("<style"),
        "the page keeps to its own policy"
    );
    for link in html.split(['"', '\'']).filter(|part| part.starts_with("http")) {
        assert!(
            link.starts_with(&server.url) || link.contains("www.w3.org"),
            "nothing of another host is named: {link}"
        );
    }
}

#[tokio::test]
async fn the_desktop_window_may_ask_and_other_sites_may_not() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    for (origin, path, allowed) in [
        ("tauri://localhost", "/api/v1/clips".to_owned(), true),
        ("http://tauri.localhost", format!("/c/{}/clip.mp4", clip.key), true),
        ("https://evil.example", "/api/v1/clips".to_owned(), false),
        ("tauri://localhost", "/sign-in".to_owned(), false),
    ] {
        let answer = server.get(&path).header("origin", origin).send().await.unwrap();
        let told = answer
            .headers()
            .get("access-control-allow-origin")
            .map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(told.as_deref(), allowed.then_some(origin), "{origin} on {path}");
        assert!(
            !answer.headers().contains_key("access-control-allow-credentials"),
            "cookies never go along"
        );
    }
    let ask_first = server
        .request("OPTIONS", &clip.upload)
        .header("origin", "tauri://localhost")
        .header("access-control-request-method", "PATCH")
        .header("access-control-request-headers", "upload-offset,content-digest,authorization");
    let answer = ask_first.send().await.unwrap();
    assert_eq!(answer.headers()["access-control-allow-origin"], "tauri://localhost");
    let ann = server.token(&server.ann).await;
    let change = server
        .request("PATCH", &format!("/api/v1/clips/{}", clip.id))
        .header("origin", "tauri://localhost");
    let change = change
        .header("sec-fetch-site", "cross-site")
        .bearer_auth(&ann)
        .json(&json!({ "title": "New" }));
    assert_eq!(
        change.send().await.unwrap().status(),
        StatusCode::OK,
        "a token is not a cookie: it was meant"
    );
}

#[tokio::test]
async fn what_does_not_belong_is_a_problem() {
    let server = TestServer::start().await;
    let ann = server.token(&server.ann).await;
    let wrong = server.request("DELETE", "/api/v1/clips").send().await.unwrap();
    assert!(wrong.headers().contains_key("allow"));
    let help = json_of(wrong, StatusCode::METHOD_NOT_ALLOWED).await["help"].to_string();
    assert!(help.contains("Allow"), "it says where the methods are: {help}");
    let post = |body: &str| {
        let request = server
            .request("POST", "/api/v1/clips")
            .bearer_auth(&ann)
            .header("content-type", "application/json");
        request.body(body.to_owned()).send()
    };
    problem(post("{").await.unwrap(), 400, "bad_request").await;
    let unknown =
        post(r#"{"take":"0196c5f0-0000-7000-8000-000000000000","recorded_at_us":1,"titel":"x"}"#)
            .await
            .unwrap();
    let message = problem(unknown, 422, "bad_request").await;
    assert!(
        message.contains("titel") && !message.contains("deserialize"),
        "the unknown field is named: {message}"
    );
    let plain = server
        .request("POST", "/api/v1/clips")
        .bearer_auth(&ann)
        .body("hello")
        .send()
        .await
        .unwrap();
    problem(plain, 415, "bad_request").await;
    let long = json!({ "take": "0196c5f0-0000-7000-8000-000000000000", "recorded_at_us": 1, "summary": "x".repeat(1_200_000) });
    problem(
        server.request("POST", "/api/v1/clips").bearer_auth(&ann).json(&long).send().await.unwrap(),
        413,
        "too_large",
    )
    .await;
    let message = problem(
        server.get("/api/v1/clips?limit=x").bearer_auth(&ann).send().await.unwrap(),
        400,
        "bad_request",
    )
    .await;
    assert!(message.starts_with("The query"), "{message}");
    let tus =
        [("origin", "http://evil.example"), ("cookie", "vignette=x"), ("tus-resumable", "1.0.0")];
    let forged = tus
        .into_iter()
        .fold(server.request("POST", "/api/v1/uploads"), |request, (name, value)| {
            request.header(name, value)
        });
    let message = problem(forged.send().await.unwrap(), 403, "not_allowed").await;
    assert!(message.starts_with("This request"), "an upload is no form: {message}");
    problem(server.get("/assets/../openapi.json").send().await.unwrap(), 404, "not_found").await;
    problem(server.get("/assets/.vite/manifest.json").send().await.unwrap(), 404, "not_found")
        .await;
    let me = server.get("/api/v1/me").bearer_auth(&ann).send().await.unwrap();
    assert_eq!(me.headers()["cache-control"], "no-store", "what is said to one is kept by nobody");
    let head = server.request("HEAD", "/nowhere").send().await.unwrap();
    assert_eq!((head.status(), head.bytes().await.unwrap().len()), (StatusCode::NOT_FOUND, 0));
    assert_eq!(server.get("/healthz").send().await.unwrap().text().await.unwrap(), "ok\n");
    assert_eq!(server.get("/readyz").send().await.unwrap().status(), StatusCode::OK);
}
