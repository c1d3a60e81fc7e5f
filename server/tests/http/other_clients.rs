//! Uploads of other clients than our recorder: how they begin and where they may come from. What each protocol asks for is in the
//! files beside this one.

mod drafts;
mod tus;
mod tus_js_client;

use std::time::Duration;

use reqwest::{RequestBuilder, Response, StatusCode};
use tokio::io::AsyncWriteExt;

use crate::common::{STREAM, TestServer, json_of, problem, raw_head};

const UPLOADS: &str = "/api/v1/uploads";

async fn begin(server: &TestServer) -> RequestBuilder {
    server.request("POST", UPLOADS).bearer_auth(server.token(&server.ann).await)
}

async fn begin_tus(server: &TestServer) -> RequestBuilder {
    begin(server).await.header("tus-resumable", "1.0.0")
}

fn tus(server: &TestServer, method: &str, upload: &str) -> RequestBuilder {
    server.request(method, upload).header("tus-resumable", "1.0.0")
}

async fn sent(request: RequestBuilder) -> Response {
    request.send().await.unwrap()
}

fn says(answer: &Response, header: &str) -> String {
    answer.headers().get(header).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

fn location(answer: &Response) -> String {
    assert_eq!(answer.status(), StatusCode::CREATED);
    says(answer, "location")
}

/// The library's clips: state and title.
async fn clips(server: &TestServer) -> Vec<(String, String)> {
    server.library.settled().await;
    let asked = server.get("/api/v1/clips").bearer_auth(server.token(&server.ann).await);
    let page = json_of(sent(asked).await, StatusCode::OK).await;
    let text = |clip: &serde_json::Value, key: &str| clip[key].as_str().unwrap().to_owned();
    page["clips"]
        .as_array()
        .unwrap()
        .iter()
        .map(|clip| (text(clip, "state"), text(clip, "title")))
        .collect()
}

fn owned(clips: &[(&str, &str)]) -> Vec<(String, String)> {
    clips.iter().map(|(state, title)| ((*state).to_owned(), (*title).to_owned())).collect()
}

#[tokio::test]
async fn what_is_no_stream_is_refused_by_its_first_bytes_and_leaves_no_clip() {
    let server = TestServer::start().await;
    let mut news = server
        .get("/api/v1/events")
        .bearer_auth(server.token(&server.ann).await)
        .send()
        .await
        .unwrap();
    for (bytes, what) in [
        (b"RIFF\0\0\0\0AVI LIST".as_slice(), "another container"),
        (
            b"\0\0\0\x18ftypisom\0\0\x02\0isommp42\0\0\x10\0mdat0123".as_slice(),
            "an MP4 that is not fragmented",
        ),
    ] {
        let begun = begin_tus(&server)
            .await
            .header("upload-length", 1_000_000)
            .header("content-type", "application/offset+octet-stream");
        let message = problem(sent(begun.body(bytes)).await, 422, "not_a_stream").await;
        assert!(message.contains("not a stream"), "{what}: {message}");
        let begun = begin(&server).await.header("upload-complete", "?0").body(bytes);
        problem(sent(begun).await, 422, "not_a_stream").await;
    }
    assert_eq!(sent(tus(&server, "POST", UPLOADS)).await.status(), StatusCode::UNAUTHORIZED);
    problem(sent(begin(&server).await).await, 400, "bad_request").await;
    problem(sent(begin_tus(&server).await).await, 400, "bad_request").await;
    problem(sent(begin_tus(&server).await.header("upload-length", 0)).await, 422, "not_a_stream")
        .await;
    problem(
        sent(begin_tus(&server).await.header("upload-length", 60_000_000_000_u64)).await,
        413,
        "too_large",
    )
    .await;
    problem(
        sent(
            begin_tus(&server).await.header("upload-concat", "partial").header("upload-length", 9),
        )
        .await,
        400,
        "bad_request",
    )
    .await;
    let short = begin_tus(&server)
        .await
        .header("upload-length", 8)
        .header("content-type", "application/offset+octet-stream");
    problem(sent(short.body(STREAM)).await, 400, "bad_request").await;
    assert_eq!(clips(&server).await, [], "nothing is left of them");
    // What was made for a moment would have been told of before this.
    let kept = server.clip().await;
    let told = tokio::time::timeout(Duration::from_secs(10), async {
        let mut told = String::new();
        while !told.contains(&kept.id) {
            told.push_str(&String::from_utf8_lossy(
                &news.chunk().await.unwrap().expect("events go on"),
            ));
        }
        told
    });
    let told = told.await.expect("the clip is told of");
    assert!(!told.contains("deleted"), "no clip was made: {told}");
}

#[tokio::test]
async fn an_upload_that_is_cut_short_as_it_begins_leaves_no_clip() {
    let server = TestServer::start_with(|config| config.stall_seconds = 1).await;
    let token = server.token(&server.ann).await;
    let head = |more: &str| {
        format!(
            "POST {UPLOADS} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\ncontent-length: {}\r\n{more}\r\n",
            STREAM.len()
        )
    };
    for more in [
        format!(
            "tus-resumable: 1.0.0\r\nupload-length: {}\r\ncontent-type: application/offset+octet-stream\r\n",
            STREAM.len()
        ),
        "upload-draft-interop-version: 6\r\nupload-complete: ?1\r\n".to_owned(),
    ] {
        let mut stream = server.raw(head(&more).as_bytes()).await;
        stream.write_all(&STREAM[..5000]).await.unwrap();
        let answer = raw_head(&mut stream).await;
        assert!(
            answer.starts_with("HTTP/1.1 409") && !answer.contains("location: "),
            "nobody is told where to go on: {answer}"
        );
        assert_eq!(clips(&server).await, []);
    }
}

#[tokio::test]
async fn pages_of_other_sites_may_upload_and_nothing_else() {
    let server = TestServer::start().await;
    let asks = |path: &str, method: &str, headers: &str| {
        let ask = server.request("OPTIONS", path).header("origin", "https://elsewhere.example");
        sent(
            ask.header("access-control-request-method", method)
                .header("access-control-request-headers", headers.to_owned()),
        )
    };
    let wanted = "authorization,tus-resumable,upload-length,upload-metadata,upload-defer-length,upload-offset,upload-checksum,\
                  content-type,x-http-method-override,x-request-id,upload-draft-interop-version,upload-complete";
    let may = asks(UPLOADS, "POST", wanted).await;
    assert_eq!(says(&may, "access-control-allow-origin"), "https://elsewhere.example");
    for header in wanted.split(',') {
        assert!(
            says(&may, "access-control-allow-headers").split(',').any(|allowed| allowed == header),
            "{header}"
        );
    }
    assert_eq!(says(&may, "access-control-allow-credentials"), "", "cookies never go along");
    assert_eq!(
        says(&asks("/api/v1/uploads/up_any", "PATCH", wanted).await, "access-control-allow-origin"),
        "https://elsewhere.example"
    );
    for path in ["/api/v1/clips", "/api/v1/uploadsx", "/api/v1/me", "/"] {
        assert_eq!(
            says(&asks(path, "POST", wanted).await, "access-control-allow-origin"),
            "",
            "{path}"
        );
    }
    let begun = begin_tus(&server)
        .await
        .header("upload-length", STREAM.len())
        .header("origin", "https://elsewhere.example");
    let begun = sent(begun).await;
    assert_eq!(begun.status(), StatusCode::CREATED, "a token is not a cookie: it was meant");
    for header in [
        "location",
        "upload-offset",
        "upload-length",
        "tus-resumable",
        "want-content-digest",
        "want-repr-digest",
    ] {
        assert!(
            says(&begun, "access-control-expose-headers").split(',').any(|told| told == header),
            "{header}"
        );
    }
    // A browser's own rights are a cookie's, and those are no other site's.
    let with_cookie =
        tus(&server, "POST", UPLOADS).header("upload-length", 9).header("cookie", "session=ses_x");
    let with_cookie = with_cookie
        .header("origin", "https://elsewhere.example")
        .header("sec-fetch-site", "cross-site");
    assert_eq!(sent(with_cookie).await.status(), StatusCode::FORBIDDEN);
}
