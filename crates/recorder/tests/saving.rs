//! A take as one file where a person wants it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use vignette_model::{Span, SystemClock, TakeId};
use vignette_recorder::{
    Credentials, DeviceSelector, Options, Outcome, Plan, Recorder, RecorderError, Sources,
    library_url,
};
use vignette_tests::media::Media;

/// A recorder whose library nobody serves.
fn recorder(folder: &Path) -> Recorder {
    let credentials = Credentials::open(&folder.join("tokens.json")).unwrap();
    let library = library_url("http://127.0.0.1:9").unwrap();
    let clock = Arc::new(SystemClock::new());
    Recorder::open(Options { spool: folder.join("spool"), library, credentials, clock }).unwrap()
}

/// The boxes at the top of an MP4 file.
fn boxes(file: &[u8]) -> Vec<&[u8]> {
    let mut names = Vec::new();
    let mut rest = file;
    while rest.len() >= 16 {
        let size = match u32::from_be_bytes(rest[..4].try_into().unwrap()) {
            1 => u64::from_be_bytes(rest[8..16].try_into().unwrap()),
            size => size.into(),
        };
        names.push(&rest[4..8]);
        rest = &rest[usize::try_from(size).unwrap().min(rest.len())..];
    }
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn a_take_is_saved_as_one_plain_file_that_plays() {
    let folder = tempfile::tempdir().unwrap();
    let recorder = recorder(folder.path());
    let synthetic = DeviceSelector::Synthetic;
    let plan = Plan {
        sources: Sources::new(synthetic.clone(), DeviceSelector::Off, synthetic),
        countdown_s: 0,
        fps_max: 10,
        ..Plan::default()
    };
    let recording = recorder.start(plan).await.unwrap();
    let mut view = recording.view();
    let long = view.wait_for(|view| view.duration_us >= Span::from_millis(3_500));
    tokio::time::timeout(Duration::from_secs(60), long).await.expect("3.5 s are kept").unwrap();
    recording.stop();
    let Outcome::Stopped { duration, .. } = recording.ended().await else {
        panic!("it was stopped")
    };

    let to = folder.path().join("A walk through.mp4");
    recorder.save(recording.id(), to.clone()).await.unwrap();
    let file = std::fs::read(&to).unwrap();
    assert_eq!(boxes(&file), [b"ftyp", b"moov", b"mdat"], "one file, header first, no fragments");
    let saved = Media::at(&to);
    let duration = Duration::from_micros(duration.0).as_secs_f64();
    assert!((saved.seconds() - duration).abs() < 0.3, "{} of {duration}", saved.seconds());
    assert_eq!(saved.streams().len(), 2, "picture and sound");
    assert!(saved.video_packets()[0].1, "it begins with a key frame");

    vignette_durable::write(&to, b"another file").unwrap();
    recorder.save(recording.id(), to.clone()).await.unwrap();
    assert_eq!(std::fs::read(&to).unwrap(), file, "what lay there is replaced as a whole");
    let nowhere = folder.path().join("no such folder").join("x.mp4");
    let refused = recorder.save(recording.id(), nowhere).await.unwrap_err();
    assert!(matches!(refused, RecorderError::NotSaved { .. }), "{refused}");
    assert!(recorder.save(TakeId::new(), to).await.is_err(), "no such take");
}
