//! Replies, in the API and by the plain form.

use reqwest::StatusCode;
use serde_json::{Value, json};
use vignette_model::{Clock as _, SystemClock};

use crate::common::{STREAM, TestServer, json_of, problem};

#[tokio::test]
async fn a_guest_changes_what_they_wrote_and_nobody_else_does() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let replies = format!("/api/v1/c/{}/replies", clip.key);
    let new =
        json!({ "name": "Guest", "body": "Why *here*?", "anchor": { "start_us": 3_000_000 } });
    let posted = json_of(
        server.request("POST", &replies).json(&new).send().await.unwrap(),
        StatusCode::CREATED,
    )
    .await;
    let secret = posted["secret"].as_str().expect("a guest gets a secret");
    let reply = format!("{replies}/{}", posted["reply"]["id"].as_str().unwrap());
    let change = json!({ "body": "Why there?" });
    problem(
        server.request("PATCH", &reply).json(&change).send().await.unwrap(),
        403,
        "not_allowed",
    )
    .await;
    let bob = server.token(&server.bob).await;
    problem(
        server.request("PATCH", &reply).bearer_auth(&bob).json(&change).send().await.unwrap(),
        403,
        "not_allowed",
    )
    .await;
    let changed = server
        .request("PATCH", &reply)
        .header("vignette-reply-secret", secret)
        .json(&change)
        .send()
        .await
        .unwrap();
    assert_eq!(json_of(changed, StatusCode::OK).await["body"], "Why there?");
    let ann = server.token(&server.ann).await;
    let deleted = server.request("DELETE", &reply).bearer_auth(&ann).send().await.unwrap();
    assert_eq!(deleted.status(), StatusCode::NO_CONTENT, "the clip's author may delete any reply");
    let left = json_of(server.get(&replies).send().await.unwrap(), StatusCode::OK).await;
    assert_eq!(left["replies"], json!([]));
}

#[tokio::test]
async fn the_form_works_without_javascript() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let page = format!("/c/{}", clip.key);
    let form = [
        ("name", "Guest <b>"),
        ("text", "See **this** <script>alert(1)</script>"),
        ("time", "0:03"),
    ];
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
        let wrong =
            server.request("POST", &format!("{page}/replies")).header("accept", "text/html");
        let wrong =
            wrong.form(&[("name", "Guest"), ("text", text), ("time", time)]).send().await.unwrap();
        assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
        assert!(wrong.text().await.unwrap().contains("<h1>"), "a browser gets a page");
    }
}

#[tokio::test]
async fn a_form_on_another_site_is_refused() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let form = [("name", "Guest"), ("text", "spam")];
    let forged = server
        .request("POST", &format!("/c/{}/replies", clip.key))
        .header("origin", "https://evil.example")
        .form(&form);
    problem(forged.send().await.unwrap(), 403, "not_allowed").await;
    let forged = server
        .request("POST", &format!("/c/{}/replies", clip.key))
        .header("sec-fetch-site", "same-site")
        .form(&form);
    problem(forged.send().await.unwrap(), 403, "not_allowed").await;
}

#[tokio::test]
async fn too_many_at_once_have_to_wait() {
    let server = TestServer::start_with(|config| config.tries_per_minute = 2).await;
    let clip = server.sealed_clip().await;
    let path = format!("/api/v1/c/{}/replies", clip.key);
    let post =
        || server.request("POST", &path).json(&json!({ "name": "Guest", "body": "x" })).send();
    let first = json_of(post().await.unwrap(), StatusCode::CREATED).await;
    assert_eq!(post().await.unwrap().status(), StatusCode::CREATED);
    let third = post().await.unwrap();
    assert!(third.headers().contains_key("retry-after"));
    problem(third, 429, "too_many_requests").await;
    let secret = first["secret"].as_str().unwrap();
    let change =
        server.request("PATCH", &format!("{path}/{}", first["reply"]["id"].as_str().unwrap()));
    let change = change
        .header("vignette-reply-secret", secret)
        .json(&json!({ "body": "y" }))
        .send()
        .await
        .unwrap();
    problem(change, 429, "too_many_requests").await;
    let forged = server
        .request("POST", &path)
        .header("x-forwarded-for", "192.0.2.9")
        .json(&json!({ "name": "Guest", "body": "x" }));
    problem(forged.send().await.unwrap(), 429, "too_many_requests").await;
}

/// The HTML of a page, from where the replies begin.
async fn replies_of(server: &TestServer, page: &str) -> String {
    let html = server.get(page).send().await.unwrap().text().await.unwrap();
    html.split_once("id=\"replies-heading\"")
        .expect("a page with replies")
        .1
        .split("<script")
        .next()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn follow_ups_stand_under_their_reply_without_javascript() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let path = format!("/api/v1/c/{}/replies", clip.key);
    let post = async |body: &str, more: serde_json::Value| {
        let mut new = json!({ "name": "Gus", "body": body });
        new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let sent = server.request("POST", &path).json(&new).send().await.unwrap();
        json_of(sent, StatusCode::CREATED).await["reply"]["id"].as_str().unwrap().to_owned()
    };
    let early = post("Which countries?", json!({ "anchor": { "start_us": 1_000_000 } })).await;
    post("A later moment", json!({ "anchor": { "start_us": 3_000_000 } })).await;
    post("Germany and Austria mostly.", json!({ "parent": early })).await;
    let html = replies_of(&server, &format!("/c/{}", clip.key)).await;
    let at = |text: &str| html.find(text).unwrap_or_else(|| panic!("{text} in {html}"));
    assert!(
        at("Which countries?") < at("Germany") && at("Germany") < at("A later moment"),
        "{html}"
    );
    assert!(
        html[at("Which countries?")..at("Germany")].contains("<ol class=\"follow-ups\""),
        "{html}"
    );
}

#[tokio::test]
async fn a_page_has_each_reply_once() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let path = format!("/api/v1/c/{}/replies", clip.key);
    let body = "Once, with https://a.example/x";
    let new = json!({ "name": "Gus", "body": body });
    let sent = server.request("POST", &path).json(&new).send().await.unwrap();
    let sent = json_of(sent, StatusCode::CREATED).await;
    let page = server.get(&format!("/c/{}", clip.key)).send().await.unwrap().text().await.unwrap();
    assert_eq!(page.matches("Once, with").count(), 1, "for readers and the script alike: {page}");
    let linked =
        r#"<a href="https://a.example/x" rel="nofollow noopener ugc">https://a.example/x</a>"#;
    assert!(page.contains(linked), "{page}");
    let (id, name) = (sent["reply"]["id"].as_str().unwrap(), r#""name":"Gus""#);
    let data = page.split_once("id=\"clip\">").expect("data for the script").1;
    assert!(data.contains(id) && data.contains(name), "{data}");
}

#[tokio::test]
async fn a_link_begins_where_it_says_without_javascript() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    for (t, start) in
        [("92", "#t=92"), ("1:32", "#t=92"), ("1m32s", "#t=92"), ("soon", "clip.mp4\"")]
    {
        let page = server.get(&format!("/c/{}?t={t}", clip.key)).send().await.unwrap();
        let html = page.text().await.unwrap();
        let source = html.split_once("<source ").expect("a source").1.split('>').next().unwrap();
        assert!(source.contains(start), "{t}: {source}");
    }
}

#[tokio::test]
async fn a_reply_is_pinned_to_a_range_and_a_shape_or_it_is_said_why_not() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let (page, path) = (format!("/c/{}", clip.key), format!("/api/v1/c/{}/replies", clip.key));
    let ann = server.token(&server.ann).await;
    let by_guest = async |anchor: &Value| {
        let new = json!({ "name": "Gus", "body": "Here", "anchor": anchor });
        server.request("POST", &path).json(&new).send().await.unwrap()
    };
    let by_ann = async |anchor: &Value| {
        let new = json!({ "body": "There", "anchor": anchor });
        server.request("POST", &path).bearer_auth(&ann).json(&new).send().await.unwrap()
    };
    let points = |count: usize, far: u16| vec![json!({ "x": 0, "y": far }); count];
    let anchors = [
        json!({ "start_us": 500_000, "shape": { "points": points(64, 1000) } }),
        json!({ "start_us": 1_000_000, "end_us": 3_500_000 }),
        json!({ "start_us": 2_000_000, "end_us": 4_000_000, "shape": { "points": points(2, 0) } }),
    ];
    for anchor in &anchors {
        for sent in [by_guest(anchor).await, by_ann(anchor).await] {
            assert_eq!(&json_of(sent, StatusCode::CREATED).await["reply"]["anchor"], anchor);
        }
    }
    let listed = json_of(server.get(&path).send().await.unwrap(), StatusCode::OK).await;
    let kept: Vec<_> = listed["replies"].as_array().unwrap().iter().map(|r| &r["anchor"]).collect();
    let expected: Vec<_> = anchors.iter().flat_map(|anchor| [anchor, anchor]).collect();
    assert_eq!(kept, expected, "by the moments at which they begin");
    let moments: Vec<_> =
        listed["moments"].as_array().unwrap().iter().map(|moment| &moment["at_us"]).collect();
    assert_eq!(moments.len(), 6);
    assert_eq!((moments[2], moments[5]), (&json!(1_000_000), &json!(2_000_000)));

    let late = "there is nothing in the clip after 0:04";
    for (status, anchor, message) in [
        (400, json!({ "start_us": 2, "end_us": 2 }), "a range ends after it begins"),
        (400, json!({ "start_us": 2, "end_us": 1 }), "a range ends after it begins"),
        (400, json!({ "start_us": 5_000_001 }), late),
        (400, json!({ "start_us": 0, "end_us": 5_000_001 }), late),
        (422, json!({ "start_us": 0, "shape": { "points": points(1, 0) } }), "2 to 64 points"),
        (422, json!({ "start_us": 0, "shape": { "points": points(65, 0) } }), "2 to 64 points"),
        (422, json!({ "start_us": 0, "shape": { "points": points(2, 1001) } }), "thousandths"),
        (422, json!({ "end_us": 1 }), "start_us"),
    ] {
        for refused in [by_guest(&anchor).await, by_ann(&anchor).await] {
            let said = problem(refused, status, "bad_request").await;
            assert!(said.to_lowercase().contains(message), "{anchor}: {said}");
        }
    }

    let form = [("name", "Gus"), ("text", "A range"), ("time", "0:01–0:03")];
    let sent = server.request("POST", &format!("{page}/replies")).form(&form).send().await.unwrap();
    assert_eq!(sent.status(), StatusCode::SEE_OTHER);
    let html = replies_of(&server, &page).await;
    for shown in ["?t=1\">0:01–0:03</a>", "?t=2\">0:02–0:04</a>", "?t=0\">0:00</a>"] {
        assert!(html.contains(shown), "{shown} in {html}");
    }
}

#[tokio::test]
async fn while_a_clip_is_recorded_a_reply_is_pinned_to_what_has_arrived() {
    let server = TestServer::start().await;
    let clip = server.clip().await;
    let path = format!("/api/v1/c/{}/replies", clip.key);
    let post = async |secs: u64| {
        let anchor = json!({ "start_us": secs * 1_000_000 });
        let new = json!({ "name": "Gus", "body": "Here", "anchor": anchor });
        server.request("POST", &path).json(&new).send().await.unwrap()
    };
    problem(post(3).await, 400, "bad_request").await;
    let sent = server.append(&clip, 0, STREAM, false).send().await.unwrap();
    assert!(sent.status().is_success(), "{}", sent.status());
    assert_eq!(post(3).await.status(), StatusCode::CREATED);
    problem(post(9).await, 400, "bad_request").await;
}

#[tokio::test]
async fn pages_of_replies_are_linked_without_javascript() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let page = format!("/c/{}", clip.key);
    let (ann, path) = (server.token(&server.ann).await, format!("/api/v1/c/{}/replies", clip.key));
    for n in 0..60 {
        let new = json!({ "body": format!("Reply number {n}."), "anchor": { "start_us": n } });
        assert_eq!(
            server
                .request("POST", &path)
                .bearer_auth(&ann)
                .json(&new)
                .send()
                .await
                .unwrap()
                .status(),
            201
        );
    }
    let first = replies_of(&server, &page).await;
    assert!(first.contains("number 49.") && !first.contains("number 50."), "the first page has 50");
    let next = first
        .split("href=\"")
        .map(|rest| rest.split('"').next().unwrap())
        .find(|href| href.contains("?after="));
    let next = next.expect("a link to the rest").replace("&amp;", "&");
    let second = replies_of(&server, &next).await;
    assert!(
        second.contains("number 50.")
            && second.contains("number 59.")
            && !second.contains("number 49."),
        "{second}"
    );
    assert!(!second.contains("?after="), "there is no third page");

    let whole = server.get(&next).send().await.unwrap().text().await.unwrap();
    let data = whole.split_once("id=\"clip\">").unwrap().1.split("</script>").next().unwrap();
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    assert_eq!(
        data["replies"]["replies"].as_array().unwrap().len(),
        50,
        "the script begins with the first page"
    );
    assert_eq!(data["replies"]["moments"].as_array().unwrap().len(), 60, "and knows all moments");

    let form = [("name", "Gus"), ("text", "The last of all"), ("time", "")];
    let sent = server.request("POST", &format!("{page}/replies")).form(&form).send().await.unwrap();
    let back = sent.headers()["location"].to_str().unwrap().to_owned();
    let shown = replies_of(&server, back.split('#').next().unwrap()).await;
    assert!(shown.contains("The last of all"), "whoever wrote it sees it: {back}");
}

#[tokio::test]
async fn guests_are_marked_and_bear_no_members_name() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let (page, path) = (format!("/c/{}", clip.key), format!("/api/v1/c/{}/replies", clip.key));
    let post = |name: &str| {
        server
            .request("POST", &path)
            .json(&json!({ "name": name, "body": "Findable words" }))
            .send()
    };
    for name in ["Ann", "aNN", "An\u{200b}n", "Ａｎｎ", "\u{410}nn", "\u{410}NN"] {
        assert!(
            problem(post(name).await.unwrap(), 400, "bad_request").await.contains("has this name")
        );
    }
    for nothing in
        ["\u{200b}", "\u{202e}", "\u{2066}", "\u{feff}", "\u{ad}", "\u{3164}", "\u{e0041}"]
    {
        problem(post(nothing).await.unwrap(), 422, "bad_request").await;
    }
    let form = [("name", "Ann"), ("text", "Words"), ("time", "")];
    let sent = server.request("POST", &format!("{page}/replies")).form(&form).send().await.unwrap();
    problem(sent, 400, "bad_request").await;
    let posted = json_of(post("\u{202e}nnA").await.unwrap(), StatusCode::CREATED).await;
    assert_eq!(posted["reply"]["name"], "nnA", "nothing is turned round");
    let ann = server.token(&server.ann).await;
    let own = server
        .request("POST", &path)
        .bearer_auth(&ann)
        .json(&json!({ "body": "Findable words" }))
        .send()
        .await
        .unwrap();
    assert_eq!(own.status(), StatusCode::CREATED);
    let html = replies_of(&server, &page).await;
    assert!(html.contains("<bdi>nnA</bdi></strong> <span class=\"guest\">guest</span>"), "{html}");
    assert!(
        html.contains("<bdi>Ann</bdi></strong>\n")
            || !html.contains("<bdi>Ann</bdi></strong> <span"),
        "{html}"
    );
    let found = json_of(
        server.get("/api/v1/search?q=findable").bearer_auth(&ann).send().await.unwrap(),
        StatusCode::OK,
    )
    .await;
    let mut by: Vec<_> =
        found["hits"].as_array().unwrap().iter().map(|hit| hit["by"].to_string()).collect();
    by.sort();
    assert_eq!(
        by,
        [r#"{"member":false,"name":"nnA"}"#, r#"{"member":true,"name":"Ann"}"#],
        "also in what is found"
    );
}

#[tokio::test]
async fn an_author_may_turn_guests_away() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let (page, ann) = (format!("/c/{}", clip.key), server.token(&server.ann).await);
    assert!(replies_of(&server, &page).await.contains("<form"));
    let off = server
        .request("PATCH", &format!("/api/v1/clips/{}", clip.id))
        .bearer_auth(&ann)
        .json(&json!({ "guests": false }));
    assert_eq!(json_of(off.send().await.unwrap(), StatusCode::OK).await["guests"], false);
    let html = replies_of(&server, &page).await;
    assert!(!html.contains("<form") && html.contains("Only members can reply"), "{html}");
    let new = json!({ "name": "Gus", "body": "x" });
    let refused =
        server.request("POST", &format!("/api/v1{page}/replies")).json(&new).send().await.unwrap();
    problem(refused, 401, "sign_in_needed").await;
}

#[tokio::test]
async fn right_to_left_text_is_laid_out_so() {
    let server = TestServer::start().await;
    let clip =
        server.sealed_clip_like(json!({ "title": "\u{202e}שלום עולם", "summary": "ملخص" })).await;
    let page = format!("/c/{}", clip.key);
    let form = [("name", "ليلى"), ("text", "شكراً!"), ("time", "0:03")];
    server.request("POST", &format!("{page}/replies")).form(&form).send().await.unwrap();
    let html = server.get(&page).send().await.unwrap().text().await.unwrap();
    for laid_out in [
        "<h1 dir=\"auto\">שלום עולם</h1>",
        "<bdi>ليلى</bdi>",
        "<div class=\"markup\" dir=\"auto\"><p>شكراً!</p></div>",
        "<div class=\"markup\" dir=\"auto\"><p>ملخص</p></div>",
        "<title>שלום עולם ·",
    ] {
        assert!(html.contains(laid_out), "{laid_out} in {html}");
    }
}

/// What one guest with one connection costs those who record: appends while a reply is changed over and over to what costs most.
#[tokio::test(flavor = "multi_thread")]
async fn appends_are_acknowledged_while_a_guest_does_their_worst() {
    let server = TestServer::start().await;
    let (clip, other) = (server.clip().await, server.clip().await);
    let path = format!("/api/v1/c/{}/replies", clip.key);
    let ann = server.token(&server.ann).await;
    let _library = server.get("/api/v1/events").bearer_auth(&ann).send().await.unwrap();
    let _viewer = server.get(&format!("/api/v1/c/{}/events", clip.key)).send().await.unwrap();
    let posted = server
        .request("POST", &path)
        .json(&json!({ "name": "Gus", "body": "x" }))
        .send()
        .await
        .unwrap();
    let posted = json_of(posted, StatusCode::CREATED).await;
    let (id, secret) =
        (posted["reply"]["id"].as_str().unwrap(), posted["secret"].as_str().unwrap());
    let wide = format!("{}\n{}\n", "|a".repeat(60), "|-".repeat(60));
    let bombs = [
        format!("{wide}{}", "x\n".repeat((10_000 - wide.len()) / 2)),
        format!("[a]: <{}>\n\n{}", "b".repeat(3_000), "[a]".repeat(2_000)),
        format!("{}a{}", ">".repeat(2_000), "\n>b".repeat(2_000)),
        "**a*".repeat(2_500),
        "<http:a> ".repeat(1_000),
    ];
    let (http, url) = (server.http.clone(), format!("{}{path}/{id}", server.url));
    let (secret, stop) = (secret.to_owned(), tokio_util::sync::CancellationToken::new());
    let guest = tokio::spawn({
        let stop = stop.clone();
        async move {
            let mut sent = 0;
            while !stop.is_cancelled() {
                let change = json!({ "body": bombs[sent % bombs.len()] });
                http.patch(&url)
                    .header("vignette-reply-secret", &secret)
                    .json(&change)
                    .send()
                    .await
                    .unwrap();
                sent += 1;
            }
            sent
        }
    });
    let clock = SystemClock::new();
    let (step, mut took) = (STREAM.len().div_ceil(100), Vec::new());
    for (n, piece) in STREAM.chunks(step).enumerate() {
        let began = clock.monotonic();
        let answer = server.append(&other, n * step, piece, false).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
        took.push(clock.monotonic().checked_since(began).unwrap());
    }
    stop.cancel();
    let sent = guest.await.unwrap();
    took.sort();
    let (half, most) = (took[took.len() / 2].0 / 1000, took[took.len() - 1].0 / 1000);
    println!(
        "{} appends while a guest changed a reply {sent} times: p50 {half} ms, p99 {most} ms",
        took.len()
    );
    assert!(most < 5_000, "an append waited {most} ms");
}
