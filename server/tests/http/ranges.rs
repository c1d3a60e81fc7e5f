//! Ranges of media, as players and downloads ask for them.

use reqwest::StatusCode;

use crate::common::{STREAM, TestServer, problem};

#[tokio::test]
async fn parts_of_a_sealed_clip() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let path = format!("/c/{}/clip.mp4", clip.key);
    let whole = server.get(&path).send().await.unwrap();
    let etag = whole.headers()["etag"].clone();
    assert_eq!(whole.headers()["accept-ranges"], "bytes");
    assert_eq!(whole.headers()["content-type"], "video/mp4");
    let whole = whole.bytes().await.unwrap();
    let size = whole.len();

    for (range, part) in [
        ("bytes=0-1", 0..2),
        ("bytes=100-", 100..size),
        ("bytes=-7", size - 7..size),
        ("bytes=5-99999999999", 5..size),
    ] {
        let answer = server.get(&path).header("range", range).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::PARTIAL_CONTENT, "{range}");
        let expected = format!("bytes {}-{}/{size}", part.start, part.end - 1);
        assert_eq!(answer.headers()["content-range"], expected);
        assert_eq!(answer.bytes().await.unwrap(), whole[part]);
    }
    let several = server.get(&path).header("range", "bytes=0-1,5-6").send().await.unwrap();
    assert_eq!(
        (several.status(), several.bytes().await.unwrap().len()),
        (StatusCode::OK, size),
        "several ranges: the whole file"
    );

    let beyond = server.get(&path).header("range", format!("bytes={size}-")).send().await.unwrap();
    assert_eq!(beyond.headers()["content-range"], format!("bytes */{size}"));
    problem(beyond, 416, "range_not_satisfiable").await;

    let same = server.get(&path).header("if-none-match", &etag).send().await.unwrap();
    assert_eq!(same.status(), StatusCode::NOT_MODIFIED);
    let goes_on = server
        .get(&path)
        .header("range", "bytes=9-")
        .header("if-range", &etag)
        .send()
        .await
        .unwrap();
    assert_eq!(goes_on.status(), StatusCode::PARTIAL_CONTENT);
    let changed = server
        .get(&path)
        .header("range", "bytes=9-")
        .header("if-range", "\"another\"")
        .send()
        .await
        .unwrap();
    assert_eq!(
        changed.status(),
        StatusCode::OK,
        "a part of another version must not be spliced in"
    );

    let head = server.request("HEAD", &path).send().await.unwrap();
    assert_eq!(
        (head.status(), &head.headers()["content-length"]),
        (StatusCode::OK, &size.to_string().parse().unwrap())
    );
}

#[tokio::test]
async fn every_range_that_the_playlist_names_is_there() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let top = server.get(&format!("/c/{}/stream.m3u8", clip.key)).send().await.unwrap();
    assert_eq!(top.headers()["content-type"], "application/vnd.apple.mpegurl");
    assert!(top.text().await.unwrap().contains("media.m3u8"));
    let list = server
        .get(&format!("/c/{}/media.m3u8", clip.key))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(list.contains("#EXT-X-ENDLIST"), "{list}");
    let mut played = Vec::new();
    for line in list.lines() {
        let map = line
            .strip_prefix("#EXT-X-MAP:")
            .and_then(|attributes| attributes.split("BYTERANGE=\"").nth(1)?.split('"').next());
        let Some((length, offset)) =
            map.or(line.strip_prefix("#EXT-X-BYTERANGE:")).and_then(|range| range.split_once('@'))
        else {
            continue;
        };
        let (length, offset): (u64, u64) = (length.parse().unwrap(), offset.parse().unwrap());
        let asked = server
            .get(&format!("/c/{}/stream.mp4", clip.key))
            .header("range", format!("bytes={offset}-{}", offset + length - 1));
        let answer = asked.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::PARTIAL_CONTENT);
        played.extend_from_slice(&answer.bytes().await.unwrap());
    }
    assert_eq!(played, STREAM, "what a player fetches is the stream");
}
