//! `kill -9` of the recording process at thirty random instants: each time the next start recovers the take and sends it by
//! itself, the clip plays to within two seconds of the kill, and the library's bytes are the spool's bytes.

use std::path::Path;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use vignette_tests::chance::Chance;
use vignette_tests::media::Media;
use vignette_tests::process::now;
use vignette_tests::program::{Program, RECORD};
use vignette_tests::team::sealed_clip;

const KILLS: u64 = 30;
/// Takes that are recorded at the same time. They share two processors, so they are small.
const AT_ONCE: u64 = 3;

#[test]
fn a_killed_take_is_recovered_and_sent() {
    let mut chance = Chance::seeded(20_261_121);
    for round in 0..KILLS / AT_ONCE {
        let instants: Vec<_> =
            (0..AT_ONCE).map(|_| Duration::from_millis(chance.between(300, 6_500))).collect();
        std::thread::scope(|scope| {
            let killed: Vec<_> = instants
                .iter()
                .map(|after| scope.spawn(move || kill_and_recover(*after)))
                .collect();
            for (journey, after) in killed.into_iter().zip(&instants) {
                assert!(journey.join().is_ok(), "round {round}: killed after {after:?}");
            }
        });
    }
}

fn kill_and_recover(after: Duration) {
    let home = tempfile::tempdir().expect("a home");
    let args = [&RECORD[..], &["--fps", "10"]].concat();
    let mut recording = Program::recording(home.path(), &args, &[]);
    let began = now();
    std::thread::sleep(after); // The instant of the kill is the point of the test.
    recording.process().signal("KILL");
    let recorded = began.elapsed();
    drop(recording);

    let spooled = spooled(home.path());
    let (status, said) =
        Program::vignette(home.path(), &["takes", "--send"], &[]).finish(Duration::from_secs(60));
    assert!(status.success(), "the next start sends it by itself: {said:#?}");
    let Some(spooled) = spooled else {
        assert!(
            recorded < Duration::from_secs(2),
            "nothing is on the disk though {recorded:?} were recorded"
        );
        return;
    };
    let (_, takes) =
        Program::vignette(home.path(), &["takes"], &[]).finish(Duration::from_secs(30));
    let [take] = takes.as_slice() else { panic!("one take is listed: {takes:#?}") };
    assert_eq!(take["whereabouts"]["place"], "safe", "{take:#?}");
    let kept = Duration::from_micros(take["duration_us"].as_u64().expect("a duration"));
    assert!(kept + Duration::from_secs(2) >= recorded, "{kept:?} are kept of {recorded:?}");

    let stream = std::fs::read(&spooled).expect("the spool's stream");
    let sealed = sealed_clip(&home.path().join("library"));
    let bytes = std::fs::read(&sealed).expect("the library's clip");
    assert_eq!(
        Sha256::digest(&bytes[bytes.len() - stream.len()..]),
        Sha256::digest(&stream),
        "the clip's tail is the spool's stream, byte for byte"
    );
    let clip = Media::at(&sealed);
    assert!(!clip.frame_hashes().is_empty(), "it plays");
    assert!(
        (clip.seconds() - kept.as_secs_f64()).abs() < 0.11,
        "{} s play of {kept:?} kept",
        clip.seconds()
    );
}

/// The stream of the only take, if it ever got as far as a fragment.
fn spooled(home: &Path) -> Option<std::path::PathBuf> {
    let take = std::fs::read_dir(home.join("spool/takes"))
        .ok()?
        .filter_map(Result::ok)
        .find(|e| e.path().is_dir())?;
    let stream = take.path().join("stream.mp4");
    let bytes = std::fs::read(&stream).ok()?;
    bytes.windows(4).any(|w| w == b"moof").then_some(stream)
}
