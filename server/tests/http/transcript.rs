//! Words over HTTP: sent, read as files and on the page, found again.

use std::sync::Arc;

use reqwest::cookie::Jar;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::common::{PASSWORD, STREAM, TestClip, TestServer, browser, json_of, problem};
use crate::sign_in::sign_in;

/// What a recorder sends.
fn heard(revision: u64, cues: Value) -> Value {
    json!({
        "revision": revision, "done": false, "language": "en", "transcribed_by": "tiny", "insights_by": "rules", "cues": cues,
        "insights": {
            "title": "Not used",
            "summary": "It is about **walruses**.",
            "chapters": [{ "start_us": 0, "title": "Walruses <first>" }],
            "tasks": [{ "at_us": 2_500_000, "text": "Feed them", "owner": "Bob", "due": "Friday" }],
        },
    })
}

fn cues() -> Value {
    json!([
        { "start_us": 0, "end_us": 1_500_000, "text": "A walrus <b>sleeps</b> & dreams" },
        { "start_us": 2_000_000, "end_us": 3_000_000, "text": "</div><script>alert(1)</script>" },
    ])
}

async fn put(server: &TestServer, clip: &TestClip, transcript: &Value) -> Response {
    let request = server.request("PUT", &format!("/api/v1/clips/{}/transcript", clip.id));
    request.bearer_auth(server.token(&server.ann).await).json(transcript).send().await.unwrap()
}

async fn change(server: &TestServer, clip: &TestClip, change: Value) -> Response {
    let request = server.request("PATCH", &format!("/api/v1/clips/{}/transcript", clip.id));
    request.bearer_auth(server.token(&server.ann).await).json(&change).send().await.unwrap()
}

async fn page(server: &TestServer, clip: &TestClip) -> String {
    let page =
        server.get(&format!("/c/{}", clip.key)).header("accept", "text/html").send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    page.text().await.unwrap()
}

#[tokio::test]
async fn words_are_sent_read_and_corrected() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let transcript = format!("/api/v1/c/{}/transcript", clip.key);
    let nothing = json_of(server.get(&transcript).send().await.unwrap(), StatusCode::OK).await;
    assert_eq!((&nothing["cues"], &nothing["done"]), (&json!([]), &json!(false)));
    assert_eq!(put(&server, &clip, &heard(1, cues())).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(
        put(&server, &clip, &heard(1, json!([]))).await.status(),
        StatusCode::NO_CONTENT,
        "passed over, not refused"
    );

    let view = json_of(
        server.get(&format!("/api/v1/c/{}", clip.key)).send().await.unwrap(),
        StatusCode::OK,
    )
    .await;
    assert_eq!(view["transcript"], json!({ "version": 1, "done": false }));
    assert_eq!(
        (&view["title"], &view["title_by"]),
        (&json!("How the export works"), &json!({ "by": "person" }))
    );
    assert_eq!(view["summary_by"], json!({ "by": "machine", "model": "rules" }));
    let captions = view["captions"].as_str().unwrap();

    let first = server.get(captions).header("origin", "tauri://localhost").send().await.unwrap();
    assert_eq!(first.headers()["content-type"], "text/vtt; charset=utf-8");
    assert_eq!(
        first.headers()["access-control-allow-origin"],
        "tauri://localhost",
        "the desktop window may have them"
    );
    assert_eq!(first.headers()["cross-origin-resource-policy"], "cross-origin");
    let etag = first.headers()["etag"].clone();
    let text = first.text().await.unwrap();
    assert!(
        text.starts_with("WEBVTT\n\n0\n00:00:00.000 --> 00:00:01.500\nA walrus &lt;b&gt;sleeps&lt;/b&gt; &amp; dreams\n"),
        "{text}"
    );
    let same = server.get(captions).header("if-none-match", &etag).send().await.unwrap();
    assert_eq!(same.status(), StatusCode::NOT_MODIFIED);
    let chapters = server.get(view["chapters"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(chapters.headers()["content-type"], "text/vtt; charset=utf-8");
    assert!(chapters.text().await.unwrap().contains("Walruses &lt;first&gt;"));
    let transcript = server.get(&format!("/c/{}/transcript.txt", clip.key)).send().await.unwrap();
    assert_eq!(transcript.headers()["content-type"], "text/plain; charset=utf-8");
    assert!(
        transcript.text().await.unwrap().contains("[0:00] A walrus <b>sleeps</b> & dreams"),
        "plain text is as it was said"
    );

    let changed = change(
        &server,
        &clip,
        json!({ "cues": [{ "start_us": 0, "text": "A walrus snores" }, { "start_us": 2_000_000 }] }),
    );
    let changed = json_of(changed.await, StatusCode::OK).await;
    assert_eq!(changed["cues"].as_array().unwrap().len(), 1, "a cue without text goes");
    assert_eq!(
        (&changed["cues"][0]["text"], &changed["cues"][0]["edited"]),
        (&json!("A walrus snores"), &json!(true))
    );
    let now = server.get(captions).header("if-none-match", &etag).send().await.unwrap();
    assert_eq!(now.status(), StatusCode::OK, "another transcript is another file");
    problem(
        change(&server, &clip, json!({ "cues": [{ "start_us": 7, "text": "x" }] })).await,
        409,
        "conflict",
    )
    .await;
}

#[tokio::test]
async fn words_that_no_clip_has_are_refused() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    problem(
        put(&server, &clip, &heard(1, json!([{ "start_us": 5, "end_us": 5, "text": "x" }]))).await,
        400,
        "bad_request",
    )
    .await;
    problem(put(&server, &clip, &heard(0, json!([]))).await, 400, "bad_request").await;
    problem(
        put(&server, &clip, &heard(1, json!([{ "start_us": 0, "end_us": 5, "text": " " }]))).await,
        422,
        "bad_request",
    )
    .await;
    problem(
        put(&server, &clip, &heard(1, json!([{ "start_us": -1, "end_us": 5, "text": "x" }]))).await,
        422,
        "bad_request",
    )
    .await;
    let many: Vec<Value> =
        (0..18_001).map(|n| json!({ "start_us": n, "end_us": n + 1, "text": "x" })).collect();
    problem(put(&server, &clip, &heard(1, many.into())).await, 413, "too_large").await;
    let token = server.token(&server.ann).await;
    let huge =
        server.request("PUT", &format!("/api/v1/clips/{}/transcript", clip.id)).bearer_auth(token);
    let huge = huge.header("content-type", "application/json").body(vec![b' '; (16 << 20) + 1]);
    problem(huge.send().await.unwrap(), 413, "too_large").await;
    let long: Vec<Value> = (0..18_000)
        .map(|n| json!({ "start_us": n * 100, "end_us": n * 100 + 99, "text": "said ".repeat(12) }))
        .collect();
    assert_eq!(
        put(&server, &clip, &heard(1, long.into())).await.status(),
        StatusCode::NO_CONTENT,
        "ten hours fit"
    );
}

#[tokio::test]
async fn the_page_has_captions_and_a_transcript_without_javascript() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    assert!(!page(&server, &clip).await.contains("<track"), "there is nothing to caption yet");
    put(&server, &clip, &heard(1, cues())).await;
    let html = page(&server, &clip).await;
    let key = &clip.key;
    for part in [
        &format!(
            "<track kind=\"captions\" label=\"Captions\" src=\"/c/{key}/captions.vtt\" srclang=\"en\">"
        ),
        &format!(
            "<track kind=\"chapters\" label=\"Chapters\" src=\"/c/{key}/chapters.vtt\" srclang=\"en\">"
        ),
        "<strong>walruses</strong>",
        "Summary by a machine (rules).",
        "Heard by a machine (tiny); more is to come.",
        "<summary>Transcript</summary>",
        &format!(
            "<a href=\"/c/{key}?t=2\">0:02</a> <bdi>Feed them</bdi> · <bdi>Bob</bdi> · <bdi>Friday</bdi>"
        ),
        "content=\"It is about walruses.\"",
    ] {
        assert!(html.contains(part), "{part} is missing in {html}");
    }
    for bad in ["<script>alert", "<b>sleeps", "<first>"] {
        assert!(!html.contains(bad), "{bad} stands in {html}");
    }
    assert!(!html.contains("Title by a machine"), "a person wrote the title");
    let mut odd = heard(2, cues());
    odd["language"] = json!("en\" onload=\"x");
    put(&server, &clip, &odd).await;
    let html = page(&server, &clip).await;
    assert!(
        !html.contains("srclang") && !html.contains("onload=\"x"),
        "what is no language tag is left out"
    );
}

#[tokio::test]
async fn what_is_said_in_a_recording_is_not_on_its_page() {
    let server = TestServer::start().await;
    let clip = server.clip_like(json!({ "title": "" })).await;
    server.append(&clip, 0, STREAM, false).send().await.unwrap();
    put(&server, &clip, &heard(1, cues())).await;
    let html = page(&server, &clip).await;
    for said in ["walrus", "Not used", "Feed them", "<track"] {
        assert!(!html.contains(said), "{said} stands in {html}");
    }
    let key = &clip.key;
    for path in [
        format!("/api/v1/c/{key}/transcript"),
        format!("/c/{key}/captions.vtt"),
        format!("/c/{key}/chapters.vtt"),
        format!("/c/{key}/transcript.txt"),
    ] {
        problem(server.get(&path).send().await.unwrap(), 409, "conflict").await;
    }
    let bob = server.token(&server.bob).await;
    let found = server.get("/api/v1/search?q=walrus").bearer_auth(bob).send().await.unwrap();
    assert_eq!(json_of(found, StatusCode::OK).await["hits"], json!([]));
}

#[tokio::test]
async fn a_search_leads_to_the_second() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    put(&server, &clip, &heard(1, json!([{ "start_us": 2_300_000, "end_us": 3_000_000, "text": "A wálrus <b>sleeps</b>" }])))
        .await;
    let bob = server.token(&server.bob).await;
    let ask = async |q: &str| {
        server.get("/api/v1/search").query(&[("q", q)]).bearer_auth(&bob).send().await.unwrap()
    };
    let found = json_of(ask("walrus sle").await, StatusCode::OK).await;
    let hit = &found["hits"][0];
    assert_eq!(
        (&hit["place"], &hit["at_us"], &hit["key"]),
        (&json!("cue"), &json!(2_300_000), &json!(clip.key))
    );
    assert_eq!(hit["snippet"][1], json!({ "text": "wálrus", "hit": true }));
    assert_eq!((&hit["author"], &hit["title"]), (&json!("Ann"), &json!("How the export works")));
    problem(ask(&"x".repeat(201)).await, 400, "bad_request").await;
    problem(server.get("/api/v1/search?q=walrus").send().await.unwrap(), 401, "sign_in_needed")
        .await;
    for q in ["\"", "* OR NEAR(", "a\u{0}b", "'; --"] {
        assert_eq!(ask(q).await.status(), StatusCode::OK, "{q}");
    }

    let http = browser(Some(Arc::new(Jar::default())));
    sign_in(&server, &http, "Bob", PASSWORD, "/").await;
    let home = async |q: &str| {
        let answer = http.get(&server.url).query(&[("q", q)]).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        answer.text().await.unwrap()
    };
    let html = home("walrus").await;
    let key = &clip.key;
    assert!(
        html.contains("<form class=\"search\" role=\"search\" method=\"get\" action=\"/\">"),
        "{html}"
    );
    let place = format!(
        "<a href=\"/c/{key}?t=2\">0:02</a> <bdi>A <mark>wálrus</mark> &#60;b&#62;sleeps&#60;/b&#62;"
    );
    assert!(html.contains(&place), "{place} is missing in {html}");
    assert!(html.contains("How the export works"));
    let html = home("\"><script>x</script>").await;
    assert!(html.contains("Nothing found for") && !html.contains("<script>x"), "{html}");
    assert!(
        home("   ").await.contains("class=\"recordings\""),
        "nothing searched for shows all clips"
    );
}

#[tokio::test]
async fn a_sender_hears_that_its_clip_is_damaged() {
    let other_picture = |bytes: &mut [u8]| *bytes.last_mut().unwrap() ^= 1;
    hears_of(other_picture).await;
    let no_stream = |bytes: &mut [u8]| bytes.fill(0);
    hears_of(no_stream).await;
}

async fn hears_of(damage: impl Fn(&mut [u8])) {
    let server = TestServer::start().await;
    let clip = server.clip().await;
    server.append(&clip, 0, STREAM, false).send().await.unwrap();
    let fine = server.request("HEAD", &clip.upload).send().await.unwrap();
    assert!(!fine.headers().contains_key("vignette-upload-problem"), "nothing is wrong with it");
    let file = server.data().join("media").join(&clip.id).join("stream.mp4");
    let mut bytes = std::fs::read(&file).unwrap();
    damage(&mut bytes);
    std::io::Write::write_all(
        &mut std::fs::OpenOptions::new().write(true).open(&file).unwrap(),
        &bytes,
    )
    .unwrap();
    let last = server.append(&clip, STREAM.len(), b"", true).send().await.unwrap();
    assert_eq!(last.status(), StatusCode::NO_CONTENT);
    server.library.settled().await;
    let status = server.request("HEAD", &clip.upload).send().await.unwrap();
    assert_eq!(status.status(), StatusCode::NO_CONTENT);
    assert_eq!(
        status.headers()["vignette-upload-problem"],
        "damaged",
        "its sender keeps the recording"
    );
    assert!(!status.headers().contains_key("repr-digest"), "and it is never called safe");
}
