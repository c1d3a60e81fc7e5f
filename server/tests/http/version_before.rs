//! A data folder of the version before opens with everything in it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;
use tempfile::TempDir;
use vignette_model::Sha256;

use crate::common::{PASSWORD, browser, json_of};
use crate::program::{end, line, said, served};

const CLIP: &str = "01a21cb2-46d6-70f7-a06f-7715ab0b1e18";
pub(crate) const KEY: &str = "vr337jatyczi53zdlxqsrozb2q";
pub(crate) const TOKEN: &str = "lib_x7yeslrnn2f5w27fmdnqygp6debrlrbaisdafsa";
pub(crate) const HALF: &str = "01a21cb2-5542-7747-adf3-76ef5ff3c3bc";
pub(crate) const HALF_UPLOAD: &str = "/api/v1/uploads/up_hxrvpmyata7pu5j55e6urfwvr2ky33qzrone2ty";
pub(crate) const STREAM_SHA256: &str =
    "80390931c291fa184280c6f5de15abb669bcdd59d0bfd5269a49309b3cd55b57";
pub(crate) const SENT_BYTES: usize = 39552;

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A copy of the data folder that the version before made, and what it lies in.
pub(crate) fn data_of_the_version_before() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("library");
    copy(Path::new("tests/data/library-0.1"), &data);
    (folder, data)
}

#[tokio::test]
async fn a_library_of_the_version_before_opens_with_everything_in_it() {
    let (_folder, data) = data_of_the_version_before();
    let (child, mut lines) = served(&data).await;
    let first = line(&mut lines).await;
    let url = first
        .strip_prefix("Vignette is at ")
        .unwrap_or_else(|| panic!("{first}"))
        .trim_end_matches('/')
        .to_owned();
    let http = browser(None);
    let get = async |path: &str| {
        http.get(format!("{url}{path}")).bearer_auth(TOKEN).send().await.unwrap()
    };
    let json = async |path: String| json_of(get(&path).await, StatusCode::OK).await;

    assert_eq!(json("/api/v1/me".to_owned()).await["name"], "Ada", "tokens still open it");
    let clip = json(format!("/api/v1/c/{KEY}")).await;
    assert_eq!((&clip["title"], &clip["state"]), (&"A sealed clip".into(), &"ready".into()));
    assert_eq!(clip["transcript"], serde_json::json!({ "version": 2, "done": true }));
    let stream = get(&format!("/c/{KEY}/stream.mp4")).await.bytes().await.unwrap();
    assert_eq!(Sha256::of(&stream).to_string(), STREAM_SHA256, "its bytes are the same");
    assert_eq!(get(&format!("/c/{KEY}/clip.mp4")).await.status(), StatusCode::OK);
    assert_eq!(get(&format!("/c/{KEY}/poster.jpg")).await.status(), StatusCode::OK);
    let page = get(&format!("/c/{KEY}")).await.text().await.unwrap();
    assert!(
        page.contains("A sealed clip") && page.contains("zebra crossing"),
        "the page shows clip and transcript"
    );

    let transcript = json(format!("/api/v1/c/{KEY}/transcript")).await;
    let cues: Vec<_> = transcript["cues"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cue| (&cue["text"], &cue["edited"]))
        .collect();
    let (edited, made) = (Value::from("Hello, there"), Value::from("this is a zebra crossing"));
    assert_eq!(cues, [(&edited, &true.into()), (&made, &false.into())]);
    assert_eq!(transcript["transcribed_by"], "whisper-tiny.en");
    assert_eq!(transcript["chapters"][0]["title"], "The beginning");
    assert_eq!(transcript["tasks"][0]["owner"], "Bob");
    let replies = json(format!("/api/v1/c/{KEY}/replies")).await;
    let names: Vec<_> = replies["replies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reply| (&reply["name"], &reply["member"]))
        .collect();
    assert_eq!(names, [(&"Ada".into(), &true.into()), (&"Gus".into(), &Value::from(false))]);
    let anchors: Vec<_> =
        replies["replies"].as_array().unwrap().iter().map(|reply| &reply["anchor"]).collect();
    let pinned = serde_json::json!({ "start_us": 1_000_000 });
    assert_eq!(anchors, [&pinned, &Value::Null], "replies are pinned where they were");
    let hits = json("/api/v1/search?q=zebra".to_owned()).await;
    assert!(
        hits["hits"]
            .as_array()
            .unwrap()
            .iter()
            .any(|hit| hit["clip"] == CLIP && hit["place"] == "cue"),
        "{hits}"
    );

    let rest = &stream[SENT_BYTES..];
    let digest = Sha256::of(rest).to_header();
    let append = http
        .patch(format!("{url}{HALF_UPLOAD}"))
        .bearer_auth(TOKEN)
        .header("content-type", "application/partial-upload");
    let append = append
        .header("upload-draft-interop-version", "8")
        .header("upload-offset", SENT_BYTES.to_string());
    let append =
        append.header("upload-complete", "?1").header("content-digest", digest).body(rest.to_vec());
    let done = append.send().await.unwrap();
    assert!(done.status().is_success(), "an upload goes on where it was: {}", done.status());
    let sealed = async {
        loop {
            let half = json(format!("/api/v1/clips/{HALF}")).await;
            if half["sealed_sha256"].is_string() {
                break half;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let half = tokio::time::timeout(Duration::from_secs(30), sealed).await.expect("it is sealed");
    assert_eq!(half["sealed_sha256"], STREAM_SHA256);
    let reset = said(&data, &["person", "reset-password", "Ada"]).await.1;
    let secret = reset.split_once("/reset?secret=").unwrap_or_else(|| panic!("{reset}")).1;
    let form = [("secret", secret), ("password", PASSWORD)];
    let chosen = http.post(format!("{url}/reset")).form(&form).send().await.unwrap();
    assert_eq!(chosen.status(), StatusCode::SEE_OTHER);
    for typed in ["Ada", " ADA"] {
        let form = [("login", typed), ("password", PASSWORD)];
        let signed_in = http.post(format!("{url}/sign-in")).form(&form).send().await.unwrap();
        assert_eq!(signed_in.status(), StatusCode::SEE_OTHER, "people sign in by {typed:?} still");
    }
    end(child).await;

    let (sound, checked) = said(&data, &["check"]).await;
    assert!(sound && checked.ends_with("2 clips, 0 damaged"), "{checked}");
    let (_, people) = said(&data, &["person", "list"]).await;
    assert!(
        people.contains("ada\tAda\tadmin\topen") && people.contains("bob\tBob\tmember\tsuspended"),
        "{people}"
    );
}

/// A package was renewed, and the library that runs was not started again yet: a command that
/// brought the rows up to date would break every request.
#[tokio::test]
async fn commands_leave_the_rows_to_the_version_that_serves_them() {
    let (_folder, data) = data_of_the_version_before();
    let rows = std::fs::read(data.join("library.sqlite")).unwrap();
    let serving = std::fs::File::create(data.join("lock")).unwrap();
    serving.try_lock().unwrap();
    let (done, _) = said(&data, &["person", "list"]).await;
    assert!(!done, "it says to restart the library first");
    assert!(rows == std::fs::read(data.join("library.sqlite")).unwrap(), "nothing is changed");
    drop(serving);
    let (done, people) = said(&data, &["person", "list"]).await;
    assert!(done && people.contains("Ada"), "{people}");
}
