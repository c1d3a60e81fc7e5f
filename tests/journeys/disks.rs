//! Disks that take no writes, from the recorder's side: full, nearly full, read-only, and a folder that nothing may be made in.
//! The reason and the place are named, the exit code says that it did not work, and no byte that was there is lost.
//!
//! Each command has a mount namespace of its own, which ends with it: nothing stays mounted.
#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use reqwest::StatusCode;
use vignette_tests::ground::{Ground, Member, PATIENCE, STREAM};
use vignette_tests::process::{Process, now};
use vignette_tests::program::binary;

/// A disk of 60 MB: less than is kept free.
const FULL: &str = r#"cp -a "$FOLDER" "$FOLDER.kept"; mount -t tmpfs -o size=60m none "$FOLDER"; cp -a "$FOLDER.kept/." "$FOLDER""#;
/// A disk with no byte left at all.
const CRAMMED: &str = r#"cp -a "$FOLDER" "$FOLDER.kept"; mount -t tmpfs -o size=60m none "$FOLDER"; cp -a "$FOLDER.kept/." "$FOLDER"
    dd if=/dev/zero of="$FOLDER/filling" bs=4k 2>/dev/null || true"#;
/// A disk of 1.2 GB: little, but enough.
const LITTLE: &str = r#"cp -a "$FOLDER" "$FOLDER.kept"; mount -t tmpfs -o size=1200m none "$FOLDER"; cp -a "$FOLDER.kept/." "$FOLDER""#;
const READ_ONLY: &str = r#"mount --bind "$FOLDER" "$FOLDER"; mount -o remount,ro,bind "$FOLDER""#;

/// Whether this test may mount at all.
fn may_mount() -> bool {
    let tried = Command::new("unshare")
        .args(["-m", "mount", "-t", "tmpfs", "none", "/mnt"])
        .stderr(Stdio::null())
        .status();
    let may = tried.is_ok_and(|status| status.success());
    if !may {
        eprintln!("SKIPPED: a mount namespace needs root");
    }
    may
}

/// A command whose `folder` lies on a disk that `mounts` prepares. What is in `spool/takes` after it is compared with what was
/// there before, and a difference is said as `LOST`.
fn on_a_disk(mounts: &str, folder: &Path, program: &str, args: &[&str]) -> Command {
    let script = format!(
        r#"set -e; before=$(cd "$FOLDER" && find spool/takes -type f 2>/dev/null | sort | xargs -r sha256sum)
        {mounts}
        set +e; "$@"; code=$?
        echo "$before" | (cd "$FOLDER" && grep . | sha256sum --quiet -c) || echo LOST; exit $code"#
    );
    let mut command = Command::new("unshare");
    command
        .args(["-m", "sh", "-c", &script, "sh"])
        .arg(binary(program))
        .args(args)
        .env("FOLDER", folder);
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "VIGNETTE_TOKEN"] {
        command.env_remove(name);
    }
    command
}

fn vignette(mounts: &str, home: &Path, args: &[&str]) -> Output {
    on_a_disk(mounts, home, "vignette", args)
        .env("VIGNETTE_HOME", home)
        .stdin(Stdio::null())
        .output()
        .expect("it runs")
}

/// What somebody reads.
fn said(done: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr))
}

const RECORD: [&str; 10] = [
    "record",
    "--screen",
    "synthetic",
    "--camera",
    "off",
    "--microphone",
    "off",
    "--duration",
    "2s",
    "--no-transcript",
];

/// A home with a take in it.
fn home() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path().join("home");
    std::fs::create_dir(&home).expect("a home");
    let first = vignette("true", &home, &RECORD);
    assert!(first.status.success(), "{}", said(&first));
    (folder, home)
}

fn film(folder: &Path) -> String {
    let film = folder.join("film.mp4");
    let mut make = Command::new("ffmpeg");
    make.args([
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        "testsrc=d=2:s=320x240",
        "-c:v",
        "libx264",
        "-pix_fmt",
        "yuv420p",
    ]);
    assert!(make.arg(&film).status().expect("ffmpeg runs").success());
    film.to_str().expect("a path").to_owned()
}

/// Neither records nor uploads, says why and where, and keeps what was there.
fn refuses(mounts: &str, reasons: &[&str]) {
    let (folder, home) = home();
    let film = film(folder.path());
    for args in [&RECORD[..], &["upload", &film]] {
        let done = vignette(mounts, &home, args);
        let said = said(&done);
        assert_eq!(done.status.code(), Some(1), "{args:?}: {said}");
        let last = said.lines().find(|line| line.starts_with("vignette: ")).unwrap_or_default();
        assert!(reasons.iter().any(|reason| last.contains(reason)), "{args:?}: {said}");
        assert!(last.contains(&format!("{}/", home.display())), "the place is named: {said}");
        assert!(!said.contains("LOST"), "what was there is there: {said}");
        assert!(
            args[0] != "upload" || !said.contains("ecording stopped"),
            "an upload is no recording: {said}"
        );
        std::fs::remove_dir_all(home.with_extension("kept")).ok();
    }
    let listed = vignette(mounts, &home, &["takes"]);
    let said = said(&listed);
    assert!(
        listed.status.success() && said.contains("0:02"),
        "what is on the disk can be listed: {said}"
    );
}

#[test]
fn a_full_disk_is_named() {
    if may_mount() {
        refuses(FULL, &["MB are free on the disk of"]);
    }
}

#[test]
fn a_disk_without_a_byte_left_is_named() {
    if may_mount() {
        // The library is asked first, and has something to write where its port is taken.
        refuses(CRAMMED, &["Only 0 MB are free on the disk of", "There is no space left"]);
    }
}

#[test]
fn a_read_only_disk_is_named() {
    if may_mount() {
        refuses(READ_ONLY, &["is read-only", "cannot be written"]);
    }
}

#[test]
fn little_space_names_the_folder_and_goes_on() {
    if !may_mount() {
        return;
    }
    let (_folder, home) = home();
    let done = vignette(LITTLE, &home, &RECORD);
    let said = said(&done);
    assert!(done.status.success(), "{said}");
    let warned = format!(
        "MB are free on the disk of {}/spool/takes; recording stops by itself",
        home.display()
    );
    assert_eq!(said.matches(&warned).count(), 1, "it is said once, with the place: {said}");
    assert!(!said.contains("LOST"), "{said}");
}

#[test]
fn a_folder_that_nothing_may_be_made_in_is_named() {
    let (_folder, home) = home();
    let takes = home.join("spool/takes");
    let set = |flag: &str| {
        Command::new("chattr")
            .arg(flag)
            .arg(&takes)
            .output()
            .is_ok_and(|done| done.status.success())
    };
    if !set("+i") {
        eprintln!("SKIPPED: this file system has no immutable folders, or this is not root");
        return;
    }
    let done = vignette("true", &home, &RECORD);
    assert!(set("-i"), "the folder can be removed again");
    let said = said(&done);
    assert_eq!(done.status.code(), Some(1), "{said}");
    assert!(
        said.contains(&format!("Could not make {}/", takes.display()))
            && said.contains("not permitted"),
        "{said}"
    );
    assert!(!said.contains("LOST"), "{said}");
}

#[tokio::test]
async fn a_library_on_a_read_only_disk_starts_and_plays() {
    if !may_mount() {
        return;
    }
    let mut ground = Ground::open().await;
    let mut member = Member::of(&ground.team);
    let empty = member.clip().await.expect("a clip that waits for its bytes");
    let (data, at) = (ground.team.data(), ground.to.to_string());
    ground.team.kill();

    let args = ["--data", data.to_str().expect("a path"), "--listen", &at, "serve"];
    let mut serve = on_a_disk(READ_ONLY, &data, "vignette-library", &args);
    let _served = Process::start(serve.stdout(Stdio::null()).stderr(Stdio::null()));
    let end = now() + PATIENCE;
    while member.get("/healthz").await.ok() != Some(StatusCode::OK) {
        assert!(now() < end, "it starts");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(
        member.get(&format!("/c/{}", ground.clip.key)).await.ok(),
        Some(StatusCode::OK),
        "the page"
    );
    assert_eq!(
        member.append(&empty, 0, STREAM).await,
        Some(StatusCode::SERVICE_UNAVAILABLE),
        "uploads wait"
    );
    let ready = member.http.get(format!("{}/readyz", member.url)).send().await.expect("an answer");
    assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
    let said = ready.text().await.expect("words");
    assert!(said.contains(&data.display().to_string()), "it names the place: {said}");
}
