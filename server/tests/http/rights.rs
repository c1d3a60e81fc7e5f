//! Who may do what: every route of the OpenAPI document by every kind of requester, as one table that is kept.

use std::fmt::Write;

use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};
use vignette_golden::assert_golden;
use vignette_model::{ClipKey, Secret, Sha256, TakeId};

use crate::common::{STREAM, TestClip, TestServer, json_of};

/// Kinds of askers, by what they hold.
const ASKERS: [(&str, Token, Link, Upload); 7] = [
    ("nobody", Token::None, Link::Guessed, Upload::Guessed),
    ("viewer", Token::None, Link::Right, Upload::Guessed),
    ("other viewer", Token::None, Link::Other, Upload::Guessed),
    ("member", Token::Bob, Link::Right, Upload::Guessed),
    ("author", Token::Ann, Link::Right, Upload::Guessed),
    ("uploader", Token::None, Link::Guessed, Upload::Right),
    ("revoked", Token::Revoked, Link::Guessed, Upload::Guessed),
];

#[derive(Clone, Copy)]
enum Token {
    None,
    Ann,
    Bob,
    Revoked,
}

#[derive(Clone, Copy)]
enum Link {
    Right,
    Other,
    Guessed,
}

#[derive(Clone, Copy)]
enum Upload {
    Right,
    Guessed,
}

/// A clip of Ann's with a guest's reply, fresh for each question since many answers change it.
struct Ground {
    clip: TestClip,
    reply: String,
    reaction: String,
    other: TestClip,
}

async fn ground(server: &TestServer, other: &TestClip, waiting: bool) -> Ground {
    let clip = if waiting { server.clip().await } else { server.sealed_clip().await };
    let id = clip.id.parse().unwrap();
    server.library.put_poster(&server.ann, id, jpeg().into()).await.expect("a poster");
    let heard = server
        .request("PUT", &format!("/api/v1/clips/{}/transcript", clip.id))
        .bearer_auth(server.token(&server.ann).await);
    assert_eq!(
        heard.json(&transcript(1)).send().await.unwrap().status(),
        StatusCode::NO_CONTENT,
        "words are taken"
    );
    let new = json!({ "name": "Guest", "body": "x" });
    let posted = server
        .request("POST", &format!("/api/v1/c/{}/replies", clip.key))
        .json(&new)
        .send()
        .await
        .unwrap();
    let reply =
        json_of(posted, StatusCode::CREATED).await["reply"]["id"].as_str().unwrap().to_owned();
    let new = json!({ "kind": "heart", "at_us": 0 });
    let path = format!("/api/v1/c/{}/reactions", clip.key);
    let posted = if waiting {
        String::new()
    } else {
        let posted = server.request("POST", &path).json(&new).send().await.unwrap();
        let posted = json_of(posted, StatusCode::CREATED).await;
        posted["reaction"]["id"].as_str().unwrap().to_owned()
    };
    Ground { clip, reply, reaction: posted, other: other.clone() }
}

/// What each route is asked with; a new route fails here until somebody says.
fn with_body(method: &str, path: &str, request: RequestBuilder) -> RequestBuilder {
    let json = |body: Value| request.try_clone().unwrap().json(&body);
    match (method, path) {
        ("GET", "/api/v1/search") => request.query(&[("q", "export")]),
        ("GET" | "HEAD" | "DELETE", _) | ("POST", "/api/v1/clips/{id}/key") => request,
        ("POST", "/api/v1/clips") => json(json!({ "take": TakeId::new(), "recorded_at_us": 1 })),
        ("PATCH", "/api/v1/clips/{id}") => json(json!({ "title": "x" })),
        ("PUT", "/api/v1/clips/{id}/poster") => {
            request.header("content-type", "image/jpeg").body(jpeg())
        }
        ("PUT", "/api/v1/c/{key}/progress") => json(json!({ "position_us": 1, "finished": true })),
        ("PUT", "/api/v1/clips/{id}/transcript") => json(transcript(2)),
        ("PATCH", "/api/v1/clips/{id}/transcript") => {
            json(json!({ "cues": [{ "start_us": 0, "text": "x" }] }))
        }
        ("PATCH", "/api/v1/uploads/{upload}") => request
            .header("content-type", "application/partial-upload")
            .header("upload-offset", "0")
            .header("upload-complete", "?1")
            .header("repr-digest", Sha256::of(STREAM).to_header())
            .body(STREAM),
        ("POST", "/api/v1/uploads") => {
            request.header("tus-resumable", "1.0.0").header("upload-length", STREAM.len())
        }
        ("POST", "/api/v1/uploads/{upload}") => request
            .header("tus-resumable", "1.0.0")
            .header("x-http-method-override", "PATCH")
            .header("content-type", "application/offset+octet-stream")
            .header("upload-offset", "0")
            .body(STREAM),
        ("POST", "/api/v1/c/{key}/replies") => json(json!({ "name": "Guest", "body": "y" })),
        ("POST", "/api/v1/c/{key}/reactions") => json(json!({ "kind": "clap", "at_us": 0 })),
        ("PATCH", "/api/v1/c/{key}/replies/{reply}") => json(json!({ "body": "z" })),
        ("POST", "/api/v1/token") => json(
            json!({ "grant_type": "authorization_code", "code": "a", "code_verifier": "b", "redirect_uri": "c" }),
        ),
        _ => panic!("say what {method} {path} is asked with"),
    }
}

/// What a machine heard.
fn transcript(revision: u64) -> Value {
    json!({
        "revision": revision, "done": true, "language": "en", "transcribed_by": "tiny", "insights_by": "rules",
        "cues": [{ "start_us": 0, "end_us": 1_000_000, "text": "The export works." }],
        "insights": { "title": "A title", "chapters": [{ "start_us": 0, "title": "Export" }] },
    })
}

/// The smallest JPEG that anything accepts as one.
fn jpeg() -> Vec<u8> {
    const HEX: &str = "ffd8ffe000104a46494600010100000100010000ffdb004300030202020202030202020303030304060404040404080606050609080a0a090809090a0c0f0c0a0b0e0b09090d110d0e0f101011100a0c12131210130f101010ffc9000b080001000101011100ffcc000600101005ffda0008010100003f00d2cf20ffd9";
    (0..HEX.len()).step_by(2).map(|at| u8::from_str_radix(&HEX[at..at + 2], 16).unwrap()).collect()
}

#[tokio::test]
async fn what_every_route_says_to_every_asker_is_golden() {
    let server = TestServer::start().await;
    let other = server.sealed_clip().await;
    let document = serde_json::to_value(vignette_server::openapi()).unwrap();
    let mut paths: Vec<(String, String)> = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let known = ["get", "head", "post", "put", "patch", "delete"];
        paths.extend(
            known
                .iter()
                .filter(|m| methods.get(m).is_some())
                .map(|m| (path.clone(), m.to_uppercase())),
        );
    }
    // Media and pages are no part of the document, but of what must be kept.
    for path in [
        "",
        "/poster.jpg",
        "/stream.m3u8",
        "/media.m3u8",
        "/stream.mp4",
        "/clip.mp4",
        "/stream.mp4.txt",
        "/captions.vtt",
        "/chapters.vtt",
        "/transcript.txt",
    ] {
        paths.push((format!("/c/{{key}}{path}"), "GET".to_owned()));
    }
    let mut table = format!("{:56}", "");
    for (name, ..) in ASKERS {
        let _ = write!(table, "{name:>13}");
    }
    for (path, method) in paths {
        let _ = write!(table, "\n{:56}", format!("{method:6} {path}"));
        for (_, token, link, upload) in ASKERS {
            let ground = ground(&server, &other, path.contains("/uploads/")).await;
            let status = ask(&server, &ground, &method, &path, token, link, upload).await;
            let _ = write!(table, "{:>13}", status.as_u16());
        }
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/rights.txt");
    assert_golden(file, &(table + "\n"));
}

async fn ask(
    server: &TestServer,
    ground: &Ground,
    method: &str,
    path: &str,
    token: Token,
    link: Link,
    upload: Upload,
) -> StatusCode {
    let key = match link {
        Link::Right => ground.clip.key.clone(),
        Link::Other => ground.other.key.clone(),
        Link::Guessed => ClipKey::random().to_string(),
    };
    let secret = match upload {
        Upload::Right => ground.clip.upload.rsplit('/').next().unwrap().to_owned(),
        Upload::Guessed => Secret::random("up").expose().to_owned(),
    };
    let filled = path
        .replace("{id}", &ground.clip.id)
        .replace("{key}", &key)
        .replace("{reply}", &ground.reply)
        .replace("{reaction}", &ground.reaction)
        .replace("{upload}", &secret);
    let request = server.request(method, &filled);
    let request = match token {
        Token::None => request,
        Token::Ann => request.bearer_auth(server.token(&server.ann).await),
        Token::Bob => request.bearer_auth(server.token(&server.bob).await),
        Token::Revoked => {
            let token = server.token(&server.ann).await;
            server.library.sign_out(&Secret::presented(&token)).await.unwrap();
            request.bearer_auth(token)
        }
    };
    with_body(method, path, request).send().await.unwrap().status()
}
