//! A network that cuts, stalls, resets and delivers twice: the library seals the same bytes that the spool has.

use std::time::Duration;

use sha2::{Digest as _, Sha256};
use vignette_tests::chance::Chance;
use vignette_tests::fault_proxy::{FaultProxy, Faults, Weather};
use vignette_tests::media::Media;
use vignette_tests::program::{Program, RECORD};
use vignette_tests::team::Team;

#[tokio::test(flavor = "multi_thread")]
async fn the_sealed_clip_is_the_spools_bytes() {
    let chance = Chance::seeded(20_261_123);
    let folder = tempfile::tempdir().expect("a folder");
    let team = Team::start(folder.path()).await;
    // A fault every second fragment or so, in both directions.
    let faults = Faults { up_bytes: 60_000, ..Faults::default() };
    let proxy = FaultProxy::start(team.address(), faults, chance).await;
    let home = folder.path().join("home");
    let (url, token) = (proxy.url(), team.token.clone());
    let args = [&RECORD[..], &["--library", &url, "--token", &token]].concat();
    let mut recording = Program::recording(&home, &args, &[]);
    tokio::time::sleep(Duration::from_secs(20)).await; // Twenty seconds of recording take twenty seconds.
    recording.process().signal("INT");
    recording.wait_for_event("stopped", Duration::from_secs(15));
    let faults = proxy.tally().cuts()
        + proxy.tally().resets()
        + proxy.tally().stalls()
        + proxy.tally().twice();
    assert!(faults >= 5, "the network was bad: {:?}", proxy.tally());
    proxy.set(Weather::Calm);
    let (status, said) = recording.finish(Duration::from_secs(90));
    assert!(status.success(), "it arrives all the same: {:#?}", said.last());

    let take = std::fs::read_dir(home.join("spool/takes"))
        .expect("takes")
        .next()
        .expect("a take")
        .expect("readable")
        .path();
    let stream = std::fs::read(take.join("stream.mp4")).expect("the stream");
    let sealed = team.sealed_clip();
    let clip = std::fs::read(&sealed).expect("the clip");
    assert_eq!(
        Sha256::digest(&clip[clip.len() - stream.len()..]),
        Sha256::digest(&stream),
        "the library's bytes are the spool's bytes after {:?}",
        proxy.tally()
    );
    assert!(!Media::at(&sealed).frame_hashes().is_empty(), "it plays");
}
