//! Ctrl-C: the first stops a recording properly and the second stops waiting; neither loses anything.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use vignette_tests::media::Media;
use vignette_tests::process::{now, until};
use vignette_tests::program::{Program, RECORD, binary};
use vignette_tests::team::{Team, sealed_clip};

const SOON: Duration = Duration::from_secs(30);

#[test]
fn one_stops_the_recording_properly() {
    let home = tempfile::tempdir().expect("a home");
    let mut recording = recording(home.path(), &[]);
    recording.process().signal("INT");
    let stopped = recording.wait_for_event("stopped", SOON);
    let link = stopped["link"].as_str().expect("the link is said at the end").to_owned();
    assert!(stopped["problem"].is_null(), "{stopped}");
    let (status, said) = recording.finish(SOON);
    assert_eq!(status.code(), Some(0), "safe in the library: {said:#?}");
    assert!(
        said.iter().any(|said| said["event"] == "link" && said["link"] == link),
        "and was said at the start: {said:#?}"
    );
    is_whole(home.path(), &home.path().join("library"), &stopped);
}

#[test]
fn the_end_of_the_terminal_stops_it_properly_too_unless_it_is_ignored() {
    let home = tempfile::tempdir().expect("a home");
    let mut recording = recording(home.path(), &[]);
    recording.process().signal("HUP");
    let stopped = recording.wait_for_event("stopped", SOON);
    let (status, said) = recording.finish(SOON);
    assert_eq!(status.code(), Some(0), "safe in the library: {said:#?}");
    is_whole(home.path(), &home.path().join("library"), &stopped);

    let home = tempfile::tempdir().expect("a home");
    let mut command = Command::new("nohup");
    command
        .arg(binary("vignette"))
        .arg("--json")
        .args(RECORD)
        .env("VIGNETTE_HOME", home.path())
        .stderr(Stdio::null());
    let mut recording = Program::start(&mut command);
    recording.wait_for_recording();
    recording.process().signal("HUP");
    std::thread::sleep(Duration::from_secs(2)); // It goes on.
    assert!(recording.process().is_running(), "nohup is obeyed");
    recording.process().signal("TERM");
    let stopped = recording.wait_for_event("stopped", SOON);
    assert!(stopped["duration_us"].as_u64().is_some_and(|us| us >= 2_000_000), "{stopped}");
}

#[test]
fn one_before_anything_was_kept_cancels() {
    let home = tempfile::tempdir().expect("a home");
    let mut counting =
        Program::vignette(home.path(), &[&RECORD[..], &["--countdown", "10"]].concat(), &[]);
    // The link comes during the countdown.
    counting.wait_for_event("link", SOON);
    counting.process().signal("INT");
    let (status, said) = counting.finish(SOON);
    assert_eq!(status.code(), Some(130), "{said:#?}");
    assert_eq!(said.last().expect("it says so")["event"], "cancelled");
    let (_, takes) = Program::vignette(home.path(), &["takes"], &[]).finish(SOON);
    assert!(takes.is_empty(), "no take is left: {takes:#?}");
}

#[test]
fn two_at_once_lose_nothing() {
    for apart in [0, 3, 30, 120].map(Duration::from_millis) {
        let home = tempfile::tempdir().expect("a home");
        let mut recording = recording(home.path(), &[]);
        recording.process().signal("INT");
        std::thread::sleep(apart); // The time between them is the point.
        press_again(&mut recording);
        let (status, said) = recording.finish(SOON);
        let stopped = said
            .iter()
            .find(|said| said["event"] == "stopped")
            .unwrap_or_else(|| panic!("{apart:?}: {said:#?}"));
        assert!(
            matches!(status.code(), Some(0 | 4)),
            "{apart:?} apart it ends as documented: {status} {said:#?}"
        );
        assert!(stopped["link"].is_string(), "{stopped}");
        let library = home.path().join("library");
        send_the_rest(home.path(), || sealed(&library));
        is_whole(home.path(), &library, stopped);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_while_the_library_is_away_lose_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (home, mut team) = (folder.path().join("home"), Team::start(folder.path()).await);
    let (url, token) = (team.url(), team.token.clone());
    let mut recording = recording(&home, &["--library", &url, "--token", &token]);
    team.kill();
    recording.process().signal("INT");
    let finishing = |said: &Value| said["phase"] == "finishing" || said["event"] == "stopped";
    let first = recording
        .wait_for("the end of the recording", SOON, |said| finishing(said).then(|| said.clone()));
    recording.process().signal("INT");
    let pressed = now();
    let stopped =
        if first["event"] == "stopped" { first } else { recording.wait_for_event("stopped", SOON) };
    let (status, said) = recording.finish(SOON);
    assert_eq!(status.code(), Some(4), "kept on this computer: {said:#?}");
    // A program that had not heard it would give up after 20 s in which nothing is sent.
    assert!(
        pressed.elapsed() < Duration::from_secs(19),
        "the second is not waited with: {:?}",
        pressed.elapsed()
    );
    assert!(
        stopped["link"].as_str().is_some_and(|link| link.starts_with(&url)),
        "the link is said all the same: {stopped}"
    );

    team.serve();
    send_the_rest(&home, || sealed(&team.data()));
    is_whole(&home, &team.data(), &stopped);
}

/// A recording that has been going on for three seconds: long enough for a fragment to be on its way.
fn recording(home: &Path, more: &[&str]) -> Program {
    let recording = Program::recording(home, &[&RECORD[..], more].concat(), &[]);
    std::thread::sleep(Duration::from_secs(3)); // A take of three seconds takes three seconds.
    recording
}

/// Ctrl-C for somebody who may have gone already.
fn press_again(recording: &mut Program) {
    if recording.process().is_running() {
        recording.process().signal("INT");
    }
}

/// The next start of Vignette, for anything at all: it sends the rest by itself until `there`.
fn send_the_rest(home: &Path, there: impl Fn() -> Option<PathBuf>) {
    let mut next = Program::vignette(home, &["library"], &[]);
    next.wait_for_event("serving", SOON);
    until("the rest to arrive by itself", SOON, there);
    next.process().signal("INT");
    let (status, said): (ExitStatus, _) = next.finish(SOON);
    assert!(status.success(), "{said:#?}");
}

/// The sealed clip, once there is one.
fn sealed(library: &Path) -> Option<PathBuf> {
    let clips = std::fs::read_dir(library.join("media")).ok()?.filter_map(Result::ok);
    clips.map(|clip| clip.path().join("clip.mp4")).find(|path| path.exists())
}

/// The library's clip is the spool's stream, byte for byte, and as long as was said when it stopped.
fn is_whole(home: &Path, library: &Path, stopped: &Value) {
    let take = stopped["take"].as_str().expect("the take is named");
    let stream = std::fs::read(home.join("spool/takes").join(take).join("stream.mp4"))
        .expect("the spool's stream");
    let sealed = sealed_clip(library);
    let clip = std::fs::read(&sealed).expect("the clip");
    assert!(clip.len() > stream.len(), "a header stands before the stream");
    assert_eq!(
        Sha256::digest(&clip[clip.len() - stream.len()..]),
        Sha256::digest(&stream),
        "the clip ends with the stream"
    );
    let seconds = stopped["duration_us"].as_f64().expect("a duration") / 1e6;
    let media = Media::at(&sealed);
    assert!(seconds >= 3.0, "everything up to Ctrl-C is kept: {seconds} s");
    assert!((media.seconds() - seconds).abs() < 0.05, "{} s play of {seconds} s", media.seconds());
    assert!(!media.frame_hashes().is_empty(), "it plays");
}
