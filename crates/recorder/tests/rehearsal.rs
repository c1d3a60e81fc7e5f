//! A rehearsal with synthetic sources: what is shown of the screen before a take.
#![expect(clippy::expect_used, reason = "what is not as it should be fails the test")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use vignette_model::{Rect, SystemClock};
use vignette_recorder::{
    CaptureTarget, Credentials, DeviceSelector, Options, Recorder, RecorderError, Sources,
    library_url,
};

/// No wait of a test is longer; a machine under load is slow.
const TIMEOUT: Duration = Duration::from_secs(30);

fn recorder(folder: &Path) -> Recorder {
    Recorder::open(Options {
        spool: folder.join("spool"),
        library: library_url("http://127.0.0.1:9").expect("an address"),
        credentials: Credentials::open(&folder.join("tokens")).expect("a file of tokens"),
        clock: Arc::new(SystemClock::new()),
    })
    .expect("a recorder")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_screen_is_shown_small_and_one_that_cannot_be_is_only_a_warning() {
    let folder = tempfile::tempdir().expect("a folder");
    let recorder = recorder(folder.path());
    let sources = |screen| Sources::new(screen, DeviceSelector::Synthetic, DeviceSelector::Off);
    let rehearsal = recorder
        .rehearse(sources(DeviceSelector::Synthetic), CaptureTarget::Display, None)
        .await
        .expect("screen and camera");
    let (mut screen, mut preview) = (rehearsal.screen(), rehearsal.preview());
    let shown = tokio::time::timeout(TIMEOUT, screen.wait_for(Option::is_some)).await;
    let picture = shown.expect("in time").expect("it runs").clone().expect("a picture");
    assert!(picture.address.starts_with("data:image/jpeg;base64,"), "{}", picture.address);
    assert!(picture.width > 480 && picture.height > 270, "the size of what is recorded");
    let seen = tokio::time::timeout(TIMEOUT, preview.wait_for(Option::is_some)).await;
    assert!(seen.expect("in time").is_ok(), "the camera is seen as well");

    // Of the synthetic screen no region can be recorded.
    let rect = Rect { x: 0, y: 0, width: 100, height: 100 };
    let rehearsal = recorder
        .rehearse(
            sources(DeviceSelector::Synthetic),
            CaptureTarget::Region { rect },
            Some(rehearsal),
        )
        .await
        .expect("the camera at least");
    let warnings = rehearsal.view().borrow().warnings.clone();
    let [warning] = warnings.as_slice() else { panic!("one warning: {warnings:?}") };
    assert!(warning.to_string().contains("only the whole"), "{warning}");
    assert!(rehearsal.screen().borrow().is_none(), "nothing else is shown in its place");

    let rehearsal = recorder
        .rehearse(sources(DeviceSelector::Off), CaptureTarget::Display, Some(rehearsal))
        .await
        .expect("the camera alone");
    assert!(rehearsal.view().borrow().warnings.is_empty(), "the warning goes with the screen");
    let off = || DeviceSelector::Off;
    let nothing = recorder
        .rehearse(Sources::new(off(), off(), off()), CaptureTarget::Display, Some(rehearsal))
        .await;
    assert!(matches!(nothing.map(drop), Err(RecorderError::NothingToRecord)));
}
