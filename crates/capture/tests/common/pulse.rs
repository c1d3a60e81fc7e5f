//! A sound server with a microphone that a test speaks into.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::{Daemon, PATIENCE, again, clock, inside};

/// Starts a sound server, runs the test called `test` again inside, and comes back with `None`; inside it comes back with
/// the server, which the test may end and start again.
pub fn within(test: &str) -> Option<Pulse> {
    if let Some(folder) = inside() {
        return Some(Pulse::start(folder.into()));
    }
    let folder = tempfile::tempdir().unwrap();
    let socket = format!("unix:{}", folder.path().join("native").display());
    let home = folder.path().as_os_str();
    let environment = [
        ("PULSE_SERVER", OsStr::new(&socket)),
        ("XDG_RUNTIME_DIR", home),
        ("HOME", home),
        // Whatever sound server the machine has is not part of the test.
        ("PIPEWIRE_RUNTIME_DIR", home),
    ];
    again(test, &folder.path().display().to_string(), &environment);
    None
}

/// A running PulseAudio with two sinks: `fake_speaker`, and `fake_mic_feed`, whose monitor is the default source.
pub struct Pulse {
    pub folder: PathBuf,
    server: Option<Daemon>,
}

impl Pulse {
    fn start(folder: PathBuf) -> Self {
        let mut pulse = Self { folder, server: None };
        pulse.plug_in();
        pulse
    }

    /// Starts the server, and waits until it answers.
    pub fn plug_in(&mut self) {
        let script = self.folder.join("test.pa");
        // Without `norewinds` the monitor of a null sink starts a second late.
        let lines = format!(
            "load-module module-native-protocol-unix socket={}/native auth-anonymous=1\n\
             load-module module-null-sink sink_name=fake_speaker rate=48000 channels=2\n\
             load-module module-null-sink sink_name=fake_mic_feed rate=48000 channels=1 norewinds=1 \
               sink_properties=device.description=FakeMicrophone\n\
             set-default-sink fake_speaker\n\
             set-default-source fake_mic_feed.monitor\n",
            self.folder.display()
        );
        std::fs::File::create(&script).and_then(|mut file| std::io::Write::write_all(&mut file, lines.as_bytes())).unwrap();
        let server = Command::new("pulseaudio")
            .args(["-n", "-F"])
            .arg(&script)
            .args(["--daemonize=no", "--exit-idle-time=-1", "--disable-shm=yes", "--realtime=no", "--high-priority=no"])
            .args(["--use-pid-file=no", "--log-level=error"])
            .stdin(Stdio::null())
            .spawn()
            .expect("pulseaudio is installed");
        self.server = Some(Daemon(server));
        let take = clock();
        while !self.pactl(&["info"]) {
            assert!(Duration::from(take.now()) < PATIENCE, "the sound server must answer");
        }
    }

    /// Ends the server.
    pub fn unplug(&mut self) {
        self.server = None;
    }

    pub fn pactl(&self, arguments: &[&str]) -> bool {
        let pactl = Command::new("pactl").args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
        pactl.expect("pactl is installed").success()
    }

    /// Plays a tone of half of full scale into the microphone until what this returns is dropped.
    pub fn speak(&self, hertz: u32) -> Daemon {
        let file = self.folder.join(format!("{hertz}.wav"));
        if !file.exists() {
            let sox = Command::new("sox")
                .args(["-n", "-r", "48000", "-c", "1", "-b", "16"])
                .arg(&file)
                .args(["synth", "60", "sine", &hertz.to_string(), "vol", "0.5"])
                .status();
            assert!(sox.expect("sox is installed").success());
        }
        Daemon(play(&file))
    }
}

fn play(file: &Path) -> Child {
    Command::new("paplay").arg("--device=fake_mic_feed").arg(file).spawn().expect("paplay is installed")
}
