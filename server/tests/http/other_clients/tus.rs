//! tus 1.0 by its own text.

use data_encoding::BASE64;
use reqwest::{RequestBuilder, StatusCode};
use sha1::{Digest as _, Sha1};
use vignette_model::Sha256;

use super::{UPLOADS, begin_tus, clips, location, owned, says, sent, tus};
use crate::common::{STREAM, TestServer, problem};

fn tus_append(
    server: &TestServer,
    upload: &str,
    offset: usize,
    bytes: &'static [u8],
) -> RequestBuilder {
    let request =
        tus(server, "PATCH", upload).header("content-type", "application/offset+octet-stream");
    request.header("upload-offset", offset).body(bytes)
}

#[tokio::test]
async fn tus_from_beginning_to_end() {
    let server = TestServer::start().await;
    for path in [UPLOADS, "/api/v1/uploads/up_any"] {
        let told = sent(server.request("OPTIONS", path)).await;
        assert_eq!(
            (told.status(), says(&told, "tus-version")),
            (StatusCode::NO_CONTENT, "1.0.0".to_owned())
        );
        assert_eq!(
            says(&told, "tus-extension"),
            "creation,creation-with-upload,creation-defer-length,termination,checksum"
        );
        assert_eq!(says(&told, "tus-checksum-algorithm"), "sha1,sha256");
        assert_eq!(says(&told, "tus-max-size"), "50000000000");
        assert!(
            says(&told, "accept-patch").contains("application/partial-upload"),
            "the drafts ask for it from -10 on"
        );
        assert!(says(&told, "upload-limit").contains("max-append-size="));
    }

    let metadata =
        format!("filename {},filetype dmlkZW8vbXA0,is_confidential", BASE64.encode(b"A talk.mp4"));
    let begun = begin_tus(&server)
        .await
        .header("upload-length", STREAM.len())
        .header("upload-metadata", &metadata);
    let begun = sent(begun).await;
    assert_eq!(
        (begun.status(), says(&begun, "tus-resumable")),
        (StatusCode::CREATED, "1.0.0".to_owned())
    );
    let upload = location(&begun);
    assert_eq!(clips(&server).await, owned(&[("arriving", "A talk")]), "nothing is being recorded");

    // Cut where no box ends.
    let first = sent(tus_append(&server, &upload, 0, &STREAM[..1001])).await;
    assert_eq!(
        (first.status(), says(&first, "upload-offset")),
        (StatusCode::NO_CONTENT, "1001".to_owned())
    );
    let stands = sent(tus(&server, "HEAD", &upload)).await;
    assert_eq!(
        (stands.status(), says(&stands, "upload-offset")),
        (StatusCode::OK, "1001".to_owned())
    );
    assert_eq!(says(&stands, "upload-metadata"), metadata, "as it came");
    let long = format!("title {}", "QUFB".repeat(3_000));
    let refused = sent(
        begin_tus(&server)
            .await
            .header("upload-length", STREAM.len())
            .header("upload-metadata", long),
    )
    .await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "with a bound");
    assert_eq!(
        (says(&stands, "upload-length"), says(&stands, "cache-control")),
        (STREAM.len().to_string(), "no-store".to_owned())
    );
    let elsewhere = sent(tus_append(&server, &upload, 7, &STREAM[7..])).await;
    assert_eq!(
        (says(&elsewhere, "upload-offset"), says(&elsewhere, "tus-resumable")),
        ("1001".to_owned(), "1.0.0".to_owned())
    );
    problem(elsewhere, 409, "offset_mismatch").await;
    let last = sent(tus_append(&server, &upload, 1001, &STREAM[1001..])).await;
    assert_eq!(
        (last.status(), says(&last, "upload-offset")),
        (StatusCode::NO_CONTENT, STREAM.len().to_string())
    );
    assert_eq!(
        clips(&server).await,
        owned(&[("ready", "A talk")]),
        "it is complete at its length, and sealed"
    );
    let again = sent(tus_append(&server, &upload, STREAM.len(), b"")).await;
    assert_eq!(again.status(), StatusCode::NO_CONTENT, "whoever missed the answer may ask again");
    problem(sent(tus_append(&server, &upload, STREAM.len(), b"more")).await, 400, "bad_request")
        .await;
}

#[tokio::test]
async fn tus_says_the_length_later_and_once() {
    let server = TestServer::start().await;
    let upload = location(&sent(begin_tus(&server).await.header("upload-defer-length", "1")).await);
    sent(tus_append(&server, &upload, 0, &STREAM[..1001])).await;
    let stands = sent(tus(&server, "HEAD", &upload)).await;
    assert_eq!(
        (says(&stands, "upload-defer-length"), says(&stands, "upload-length")),
        ("1".to_owned(), String::new())
    );
    let early =
        tus_append(&server, &upload, 1001, &STREAM[1001..2000]).header("upload-length", 1000);
    problem(sent(early).await, 400, "bad_request").await;
    let part = sent(
        tus_append(&server, &upload, 1001, &STREAM[1001..2000])
            .header("upload-length", STREAM.len()),
    )
    .await;
    assert_eq!(part.status(), StatusCode::NO_CONTENT);
    let stands = sent(tus(&server, "HEAD", &upload)).await;
    assert_eq!(
        (says(&stands, "upload-defer-length"), says(&stands, "upload-length")),
        (String::new(), STREAM.len().to_string())
    );
    let other = tus_append(&server, &upload, 2000, &STREAM[2000..])
        .header("upload-length", STREAM.len() + 1);
    problem(sent(other).await, 400, "bad_request").await;
    assert_eq!(
        sent(tus_append(&server, &upload, 2000, &STREAM[2000..])).await.status(),
        StatusCode::NO_CONTENT
    );
    assert_eq!(clips(&server).await, owned(&[("ready", "")]));

    // With the first bytes in the request that begins it, and the length only after the last of them.
    let begun = begin_tus(&server).await.header("upload-defer-length", "1");
    let begun =
        sent(begun.header("content-type", "application/offset+octet-stream").body(STREAM)).await;
    let upload = location(&begun);
    assert_eq!(says(&begun, "upload-offset"), STREAM.len().to_string());
    let ended =
        sent(tus_append(&server, &upload, STREAM.len(), b"").header("upload-length", STREAM.len()))
            .await;
    assert_eq!(ended.status(), StatusCode::NO_CONTENT);
    assert_eq!(clips(&server).await, owned(&[("ready", ""), ("ready", "")]));
}

#[tokio::test]
async fn tus_sends_more_at_once_than_is_held_at_once() {
    let server = TestServer::start().await;
    // Larger than one append of ours may be: the stream, and a fragment that never comes to its end.
    let mut bytes = STREAM.to_vec();
    bytes.extend_from_slice(&(100_u32 << 20).to_be_bytes());
    bytes.extend_from_slice(b"free");
    bytes.resize(70 << 20, 7);
    let length = bytes.len();
    let upload = location(&sent(begin_tus(&server).await.header("upload-defer-length", "1")).await);
    let all = tus_append(&server, &upload, 0, b"").header("upload-length", length).body(bytes);
    let all = sent(all).await;
    assert_eq!(
        (all.status(), says(&all, "upload-offset")),
        (StatusCode::NO_CONTENT, length.to_string())
    );
    assert_eq!(clips(&server).await, owned(&[("ready", "")]));
}

#[tokio::test]
async fn tus_checks_what_arrives() {
    let server = TestServer::start().await;
    let upload =
        location(&sent(begin_tus(&server).await.header("upload-length", STREAM.len())).await);
    let sum = |algorithm: &str, bytes: &[u8]| format!("{algorithm} {}", BASE64.encode(bytes));
    let right = sum("sha1", &Sha1::digest(&STREAM[..1001]));
    for (checksum, status, offset) in [
        (sum("sha1", &Sha1::digest(b"else")), 460, 0),
        (sum("sha256", &Sha256::of(b"else").0), 460, 0),
        (sum("md5", b"0123456789012345"), 400, 0),
        ("sha1 x".to_owned(), 400, 0),
        ("sha1".to_owned(), 400, 0),
        (right, 204, 1001),
    ] {
        let answer = sent(
            tus_append(&server, &upload, 0, &STREAM[..1001]).header("upload-checksum", &checksum),
        )
        .await;
        assert_eq!(answer.status().as_u16(), status, "{checksum}");
        let stands = sent(tus(&server, "HEAD", &upload)).await;
        assert_eq!(
            says(&stands, "upload-offset"),
            offset.to_string(),
            "nothing is kept of what is not right: {checksum}"
        );
    }
    let rest = tus_append(&server, &upload, 1001, &STREAM[1001..])
        .header("upload-checksum", sum("sha256", &Sha256::of(&STREAM[1001..]).0));
    let with = |name: &'static str, value: &'static str| {
        let mut request = rest.try_clone().unwrap().build().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
        server.http.execute(request)
    };
    let wrong = with("content-type", "video/mp4").await.unwrap();
    assert_eq!(
        (wrong.status(), says(&wrong, "upload-offset")),
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, "1001".to_owned())
    );
    let newer = with("tus-resumable", "2.0.0").await.unwrap();
    assert_eq!(
        (newer.status(), says(&newer, "tus-version")),
        (StatusCode::PRECONDITION_FAILED, "1.0.0".to_owned())
    );
    assert_eq!(sent(rest.try_clone().unwrap()).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(clips(&server).await, owned(&[("ready", "")]));
    let begun = begin_tus(&server)
        .await
        .header("upload-length", 8)
        .header("upload-checksum", sum("sha1", &Sha1::digest(b"else")));
    let begun = begun.header("content-type", "application/offset+octet-stream").body(&STREAM[..8]);
    problem(sent(begun).await, 460, "digest_mismatch").await;
    assert_eq!(clips(&server).await.len(), 1, "an upload that begins wrong leaves no clip");
}

#[tokio::test]
async fn tus_frees_what_is_terminated() {
    let server = TestServer::start().await;
    let upload =
        location(&sent(begin_tus(&server).await.header("upload-length", STREAM.len())).await);
    sent(tus_append(&server, &upload, 0, &STREAM[..5000])).await;
    assert_eq!(sent(tus(&server, "DELETE", &upload)).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(clips(&server).await, [], "the clip was this upload's alone");
    let stands = sent(tus(&server, "HEAD", &upload)).await;
    assert_eq!(
        (stands.status(), says(&stands, "tus-resumable")),
        (StatusCode::NOT_FOUND, "1.0.0".to_owned())
    );

    let recorded = server.clip().await;
    sent(server.append(&recorded, 0, STREAM, false)).await;
    assert_eq!(
        sent(tus(&server, "DELETE", &recorded.upload)).await.status(),
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        clips(&server).await,
        owned(&[("interrupted", "How the export works")]),
        "a recorder's clip stays as far as it came"
    );

    let upload =
        location(&sent(begin_tus(&server).await.header("upload-length", STREAM.len())).await);
    sent(tus_append(&server, &upload, 0, STREAM)).await;
    problem(sent(tus(&server, "DELETE", &upload)).await, 409, "conflict").await;
    assert_eq!(clips(&server).await.len(), 2, "a complete clip is its author's to delete");
}

#[tokio::test]
async fn what_cannot_be_sent_is_named_in_a_post() {
    let server = TestServer::start().await;
    let upload =
        location(&sent(begin_tus(&server).await.header("upload-length", STREAM.len())).await);
    let post =
        |method: &str| tus(&server, "POST", &upload).header("x-http-method-override", method);
    let append = post("PATCH")
        .header("content-type", "application/offset+octet-stream")
        .header("upload-offset", 0);
    assert_eq!(sent(append.body(&STREAM[..1001])).await.status(), StatusCode::NO_CONTENT);
    let stands = sent(post("HEAD")).await;
    assert_eq!(
        (stands.status(), says(&stands, "upload-offset")),
        (StatusCode::OK, "1001".to_owned())
    );
    problem(sent(post("PUT")).await, 400, "bad_request").await;
    problem(sent(tus(&server, "POST", &upload)).await, 400, "bad_request").await;
    assert_eq!(sent(post("DELETE")).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(clips(&server).await, []);
}

#[tokio::test]
async fn a_refused_append_says_nothing_of_the_length() {
    let server = TestServer::start().await;
    for (length, status) in [
        ("50000000001", 413),
        ("1000000000000000", 413),
        ("99999999999999999999999", 413),
        ("1e9", 400),
    ] {
        assert_eq!(
            sent(begin_tus(&server).await.header("upload-length", length)).await.status().as_u16(),
            status,
            "{length}"
        );
    }
    let begun = begin_tus(&server).await.header("upload-defer-length", "1").send().await.unwrap();
    let upload = location(&begun);
    let whole = STREAM.len();
    let append = |bytes: &'static [u8], length: usize| {
        tus_append(&server, &upload, 0, bytes).header("upload-length", length)
    };
    let wrong = [
        append(b"text, and nothing else", 22),
        append(STREAM, whole - 1000),
        append(STREAM, whole + 1000).header("upload-checksum", "sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
    ];
    for (request, status) in wrong.into_iter().zip([422, 400, 460]) {
        assert_eq!(request.send().await.unwrap().status().as_u16(), status);
        let stands = tus(&server, "HEAD", &upload).send().await.unwrap();
        let said =
            |name: &str| stands.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let expected = (Some("0".to_owned()), None, Some("1".to_owned()));
        assert_eq!(
            (said("upload-offset"), said("upload-length"), said("upload-defer-length")),
            expected,
            "after {status}"
        );
    }
    assert_eq!(append(STREAM, whole).send().await.unwrap().status(), 204, "the right one is taken");
}

#[tokio::test]
async fn an_upload_opens_no_more_than_its_authors_account() {
    let server = TestServer::start().await;
    let host = server.library.host().await.unwrap().unwrap();
    let bob = server.bob.person().unwrap().id;
    let begin = async || {
        let token = server.token(&server.bob).await;
        let begun =
            server.request("POST", UPLOADS).bearer_auth(token).header("tus-resumable", "1.0.0");
        location(&sent(begun.header("upload-length", STREAM.len())).await)
    };
    let upload = begin().await;
    server.library.suspend_person(&host, bob).await.unwrap();
    for request in [
        tus(&server, "HEAD", &upload),
        tus_append(&server, &upload, 0, STREAM),
        tus(&server, "DELETE", &upload),
    ] {
        assert_eq!(
            sent(request).await.status(),
            StatusCode::NOT_FOUND,
            "while the account is shut"
        );
    }
    server.library.resume_person(&host, bob).await.unwrap();
    assert_eq!(
        sent(tus_append(&server, &upload, 0, &STREAM[..1001])).await.status(),
        StatusCode::NO_CONTENT,
        "it goes on"
    );
    server.library.remove_person(&host, bob).await.unwrap();
    assert_eq!(
        sent(tus_append(&server, &upload, 1001, &STREAM[1001..])).await.status(),
        StatusCode::NOT_FOUND
    );
    assert_eq!(clips(&server).await.len(), 1, "what had arrived stays");
}
