//! A computer that has little time for Vignette, or none for a while: sound is kept whole and in sync, and pictures give way.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use vignette_capture::synthetic;
use vignette_tests::clapperboard::Clapperboard;
use vignette_tests::display::Display;
use vignette_tests::media::Media;
use vignette_tests::process::Process;
use vignette_tests::program::{Program, RECORD_WITH_CAMERA, binary};
use vignette_tests::sound::Sound;

/// With a fifth of a processor even the start takes its time.
const START: Duration = Duration::from_secs(90);
const SECONDS: u64 = 20;
/// The window moves as a whole, thirty times a second.
const MOTION: &str = "testsrc2=s=1920x1080:r=30";

/// What a recording under such conditions came to.
struct Recorded {
    clip: Media,
    said: Vec<Value>,
    /// Kept by what it says itself, in seconds.
    seconds: f64,
    /// How many pictures it kept, and how many it left out, by what it says itself.
    pictures: Value,
}

/// `vignette record ARGS` for [`SECONDS`], begun by `command`, which takes the program and its arguments; meanwhile so many
/// `loops` compete with it for what it gets of the processor.
fn record(
    home: &Path,
    mut command: Command,
    args: &[&str],
    env: &[(&str, &str)],
    loops: u32,
) -> Recorded {
    command.arg(binary("vignette")).arg("--json").arg("record").args(args);
    command
        .env("VIGNETTE_HOME", home)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .envs(env.iter().copied());
    let mut recording = Program::start(&mut command);
    recording.wait_for_recording();
    let beside = format!("@{}", recording.process().pid());
    let looping =
        || Process::start(throttled(&beside, "").args(["sh", "-c", "while :; do :; done"]));
    let loops: Vec<Process> = (0..loops).map(|_| looping()).collect();
    std::thread::sleep(Duration::from_secs(SECONDS)); // So long are the takes.
    drop(loops);
    stop(home, recording)
}

fn stop(home: &Path, mut recording: Program) -> Recorded {
    recording.process().signal("INT");
    let stopped = recording.wait_for_event("stopped", START);
    if recording.process().is_running() {
        // A second one: the library need not have it before the test goes on.
        recording.process().signal("INT");
    }
    let (_, said) = recording.finish(START);
    let take = stopped["take"].as_str().expect("the take is named").to_owned();
    let clip = Media::at(&home.join("spool/takes").join(take).join("stream.mp4"));
    Recorded {
        clip,
        said,
        seconds: stopped["duration_us"].as_f64().expect("a duration") / 1e6,
        pictures: stopped["pictures"].clone(),
    }
}

/// A command that begins another with so many hundredths of a processor, or beside the one with an id.
fn throttled(share: &str, by: &str) -> Command {
    let mut command = Command::new(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("rig/throttle"));
    command.arg(share).env("THROTTLE", by);
    command
}

impl Recorded {
    /// Milliseconds of `samples` in which there is nothing for 60 ms or longer: between the syllables of the synthetic
    /// voice it is half that.
    fn silence_ms(samples: &[f32]) -> usize {
        let blocks: Vec<bool> = samples
            .chunks_exact(480)
            .map(|block| block.iter().all(|sample| sample.abs() < 0.003))
            .collect();
        blocks
            .chunk_by(|a, b| a == b)
            .filter(|run| run[0] && run.len() >= 6)
            .map(|run| run.len() * 10)
            .sum()
    }

    /// When the synthetic screen's flashes begin, in milliseconds.
    fn flashes_ms(&self) -> Vec<f64> {
        let times: Vec<f64> =
            self.clip.video_packets().iter().map(|(seconds, _)| seconds * 1e3).collect();
        let (width, height, luma) = self.clip.luma();
        let lit = luma
            .chunks_exact(width * height)
            .map(|plane| synthetic::read_flash(plane, width, height, width) == Some(true));
        let lit: Vec<bool> = lit.collect();
        assert_eq!(times.len(), lit.len(), "every packet is a picture");
        (1..lit.len()).filter(|&n| lit[n] && !lit[n - 1]).map(|n| times[n]).collect()
    }

    /// When something that is black or white, with these edges and side, is seen to have changed, and when the picture before
    /// that was captured: in milliseconds.
    fn changes_ms(&self, (left, top, side): (i16, i16, u16)) -> Vec<(f64, f64)> {
        let times: Vec<f64> =
            self.clip.video_packets().iter().map(|(seconds, _)| seconds * 1e3).collect();
        let middle =
            |edge: i16| usize::try_from(edge).expect("on the screen") + usize::from(side / 2);
        let white: Vec<bool> =
            self.clip.luma_at(middle(left), middle(top)).iter().map(|luma| *luma > 128).collect();
        assert_eq!(times.len(), white.len(), "every packet is a picture");
        (1..white.len())
            .filter(|&n| white[n] != white[n - 1])
            .map(|n| (times[n], times[n - 1]))
            .collect()
    }

    fn warnings(&self) -> Vec<&str> {
        let warnings = self.said.iter().filter(|said| said["event"] == "warning");
        warnings.filter_map(|said| said["warning"]["warning"].as_str()).collect()
    }

    fn report(&self, name: &str) {
        let sound = self.clip.sound();
        let packets = self.clip.video_packets();
        let keys: Vec<f64> = packets.iter().filter(|(_, key)| *key).map(|(at, _)| *at).collect();
        let longest = keys.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max);
        eprintln!(
            "{name}: {:.2} s, {} ms of silence, {:.1} pictures/s, longest fragment {longest:.2} s, warnings {:?}",
            self.seconds,
            Self::silence_ms(&sound),
            packets.len() as f64 / self.seconds,
            self.warnings(),
        );
    }
}

/// When beeps of 1 kHz begin in the murmur of the synthetic microphone, in milliseconds.
fn beeps_ms(samples: &[f32]) -> Vec<f64> {
    let mut beeps = Vec::new();
    let mut since = usize::MAX / 2;
    for (n, sample) in samples.iter().enumerate() {
        since += 1;
        if sample.abs() > 0.25 {
            if since > 12_000 {
                beeps.push(n as f64 / 48.0);
            }
            since = 0;
        }
    }
    beeps
}

/// How long after the nearest of the beeps an instant lies.
fn nearest(beeps: &[f64], at: f64) -> f64 {
    beeps.iter().map(|beep| at - beep).min_by(|a, b| a.abs().total_cmp(&b.abs())).expect("beeps")
}

/// Pictures and sound come from the same clock: each flash has its beep, though few pictures a second show it late.
fn synthetic_sources(name: &str, command: Command, loops: u32) {
    let home = tempfile::tempdir().expect("a home");
    let args = ["--screen", "synthetic", "--camera", "synthetic", "--microphone", "synthetic"];
    let recorded = record(home.path(), command, &args, &[], loops);
    recorded.report(name);
    let sound = recorded.clip.sound();
    let silence_ms = Recorded::silence_ms(&sound[4_800..]);
    assert_eq!(silence_ms, 0, "{name}: all sound is kept");
    assert!(!recorded.warnings().contains(&"silent"), "{name}: {:?}", recorded.warnings());
    let beeps = beeps_ms(&sound);
    // The take may begin within a beep: where that one began is not heard.
    for pair in beeps.windows(2).filter(|pair| pair[0] >= 100.0) {
        assert!(
            (pair[1] - pair[0] - 1_000.0).abs() < 3.0,
            "{name}: a beep every second, not at {beeps:?}"
        );
    }
    assert!(beeps.len() as u64 + 1 >= SECONDS, "{name}: {} beeps", beeps.len());
    for flash in recorded.flashes_ms() {
        let after = nearest(&beeps, flash);
        // A flash lasts 100 ms: the picture that shows it was captured within these.
        assert!(
            (-20.0..120.0).contains(&after),
            "{name}: the flash at {flash} ms is {after} ms after its beep"
        );
    }
}

#[test]
fn a_tenth_of_a_processor_costs_no_sound() {
    synthetic_sources("group 10 %", throttled("10", ""), 0);
}

#[test]
fn being_stopped_again_and_again_costs_no_sound() {
    synthetic_sources("stopped 80 of 100 ms", throttled("20", "duty"), 0);
}

#[test]
fn busy_neighbours_cost_no_sound() {
    let mut command = throttled("100", "");
    command.args(["nice", "-n", "19"]);
    synthetic_sources("nice 19 beside four loops", command, 4);
}

#[test]
fn a_display_in_full_motion_costs_no_sound() {
    let (display, sound) = (Display::start(1920, 1080), Sound::start());
    let _window = display.window(MOTION, 0, 0);
    display.wait_for_window(1920, 1080);
    let clapperboard = Clapperboard::start(&display, &sound);
    let home = tempfile::tempdir().expect("a home");
    let env = [("DISPLAY", display.name.as_str()), ("PULSE_SERVER", sound.address.as_str())];
    let recorded = record(
        home.path(),
        throttled("20", ""),
        &["--camera", "off", "--microphone", Clapperboard::MICROPHONE],
        &env,
        0,
    );
    let late_ms = clapperboard.end().as_secs_f64() * 1e3;
    recorded.report("X11 and sound server, group 20 %");
    let heard = recorded.clip.sound();
    let silence_ms = Recorded::silence_ms(&heard[9_600..]);
    assert_eq!(silence_ms, 0, "all sound is kept");
    if recorded.pictures["left_out"].as_u64() > recorded.pictures["kept"].as_u64() {
        assert!(
            recorded.warnings().contains(&"busy"),
            "it says that there are fewer: {:?}",
            recorded.warnings()
        );
    }

    let beeps = beeps_ms(&heard);
    assert!(beeps.len() as u64 + 1 >= SECONDS, "{} beeps", beeps.len());
    let shown = recorded.changes_ms(Clapperboard::WINDOW);
    assert!(shown.len() as u64 + 2 >= SECONDS, "{} changes are shown", shown.len());
    let after: Vec<f64> = shown.iter().map(|(at, _)| nearest(&beeps, *at)).collect();
    eprintln!(
        "changes are shown {after:.0?} ms after their beeps, and were made {late_ms:.0} ms after them at most"
    );
    for ((at, before), after) in shown.iter().zip(after) {
        // Between the picture before and this one the window changed.
        let most = at - before + late_ms + 20.0;
        assert!(
            (-20.0..most).contains(&after),
            "what changed is shown at {at} ms, {after} ms after its beep, at most {most}"
        );
    }
}

#[test]
fn half_a_minute_in_which_nothing_ran_is_left_out() {
    let home = tempfile::tempdir().expect("a home");
    let mut recording = Program::recording(home.path(), &RECORD_WITH_CAMERA, &[]);
    std::thread::sleep(Duration::from_secs(5)); // Recorded,
    recording.process().signal("STOP");
    std::thread::sleep(Duration::from_secs(30)); // not recorded,
    recording.process().signal("CONT");
    std::thread::sleep(Duration::from_secs(5)); // and recorded again.
    let recorded = stop(home.path(), recording);
    recorded.report("stopped for 30 s");
    assert!((9.0..13.0).contains(&recorded.seconds), "{} s are kept of ten", recorded.seconds);
    let keys: Vec<f64> =
        recorded.clip.video_packets().iter().filter(|(_, key)| *key).map(|(at, _)| *at).collect();
    let longest = keys.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max);
    assert!(longest < 2.0, "no fragment is longer than others: {keys:?}");
    let beeps = beeps_ms(&recorded.clip.sound());
    let flashes = recorded.flashes_ms();
    assert!(flashes.len() >= 7, "{flashes:?}");
    for flash in flashes {
        let after = nearest(&beeps, flash);
        assert!(
            (-20.0..120.0).contains(&after),
            "the flash at {flash} ms is {after} ms after its beep: {beeps:?}"
        );
    }
}

#[test]
fn screen_and_camera_of_one_instant_stand_in_one_picture() {
    let home = tempfile::tempdir().expect("a home");
    let args = ["record", "--screen", "synthetic", "--camera", "synthetic", "--microphone", "off"];
    let recording = Program::recording(home.path(), &args, &[]);
    std::thread::sleep(Duration::from_secs(12)); // A flash a second.
    let clip = stop(home.path(), recording).clip;
    let (width, height, luma) = clip.luma();
    // The camera's disc goes round within the bubble at the bottom left; amber it is much darker than white.
    let (side, margin) = (height * 22 / 100, height / 40);
    let (left, top, inner) = (margin + side / 8, height - margin - side * 7 / 8, side * 3 / 4);
    let lit = |plane: &[u8]| {
        let square =
            (top..top + inner).flat_map(|y| &plane[y * width + left..y * width + left + inner]);
        square.filter(|luma| **luma >= 230).count() > inner * inner / 50
    };
    let seen: Vec<(bool, bool)> = luma
        .chunks_exact(width * height)
        .map(|plane| (synthetic::read_flash(plane, width, height, width) == Some(true), lit(plane)))
        .collect();
    let apart = seen.iter().filter(|(screen, camera)| screen != camera).count();
    let flashes = (1..seen.len()).filter(|&n| seen[n].0 && !seen[n - 1].0).count();
    eprintln!(
        "screen and camera: {flashes} flashes in {} pictures, {apart} show only one",
        seen.len()
    );
    assert!(flashes >= 9, "{flashes} flashes");
    assert!(
        apart <= flashes / 3,
        "{apart} of {} pictures show the flash of one source alone",
        seen.len()
    );
}
