//! The red button with a real kernel camera: the camera VM records vivid's colour bars as the bubble over a synthetic screen,
//! sends the take to its own library, and what came out is looked at here.

use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use vignette_tests::media::Media;
use vignette_tests::process::Process;
use vignette_tests::program::binary;
use vignette_tests::team::sealed_clip;

/// Records five pictures a second: the VM is emulated in software, and encodes at about a tenth of this machine's speed.
const SCRIPT: &str = "ip link set lo up; export VIGNETTE_HOME=/tmp/home; \
    timeout 120 \"$0\" --json record --screen synthetic --camera default --microphone off --duration 8s --fps 5 >said.jsonl; \
    status=$?; cp -r /tmp/home home; exit $status";

/// Where the bubble lies in a picture of 1280 x 720, and vivid's bars from left to right as a mirror shows them.
const BARS: [(usize, &str, [u8; 3]); 6] = [
    (36, "blue", [0, 0, 188]),
    (60, "red", [188, 0, 0]),
    (86, "magenta", [188, 0, 188]),
    (108, "green", [0, 188, 0]),
    (134, "cyan", [0, 188, 188]),
    (158, "yellow", [188, 188, 0]),
];

#[test]
fn the_bubble_shows_the_kernel_cameras_bars() {
    let folder = tempfile::tempdir().expect("a folder that the VM shares");
    let rig = concat!(env!("CARGO_MANIFEST_DIR"), "/rig/camera-vm");
    let mut command = Command::new(rig);
    command
        .args(["--timeout", "150", "--", "bash", "-c", SCRIPT])
        .arg(binary("vignette"))
        .current_dir(folder.path());
    let status = Process::start(&mut command).wait(Duration::from_secs(300));
    let said = std::fs::read_to_string(folder.path().join("said.jsonl")).unwrap_or_default();
    assert!(status.success(), "the VM records and its library has the clip: {status}\n{said}");
    let stopped = said
        .lines()
        .filter_map(|l| serde_json::from_str::<Value>(l).ok())
        .find(|v| v["event"] == "stopped");
    assert_eq!(stopped.expect("it was stopped")["duration_us"], 8_000_000);

    let clip = Media::at(&sealed_clip(&folder.path().join("home/library")));
    assert!((clip.seconds() - 8.0).abs() < 0.21, "eight seconds play, not {}", clip.seconds());
    let picture = clip.picture(5.0);
    for (x, colour, rgb) in BARS {
        assert!(picture.is_near(x, 620, rgb), "{colour} at {x}: {:?}", picture.colour(x, 620, 2));
    }
    let beside = picture.colour(14, 560, 2);
    assert!(BARS.iter().all(|(_, _, rgb)| *rgb != beside), "outside the circle is the screen");
    let packets = clip.video_packets();
    assert!(packets.windows(2).all(|w| w[0].0 < w[1].0), "video times strictly rise");
    assert!(packets.len() >= 24, "pictures kept coming: {} in eight seconds", packets.len());
}
