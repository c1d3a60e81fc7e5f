//! The rigs of these tests: X servers and sound servers that belong to one test and end with it.
#![expect(dead_code, unreachable_pub, reason = "each test file uses a part of it")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::cast_possible_truncation,
    reason = "a rig that fails is a test that fails"
)]

pub mod pulse;
pub mod stranger;
pub mod xvfb;

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::Receiver;
use vignette_model::{Captured, Frame, Notice, Samples, SystemClock, TakeClock};

/// No wait of a test is longer; a machine under load is slow.
pub const TIMEOUT: Duration = Duration::from_secs(10);

/// A process that ends with its owner.
pub struct Daemon(pub Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a program with its standard output as a pipe.
pub fn start(command: &mut Command) -> (Daemon, BufReader<ChildStdout>) {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let out = BufReader::new(child.stdout.take().expect("it is a pipe"));
    (Daemon(child), out)
}

/// One line of what a program says.
pub fn line(from: &mut impl BufRead) -> String {
    let mut line = String::new();
    from.read_line(&mut line).expect("a program's words can be read");
    line.trim().to_owned()
}

/// Where a test process finds what its parent started for it.
const INSIDE: &str = "VIGNETTE_TEST_RIG";

/// What the parent said, in the process that [`again`] started.
pub fn inside() -> Option<String> {
    std::env::var(INSIDE).ok()
}

/// Runs the test called `test` once more, in a process of its own that has `environment`: a
/// program's environment cannot be changed safely while its threads run, and devices are found
/// through it.
pub fn again(test: &str, rig: &str, environment: &[(&str, &OsStr)]) {
    let exe = std::env::current_exe().expect("a test knows its file");
    let status = Command::new(exe)
        .args(["--exact", test, "--nocapture", "--include-ignored"])
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("PULSE_SERVER")
        .env_remove("PULSE_COOKIE")
        .env_remove("PULSE_RUNTIME_PATH")
        .envs(environment.iter().copied())
        .env(INSIDE, rig)
        .status()
        .expect("a test can be started");
    assert!(status.success(), "{test} failed inside its rig");
}

/// A take that begins now.
pub fn clock() -> TakeClock {
    TakeClock::begin(Arc::new(SystemClock::new()))
}

/// How long ago a take began.
pub fn elapsed(began: &TakeClock) -> Duration {
    Duration::from_micros(began.now().0)
}

/// The next frame; a notice is a failure.
pub fn frame(from: &Receiver<Captured>) -> Frame {
    match from.recv_timeout(TIMEOUT) {
        Ok(Captured::Frame(frame)) => frame,
        other => panic!("a frame was expected, not {other:?}"),
    }
}

/// The next block of sound; a notice is a failure.
pub fn samples(from: &Receiver<Captured>) -> Samples {
    match from.recv_timeout(TIMEOUT) {
        Ok(Captured::Samples(samples)) => samples,
        other => panic!("sound was expected, not {other:?}"),
    }
}

/// The next notice; whatever comes before it is dropped.
pub fn notice(from: &Receiver<Captured>) -> Notice {
    loop {
        match from.recv_timeout(TIMEOUT) {
            Ok(Captured::Notice(notice)) => return notice,
            Ok(_) => {}
            Err(why) => panic!("a notice was expected: {why}"),
        }
    }
}
