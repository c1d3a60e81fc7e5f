//! Takes of synthetic sources with no library within reach: nothing here waits for a network, and
//! nothing is lost.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use vignette_capture::synthetic::read_flash;
use vignette_model::take::{Phase, Whereabouts};
use vignette_model::text::Title;
use vignette_model::{Clock, ErrorCode, Micros, Problem, Span, SystemClock, UtcMicros};
use vignette_recorder::{
    BubbleView, CaptureTarget, Credentials, DeviceSelector, Options, Outcome, Plan, Recorder,
    RecorderError, Recording, RecordingView, Settings, Sources, library_url,
};
use vignette_tests::media::Media;

/// A recorder whose library nobody serves.
fn recorder(folder: &std::path::Path) -> Recorder {
    recorder_with(folder, Arc::new(SystemClock::new()))
}

fn recorder_with(folder: &std::path::Path, clock: Arc<dyn Clock>) -> Recorder {
    let credentials = Credentials::open(&folder.join("tokens.json")).unwrap();
    let library = library_url("http://127.0.0.1:9").unwrap();
    Recorder::open(Options { spool: folder.join("spool"), library, credentials, clock }).unwrap()
}

fn plan(screen: DeviceSelector, camera: DeviceSelector, microphone: DeviceSelector) -> Plan {
    Plan {
        sources: Sources::new(screen, camera, microphone),
        countdown_s: 0,
        fps_max: 10,
        ..Plan::default()
    }
}

async fn until(recording: &Recording, seen: impl FnMut(&RecordingView) -> bool) {
    let mut view = recording.view();
    let waited = tokio::time::timeout(Duration::from_secs(60), view.wait_for(seen)).await;
    waited.expect("the take gets there within a minute").unwrap();
}

/// When the beeps of the synthetic microphone begin, in microseconds of the clip.
fn beeps_us(clip: &Media) -> Vec<i64> {
    let (mut beeps, mut quiet) = (Vec::new(), 12_000);
    for (n, sample) in clip.sound().iter().enumerate() {
        // The voice between two beeps is much softer.
        if sample.abs() < 0.25 {
            quiet += 1;
            continue;
        }
        if quiet >= 12_000 {
            beeps.push(i64::try_from(n).unwrap() * 1_000_000 / 48_000);
        }
        quiet = 0;
    }
    beeps
}

/// When the square of the synthetic screen becomes white, in microseconds of the clip.
fn flashes_us(clip: &Media) -> Vec<i64> {
    let (width, height, luma) = clip.luma();
    let lit: Vec<bool> = luma
        .chunks_exact(width * height)
        .map(|plane| read_flash(plane, width, height, width) == Some(true))
        .collect();
    let times = clip.video_packets();
    assert_eq!(times.len(), lit.len(), "every packet is a picture");
    let begins = (1..lit.len()).filter(|&n| lit[n] && !lit[n - 1]);
    let us = |secs: f64| i64::try_from(Duration::from_secs_f64(secs).as_micros()).unwrap();
    begins.map(|n| us(times[n].0)).collect()
}

/// How far an instant is from the nearest full second after `second`, in microseconds.
fn off_beat_us(at: i64, second: i64) -> i64 {
    (at - second + 500_000).rem_euclid(1_000_000) - 500_000
}

/// Sources of a take flash and beep on every full second of its clock. All that is asserted of
/// times is by that clock or by the clip, so that a busy computer changes nothing about it.
#[tokio::test(flavor = "multi_thread")]
async fn a_pause_is_left_out_of_picture_and_sound() {
    const PART: Span = Span::from_millis(3_200);
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(SystemClock::new());
    let recorder = recorder_with(folder.path(), clock.clone());
    let started = clock.monotonic();
    let recording = recorder
        .start(plan(
            DeviceSelector::Synthetic,
            DeviceSelector::Synthetic,
            DeviceSelector::Synthetic,
        ))
        .await
        .unwrap();
    until(&recording, |view| view.phase == Phase::Recording).await;
    let second = recorder
        .start(plan(DeviceSelector::Synthetic, DeviceSelector::Off, DeviceSelector::Off))
        .await
        .err()
        .unwrap();
    assert!(matches!(second, RecorderError::AlreadyRecording), "one take at a time: {second}");
    until(&recording, |view| view.duration_us >= PART).await;
    let pausing = clock.monotonic();
    recording.pause();
    let paused = clock.monotonic();
    until(&recording, |view| view.phase == Phase::Paused).await;
    let paused_at = recording.view().borrow().duration_us;
    // Not whole seconds: marks that a pause is not taken out of would be out of step.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let resuming = clock.monotonic();
    recording.resume();
    let resumed = clock.monotonic();
    until(&recording, |view| view.duration_us >= paused_at + PART).await;
    recording.stop();
    let stopped = clock.monotonic();
    let Outcome::Stopped { duration, paused: pauses, pictures, poster, problem } =
        recording.ended().await
    else {
        panic!("it was stopped")
    };
    assert_eq!(problem, None);
    assert!(pictures.kept > 0, "{pictures:?}");
    assert!(poster.is_some_and(|jpeg| jpeg.starts_with(&[0xFF, 0xD8])), "a poster is made");
    let [(at, left_out)] = pauses.as_slice() else { panic!("one pause: {pauses:?}") };
    assert_eq!(at.since_start(), paused_at, "the view stood still where the pause began");
    let least = resuming.checked_since(paused).unwrap();
    let most = resumed.checked_since(pausing).unwrap();
    assert!((least..=most).contains(left_out), "{least:?} to {most:?}, not {left_out:?}");
    assert!(duration >= paused_at + PART, "{duration:?} hold both parts");
    let ran = stopped.checked_since(started).unwrap();
    assert!(duration + *left_out <= ran, "{duration:?} of {ran:?} hold no pause");

    let [take] = &recorder.takes().borrow().clone()[..] else { panic!("one take") };
    assert!(
        take.duration_us.abs_diff(duration) <= Span::from_millis(100),
        "{:?} play of {duration:?}",
        take.duration_us
    );
    assert!(
        matches!(take.whereabouts, Whereabouts::OnThisComputer { size_bytes } if size_bytes > 10_000),
        "{take:?}"
    );
    assert_eq!((take.phase, take.link.clone()), (Phase::Stopped, None));

    let clip = Media::at(&recorder.stream_path(recording.id()));
    let (joint, left_out) = (at.0.cast_signed(), left_out.0.cast_signed());
    // A mark that the beginning or the pause cut into does not say where its second is.
    let whole = |mark: &i64| *mark > 150_000 && !(joint - 150_000..joint + 400_000).contains(mark);
    let beeps: Vec<i64> = beeps_us(&clip).into_iter().filter(whole).collect();
    let flashes: Vec<i64> = flashes_us(&clip).into_iter().filter(whole).collect();
    let told =
        format!("a pause of {left_out} at {joint}: beeps at {beeps:?}, flashes at {flashes:?}");
    for marks in [&beeps, &flashes] {
        assert!(marks.first().is_some_and(|mark| *mark < joint), "before it: {told}");
        assert!(marks.last().is_some_and(|mark| *mark > joint), "after it: {told}");
    }
    for pair in beeps.windows(2).filter(|pair| (pair[0] < joint) == (pair[1] < joint)) {
        assert!((pair[1] - pair[0] - 1_000_000).abs() < 20_000, "no sound is lost: {told}");
    }
    for mark in beeps.iter().chain(&flashes) {
        let second = if *mark < joint { beeps[0] } else { beeps[0] - left_out };
        let late = off_beat_us(*mark, second);
        // A picture bears the time of the newest change in it, which may be the camera's.
        let most = if beeps.contains(mark) { 20_000 } else { 150_000 };
        assert!((-20_000..most).contains(&late), "{mark} is {late} off its second: {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_take_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let recorder = recorder(folder.path());
    let recording = recorder
        .start(plan(DeviceSelector::Synthetic, DeviceSelector::Off, DeviceSelector::Off))
        .await
        .unwrap();
    until(&recording, |view| view.duration_us >= Span::from_millis(300)).await;
    recording.cancel();
    assert_eq!(recording.ended().await, Outcome::Cancelled);
    assert!(recorder.running().is_none(), "another take may begin at once");
    let mut takes = recorder.takes();
    tokio::time::timeout(Duration::from_secs(60), takes.wait_for(Vec::is_empty))
        .await
        .expect("the list is empty")
        .unwrap();
    assert_eq!(
        std::fs::read_dir(folder.path().join("spool/takes")).unwrap().count(),
        0,
        "no folder is left"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_is_not_called_lost_when_only_its_record_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let recorder = recorder(folder.path());
    let recording = recorder
        .start(plan(DeviceSelector::Synthetic, DeviceSelector::Off, DeviceSelector::Off))
        .await
        .unwrap();
    let id = recording.id();
    until(&recording, |view| view.duration_us >= Span::from_millis(500)).await;
    // Where the next record is written to before it takes the place of the last one.
    let in_the_way = recorder.stream_path(id).with_file_name("take.json.new");
    std::fs::create_dir(&in_the_way).unwrap();
    recording.stop();
    let outcome = recording.ended().await;
    let Outcome::Stopped { problem: Some(problem), duration, .. } = outcome else {
        panic!("it is kept: {outcome:?}")
    };
    assert!(duration >= Span::from_millis(500), "{duration:?}");
    assert_eq!(
        problem.code,
        ErrorCode::Internal,
        "the person is told that the disk did something: {problem}"
    );

    let takes = recorder.takes().borrow().clone();
    assert!(
        takes.iter().any(|take| take.id == id),
        "it is among the takes, and recovery makes it complete: {takes:?}"
    );
}

/// A clock that stops the heart of whoever conducts a take, once it is told to.
struct Fatal {
    clock: SystemClock,
    now: AtomicBool,
}

impl Clock for Fatal {
    fn monotonic(&self) -> Micros {
        let conducts = std::thread::current().name() == Some("conductor");
        assert!(
            !(conducts && self.now.swap(false, Ordering::SeqCst)),
            "a fault in the conductor, as this test wants it"
        );
        self.clock.monotonic()
    }

    fn utc(&self) -> UtcMicros {
        self.clock.utc()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_costs_neither_what_was_recorded_nor_the_next_take() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(Fatal { clock: SystemClock::new(), now: AtomicBool::new(false) });
    let recorder = recorder_with(folder.path(), clock.clone());
    let recording = recorder
        .start(plan(DeviceSelector::Synthetic, DeviceSelector::Off, DeviceSelector::Off))
        .await
        .unwrap();
    let id = recording.id();
    // Two fragments at least.
    until(&recording, |view| view.duration_us >= Span::from_millis(4_500)).await;
    clock.now.store(true, Ordering::SeqCst);
    let ended = tokio::time::timeout(Duration::from_secs(60), recording.ended())
        .await
        .expect("it does not run on for ever");
    let Outcome::Stopped { duration, problem: Some(problem), .. } = ended else {
        panic!("some of it is kept: {ended:?}")
    };
    assert!(duration >= Span::from_secs(1), "{duration:?} are kept");
    assert_eq!(problem.code, ErrorCode::Internal);
    until(&recording, |view| view.phase == Phase::Stopped).await;
    assert!(
        recorder.takes().borrow().iter().any(|take| take.id == id && take.phase == Phase::Stopped),
        "it is a take like others"
    );

    let next = recorder
        .start(plan(DeviceSelector::Synthetic, DeviceSelector::Off, DeviceSelector::Off))
        .await
        .expect("the next take begins without a restart");
    next.cancel();
    assert_eq!(next.ended().await, Outcome::Cancelled);
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_during_the_countdown_keeps_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let recorder = recorder(folder.path());
    let plan = Plan {
        countdown_s: 10,
        ..plan(DeviceSelector::Off, DeviceSelector::Synthetic, DeviceSelector::Off)
    };
    let recording = recorder.start(plan).await.unwrap();
    until(&recording, |view| view.countdown_s > 0).await;
    recording.stop();
    assert_eq!(recording.ended().await, Outcome::Cancelled);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voice_alone_is_a_clip_too() {
    let folder = tempfile::tempdir().unwrap();
    let recorder = recorder(folder.path());
    let duration = Some(Duration::from_millis(1_500));
    let recording = recorder
        .start(Plan {
            duration,
            ..plan(DeviceSelector::Off, DeviceSelector::Off, DeviceSelector::Synthetic)
        })
        .await
        .unwrap();
    until(&recording, |view| view.level_dbfs.is_some()).await;
    let id = recording.id();
    recorder.describe(id, Some(Title::new("Said, not shown").unwrap()), None, None).unwrap();
    let Outcome::Stopped { duration, .. } = recording.ended().await else {
        panic!("it stops by itself")
    };
    assert_eq!(duration, Span::from_millis(1_500), "to the microsecond, as it was asked");
    let stream = std::fs::read(recorder.stream_path(id)).unwrap();
    let pieces =
        vignette_fmp4::Cutter::new(vignette_fmp4::Limits::default()).push(&stream).unwrap();
    assert!(pieces.len() >= 2, "an init segment and a fragment");
    let takes = recorder.takes();
    assert_eq!(
        takes.borrow()[0].title.as_str(),
        "Said, not shown",
        "words may be changed while it runs"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_chosen_is_nothing_to_record() {
    let folder = tempfile::tempdir().unwrap();
    let error = recorder(folder.path())
        .start(plan(DeviceSelector::Off, DeviceSelector::Off, DeviceSelector::Off))
        .await
        .err()
        .unwrap();
    assert!(matches!(error, RecorderError::NothingToRecord), "{error}");
    assert_eq!(Problem::from(error).code, ErrorCode::BadRequest);
    let error = recorder(folder.path())
        .start(plan(
            DeviceSelector::Off,
            DeviceSelector::Named("no such".into()),
            DeviceSelector::Off,
        ))
        .await
        .err()
        .unwrap();
    assert!(matches!(error, RecorderError::Capture(_)), "{error}");
    assert_eq!(Problem::from(error).code, ErrorCode::SourceUnavailable);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_choice_of_the_screen_is_repeated_by_what_settings_keep() {
    let folder = tempfile::tempdir().unwrap();
    let recorder = recorder(folder.path());
    let mut tokens = Vec::new();
    for _ in 0..3 {
        let settings = Settings::open(folder.path()).unwrap();
        let target = CaptureTarget::Portal { restore_token: settings.restore_token };
        let plan = plan(DeviceSelector::Synthetic, DeviceSelector::Off, DeviceSelector::Off);
        let recording = recorder.start(Plan { target, ..plan }).await.unwrap();
        let token = recording.restore_token().cloned();
        tokens.extend(token.clone());
        Settings::change(folder.path(), |settings| settings.restore_token = token).unwrap();
        recording.cancel();
        assert_eq!(recording.ended().await, Outcome::Cancelled);
        until(&recording, |view| view.phase == Phase::Stopped).await;
    }
    assert_eq!(tokens.len(), 3, "each start gives what repeats it");
    assert!(
        tokens.windows(2).all(|pair| pair[0] != pair[1]),
        "and takes the one before: {}",
        tokens.len()
    );
    let unasked = recorder
        .start(plan(DeviceSelector::Synthetic, DeviceSelector::Off, DeviceSelector::Off))
        .await
        .unwrap();
    assert_eq!(
        unasked.restore_token(),
        None,
        "where nothing was to be chosen there is nothing to repeat"
    );
    unasked.cancel();
}

/// The colour of the last picture of a stream, scaled to 320 × 180, at a pixel: red, green, blue.
fn last_picture(stream: &std::path::Path, at: (usize, usize)) -> [u8; 3] {
    let mut command = std::process::Command::new("ffmpeg");
    command.args(["-v", "error", "-i"]).arg(stream).args([
        "-an",
        "-vf",
        "scale=320:180",
        "-f",
        "rawvideo",
    ]);
    let pictures = command.args(["-pix_fmt", "rgb24", "-"]).output().expect("ffmpeg runs").stdout;
    let last = &pictures[pictures.len() - 320 * 180 * 3..];
    let pixel = at.1 * 320 + at.0;
    last[pixel * 3..][..3].try_into().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bubble_moves_while_it_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let recorder = recorder(folder.path());
    let duration = Some(Duration::from_secs(4));
    let plan = Plan {
        duration,
        ..plan(DeviceSelector::Synthetic, DeviceSelector::Synthetic, DeviceSelector::Off)
    };
    let recording = recorder.start(plan).await.unwrap();
    until(&recording, |view| view.duration_us >= Span::from_millis(500)).await;
    recording.set_bubble(Some(BubbleView { x: 1.0, y: 0.0, size: 0.5 }));
    let Outcome::Stopped { problem: None, .. } = recording.ended().await else {
        panic!("it stops by itself")
    };
    let stream = recorder.stream_path(recording.id());
    // The camera is teal at its left and plum at its right, and nothing of the screen's upper right
    // is so.
    let [left, right] = [(232, 50), (309, 50)].map(|at| last_picture(&stream, at));
    assert!(
        left[0] > left[1] + 10 && right[1] > right[0] + 10,
        "the camera lies there, mirrored: {left:?}, {right:?}"
    );
}

/// The folders of takes in a spool.
fn folders(folder: &std::path::Path) -> usize {
    std::fs::read_dir(folder.join("spool/takes")).unwrap().count()
}

/// A take of the synthetic screen that has been discarded.
async fn discarded(recorder: &Recorder) -> Recording {
    let recording = recorder
        .start(plan(DeviceSelector::Synthetic, DeviceSelector::Off, DeviceSelector::Off))
        .await
        .unwrap();
    until(&recording, |view| view.duration_us >= Span::from_millis(300)).await;
    recorder.discard(&recording);
    assert_eq!(recording.ended().await, Outcome::Discarded);
    recording
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discarded_take_can_be_brought_back_until_it_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let recorder = recorder(folder.path());
    let none = recorder.undo_discard().err().unwrap();
    assert!(matches!(none, RecorderError::NothingDiscarded), "{none}");
    let first = discarded(&recorder).await;
    let mut takes = recorder.takes();
    let listed = takes.wait_for(Vec::is_empty);
    tokio::time::timeout(Duration::from_secs(60), listed).await.expect("it is not listed").unwrap();
    assert_eq!(recorder.undo_discard().unwrap(), first.id());
    let listed = takes.wait_for(|takes| takes.iter().any(|take| take.id == first.id()));
    tokio::time::timeout(Duration::from_secs(60), listed).await.expect("it is back").unwrap();
    assert!(recorder.undo_discard().is_err(), "it is brought back once");

    discarded(&recorder).await;
    assert_eq!(folders(folder.path()), 2, "it is kept aside");
    let removed = async {
        while folders(folder.path()) > 1 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), removed).await.expect("it is removed by itself");
    assert!(recorder.undo_discard().is_err(), "what is removed does not come back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_take_that_was_discarded_when_the_program_died_is_removed_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    // The runtime ends as a program does: what keeps the take aside ends with it.
    let at = folder.path().to_owned();
    let died = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async { discarded(&recorder(&at)).await });
        runtime.shutdown_timeout(Duration::from_secs(5));
    });
    died.await.unwrap();
    assert_eq!(folders(folder.path()), 1, "it lies there yet");
    let next = recorder(folder.path());
    assert_eq!(folders(folder.path()), 0, "nothing of it is left");
    assert!(next.takes().borrow().is_empty());
}
