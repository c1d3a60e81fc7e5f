//! Bad input, over a real socket: the right status, the right code, nothing lost, and the library still up.
//!
//! | what comes in | here, and where else |
//! |---|---|
//! | a stream cut off at every byte | [`a_stream_cut_off_at_every_byte`], [`a_connection_cut_off_at_every_byte`]; fmp4 `cut`, spool `recover` |
//! | a moof that claims 4 billion samples | [`a_moof_that_claims_four_billion_samples`]; fmp4 `refuse`, library `append` |
//! | a wrong digest, several | [`wrong_digests`], [`several_lines_of_digests_are_one_list`]; `uploads::bytes_that_changed_on_the_way_are_refused` |
//! | a wrong offset | [`wrong_offsets`]; `uploads::a_lost_answer_costs_one_round_trip` |
//! | two writers | [`two_writers_with_different_bytes`]; `uploads::of_two_writers_one_wins` |
//! | a path in a title, in an address | [`paths_lead_nowhere`]; `pages::what_people_write_is_text` |
//! | script in Markdown | [`script_in_markdown`]; `replies::the_form_works_without_javascript` |
//! | a `Content-Length` of 10 GB | [`ten_gigabytes`]; `uploads::ten_gigabytes_at_once_are_refused_before_they_are_sent` |
//! | a clip key that does not exist | [`a_key_that_does_not_exist`]; `pages::a_link_that_does_not_exist` |
//! | an unknown JSON key, JSON that is none | [`json_that_is_not_ours`]; `outside::what_does_not_belong_is_a_problem` |
//! | no HTTP at all | [`noise`]; fuzz targets `headers`, `fragment`, `stream` |

use std::path::Path;
use std::time::Duration;

use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use vignette_model::{ClipKey, Sha256};

use crate::common::{STREAM, TestClip, TestServer, json_of, problem, raw_head};

/// A stream of three fragments, small enough to be cut at every byte.
const TINY: &[u8] = include_bytes!("../../../crates/spool/tests/data/tiny.mp4");

/// Where a stream may be cut: after the init segment and after each fragment.
fn cuts(stream: &[u8]) -> Vec<usize> {
    let moofs =
        stream.windows(4).enumerate().filter(|(_, name)| name == b"moof").map(|(at, _)| at - 4);
    moofs.chain([stream.len()]).collect()
}

async fn offset(server: &TestServer, clip: &TestClip) -> usize {
    let status = server.request("HEAD", &clip.upload).send().await.unwrap();
    assert_eq!(status.status(), StatusCode::NO_CONTENT, "the upload is still there");
    status.headers()["upload-offset"].to_str().unwrap().parse().unwrap()
}

/// What every test ends with: the library answers, and the clip takes its whole stream and plays it.
async fn unharmed(server: &TestServer, clip: &TestClip, stream: &'static [u8]) {
    assert_eq!(
        server.get("/readyz").send().await.unwrap().status(),
        StatusCode::OK,
        "the library is up"
    );
    loop {
        let at = offset(server, clip).await;
        let mut rest = server.append(clip, at, &stream[at..], true).build().unwrap();
        rest.headers_mut().insert("repr-digest", Sha256::of(stream).to_header().parse().unwrap());
        let answer = server.http.execute(rest).await.unwrap();
        if answer.status() == StatusCode::NO_CONTENT {
            break;
        }
        // A request of a connection that was cut off may still come in between; then it has moved the offset.
        let moved = answer.headers()["upload-offset"] != at.to_string();
        assert!(moved, "the rest is taken: {}", answer.text().await.unwrap_or_default());
    }
    server.library.settled().await;
    let mp4 = server
        .get(&format!("/c/{}/clip.mp4", clip.key))
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert!(mp4.ends_with(stream), "and nothing of it is lost");
}

/// An append that says that `stream`, cut off, is all there is.
fn all_of(server: &TestServer, clip: &TestClip, stream: &'static [u8]) -> RequestBuilder {
    let request =
        server.request("PATCH", &clip.upload).header("content-type", "application/partial-upload");
    let request = request.header("upload-offset", 0).header("upload-complete", "?1").body(stream);
    request
        .header("content-digest", Sha256::of(stream).to_header())
        .header("repr-digest", Sha256::of(stream).to_header())
}

#[tokio::test]
async fn a_stream_cut_off_at_every_byte() {
    let (server, cuts) = (TestServer::start().await, cuts(TINY));
    let clip = server.clip().await;
    let first_whole = cuts[1];
    for end in 0..first_whole {
        let answer = all_of(&server, &clip, &TINY[..end]).send().await.unwrap();
        assert_eq!(
            answer.headers()["upload-offset"],
            "0",
            "a stream of {end} bytes has nothing to play, and is refused whole"
        );
        problem(answer, 422, "not_a_stream").await;
    }
    // From the first whole fragment on what is whole plays, and not a byte of the rest is thrown away.
    for end in (first_whole..TINY.len()).step_by(13) {
        let torn = server.clip().await;
        let answer = all_of(&server, &torn, &TINY[..end]).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NO_CONTENT, "cut at {end}");
        server.library.settled().await;
        let view = json_of(
            server.get(&format!("/api/v1/c/{}", torn.key)).send().await.unwrap(),
            StatusCode::OK,
        )
        .await;
        let whole_fragments = cuts[1..].iter().filter(|cut| **cut <= end).count() as u64;
        assert_eq!(
            (&view["state"], &view["duration_us"]),
            (&json!("ready"), &json!(2_000_000 * whole_fragments)),
            "cut at {end}"
        );
        let mp4 = server
            .get(&format!("/c/{}/clip.mp4", torn.key))
            .send()
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap();
        assert!(mp4.ends_with(&TINY[..end]), "cut at {end}");
    }
    unharmed(&server, &clip, TINY).await;
}

#[tokio::test]
async fn a_connection_cut_off_at_every_byte() {
    let server = TestServer::start().await;
    let clip = server.clip().await;
    let mut kept = 0;
    for end in 1..TINY.len() {
        if end <= kept {
            continue;
        }
        let length = (TINY.len() - kept) as u64;
        let mut connection =
            server.raw(server.append_head(&clip, kept as u64, length).as_bytes()).await;
        connection.write_all(&TINY[kept..end]).await.unwrap();
        drop(connection);
        let now = offset(&server, &clip).await;
        assert!(
            (kept..=end).contains(&now),
            "cut at {end}: {now} bytes are there, {kept} were acknowledged before"
        );
        kept = now;
    }
    assert!(
        kept > 0,
        "what arrived of a broken connection is kept where nobody said what it should be"
    );
    unharmed(&server, &clip, TINY).await;
}

#[tokio::test]
async fn a_moof_that_claims_four_billion_samples() {
    let (server, cuts) = (TestServer::start().await, cuts(STREAM));
    let clip = server.clip().await;
    assert!(
        server
            .append(&clip, 0, &STREAM[..cuts[0]], false)
            .send()
            .await
            .unwrap()
            .status()
            .is_success()
    );
    let mut claims = STREAM[cuts[0]..cuts[1]].to_vec();
    // trun: name, version and flags, sample count (ISO/IEC 14496-12 §8.8.8).
    let count = claims.windows(4).position(|name| name == b"trun").expect("a trun") + 8;
    claims[count..count + 4].copy_from_slice(&u32::MAX.to_be_bytes());
    let claims: &'static [u8] = claims.leak();
    let answer = server.append(&clip, cuts[0], claims, false).send().await.unwrap();
    assert_eq!(answer.headers()["upload-offset"], cuts[0].to_string());
    problem(answer, 422, "not_a_stream").await;
    unharmed(&server, &clip, STREAM).await;
}

#[tokio::test]
async fn wrong_digests() {
    let server = TestServer::start().await;
    let clip = server.clip().await;
    for header in ["content-digest", "repr-digest"] {
        let mut request = server.append(&clip, 0, STREAM, true).build().unwrap();
        request.headers_mut().insert(header, Sha256::of(b"else").to_header().parse().unwrap());
        let answer = server.http.execute(request).await.unwrap();
        assert_eq!(
            answer.headers()["upload-offset"],
            "0",
            "a wrong {header} must not move the offset"
        );
        problem(answer, 400, "digest_mismatch").await;
    }
    unharmed(&server, &clip, STREAM).await;
}

#[tokio::test]
async fn several_lines_of_digests_are_one_list() {
    let server = TestServer::start().await;
    let clip = server.clip().await;
    let (right, wrong) = (Sha256::of(STREAM).to_header(), Sha256::of(b"else").to_header());
    let sent = async |header, lines: &[&str]| {
        let mut request = server.append(&clip, 0, STREAM, true).build().unwrap();
        request.headers_mut().remove(header);
        for line in lines {
            request.headers_mut().append(header, line.parse().unwrap());
        }
        server.http.execute(request).await.unwrap()
    };
    for header in ["content-digest", "repr-digest"] {
        let (right, wrong, one_line) = (&*right, &*wrong, format!("{right}, {wrong}"));
        for two in [
            &[right, wrong][..],
            &[wrong, right],
            &[right, right],
            &[&one_line],
            &["sha-512=:AAAA:", right, wrong],
        ] {
            let answer = sent(header, two).await;
            assert_eq!(answer.headers()[format!("want-{header}")], "sha-256=10");
            let said = problem(answer, 400, "bad_request").await;
            assert!(said.ends_with("has more than one sha-256."), "{two:?}: {said}");
        }
        for unreadable in [
            &["sha-256"][..],
            &["sha-256=:AAAA:"],
            &["sha-512=:AAAA:"],
            &[right, "sha-512=:"],
            &["SHA-256=:AAAA:"],
        ] {
            let answer = sent(header, unreadable).await;
            assert_eq!(answer.headers()[format!("want-{header}")], "sha-256=10");
            problem(answer, 400, "bad_request").await;
        }
    }
    assert_eq!(offset(&server, &clip).await, 0, "nothing of it is kept");
    let answer = sent("content-digest", &["sha-512=:AAAA:", &format!("{right};q=1")]).await;
    assert_eq!(
        answer.status(),
        StatusCode::NO_CONTENT,
        "of two lines one has the digest that is checked"
    );
    unharmed(&server, &clip, STREAM).await;
}

#[tokio::test]
async fn wrong_offsets() {
    let (server, cuts) = (TestServer::start().await, cuts(STREAM));
    let clip = server.clip().await;
    assert!(
        server
            .append(&clip, 0, &STREAM[..cuts[1]], false)
            .send()
            .await
            .unwrap()
            .status()
            .is_success()
    );
    for wrong in [0, 1, cuts[0], cuts[1] - 1, cuts[1] + 1, STREAM.len(), 999_999_999_999_999] {
        let answer = server.append(&clip, wrong, &STREAM[cuts[1]..], false).send().await.unwrap();
        assert_eq!(
            answer.headers()["upload-offset"],
            cuts[1].to_string(),
            "a refusal carries the true offset"
        );
        problem(answer, 409, "offset_mismatch").await;
    }
    for no_number in ["-1", "1e3", "0x10", "1000000000000000", "", "٣"] {
        let mut request = server.append(&clip, 0, STREAM, false).build().unwrap();
        request.headers_mut().insert(
            "upload-offset",
            reqwest::header::HeaderValue::from_bytes(no_number.as_bytes()).unwrap(),
        );
        problem(server.http.execute(request).await.unwrap(), 400, "bad_request").await;
    }
    unharmed(&server, &clip, STREAM).await;
}

#[tokio::test]
async fn two_writers_with_different_bytes() {
    let (server, cuts) = (TestServer::start().await, cuts(STREAM));
    let clip = server.clip().await;
    let (one, other) = (&STREAM[..cuts[0]], &STREAM[..cuts[1]]);
    let (a, b) = tokio::join!(
        server.append(&clip, 0, one, false).send(),
        server.append(&clip, 0, other, false).send()
    );
    let (a, b) = (a.unwrap(), b.unwrap());
    let (lost, won) = if a.status().is_success() { (b, one) } else { (a, other) };
    // Who lost learns where the other one stands, or, if that one came while it still sent, where it stood itself.
    let (told, after) =
        (lost.headers()["upload-offset"].to_str().unwrap().to_owned(), won.len().to_string());
    let code = json_of(lost, StatusCode::CONFLICT).await["code"].clone();
    assert!(
        (told == after && code == "offset_mismatch") || (told == "0" && code == "conflict"),
        "{told} of {after}, {code}"
    );
    assert_eq!(offset(&server, &clip).await, won.len());
    unharmed(&server, &clip, STREAM).await;
}

#[tokio::test]
async fn paths_lead_nowhere() {
    let server = TestServer::start().await;
    let title = "../../../../vignette-was-here/..\\..\\x\u{202e}";
    let clip =
        server.clip_like(json!({ "title": title, "summary": "[a](file:///etc/passwd) ![b](../../../../etc/passwd)" })).await;
    for path in [
        "/c/../../../../etc/passwd",
        "/c/%2e%2e/%2e%2e/etc/passwd",
        "/c/..%2f..%2fetc%2fpasswd/clip.mp4",
        "/assets/../../Cargo.toml",
        "/assets/%2e%2e/%2e%2e/Cargo.toml",
        "/assets//etc/passwd",
        "/assets/..%5c..%5cCargo.toml",
        "/api/v1/uploads/..%2f..%2flibrary.sqlite",
        "/c/%00/clip.mp4",
    ] {
        // Clients put such paths in order before they ask; a socket does not.
        let mut connection = server
            .raw(
                format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")
                    .as_bytes(),
            )
            .await;
        let head = raw_head(&mut connection).await;
        let status = head.split(' ').nth(1).unwrap_or_default();
        assert!(matches!(status, "404" | "405"), "{path}: {head}");
    }
    unharmed(&server, &clip, STREAM).await;
    let saved = server.get(&format!("/c/{}/clip.mp4?download", clip.key)).send().await.unwrap();
    let name = saved.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(!name.contains('/') && !name.contains('\\') && !name.contains("..\""), "{name}");
    let mut found = files(&server.data());
    found.retain(|name| {
        !name.starts_with("library.sqlite")
            && !["lock", "opening", "address"].contains(&name.as_str())
    });
    assert_eq!(
        found,
        [format!("media/{}/clip.mp4", clip.id)],
        "files are called after ids, never after what somebody wrote"
    );
}

/// Every file below a folder, by its path from there.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found
}

#[tokio::test]
async fn script_in_markdown() {
    let server = TestServer::start().await;
    let evil = "<script>alert(1)</script>\n\n<img src=x onerror=alert(2)>\n\n[a](javascript:alert(3))\n\n[b](data:text/html,<script>)\n\n\
                <a href=\"javascript:alert(4)\">c</a>\n\n![d](x \"\\\" onload=alert(5)\")\n\n```\"><script>alert(6)</script>\n```";
    let clip =
        server.sealed_clip_like(json!({ "title": evil.lines().next(), "summary": evil })).await;
    let replies = format!("/api/v1/c/{}/replies", clip.key);
    let new = json!({ "name": "<script>alert(7)</script>", "body": evil });
    let posted = json_of(
        server.request("POST", &replies).json(&new).send().await.unwrap(),
        StatusCode::CREATED,
    )
    .await;
    let view = json_of(
        server.get(&format!("/api/v1/c/{}", clip.key)).send().await.unwrap(),
        StatusCode::OK,
    )
    .await;
    let page =
        server.get(&format!("/c/{}", clip.key)).header("accept", "text/html").send().await.unwrap();
    let page = page.text().await.unwrap();
    let shown =
        [posted["reply"]["body_html"].as_str(), view["summary_html"].as_str(), Some(page.as_str())];
    for html in shown.map(|html| html.expect("Markdown becomes HTML")) {
        // Text may say anything; what counts is what stands in tags.
        for tag in html.split('<').skip(1).map(|tag| tag.split('>').next().unwrap_or_default()) {
            let ours = tag.starts_with("script type=\"application/json\"")
                || tag.starts_with("script type=\"module\" src=\"/");
            assert!(ours || !tag.starts_with("script"), "<{tag}> in {html}");
            let bad = ["javascript:", "data:", "onerror", "onload"]
                .iter()
                .find(|bad| tag.contains(**bad));
            assert!(bad.is_none() || tag.starts_with("meta "), "<{tag}> in {html}");
        }
    }
    assert_eq!(view["summary"], evil, "what was written is kept as it was written");
    assert_eq!(
        server.get("/readyz").send().await.unwrap().status(),
        StatusCode::OK,
        "the library is up"
    );
}

#[tokio::test]
async fn ten_gigabytes() {
    let server = TestServer::start().await;
    let clip = server.clip().await;
    let ann = server.token(&server.ann).await;
    for (method, path, kind) in [
        ("POST", "/api/v1/clips".to_owned(), "application/json"),
        ("PATCH", format!("/api/v1/clips/{}", clip.id), "application/json"),
        ("PUT", format!("/api/v1/clips/{}/poster", clip.id), "image/jpeg"),
        ("POST", format!("/api/v1/c/{}/replies", clip.key), "application/json"),
        ("POST", "/sign-in".to_owned(), "application/x-www-form-urlencoded"),
        ("POST", "/setup".to_owned(), "application/x-www-form-urlencoded"),
    ] {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {ann}\r\ncontent-type: {kind}\r\ncontent-length: 10000000000\r\n\r\n"
        );
        let (mut answer, mut sending) = server.raw(head.as_bytes()).await.into_split();
        // Somebody who sends on and on; the library says no after a little of it, and may close on the rest.
        let sender = tokio::spawn(async move {
            let blank = vec![b' '; 64 << 10];
            let mut sent = 0_u64;
            while sent < 64 << 20 && sending.write_all(&blank).await.is_ok() {
                sent += blank.len() as u64;
            }
            sent
        });
        let mut said = Vec::new();
        let read = async {
            while !said.windows(4).any(|end| end == b"\r\n\r\n") {
                said.push(answer.read_u8().await.expect("the answer comes whole"));
            }
        };
        tokio::time::timeout(Duration::from_secs(10), read)
            .await
            .expect("it is refused while it is sent");
        drop(answer);
        let (said, sent) = (String::from_utf8_lossy(&said).into_owned(), sender.await.unwrap());
        assert!(said.starts_with("HTTP/1.1 413"), "{method} {path}: {said}");
        assert!(said.contains("application/problem+json"), "{method} {path}: {said}");
        assert!(sent < 64 << 20, "{method} {path} took {sent} bytes");
    }
    unharmed(&server, &clip, STREAM).await;
}

#[tokio::test]
async fn a_key_that_does_not_exist() {
    let server = TestServer::start().await;
    let clip = server.clip().await;
    let key = ClipKey::random();
    let reply = json!({ "name": "Guest", "body": "Hello?" });
    for key in
        [key.as_str(), "short", &clip.id, &clip.key[1..], "%00", "aaaaaaaaaaaaaaaaaaaaaaaaaa'--"]
    {
        let api = format!("/api/v1/c/{key}");
        let asked: [RequestBuilder; 7] = [
            server.get(&api),
            server.get(&format!("{api}/replies")),
            server.get(&format!("{api}/events")),
            server.request("POST", &format!("{api}/replies")).json(&reply),
            server.get(&format!("/c/{key}/poster.jpg")),
            server.get(&format!("/c/{key}/media.m3u8")),
            server.get(&format!("/c/{key}/clip.mp4")).header("range", "bytes=0-"),
        ];
        for request in asked {
            problem(request.send().await.unwrap(), 404, "not_found").await;
        }
    }
    unharmed(&server, &clip, STREAM).await;
}

#[tokio::test]
async fn json_that_is_not_ours() {
    let server = TestServer::start().await;
    let clip = server.clip().await;
    let ann = server.token(&server.ann).await;
    let api = format!("/api/v1/c/{}", clip.key);
    let posted = server
        .request("POST", &format!("{api}/replies"))
        .json(&json!({ "name": "Guest", "body": "x" }))
        .send()
        .await;
    let posted = json_of(posted.unwrap(), StatusCode::CREATED).await;
    let (reply, secret) =
        (posted["reply"]["id"].as_str().unwrap(), posted["secret"].as_str().unwrap());
    let send = |method: &str, path: &str, body: String| {
        let request =
            server.request(method, path).bearer_auth(&ann).header("vignette-reply-secret", secret);
        request.header("content-type", "application/json").body(body).send()
    };
    let before = json_of(server.get(&api).send().await.unwrap(), StatusCode::OK).await;
    let routes: [(&str, String, Value); 5] = [
        (
            "POST",
            "/api/v1/clips".to_owned(),
            json!({ "take": "0196c5f0-0000-7000-8000-000000000000", "recorded_at_us": 1 }),
        ),
        ("PATCH", format!("/api/v1/clips/{}", clip.id), json!({ "title": "Changed" })),
        ("POST", format!("{api}/replies"), json!({ "body": "Changed" })),
        ("PATCH", format!("{api}/replies/{reply}"), json!({ "body": "Changed" })),
        (
            "POST",
            "/api/v1/token".to_owned(),
            json!({ "grant_type": "authorization_code", "code": "a", "code_verifier": "b", "redirect_uri": "c" }),
        ),
    ];
    for (method, path, right) in &routes {
        let mut unknown = right.clone();
        unknown["unknwon"] = json!(1);
        // Of tokens RFC 6749 §5.2 says that everything wrong is a 400.
        let wrong = if path == "/api/v1/token" { 400 } else { 422 };
        let message =
            problem(send(method, path, unknown.to_string()).await.unwrap(), wrong, "bad_request")
                .await;
        assert!(message.contains("unknwon"), "{method} {path} names the key: {message}");
        let text = right.to_string();
        let twice = format!("{},{}", text.trim_end_matches('}'), text.trim_start_matches('{'));
        problem(send(method, path, twice).await.unwrap(), wrong, "bad_request").await;
        for none in [
            "",
            "{",
            "nul",
            &text[..text.len() - 1],
            &format!("{text}{{}}"),
            &format!("\u{feff}{text}"),
        ] {
            problem(send(method, path, none.to_owned()).await.unwrap(), 400, "bad_request").await;
        }
        for other in ["null", "1", "\"text\""] {
            problem(send(method, path, other.to_owned()).await.unwrap(), wrong, "bad_request")
                .await;
        }
        let deep =
            send(method, path, format!("{{\"unknwon\":{}", "[".repeat(100_000))).await.unwrap();
        assert!(deep.status().is_client_error(), "{method} {path}: {}", deep.status());
        let bytes = server
            .request(method, path)
            .bearer_auth(&ann)
            .header("content-type", "application/json");
        let bytes = bytes.header("vignette-reply-secret", secret);
        problem(bytes.body(&b"{\"\xff\xfe\":1}"[..]).send().await.unwrap(), 400, "bad_request")
            .await;
    }
    let after = json_of(server.get(&api).send().await.unwrap(), StatusCode::OK).await;
    assert_eq!(before, after, "what is refused changes nothing");
    unharmed(&server, &clip, STREAM).await;
}

#[tokio::test]
async fn noise() {
    let server = TestServer::start().await;
    let clip = server.clip().await;
    let many = "x-a: b\r\n".repeat(10_000);
    let long = format!("x-long: {}\r\n", "a".repeat(2 << 20));
    for (what, bytes) in [
        ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec()),
        ("zeroes", vec![0; 4096]),
        ("no version", b"GET /\r\n\r\n".to_vec()),
        ("too many headers", format!("GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n{many}\r\n").into_bytes()),
        ("a header too long", format!("GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n{long}\r\n").into_bytes()),
        ("a path too long", format!("GET /{} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n", "a".repeat(2 << 20)).into_bytes()),
        (
            "two lengths",
            b"POST /sign-in HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab".to_vec(),
        ),
        ("no length", b"POST /sign-in HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: -1\r\n\r\n".to_vec()),
        ("wrong chunks", b"POST /sign-in HTTP/1.1\r\nhost: 127.0.0.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n".to_vec()),
    ] {
        let (mut answer, mut sending) = server.raw(b"").await.into_split();
        // A connection may be closed before all of it is sent.
        let sender = tokio::spawn(async move {
            let _ = sending.write_all(&bytes).await;
            let _ = sending.shutdown().await;
        });
        let mut said = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(10), answer.read_to_end(&mut said)).await;
        assert!(read.is_ok(), "{what}: the connection ends");
        let said = String::from_utf8_lossy(&said);
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 4"), "{what}: {said}");
        sender.await.unwrap();
    }
    unharmed(&server, &clip, STREAM).await;
}
