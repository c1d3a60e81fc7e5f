//! Each draft of resumable uploads by its own text.

use reqwest::RequestBuilder;
use tokio::io::AsyncWriteExt;

use super::{begin, clips, location, says, sent};
use crate::common::{STREAM, TestServer, raw_head};

/// An append as a draft of this interop version writes it.
fn draft_append(
    server: &TestServer,
    upload: &str,
    version: u16,
    offset: usize,
    bytes: &'static [u8],
    complete: bool,
) -> RequestBuilder {
    let request = server
        .request("PATCH", upload)
        .header("upload-draft-interop-version", version)
        .header("upload-offset", offset);
    let request = if version >= 6 {
        request.header("content-type", "application/partial-upload")
    } else {
        request
    };
    draft_complete(request, version, complete).body(bytes)
}

fn draft_complete(request: RequestBuilder, version: u16, complete: bool) -> RequestBuilder {
    let (header, value) =
        if version == 3 { ("upload-incomplete", !complete) } else { ("upload-complete", complete) };
    request.header(header, if value { "?1" } else { "?0" })
}

/// What the text of an interop version asks for, where they differ.
struct Draft {
    version: u16,
    /// The header that says whether it is complete, and its values for an upload that is not and one that is.
    complete: (&'static str, &'static str, &'static str),
    /// Of an append that is taken.
    appended: u16,
    /// Of a `HEAD` and a `DELETE` that say themselves how far the upload is.
    told: u16,
    /// Of an append without a media type.
    untyped: u16,
    /// Of an append that does not say whether it is the last: `None` is taken as not the last, a status refuses it.
    unsaid: Option<u16>,
    /// Of an empty append after the end.
    after: u16,
    /// Whether the length is what `Upload-Complete: ?1` and `Content-Length` say.
    length_from_content: bool,
    /// Whether a body beyond the length ends the upload.
    ends_beyond: bool,
}

const DRAFTS: [Draft; 7] = {
    const COMPLETE: (&str, &str, &str) = ("upload-complete", "?0", "?1");
    const NEWEST: Draft = Draft {
        version: 9,
        complete: COMPLETE,
        appended: 204,
        told: 204,
        untyped: 415,
        unsaid: Some(400),
        after: 400,
        length_from_content: true,
        ends_beyond: true,
    };
    [
        Draft {
            version: 3,
            complete: ("upload-incomplete", "?1", "?0"),
            appended: 201,
            told: 400,
            untyped: 201,
            // -01: what is left out is false, and what is not incomplete is complete.
            unsaid: Some(201),
            after: 201,
            length_from_content: false,
            ends_beyond: false,
        },
        Draft {
            version: 4,
            appended: 201,
            told: 400,
            untyped: 201,
            unsaid: None,
            after: 201,
            ends_beyond: false,
            ..NEWEST
        },
        Draft {
            version: 5,
            appended: 201,
            told: 400,
            untyped: 201,
            unsaid: None,
            after: 201,
            ends_beyond: false,
            ..NEWEST
        },
        Draft { version: 6, appended: 201, told: 400, unsaid: None, ends_beyond: false, ..NEWEST },
        Draft { version: 7, ends_beyond: false, ..NEWEST },
        Draft { version: 8, ..NEWEST },
        NEWEST,
    ]
};

#[tokio::test]
async fn each_draft_is_spoken_by_its_own_text() {
    let server = TestServer::start().await;
    let length = STREAM.len().to_string();
    for draft in DRAFTS {
        let v = draft.version;
        let (complete, no, yes) = draft.complete;
        let asked = |method: &str, upload: &str| {
            server.request(method, upload).header("upload-draft-interop-version", v)
        };
        let begun =
            begin(&server).await.header("upload-draft-interop-version", v).body(&STREAM[..1001]);
        let begun = sent(draft_complete(begun, v, false)).await;
        assert_eq!(
            (begun.status().as_u16(), says(&begun, "upload-offset").as_str()),
            (201, "1001"),
            "{v}"
        );
        assert_eq!(
            (says(&begun, complete).as_str(), says(&begun, "upload-draft-interop-version")),
            (no, v.to_string())
        );
        assert!(says(&begun, "upload-limit").contains("max-size="), "{v}");
        let upload = location(&begun);

        let stands = sent(asked("HEAD", &upload)).await;
        assert_eq!(
            (stands.status().as_u16(), says(&stands, "upload-offset").as_str()),
            (204, "1001"),
            "{v}"
        );
        assert_eq!(
            (says(&stands, complete).as_str(), says(&stands, "cache-control").as_str()),
            (no, "no-store"),
            "{v}"
        );
        for (header, value) in [("upload-offset", "1001"), (complete, no)] {
            assert_eq!(
                sent(asked("HEAD", &upload).header(header, value)).await.status().as_u16(),
                draft.told,
                "{v}: {header}"
            );
        }
        let with_length =
            sent(asked("HEAD", &upload).header("upload-length", "5")).await.status().as_u16();
        assert_eq!(with_length, if v == 6 { 400 } else { 204 }, "{v}: -05 alone names it");

        let elsewhere = sent(draft_append(&server, &upload, v, 7, &STREAM[7..], true)).await;
        assert_eq!(
            (elsewhere.status().as_u16(), says(&elsewhere, "upload-offset").as_str()),
            (409, "1001"),
            "{v}"
        );
        assert_eq!(
            says(&elsewhere, "upload-complete"),
            if v >= 7 { "?0" } else { "" },
            "{v}: since -06 every answer says so"
        );
        let mut untyped =
            draft_append(&server, &upload, v, 1001, &STREAM[1001..1500], false).build().unwrap();
        untyped.headers_mut().remove("content-type");
        let untyped = server.http.execute(untyped).await.unwrap();
        assert_eq!(
            (untyped.status().as_u16(), says(&untyped, "upload-offset").is_empty()),
            (draft.untyped, false),
            "{v}"
        );
        let at = if draft.untyped == 201 { 1500 } else { 1001 };
        let part = draft_append(&server, &upload, v, at, &STREAM[at..2000], false)
            .header("upload-length", &length);
        let part = sent(part).await;
        assert_eq!(
            (part.status().as_u16(), says(&part, complete).as_str()),
            (draft.appended, no),
            "{v}"
        );
        assert_eq!(
            says(&sent(asked("HEAD", &upload)).await, "upload-length"),
            length,
            "{v}: the length is kept"
        );
        let other = draft_append(&server, &upload, v, 2000, &STREAM[2000..], true)
            .header("upload-length", "123456");
        assert_eq!(sent(other).await.status().as_u16(), 400, "{v}: a length is said once");
        let short = sent(draft_append(&server, &upload, v, 2000, &STREAM[2000..3000], true)).await;
        assert_eq!(
            (short.status().as_u16(), says(&short, "upload-offset").as_str()),
            (400, "2000"),
            "{v}: that is not the end"
        );
        let last = sent(draft_append(&server, &upload, v, 2000, &STREAM[2000..], true)).await;
        assert_eq!(
            (last.status().as_u16(), says(&last, complete).as_str()),
            (draft.appended, yes),
            "{v}"
        );
        let after = sent(draft_append(&server, &upload, v, STREAM.len(), b"", true)).await;
        assert_eq!(after.status().as_u16(), draft.after, "{v}: the end is the end");
        let more = sent(draft_append(&server, &upload, v, STREAM.len(), b"more", true)).await;
        assert_eq!(more.status().as_u16(), 400, "{v}: nothing comes after the end");
    }
    let ready = clips(&server).await;
    assert_eq!(
        ready.iter().filter(|(state, _)| state == "ready").count(),
        DRAFTS.len(),
        "{ready:?}"
    );
}

#[tokio::test]
async fn each_draft_ends_uploads_by_its_own_text() {
    let server = TestServer::start().await;
    for draft in DRAFTS {
        let v = draft.version;
        let asked = |method: &str, upload: &str| {
            server.request(method, upload).header("upload-draft-interop-version", v)
        };
        let begin_empty = async || {
            let begun = begin(&server).await.header("upload-draft-interop-version", v);
            location(&sent(draft_complete(begun, v, false)).await)
        };
        let upload = begin_empty().await;
        let told = sent(asked("DELETE", &upload).header("upload-offset", "0")).await;
        assert_eq!(told.status().as_u16(), draft.told, "{v}");
        let ended = sent(asked("DELETE", &upload)).await.status().as_u16();
        assert_eq!(ended, if draft.told == 204 { 404 } else { 204 }, "{v}");
        assert_eq!(sent(asked("HEAD", &upload)).await.status().as_u16(), 404, "{v}");

        let upload = begin_empty().await;
        let unsaid = asked("PATCH", &upload)
            .header("content-type", "application/partial-upload")
            .header("upload-offset", 0);
        let unsaid = sent(unsaid.body(STREAM)).await;
        assert_eq!(unsaid.status().as_u16(), draft.unsaid.unwrap_or(draft.appended), "{v}");
        let stands = sent(asked("HEAD", &upload)).await;
        let (complete, no, yes) = draft.complete;
        assert_eq!(
            says(&stands, complete),
            if draft.unsaid == Some(201) { yes } else { no },
            "{v}: what is not said"
        );

        // Cut short: the part that came is kept, and the end that was told is too.
        let upload = begin_empty().await;
        let head = format!(
            "PATCH {upload} HTTP/1.1\r\nhost: 127.0.0.1\r\nupload-draft-interop-version: {v}\r\nupload-offset: 0\r\n{complete}: {yes}\r\n\
             content-type: application/partial-upload\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
            STREAM.len()
        );
        let mut cut = server.raw(head.as_bytes()).await;
        assert!(raw_head(&mut cut).await.starts_with("HTTP/1.1 100"));
        cut.write_all(&STREAM[..1001]).await.unwrap();
        cut.shutdown().await.unwrap();
        let answer = raw_head(&mut cut).await;
        assert!(
            answer.starts_with("HTTP/1.1 409") && answer.contains("upload-offset: 1001"),
            "{v}: {answer}"
        );
        let stands = sent(asked("HEAD", &upload)).await;
        assert_eq!(says(&stands, complete), no, "{v}: not all of it came");
        let told = if draft.length_from_content { STREAM.len().to_string() } else { String::new() };
        assert_eq!(says(&stands, "upload-length"), told, "{v}: a length by content");

        let upload = begin_empty().await;
        let first = draft_append(&server, &upload, v, 0, &STREAM[..1001], false)
            .header("upload-length", STREAM.len());
        sent(first).await;
        let beyond = draft_append(&server, &upload, v, 1001, b"", false);
        let body = reqwest::Body::wrap_stream(futures_util::stream::iter([
            Ok::<_, std::io::Error>(&STREAM[1001..]),
            Ok(b"more"),
        ]));
        assert_eq!(
            sent(beyond.body(body)).await.status().as_u16(),
            400,
            "{v}: more than the length"
        );
        let stands = sent(asked("HEAD", &upload)).await.status().as_u16();
        assert_eq!(stands, if draft.ends_beyond { 404 } else { 204 }, "{v}");
    }
}
