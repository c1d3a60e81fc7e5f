//! `kill -9` of the library at thirty random instants of an upload: no acknowledged byte is lost, and the recorder carries on
//! by itself.

use std::time::Duration;

use serde_json::Value;
use vignette_tests::chance::Chance;
use vignette_tests::media::Media;
use vignette_tests::program::{Program, RECORD};
use vignette_tests::team::Team;

const KILLS: u32 = 30;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_still_there() {
    let mut chance = Chance::seeded(20_261_122);
    let folder = tempfile::tempdir().expect("a folder");
    let mut team = Team::start(folder.path()).await;
    let home = folder.path().join("home");
    let (url, token) = (team.url(), team.token.clone());
    let args = [&RECORD[..], &["--library", &url, "--token", &token]].concat();
    let mut recording = Program::recording(&home, &args, &[]);

    let take = std::fs::read_dir(home.join("spool/takes"))
        .expect("takes")
        .next()
        .expect("a take")
        .expect("readable")
        .path();
    let upload = {
        let described: Value =
            serde_json::from_slice(&std::fs::read(take.join("take.json")).expect("a take"))
                .expect("JSON");
        format!(
            "{url}{}",
            described["upload"]["clip"]["upload"].as_str().expect("an upload address")
        )
    };
    let mut acknowledged = 0;
    for kill in 0..KILLS {
        std::thread::sleep(Duration::from_millis(chance.between(50, 1_500))); // The instant is the point.
        // What the library says just before it dies is what it must still say after.
        acknowledged = offset(&upload).await.unwrap_or(acknowledged).max(acknowledged);
        team.kill();
        team.serve();
        let after = offset(&upload).await.expect("the library answers again");
        assert!(
            after >= acknowledged,
            "kill {kill}: {acknowledged} bytes were acknowledged and {after} are there\n{}",
            team.log()
        );
        acknowledged = after;
    }
    assert!(acknowledged > 0, "bytes arrived between the kills");
    recording.process().signal("INT");
    recording.wait_for_event("stopped", Duration::from_secs(15));
    let (status, said) = recording.finish(Duration::from_secs(90));
    assert!(
        status.success(),
        "the recorder carries on by itself: {:#?}\n{}",
        said.last(),
        team.log()
    );

    let stream = std::fs::read(take.join("stream.mp4")).expect("the stream");
    let sealed = team.sealed_clip();
    assert!(
        std::fs::read(&sealed).expect("the clip").ends_with(&stream),
        "the library's bytes are the spool's bytes"
    );
    assert!(!Media::at(&sealed).frame_hashes().is_empty(), "it plays");
    let checked = team.say(&["check"]);
    assert!(checked.ends_with("1 clips, 0 damaged"), "{checked}");
}

/// How much the library says it has.
async fn offset(upload: &str) -> Option<u64> {
    let answer =
        reqwest::Client::new().head(upload).timeout(Duration::from_secs(5)).send().await.ok()?;
    answer.headers().get("upload-offset")?.to_str().ok()?.parse().ok()
}
