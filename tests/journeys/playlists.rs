//! The playlist journey: other players than ours read a clip's playlist, while it grows and when it is whole.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use vignette_tests::media::Media;
use vignette_tests::process::now;
use vignette_tests::program::{Program, RECORD};
use vignette_tests::team::Team;

const PATIENCE: Duration = Duration::from_secs(30);

/// What ffprobe says of the streams, which it reads as mpv does.
fn codecs(playlist: &Media) -> Vec<String> {
    playlist
        .streams()
        .iter()
        .filter_map(|stream| stream["codec_name"].as_str().map(str::to_owned))
        .collect()
}

/// How long a clip is, in seconds, by mpv, once it plays it.
fn by_mpv(playlist: &Media) -> f64 {
    let mut mpv = Command::new("timeout");
    mpv.args([
        "30",
        "mpv",
        "--no-config",
        "--quiet",
        "--term-playing-msg=duration ${=duration}",
        "--vo=null",
        "--ao=null",
    ]);
    let out = mpv.arg("--length=0.2").arg(&playlist.0).output().expect("mpv runs");
    let said = String::from_utf8_lossy(&out.stdout);
    let duration =
        said.lines().find_map(|line| line.strip_prefix("duration ")?.trim().parse().ok());
    duration.unwrap_or_else(|| {
        panic!("mpv tells a duration: {said} {}", String::from_utf8_lossy(&out.stderr))
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn other_players_read_a_growing_and_a_whole_clip() {
    let folder = tempfile::tempdir().expect("a folder");
    let team = Team::start(folder.path()).await;
    let url = team.url();
    let args = [&RECORD[..], &["--live", "--duration", "12s", "--library", &url]].concat();
    let mut recording =
        Program::vignette(&folder.path().join("home"), &args, &[("VIGNETTE_TOKEN", &team.token)]);
    let link =
        recording.wait_for_event("link", PATIENCE)["link"].as_str().expect("a link").to_owned();
    assert!(
        link.starts_with(&format!("{url}/c/")),
        "the link is made of the address that the person chose: {link}"
    );

    // From the first fragment on, and long before the last.
    let media = format!("{link}/media.m3u8");
    let end = now() + PATIENCE;
    while !reqwest::get(&media).await.is_ok_and(|answer| answer.status().is_success()) {
        assert!(now() < end, "nothing of it came to be watched");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let growing =
        reqwest::get(&media).await.expect("the library answers").text().await.expect("text");
    assert!(!growing.contains("#EXT-X-ENDLIST"), "it is being recorded: {growing}");
    let playlist = Media(PathBuf::from(format!("{link}/stream.m3u8")));
    assert_eq!(codecs(&playlist), ["h264", "aac"], "while it grows");
    let seconds = by_mpv(&playlist);
    assert!((1.5..12.5).contains(&seconds), "{seconds} s by mpv while it grows");

    let stopped =
        recording.wait_for_event("stopped", PATIENCE)["duration_us"].as_f64().expect("a duration")
            / 1e6;
    let (status, said) = recording.finish(PATIENCE);
    assert!(status.success(), "{said:#?}");
    assert_eq!(codecs(&playlist), ["h264", "aac"], "when it is whole");
    let seconds = playlist.seconds();
    assert!(
        (seconds - stopped).abs() < 0.1,
        "{seconds} s in the playlist, {stopped} s by the recorder"
    );
    let seconds = by_mpv(&playlist);
    assert!((seconds - stopped).abs() < 0.1, "{seconds} s by mpv, {stopped} s by the recorder");
}
