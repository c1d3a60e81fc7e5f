//! [`Program`]: one of our binaries as a person runs it, with a home of its own, speaking JSON lines.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use serde_json::Value;

use crate::process::{Process, now};

/// Records a synthetic screen and microphone.
pub const RECORD: [&str; 7] =
    ["record", "--screen", "synthetic", "--camera", "off", "--microphone", "synthetic"];
/// Records a synthetic camera too.
pub const RECORD_WITH_CAMERA: [&str; 7] =
    ["record", "--screen", "synthetic", "--camera", "synthetic", "--microphone", "synthetic"];
/// By when a recording has begun.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// Where the binaries lie: beside the test's own.
///
/// # Panics
/// If this test was not built by cargo.
#[must_use]
pub fn binary(name: &str) -> PathBuf {
    let own = std::env::current_exe().expect("this test has a path");
    let folder = own.parent().and_then(Path::parent).expect("target/<profile>/deps");
    let path = folder.join(name);
    assert!(path.exists(), "{} is not built: run ./dev test, or cargo build first", path.display());
    path
}

/// A running binary of ours that prints JSON lines.
#[derive(Debug)]
pub struct Program {
    process: Process,
    lines: Receiver<String>,
    seen: Vec<Value>,
}

impl Program {
    /// Starts `vignette --json ARGS` with everything it keeps below `home`.
    #[must_use]
    pub fn vignette(home: &Path, args: &[&str], env: &[(&str, &str)]) -> Self {
        let mut command = Command::new(binary("vignette"));
        command
            .arg("--json")
            .args(args)
            .env("VIGNETTE_HOME", home)
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY");
        command.envs(env.iter().copied());
        Self::start(&mut command)
    }

    /// The same with the arguments of a recording, and waits until it records.
    ///
    /// # Panics
    /// As [`Self::wait_for`].
    #[must_use]
    pub fn recording(home: &Path, args: &[&str], env: &[(&str, &str)]) -> Self {
        let mut recording = Self::vignette(home, args, env);
        recording.wait_for_recording();
        recording
    }

    /// Waits until a take of it is being recorded.
    ///
    /// # Panics
    /// As [`Self::wait_for`].
    pub fn wait_for_recording(&mut self) {
        self.wait_for("the recording", START_TIMEOUT, |said| {
            (said["phase"] == "recording").then_some(())
        });
    }

    /// Starts any command that prints JSON lines.
    #[must_use]
    pub fn start(command: &mut Command) -> Self {
        let mut process = Process::start_told(command.stdout(Stdio::piped()));
        let lines = process.lines();
        Self { process, lines, seen: Vec::new() }
    }

    /// Waits for the first line, from now on, that `wanted` takes something from.
    ///
    /// # Panics
    /// If none comes within `patience`, or the program ends before.
    pub fn wait_for<T>(
        &mut self,
        what: &str,
        patience: Duration,
        mut wanted: impl FnMut(&Value) -> Option<T>,
    ) -> T {
        let until = now() + patience;
        loop {
            match self.lines.recv_timeout(until.saturating_duration_since(now())) {
                Ok(line) => {
                    let Ok(value) = serde_json::from_str::<Value>(&line) else {
                        panic!("not a JSON line: {line}")
                    };
                    let found = wanted(&value);
                    self.seen.push(value);
                    if let Some(found) = found {
                        return found;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    panic!("waited {patience:?} for {what}; it said {:#?}", self.seen)
                }
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("ended before {what}; it said {:#?}", self.seen)
                }
            }
        }
    }

    /// Waits for a line whose `event` is this.
    ///
    /// # Panics
    /// As [`Self::wait_for`].
    pub fn wait_for_event(&mut self, event: &str, patience: Duration) -> Value {
        self.wait_for(event, patience, |value| (value["event"] == event).then(|| value.clone()))
    }

    /// The first line so far whose `event` is this.
    ///
    /// # Panics
    /// If there was none.
    #[must_use]
    pub fn seen(&self, event: &str) -> Value {
        let found = self.seen.iter().find(|value| value["event"] == event);
        found.unwrap_or_else(|| panic!("it did not say {event}: {:#?}", self.seen)).clone()
    }

    /// The process itself.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Waits for its end and gives everything it said.
    ///
    /// # Panics
    /// If it does not end within `patience`.
    pub fn finish(mut self, patience: Duration) -> (ExitStatus, Vec<Value>) {
        let status = self.process.wait(patience);
        self.seen.extend(self.lines.iter().filter_map(|line| serde_json::from_str(&line).ok()));
        (status, std::mem::take(&mut self.seen))
    }
}
