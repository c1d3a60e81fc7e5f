//! [`Sound`]: a real sound server (PulseAudio) with a microphone that hears what is played into it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::process::{Process, until};

/// The server's set-up: a speaker nobody hears, and a sink whose monitor is the default microphone.
const SETUP: &str = "load-module module-native-protocol-unix socket=SOCKET auth-anonymous=1
load-module module-null-sink sink_name=fake_speaker rate=48000 channels=2
load-module module-null-sink sink_name=fake_mic_feed rate=48000 channels=1 norewinds=1
set-default-sink fake_speaker
set-default-source fake_mic_feed.monitor
";

/// A sound server of this test alone.
#[derive(Debug)]
pub struct Sound {
    _server: Process,
    folder: TempDir,
    /// What goes into `PULSE_SERVER`.
    pub address: String,
}

impl Sound {
    /// Starts one.
    ///
    /// # Panics
    /// If PulseAudio is missing or does not come up.
    #[must_use]
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the sound server");
        let socket = folder.path().join("native");
        let setup = folder.path().join("setup.pa");
        #[expect(clippy::disallowed_methods, reason = "a file of the rig, gone with it")]
        std::fs::write(&setup, SETUP.replace("SOCKET", &socket.to_string_lossy()))
            .expect("the set-up is written");
        let mut command = Command::new("pulseaudio");
        command.arg("-n").arg("-F").arg(&setup).args([
            "--daemonize=no",
            "--exit-idle-time=-1",
            "--disable-shm=yes",
        ]);
        command.args(["--realtime=no", "--high-priority=no", "--use-pid-file=no"]);
        command.env("XDG_RUNTIME_DIR", folder.path()).env("HOME", folder.path());
        let server = Process::start(command.stdout(Stdio::null()).stderr(Stdio::null()));
        let address = format!("unix:{}", socket.display());
        until("the sound server", Duration::from_secs(20), || {
            let asked = Command::new("pactl")
                .arg("info")
                .env("PULSE_SERVER", &address)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            asked.is_ok_and(|s| s.success()).then_some(())
        });
        Self { _server: server, folder, address }
    }

    /// Plays a sine into the microphone until dropped (or for ten minutes).
    ///
    /// # Panics
    /// If sox or paplay is missing.
    #[must_use]
    pub fn play_tone(&self, hz: u32) -> Process {
        let file = self.folder.path().join(format!("{hz}.wav"));
        let mut sox = Command::new("sox");
        sox.args(["-q", "-n", "-r", "48000", "-c", "1", "-b", "16"]).arg(&file);
        sox.args(["synth", "600", "sine", &hz.to_string(), "vol", "0.5"]);
        assert!(sox.status().expect("sox runs").success(), "the tone is made");
        self.play(&file)
    }

    /// Plays a sound file into the microphone until it ends or this is dropped.
    #[must_use]
    pub fn play(&self, file: &Path) -> Process {
        let mut play = Command::new("paplay");
        play.arg("--device=fake_mic_feed").arg(file).env("PULSE_SERVER", &self.address);
        Process::start(&mut play)
    }

    /// Adds the microphone `pulseaudio:pipe`, which hears what is written into the file that this gives: one channel of
    /// 16 bits, 48,000 times a second.
    ///
    /// # Panics
    /// If the server will not have it.
    #[must_use]
    pub fn pipe_microphone(&self) -> PathBuf {
        let pipe = self.folder.path().join("pipe");
        let mut load = Command::new("pactl");
        load.args([
            "load-module",
            "module-pipe-source",
            "source_name=pipe",
            "format=s16le",
            "rate=48000",
            "channels=1",
        ]);
        load.arg(format!("file={}", pipe.display()))
            .env("PULSE_SERVER", &self.address)
            .stdout(Stdio::null());
        assert!(load.status().expect("pactl runs").success(), "the microphone is added");
        pipe
    }
}
