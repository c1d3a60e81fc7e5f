//! Uploads: the life of one, and everything that goes wrong with them.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use vignette_model::{Sha256, TakeId};

use crate::common::{STREAM, TestServer, json_of, problem, raw_head};

/// Where the first fragment ends, found by its successor's box: a place at which a stream may be cut.
fn first_cut() -> usize {
    let moofs: Vec<_> =
        STREAM.windows(4).enumerate().filter(|(_, w)| w == b"moof").map(|(at, _)| at - 4).collect();
    assert!(moofs.len() >= 2, "the stream has two fragments");
    moofs[1]
}

#[tokio::test]
async fn one_members_uploads_leave_room_for_others() {
    let server = TestServer::start().await;
    let most = server.library.settings().max_append_bytes;
    let bytes = vec![0; usize::try_from(most).unwrap() - 1];
    let mut held = Vec::new();
    // Two appends of the largest size, of each of which all but a byte is sent.
    for _ in 0..2 {
        let clip = server.clip().await;
        let mut upload = server.begun_append(&clip, 0, most).await;
        let sent = tokio::time::timeout(Duration::from_secs(5), upload.write_all(&bytes)).await;
        held.push((upload, sent.is_ok()));
    }
    assert_eq!(
        held.iter().map(|(_, taken)| *taken).collect::<Vec<_>>(),
        [true, false],
        "the second waits for the first"
    );
    let new = json!({ "take": TakeId::new(), "title": "Bob's", "recorded_at_us": 1 });
    let bob = server.token(&server.bob).await;
    let made =
        server.request("POST", "/api/v1/clips").bearer_auth(&bob).json(&new).send().await.unwrap();
    let made = json_of(made, StatusCode::CREATED).await;
    let append = server
        .request("PATCH", made["upload"].as_str().unwrap())
        .header("upload-offset", 0)
        .header("upload-complete", "?0");
    let append = append
        .header("content-type", "application/partial-upload")
        .timeout(Duration::from_secs(20))
        .body(STREAM);
    assert_eq!(
        append.send().await.unwrap().status(),
        StatusCode::NO_CONTENT,
        "somebody else's append waits for neither"
    );
}

#[tokio::test]
async fn an_upload_from_beginning_to_end() {
    let server = TestServer::start().await;
    let clip = server.clip().await;
    let cut = first_cut();

    let status = server
        .request("HEAD", &clip.upload)
        .header("upload-draft-interop-version", "8")
        .send()
        .await
        .unwrap();
    assert_eq!(status.status(), StatusCode::NO_CONTENT);
    assert_eq!(status.headers()["upload-offset"], "0");
    assert_eq!(status.headers()["upload-complete"], "?0");
    assert_eq!(status.headers()["cache-control"], "no-store");
    assert_eq!(status.headers()["upload-draft-interop-version"], "8");
    assert!(
        status.headers()["upload-limit"].to_str().unwrap().contains("max-append-size=67108864")
    );
    assert!(!status.headers().contains_key("repr-digest"), "nothing is sealed yet");

    let first = server.append(&clip, 0, &STREAM[..cut], false).send().await.unwrap();
    assert_eq!(
        (first.status(), &first.headers()["upload-offset"]),
        (StatusCode::NO_CONTENT, &cut.to_string().parse().unwrap())
    );
    let last = server.append(&clip, cut, &STREAM[cut..], true).send().await.unwrap();
    assert_eq!(last.status(), StatusCode::NO_CONTENT);
    assert_eq!(last.headers()["upload-complete"], "?1");
    server.library.settled().await;

    let status = server.request("HEAD", &clip.upload).send().await.unwrap();
    assert_eq!(
        status.headers()["repr-digest"],
        Sha256::of(STREAM).to_header(),
        "sealed with the digest of what was sent"
    );
    let view = json_of(
        server.get(&format!("/api/v1/c/{}", clip.key)).send().await.unwrap(),
        StatusCode::OK,
    )
    .await;
    assert_eq!(view["state"], "ready");
    let mp4 = server.get(view["mp4"].as_str().unwrap()).send().await.unwrap();
    let mp4 = mp4.bytes().await.unwrap();
    assert!(mp4.ends_with(STREAM), "the sealed file is a header and the untouched stream");
}

#[tokio::test]
async fn a_lost_answer_costs_one_round_trip() {
    let server = TestServer::start().await;
    let clip = server.clip().await;
    let cut = first_cut();
    server.append(&clip, 0, &STREAM[..cut], false).send().await.unwrap();
    let again = server.append(&clip, 0, &STREAM[..cut], false).send().await.unwrap();
    assert_eq!(
        again.headers()["upload-offset"],
        cut.to_string(),
        "a refusal carries the true offset"
    );
    problem(again, 409, "offset_mismatch").await;
    assert_eq!(
        server.append(&clip, cut, &STREAM[cut..], true).send().await.unwrap().status(),
        StatusCode::NO_CONTENT
    );
}

#[tokio::test]
async fn bytes_that_changed_on_the_way_are_refused() {
    let server = TestServer::start().await;
    let clip = server.clip().await;
    let mut wrong = server.append(&clip, 0, STREAM, false).build().unwrap();
    wrong.headers_mut().insert("content-digest", Sha256::of(b"else").to_header().parse().unwrap());
    let answer = server.http.execute(wrong).await.unwrap();
    assert_eq!(answer.headers()["upload-offset"], "0", "a refused append must not move the offset");
    problem(answer, 400, "digest_mismatch").await;
    problem(
        server.append(&clip, 0, b"this is no stream at all", false).send().await.unwrap(),
        422,
        "not_a_stream",
    )
    .await;
    assert_eq!(
        server.append(&clip, 0, STREAM, true).send().await.unwrap().status(),
        StatusCode::NO_CONTENT
    );
}

#[tokio::test]
async fn ten_gigabytes_at_once_are_refused_before_they_are_sent() {
    let server = TestServer::start().await;
    let clip = server.clip().await;
    let mut stream = server.raw(server.append_head(&clip, 0, 10_000_000_000).as_bytes()).await;
    let head = raw_head(&mut stream).await;
    assert!(head.starts_with("HTTP/1.1 413"), "{head}");
    assert!(head.contains("upload-limit: "), "{head}");
    assert_eq!(
        server.request("HEAD", &clip.upload).send().await.unwrap().headers()["upload-offset"],
        "0"
    );
}

#[tokio::test]
async fn of_two_writers_one_wins() {
    let server = TestServer::start().await;
    let clip = server.clip().await;
    let writers = (0..4).map(|_| server.append(&clip, 0, STREAM, false).send());
    let mut codes: Vec<u16> = futures_util::future::join_all(writers)
        .await
        .into_iter()
        .map(|a| a.unwrap().status().as_u16())
        .collect();
    codes.sort_unstable();
    assert_eq!(codes, [204, 409, 409, 409]);
    let status = server.request("HEAD", &clip.upload).send().await.unwrap();
    assert_eq!(
        status.headers()["upload-offset"],
        STREAM.len().to_string(),
        "one writer's bytes are there, once"
    );
}

#[tokio::test]
async fn a_newer_request_ends_one_that_hangs() {
    let server = TestServer::start().await;
    let clip = server.clip().await;
    let mut hanging = server.begun_append(&clip, 0, 1000).await;
    hanging.write_all(&STREAM[..100]).await.unwrap();
    let status =
        tokio::time::timeout(Duration::from_secs(10), server.request("HEAD", &clip.upload).send())
            .await
            .unwrap()
            .unwrap();
    assert_eq!(
        status.status(),
        StatusCode::NO_CONTENT,
        "the newer one does not wait for the older one's body"
    );
    let ended = raw_head(&mut hanging).await;
    assert!(ended.starts_with("HTTP/1.1 409"), "{ended}");
}

#[tokio::test]
async fn a_writer_that_stands_still_is_ended() {
    let server = TestServer::start_with(|config| config.stall_seconds = 1).await;
    let clip = server.clip().await;
    let mut hanging = server.begun_append(&clip, 0, 1000).await;
    hanging.write_all(&STREAM[..100]).await.unwrap();
    let ended = raw_head(&mut hanging).await;
    assert!(ended.starts_with("HTTP/1.1 409"), "{ended}");
    assert!(ended.contains("upload-offset: "), "it is told where to go on: {ended}");
}

#[tokio::test]
async fn shutting_down_lets_an_append_finish() {
    let server = TestServer::start().await;
    let clip = server.clip().await;
    let length = STREAM.len() as u64;
    let mut writer = server.begun_append(&clip, 0, length).await;
    writer.write_all(&STREAM[..1000]).await.unwrap();
    let library = server.library.clone();
    let stopping = tokio::spawn(server.stop());
    writer.write_all(&STREAM[1000..]).await.unwrap();
    assert!(
        raw_head(&mut writer).await.starts_with("HTTP/1.1 204"),
        "what had begun is acknowledged"
    );
    stopping.await.unwrap();
    let secret = clip.upload.rsplit('/').next().unwrap();
    let status = library.upload_status(&vignette_model::Secret::presented(secret)).await.unwrap();
    assert_eq!(status.offset_bytes, length);
}

#[tokio::test]
async fn headers_that_are_wrong_are_named() {
    let server = TestServer::start().await;
    let clip = server.clip().await;
    for (header, value) in
        [("upload-offset", "-1"), ("upload-complete", "yes"), ("content-digest", "sha-256=x")]
    {
        let mut request = server.append(&clip, 0, STREAM, false).build().unwrap();
        request.headers_mut().insert(header, value.parse().unwrap());
        let message =
            problem(server.http.execute(request).await.unwrap(), 400, "bad_request").await;
        assert!(message.to_lowercase().contains(header), "{message}");
    }
    let none = server.request("HEAD", "/api/v1/uploads/up_aaaa").send().await.unwrap();
    assert_eq!(none.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_same_take_gives_the_same_clip() {
    let server = TestServer::start().await;
    let take = TakeId::new();
    let first = server.clip_like(json!({ "take": take })).await;
    let second = server.clip_like(json!({ "take": take })).await;
    assert_eq!((&first.id, &first.key), (&second.id, &second.key));
    assert_ne!(first.upload, second.upload);
    assert_eq!(
        server.request("HEAD", &first.upload).send().await.unwrap().status(),
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn giving_up_deletes_nothing() {
    let server = TestServer::start().await;
    let clip = server.clip().await;
    server.append(&clip, 0, STREAM, false).send().await.unwrap();
    assert_eq!(
        server.request("DELETE", &clip.upload).send().await.unwrap().status(),
        StatusCode::NO_CONTENT
    );
    server.library.settled().await;
    let view = json_of(
        server.get(&format!("/api/v1/c/{}", clip.key)).send().await.unwrap(),
        StatusCode::OK,
    )
    .await;
    assert_eq!(
        (view["state"].as_str(), view["size_bytes"].as_u64()),
        (Some("interrupted"), Some(STREAM.len() as u64))
    );
    assert_eq!(
        server.request("HEAD", &clip.upload).send().await.unwrap().status(),
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn without_a_digest_what_arrived_is_kept() {
    let server = TestServer::start_with(|config| config.stall_seconds = 1).await;
    let clip = server.clip().await;
    let cut = first_cut();
    let mut writer = server.begun_append(&clip, 0, STREAM.len() as u64).await;
    writer.write_all(&STREAM[..cut]).await.unwrap();
    let ended = raw_head(&mut writer).await;
    assert!(ended.contains(&format!("upload-offset: {cut}")), "{ended}");
    let _ = tokio::time::timeout(Duration::from_secs(5), writer.shutdown()).await;
    assert_eq!(
        server.append(&clip, cut, &STREAM[cut..], true).send().await.unwrap().status(),
        StatusCode::NO_CONTENT
    );
}
