//! Pages, as browsers without JavaScript and as crawlers see them.

use reqwest::StatusCode;
use serde_json::{Value, json};
use vignette_model::ClipKey;

use crate::common::{STREAM, TestServer, json_of, problem};

async fn page(server: &TestServer, key: &str) -> String {
    let answer =
        server.get(&format!("/c/{key}")).header("accept", "text/html").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    answer.text().await.unwrap()
}

#[tokio::test]
async fn a_clip_plays_and_unfurls_without_javascript() {
    let server = TestServer::start().await;
    let clip = server
        .sealed_clip_like(json!({ "summary": "The *export* is done. It still needs a test." }))
        .await;
    let html = page(&server, &clip.key).await;
    let mp4 = format!("/c/{}/clip.mp4", clip.key);
    for part in [
        "<video controls",
        "preload=\"metadata\"",
        &format!("<source src=\"{mp4}\" type=\"video/mp4\">"),
        "<h1 dir=\"auto\">How the export works</h1>",
        "7 November 2026",
        "<em>export</em>",
        "property=\"og:title\" content=\"How the export works\"",
        "property=\"og:description\" content=\"The export is done.\"",
        &format!("property=\"og:video\" content=\"{}{mp4}\"", server.url),
        "name=\"twitter:card\" content=\"player\"",
        "application/json+oembed",
        "name=\"robots\" content=\"noindex\"",
        "<main id=\"app\">",
        "<script type=\"application/json\" id=\"clip\">",
    ] {
        assert!(html.contains(part), "{part} is missing in {html}");
    }
    assert!(
        html.contains("<link rel=\"modulepreload\""),
        "what the script imports comes beside it"
    );
    assert!(!html.contains("/assets/hls.light"), "a short sealed clip plays as it is");
    let island = html.split("id=\"clip\">").nth(1).unwrap().split("</script>").next().unwrap();
    let island: Value = serde_json::from_str(island).unwrap();
    assert_eq!(
        (island["key"].as_str(), island["clip"]["state"].as_str()),
        (Some(clip.key.as_str()), Some("ready"))
    );
    let from =
        server.get(&format!("/c/{}?t=3.5", clip.key)).send().await.unwrap().text().await.unwrap();
    assert!(from.contains(&format!("{mp4}#t=3")), "a link to a moment starts there");
}

#[tokio::test]
async fn a_recording_says_so_and_tells_nobody_else() {
    let server = TestServer::start().await;
    let clip = server.clip().await;
    server.append(&clip, 0, STREAM, false).send().await.unwrap();
    let html = page(&server, &clip.key).await;
    assert!(html.contains("is being recorded"), "{html}");
    assert!(html.contains("<noscript><meta http-equiv=\"refresh\""), "it looks again by itself");
    assert!(
        html.contains("<link rel=\"modulepreload\" href=\"/assets/hls"),
        "what will play it is here before it ends"
    );
    assert!(!html.contains("<video"), "it is not live");
    assert!(!html.contains("og:title\" content=\"How"), "other programs are told nothing yet");
    problem(
        server.get(&format!("/c/{}/media.m3u8", clip.key)).send().await.unwrap(),
        409,
        "conflict",
    )
    .await;

    let live = server.clip_like(json!({ "live": true })).await;
    server.append(&live, 0, STREAM, false).send().await.unwrap();
    let html = page(&server, &live.key).await;
    assert!(
        html.contains("type=\"application/vnd.apple.mpegurl\""),
        "a live one plays as HLS: {html}"
    );
}

#[tokio::test]
async fn what_people_write_is_text() {
    let server = TestServer::start().await;
    let title = "../../etc/passwd \"><script>alert(1)</script></title>";
    let clip = server
        .sealed_clip_like(
            json!({ "title": title, "summary": "<script>x</script>[a](javascript:alert(1)) <img src=x onerror=y>" }),
        )
        .await;
    let html = page(&server, &clip.key).await;
    for bad in [
        "<script>alert",
        "<script>x",
        "javascript:alert(1)\"",
        "<img src=x",
        "onerror=y>",
        "content=\"../../etc/passwd \">",
    ] {
        assert!(!html.contains(bad), "{bad} stands in {html}");
    }
    assert_eq!(
        html.matches("</script>").count(),
        html.matches("<script").count(),
        "no script ends early"
    );
    let saved = server.get(&format!("/c/{}/clip.mp4?download", clip.key)).send().await.unwrap();
    let name = saved.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(
        name.starts_with("attachment; filename=\"") && !name.contains('/') && !name.contains('\\'),
        "{name}"
    );
}

#[tokio::test]
async fn a_link_that_does_not_exist() {
    let server = TestServer::start().await;
    let key = ClipKey::random();
    for path in [
        format!("/c/{key}"),
        "/c/short".into(),
        format!("/c/{key}/clip.mp4"),
        format!("/api/v1/c/{key}"),
        "/api/v1/c/..".into(),
        "/nowhere".into(),
    ] {
        problem(server.get(&path).send().await.unwrap(), 404, "not_found").await;
    }
    let html =
        server.get(&format!("/c/{key}")).header("accept", "text/html,*/*").send().await.unwrap();
    assert_eq!(html.status(), StatusCode::NOT_FOUND);
    assert_eq!(html.headers()["content-type"], "text/html; charset=utf-8");
    assert!(html.text().await.unwrap().contains("Check the link"), "a person is told what to do");
}

#[tokio::test]
async fn oembed_knows_our_own_links() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let ask =
        async |link: String| server.get("/oembed").query(&[("url", link)]).send().await.unwrap();
    let known = json_of(ask(format!("{}/c/{}", server.url, clip.key)).await, StatusCode::OK).await;
    assert_eq!(
        (known["version"].as_str(), known["title"].as_str()),
        (Some("1.0"), Some("How the export works"))
    );
    problem(ask(format!("https://elsewhere.example/c/{}", clip.key)).await, 404, "not_found").await;
    let waiting = server.clip().await;
    let known =
        json_of(ask(format!("{}/c/{}", server.url, waiting.key)).await, StatusCode::OK).await;
    assert_eq!(
        known["title"], "A clip is on its way",
        "a title is told only with something to play"
    );
}

#[tokio::test]
async fn a_new_link_ends_the_old_one() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let ann = server.token(&server.ann).await;
    let rotated = server
        .request("POST", &format!("/api/v1/clips/{}/key", clip.id))
        .bearer_auth(&ann)
        .send()
        .await
        .unwrap();
    let key = json_of(rotated, StatusCode::OK).await["key"].as_str().unwrap().to_owned();
    for path in ["", "/clip.mp4", "/media.m3u8", "/stream.mp4"] {
        problem(
            server.get(&format!("/c/{}{path}", clip.key)).send().await.unwrap(),
            404,
            "not_found",
        )
        .await;
    }
    page(&server, &key).await;
}

#[tokio::test]
async fn the_boxes_are_for_the_author() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let path = format!("/c/{}/stream.mp4.txt", clip.key);
    problem(server.get(&path).send().await.unwrap(), 401, "sign_in_needed").await;
    let ann = server.token(&server.ann).await;
    let text = server.get(&path).bearer_auth(&ann).send().await.unwrap().text().await.unwrap();
    assert!(text.contains("moof"), "{text}");
}
