//! Disks that are full or read-only, and folders that others can read.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use bytes::Bytes;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use tokio::process::Child;
use vignette_model::{Sha256, TakeId};

use crate::common::{PASSWORD, STREAM, browser, json_of, problem};
use crate::program::{end, line, said, secret_of, served};

/// A small disk of its own, gone when dropped. Only root may mount one.
struct SmallDisk {
    folder: tempfile::TempDir,
}

impl SmallDisk {
    /// `None`, and a word about it, where this test may not mount a disk.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=24m,mode=0755", "tmpfs"])
            .arg(folder.path())
            .output();
        let disk = Self { folder };
        if mounted.is_ok_and(|mounted| mounted.status.success()) {
            return Some(disk);
        }
        std::io::Write::write_all(
            &mut std::io::stderr(),
            b"SKIPPED: a disk of its own needs root and tmpfs\n",
        )
        .unwrap();
        None
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where what fills it lies.
    fn filling(&self) -> PathBuf {
        self.path().join("filling")
    }

    fn fill(&self) {
        let mut file = std::fs::File::create(self.filling()).unwrap();
        for size in [1 << 20, 4096, 1] {
            while std::io::Write::write(&mut file, &vec![7; size]).is_ok_and(|written| written > 0)
            {
            }
        }
    }

    fn remount(&self, how: &str) {
        let done = Command::new("mount")
            .args(["-o", &format!("remount,{how}")])
            .arg(self.path())
            .status()
            .unwrap();
        assert!(done.success(), "the disk is mounted {how}");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").args(["--lazy"]).arg(self.path()).status();
    }
}

/// The program on a data folder, with somebody signed in.
struct Served {
    data: PathBuf,
    url: String,
    http: Client,
    token: String,
    child: Child,
}

impl Served {
    async fn first(data: &Path) -> Self {
        let (child, mut lines) = served(data).await;
        let url = address(&line(&mut lines).await);
        line(&mut lines).await;
        let link = line(&mut lines).await;
        let http = browser(Some(Default::default()));
        let form = [("secret", secret_of(&link)), ("name", "Ann"), ("password", PASSWORD)];
        assert_eq!(
            http.post(format!("{url}/setup")).form(&form).send().await.unwrap().status(),
            StatusCode::SEE_OTHER
        );
        let (made, token) = said(data, &["token", "create", "Laptop"]).await;
        assert!(made);
        Self { data: data.to_owned(), url, http, token, child }
    }

    /// The same after it was killed: on another port, with the same cookies.
    async fn again(self) -> Self {
        let Self { data, http, token, mut child, .. } = self;
        child.kill().await.unwrap();
        let (child, mut lines) = served(&data).await;
        Self { url: address(&line(&mut lines).await), data, http, token, child }
    }

    async fn get(&self, path: &str) -> Response {
        self.http.get(format!("{}{path}", self.url)).send().await.unwrap()
    }

    async fn create(&self) -> Response {
        let new = json!({ "take": TakeId::new(), "title": "A clip", "recorded_at_us": 0 });
        self.http
            .post(format!("{}/api/v1/clips", self.url))
            .bearer_auth(&self.token)
            .json(&new)
            .send()
            .await
            .unwrap()
    }

    /// Rows find room within the pages of their log for a while.
    async fn create_until_full(&self) {
        let refused = async {
            loop {
                let answer = self.create().await;
                if answer.status() != StatusCode::CREATED {
                    return problem(answer, 507, "no_space").await;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(60), refused).await.expect("the disk is full");
    }

    async fn append(&self, clip: &Value) -> Response {
        let upload = format!("{}{}", self.url, clip["upload"].as_str().unwrap());
        let request = self.http.patch(upload).header("content-type", "application/partial-upload");
        let request = request.header("upload-offset", "0").header("upload-complete", "?1");
        request
            .header("content-digest", Sha256::of(STREAM).to_header())
            .body(Bytes::from_static(STREAM))
            .send()
            .await
            .unwrap()
    }

    /// A clip that is ready.
    async fn sealed(&self) -> String {
        let clip = json_of(self.create().await, StatusCode::CREATED).await;
        assert_eq!(self.append(&clip).await.status(), StatusCode::NO_CONTENT);
        let key = clip["key"].as_str().unwrap().to_owned();
        self.until(&format!("/api/v1/c/{key}"), |status, text| {
            status == StatusCode::OK && text.contains("\"ready\"")
        })
        .await;
        key
    }

    /// Asks until the answer is as it should be.
    async fn until(&self, path: &str, right: impl Fn(StatusCode, &str) -> bool) {
        let asked = async {
            loop {
                let answer = self.get(path).await;
                let (status, text) = (answer.status(), answer.text().await.unwrap());
                if right(status, &text) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), asked)
            .await
            .unwrap_or_else(|_| panic!("{path} in a minute"));
    }

    /// The clip plays and its library can be looked at, signed in by cookie and by token.
    async fn plays(&self, key: &str) {
        assert_eq!(self.get(&format!("/c/{key}")).await.status(), StatusCode::OK);
        let mp4 = self.get(&format!("/c/{key}/clip.mp4")).await;
        assert!(mp4.bytes().await.unwrap().ends_with(STREAM), "all of it plays");
        let home = self.get("/").await;
        assert!(
            home.text().await.unwrap().contains("A clip"),
            "who was signed in still is, and sees the clips"
        );
        let list = self
            .http
            .get(format!("{}/api/v1/clips", self.url))
            .bearer_auth(&self.token)
            .send()
            .await
            .unwrap();
        assert_eq!(list.status(), StatusCode::OK);
    }

    async fn refuses_writes(&self, status: u16, code: &str, said: &str) {
        let message = problem(self.create().await, status, code).await;
        assert!(
            !message.contains(self.data.to_str().unwrap()),
            "paths are nobody else's business: {message}"
        );
        let ready = self.get("/readyz").await;
        let message = problem(ready, 503, code).await;
        assert_eq!(
            message,
            said.replace("{}", self.data.to_str().unwrap()),
            "those who run it are told what and where"
        );
    }
}

fn address(first: &str) -> String {
    first
        .strip_prefix("Vignette is at ")
        .unwrap_or_else(|| panic!("{first}"))
        .trim_end_matches('/')
        .to_owned()
}

const FULL: &str = "There is no space left on the disk of {}.";
const UNWRITABLE: &str = "The disk of {} cannot be written.";

#[tokio::test]
async fn a_full_disk_is_named_and_the_library_plays_on() {
    let Some(disk) = SmallDisk::mount() else { return };
    let library = Served::first(&disk.path().join("library")).await;
    let key = library.sealed().await;
    let waiting = json_of(library.create().await, StatusCode::CREATED).await;
    disk.fill();
    problem(library.append(&waiting).await, 507, "no_space").await;
    library.plays(&key).await;
    library.create_until_full().await;
    for _ in 0..3 {
        library.refuses_writes(507, "no_space", FULL).await;
    }
    std::fs::remove_file(disk.filling()).unwrap();
    assert_eq!(
        library.create().await.status(),
        StatusCode::CREATED,
        "with room again it goes on without a new start"
    );
    disk.fill();
    library.create_until_full().await;

    let library = library.again().await;
    library.plays(&key).await;

    std::fs::remove_file(disk.filling()).unwrap();
    library.until("/readyz", |status, _| status == StatusCode::OK).await;
    assert_eq!(
        library.append(&waiting).await.status(),
        StatusCode::NO_CONTENT,
        "the upload goes on where it was"
    );
    library.sealed().await;
    end(library.child).await;
}

#[tokio::test]
async fn a_read_only_disk_is_played_from() {
    let Some(disk) = SmallDisk::mount() else { return };
    let data = disk.path().join("library");
    let library = Served::first(&data).await;
    let key = library.sealed().await;
    // Once as SIGTERM leaves it, once as a crash does, once as a copy without the log's files.
    end(library.child).await;
    for left in ["ended", "copied"] {
        if left == "copied" {
            let (folded, _) = said(&data, &["sweep"]).await;
            assert!(folded, "the log is in the file");
            for beside in ["library.sqlite-wal", "library.sqlite-shm"] {
                let _ = std::fs::remove_file(data.join(beside));
            }
        }
        disk.remount("ro");
        let (child, mut lines) = served(&data).await;
        let url = address(&line(&mut lines).await);
        let http = browser(None);
        let again = Served { data: data.clone(), url, http, token: library.token.clone(), child };
        let page = again.get(&format!("/c/{key}/clip.mp4")).await;
        assert!(page.bytes().await.unwrap().ends_with(STREAM), "{left}: it plays");
        again.refuses_writes(503, "cannot_write", UNWRITABLE).await;
        let (sound, found) = said(&data, &["check"]).await;
        assert!(sound && found.contains("1 clips, 0 damaged"), "{left}: {found}");
        disk.remount("rw");
        again.until("/readyz", |status, _| status == StatusCode::OK).await;
        let clip = json_of(again.create().await, StatusCode::CREATED).await;
        let gone = again.http.delete(format!(
            "{}/api/v1/clips/{}",
            again.url,
            clip["id"].as_str().unwrap()
        ));
        assert_eq!(
            gone.bearer_auth(&again.token).send().await.unwrap().status(),
            StatusCode::NO_CONTENT
        );
        end(again.child).await;
    }
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path)
        .unwrap_or_else(|_| panic!("{} is there", path.display()))
        .permissions()
        .mode()
        & 0o777
}

/// Everything in a folder, itself first.
fn all_in(folder: &Path) -> Vec<PathBuf> {
    let below = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    std::iter::once(folder.to_owned()).chain(below.flat_map(|path| all_in(&path))).collect()
}

#[tokio::test]
async fn a_folder_that_others_could_read_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("library");
    std::fs::create_dir(&data).unwrap();
    std::fs::set_permissions(&data, PermissionsExt::from_mode(0o755)).unwrap();
    let library = Served::first(&data).await;
    library.sealed().await;
    let open = |what: &str| {
        let open: Vec<_> =
            all_in(&data).into_iter().filter(|path| mode(path) & 0o077 != 0).collect();
        assert!(open.is_empty(), "{what}: others may do something with {open:#?}");
    };
    open("a folder that was made 0755");
    assert!(
        all_in(&data).iter().any(|path| path.ends_with("library.sqlite-wal")),
        "the log is among what was looked at"
    );
    end(library.child).await;

    // As an earlier version left it, and an administrator who meant well.
    for path in all_in(&data) {
        let mode = if path.is_dir() { 0o755 } else { 0o644 };
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
    }
    assert!(said(&data, &["check"]).await.0);
    open("a folder of before");
}
