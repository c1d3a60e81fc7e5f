//! What a library has still to do: shown to its operator, and done again after a failure or a kill.
#![expect(clippy::disallowed_methods, reason = "files are moved out of a library's way and back")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;
use tokio::process::Command;
use vignette_model::Sha256;

use crate::common::{STREAM, TestServer, browser, json_of};
use crate::program::{end, line, said, served};
use crate::version_before::{
    HALF, HALF_UPLOAD, KEY, SENT_BYTES, STREAM_SHA256, TOKEN, data_of_the_version_before,
};

/// Asks until it gives something.
async fn until<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let asked = async {
        loop {
            match ask().await {
                Some(found) => return found,
                None => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), asked).await.expect("it happens in time")
}

#[tokio::test]
async fn a_job_that_failed_is_shown_and_tried_again() {
    let server = TestServer::start().await;
    let clip = server.clip().await;
    server.append(&clip, 0, STREAM, false).send().await.unwrap();
    let file = server.data().join("media").join(&clip.id).join("stream.mp4");
    let elsewhere = server.data().join("elsewhere.mp4");
    std::fs::rename(&file, &elsewhere).unwrap();
    server.append(&clip, STREAM.len(), b"", true).send().await.unwrap();
    let row = until(async || {
        let (listed, rows) = said(&server.data(), &["jobs"]).await;
        assert!(listed, "a command lists what a served library has to do");
        rows.contains("stream.mp4").then_some(rows)
    })
    .await;
    let columns: Vec<_> = row.split('\t').collect();
    let [id, kind, of, due, attempts, error] = columns[..] else { panic!("{row}") };
    assert_eq!((kind, of), ("seal", clip.id.as_str()));
    assert!(due == "running" || due.starts_with("20"), "{row}");
    assert!(attempts.ends_with(" attempts") && !attempts.starts_with('0'), "{row}");
    assert_eq!(error, format!("stream.mp4 of recording {} is not there", clip.id));

    assert!(!said(&server.data(), &["jobs", "retry", "999"]).await.0, "there is no such job");
    std::fs::rename(&elsewhere, &file).unwrap();
    let retried = said(&server.data(), &["jobs", "retry", id]).await;
    assert_eq!(retried, (true, "1 jobs are due".to_owned()));
    let ann = server.token(&server.ann).await;
    let sealed = until(async || {
        let clip = server.get(&format!("/api/v1/clips/{}", clip.id)).bearer_auth(&ann);
        let clip = json_of(clip.send().await.unwrap(), StatusCode::OK).await;
        clip["sealed_sha256"].as_str().map(str::to_owned)
    });
    assert_eq!(sealed.await, Sha256::of(STREAM).to_string());
    server.library.settled().await;
    assert_eq!(said(&server.data(), &["jobs"]).await, (true, String::new()), "nothing is left");
}

/// The library of the version before, served by the program.
struct Program {
    child: tokio::process::Child,
    url: String,
}

impl Program {
    async fn serve(data: &Path) -> Self {
        let (child, mut lines) = served(data).await;
        let first = line(&mut lines).await;
        let url = first.strip_prefix("Vignette is at ").unwrap_or_else(|| panic!("{first}"));
        Self { child, url: url.trim_end_matches('/').to_owned() }
    }

    /// SIGKILL.
    async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    async fn append(&self, at: usize, bytes: &[u8], complete: bool) {
        let request = browser(None)
            .patch(format!("{}{HALF_UPLOAD}", self.url))
            .bearer_auth(TOKEN)
            .header("content-type", "application/partial-upload")
            .header("upload-draft-interop-version", "8")
            .header("upload-offset", at.to_string())
            .header("upload-complete", if complete { "?1" } else { "?0" })
            .header("content-digest", Sha256::of(bytes).to_header())
            .body(bytes.to_vec());
        let done = request.send().await.unwrap();
        assert!(done.status().is_success(), "{}", done.text().await.unwrap());
    }

    async fn get(&self, path: &str) -> reqwest::Response {
        browser(None).get(format!("{}{path}", self.url)).bearer_auth(TOKEN).send().await.unwrap()
    }

    async fn half(&self) -> Value {
        json_of(self.get(&format!("/api/v1/clips/{HALF}")).await, StatusCode::OK).await
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_library_that_is_killed_in_the_middle_of_a_seal_seals_once() {
    let (_folder, data) = data_of_the_version_before();
    let media: PathBuf = data.join("media").join(HALF);
    let first = Program::serve(&data).await;
    let stream = first.get(&format!("/c/{KEY}/stream.mp4")).await.bytes().await.unwrap();
    let last = stream.len() - 9;
    first.append(SENT_BYTES, &stream[SENT_BYTES..last], false).await;
    first.kill().await;

    // The next process begins a file of its own. In its place stands a pipe that nobody writes to:
    // whoever copies the stream stops there.
    let second = Program::serve(&data).await;
    let before = names(&media);
    second.append(last, &stream[last..], false).await;
    let added = names(&media).into_iter().find(|name| !before.contains(name)).unwrap();
    let (file, elsewhere) = (media.join(&added), data.join("elsewhere.mp4"));
    std::fs::rename(&file, &elsewhere).unwrap();
    assert!(Command::new("mkfifo").arg(&file).status().await.unwrap().success());
    second.append(stream.len(), b"", true).await;
    until(async || names(&media).into_iter().find(|name| name.ends_with(".part"))).await;
    let (_, running) = said(&data, &["jobs"]).await;
    assert!(running.contains(&format!("\tseal\t{HALF}\trunning\t1 attempts\t")), "{running}");
    second.kill().await;
    assert!(names(&media).iter().any(|name| name.ends_with(".part")), "half a file is left");
    std::fs::remove_file(&file).unwrap();
    std::fs::rename(&elsewhere, &file).unwrap();

    let third = Program::serve(&data).await;
    let sealed = until(async || third.half().await["sealed_sha256"].as_str().map(str::to_owned));
    assert_eq!(sealed.await, STREAM_SHA256);
    let link = third.half().await["link"].as_str().unwrap().to_owned();
    let path = format!(
        "{}/stream.mp4",
        link.split_once("/c/").map(|(_, key)| format!("/c/{key}")).unwrap()
    );
    assert_eq!(third.get(&path).await.bytes().await.unwrap(), stream, "the same bytes");
    end(third.child).await;
    assert_eq!(names(&media), ["clip.mp4"], "sealed once, and nothing else is left");
    assert_eq!(said(&data, &["jobs"]).await, (true, String::new()));
    assert!(said(&data, &["check"]).await.0);
}
