//! A sound server with a microphone that a test speaks into.

use std::io::{BufReader, Cursor, Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command as Program, Stdio};
use std::time::Duration;

use pulseaudio::protocol::{
    AuthParams, AuthReply, ChannelMap, Command, CommandReply, CreatePlaybackStreamReply,
    LatencyParams, MAX_VERSION, PlaybackLatency, PlaybackStreamParams, Props, SampleFormat,
    SampleSpec, SetClientNameReply, TagStructReader, read_descriptor, stream::BufferAttr,
    write_command_message, write_memblock,
};
use vignette_model::{Micros, Span, TakeClock};

use super::{Daemon, TIMEOUT, again, clock, inside};

/// Which sound server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    PulseAudio,
    PipeWire,
}

/// Starts PulseAudio, runs the test called `test` again inside, and comes back with `None`; inside
/// it comes back with the server, which the test may end and start again.
pub fn within(test: &str) -> Option<Pulse> {
    within_a(SourceKind::PulseAudio, test)
}

/// The same with either sound server.
pub fn within_a(kind: SourceKind, test: &str) -> Option<Pulse> {
    if let Some(folder) = inside() {
        return Some(Pulse::start(kind, folder.into()));
    }
    let folder = tempfile::tempdir().unwrap();
    let environment = home(folder.path());
    let environment: Vec<_> =
        environment.iter().map(|(name, value)| (*name, value.as_os_str())).collect();
    again(test, &folder.path().display().to_string(), &environment);
    None
}

/// The environment of a user whose everything lies in `folder`, and who starts no sound server of
/// his own.
pub fn home(folder: &Path) -> [(&'static str, PathBuf); 5] {
    let conf = folder.join("client.conf");
    std::fs::File::create(&conf).and_then(|mut file| file.write_all(b"autospawn = no\n")).unwrap();
    // Whatever sound server the machine has is not part of the test.
    let runtime = folder.join("runtime");
    let config = folder.join("config");
    [
        ("HOME", folder.to_owned()),
        ("XDG_RUNTIME_DIR", runtime.clone()),
        ("PIPEWIRE_RUNTIME_DIR", runtime),
        ("XDG_CONFIG_HOME", config),
        ("PULSE_CLIENTCONFIG", conf),
    ]
}

/// A running sound server with two sinks: `fake_speaker`, and `fake_mic_feed`, whose monitor is the
/// default source. Its users of PulseAudio are known by their user id, or by [`Pulse::cookie`].
pub struct Pulse {
    pub folder: PathBuf,
    kind: SourceKind,
    server: Vec<Daemon>,
}

impl Pulse {
    pub fn start(kind: SourceKind, folder: PathBuf) -> Self {
        let mut pulse = Self { folder, kind, server: Vec::new() };
        pulse.plug_in();
        pulse
    }

    /// Where it listens: where its users look first.
    pub fn socket(&self) -> PathBuf {
        self.folder.join("runtime/pulse/native")
    }

    /// The file with its cookie, where nobody looks.
    pub fn cookie(&self) -> PathBuf {
        self.folder.join("server-cookie")
    }

    /// Starts the server, and waits until it answers.
    pub fn plug_in(&mut self) {
        std::fs::create_dir_all(self.socket().parent().unwrap()).unwrap();
        match self.kind {
            SourceKind::PulseAudio => self.start_pulseaudio(),
            SourceKind::PipeWire => self.start_pipewire(),
        }
    }

    /// Where the session bus of a PipeWire is, whose session manager does not run without one.
    fn bus(&self) -> String {
        format!("unix:path={}", self.folder.join("runtime/bus").display())
    }

    fn daemon(&mut self, program: &mut Program) {
        let name = program.get_program().to_owned();
        let server = program
            .envs(home(&self.folder))
            .env("DBUS_SESSION_BUS_ADDRESS", self.bus())
            .stdin(Stdio::null())
            .spawn();
        self.server
            .push(Daemon(server.unwrap_or_else(|why| panic!("{name:?} is installed: {why}"))));
    }

    /// Takes back what PipeWire does in virtual machines alone: buffers of 21 ms at least, which no
    /// computer of a person has.
    fn configure_pipewire(&self) {
        for (program, section, property) in [
            ("pipewire", "context.properties", "default.clock.min-quantum = 32"),
            ("pipewire-pulse", "pulse.properties", "pulse.min.quantum = 128/48000"),
        ] {
            let folder = self.folder.join(format!("config/pipewire/{program}.conf.d"));
            std::fs::create_dir_all(&folder).unwrap();
            let text = format!("{section} = {{ vm.overrides = {{ {property} }} }}\n");
            std::fs::File::create(folder.join("computer.conf"))
                .and_then(|mut file| file.write_all(text.as_bytes()))
                .unwrap();
        }
    }

    fn start_pipewire(&mut self) {
        let quiet = |program: &str| {
            let mut program = Program::new(program);
            program.stdout(Stdio::null()).stderr(Stdio::null());
            program
        };
        let take = clock();
        let answers = |socket: PathBuf| {
            while UnixStream::connect(&socket).is_err() {
                assert!(take.now().since_start() < TIMEOUT.into(), "{socket:?} must answer");
                std::thread::sleep(Duration::from_millis(10));
            }
        };
        self.configure_pipewire();
        let address = format!("--address={}", self.bus());
        self.daemon(quiet("dbus-daemon").args(["--session", "--nofork", "--nopidfile", &address]));
        answers(self.folder.join("runtime/bus"));
        self.daemon(&mut quiet("pipewire"));
        answers(self.folder.join("runtime/pipewire-0"));
        // Which links what records to what is recorded.
        self.daemon(&mut quiet("wireplumber"));
        self.daemon(&mut quiet("pipewire-pulse"));
        self.wait_for(&["info"]);
        for (name, channels) in [("fake_speaker", "channels=2"), ("fake_mic_feed", "channels=1")] {
            let description = "sink_properties=device.description=FakeMicrophone";
            let sink = format!("sink_name={name}");
            assert!(self.pactl(&[
                "load-module",
                "module-null-sink",
                &sink,
                "rate=48000",
                channels,
                description
            ]));
        }
        self.wait_for(&["set-default-sink", "fake_speaker"]);
        self.wait_for(&["set-default-source", "fake_mic_feed.monitor"]);
    }

    /// Asks again and again until the server does it.
    fn wait_for(&self, arguments: &[&str]) {
        let take = clock();
        while !self.pactl(arguments) {
            assert!(
                take.now().since_start() < TIMEOUT.into(),
                "the sound server must do {arguments:?}"
            );
        }
    }

    fn start_pulseaudio(&mut self) {
        let script = self.folder.join("test.pa");
        // Without `norewinds` the monitor of a null sink starts a second late.
        let lines = format!(
            "load-module module-native-protocol-unix socket={} auth-cookie={}\n\
             load-module module-null-sink sink_name=fake_speaker rate=48000 channels=2\n\
             load-module module-null-sink sink_name=fake_mic_feed rate=48000 channels=1 \
             norewinds=1 \
               sink_properties=device.description=FakeMicrophone\n\
             set-default-sink fake_speaker\n\
             set-default-source fake_mic_feed.monitor\n",
            self.socket().display(),
            self.cookie().display()
        );
        std::fs::File::create(&script)
            .and_then(|mut file| file.write_all(lines.as_bytes()))
            .unwrap();
        let mut server = Program::new("pulseaudio");
        server
            .args(["-n", "-F"])
            .arg(&script)
            .args([
                "--daemonize=no",
                "--exit-idle-time=-1",
                "--disable-shm=yes",
                "--realtime=no",
                "--high-priority=no",
            ])
            .args(["--use-pid-file=no", "--log-level=error"]);
        self.daemon(&mut server);
        self.wait_for(&["info"]);
    }

    /// Ends the server.
    pub fn unplug(&mut self) {
        self.server.clear();
    }

    pub fn pactl(&self, arguments: &[&str]) -> bool {
        let mut pactl = Program::new("pactl");
        pactl.args(arguments).envs(home(&self.folder)).stdout(Stdio::null()).stderr(Stdio::null());
        pactl.status().expect("pactl is installed").success()
    }

    /// Lets it listen on a port of this computer too, where its users are known by the cookie
    /// alone.
    pub fn listen(&self) -> u16 {
        for _ in 0..20 {
            let port =
                TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).unwrap().port();
            let (port_argument, cookie) =
                (format!("port={port}"), format!("auth-cookie={}", self.cookie().display()));
            let module = [
                "load-module",
                "module-native-protocol-tcp",
                "listen=127.0.0.1",
                &port_argument,
                &cookie,
            ];
            if self.pactl(&module) {
                return port;
            }
        }
        panic!("no port is free");
    }

    /// Plays a tone of half of full scale into the microphone until what this returns is dropped.
    pub fn speak(&self, hertz: u32) -> Daemon {
        self.play(hertz, "fake_mic_feed")
    }

    /// Plays a tone of half of full scale to a sink, in blocks as large as it takes, until what
    /// this returns is dropped.
    pub fn play(&self, hertz: u32, sink: &str) -> Daemon {
        let file = self.folder.join(format!("{hertz}.wav"));
        if !file.exists() {
            let sox = Program::new("sox")
                .args(["-n", "-r", "48000", "-c", "1", "-b", "16"])
                .arg(&file)
                .args(["synth", "60", "sine", &hertz.to_string(), "vol", "0.5"])
                .status();
            assert!(sox.expect("sox is installed").success());
        }
        let mut paplay = Program::new("paplay");
        paplay.arg(format!("--device={sink}")).arg(file).envs(home(&self.folder));
        Daemon(paplay.spawn().expect("paplay is installed"))
    }

    /// Plays a second of silence and then a second of a 1 kHz tone of half of full scale to a sink,
    /// and tells when the first sample of the tone is heard, by what the server says of the
    /// playing.
    pub fn beep(&self, sink: &str, take: &TakeClock) -> (Micros, UnixStream) {
        const RATE_HZ: u32 = 48_000;
        let mut socket = UnixStream::connect(self.socket()).unwrap();
        // What is sent before the server has accepted says who we are only if we ask for it.
        rustix::net::sockopt::set_socket_passcred(&socket, true).unwrap();
        let mut from = BufReader::new(socket.try_clone().unwrap());
        let mut asked = 0;
        let mut send = |command: Command| {
            asked += 1;
            write_command_message(&mut socket, asked, &command, MAX_VERSION).unwrap();
            asked
        };
        let auth = AuthParams {
            version: MAX_VERSION,
            supports_shm: false,
            supports_memfd: false,
            cookie: vec![0; 256],
        };
        send(Command::Auth(auth));
        let version = MAX_VERSION.min(answer::<AuthReply>(&mut from, 1).version);
        assert_eq!(version, MAX_VERSION, "the test speaks one version");
        send(Command::SetClientName(Props::new()));
        answer::<SetClientNameReply>(&mut from, 2);
        let bytes = 2 * RATE_HZ * 2;
        send(Command::CreatePlaybackStream(PlaybackStreamParams {
            sample_spec: SampleSpec {
                format: SampleFormat::S16Le,
                sample_rate: RATE_HZ,
                channels: 1,
            },
            channel_map: ChannelMap::mono(),
            sink_name: Some(std::ffi::CString::new(sink).unwrap()),
            buffer_attr: BufferAttr {
                max_length: u32::MAX,
                target_length: bytes,
                pre_buffering: 960,
                minimum_request_length: u32::MAX,
                fragment_size: u32::MAX,
            },
            ..PlaybackStreamParams::default()
        }));
        let stream: CreatePlaybackStreamReply = answer(&mut from, 3);
        let sample = |n: u32| {
            let wave = (f64::from(n) * std::f64::consts::TAU / 48.0).sin() * 16_384.0;
            if n < RATE_HZ { 0 } else { wave as i16 }
        };
        let sound: Vec<u8> = (0..2 * RATE_HZ).flat_map(|n| sample(n).to_le_bytes()).collect();
        let mut heard = None;
        write_memblock(&mut socket, stream.channel, &sound, 0).unwrap();
        let mut best = Span(u64::MAX);
        let began = take.now();
        let mut number = 3;
        // Once a tenth of a second of it has been played; the answer that came soonest is the
        // truest.
        while take.now().checked_since(began).unwrap() < Span::from_millis(800) {
            number += 1;
            let before = take.now();
            let question =
                LatencyParams { channel: stream.channel, now: std::time::SystemTime::UNIX_EPOCH };
            write_command_message(
                &mut socket,
                number,
                &Command::GetPlaybackLatency(question),
                MAX_VERSION,
            )
            .unwrap();
            let told: PlaybackLatency = answer(&mut from, number);
            let took = take.now().checked_since(before).unwrap();
            let played =
                Span::from_ticks(u64::try_from(told.read_offset / 2).unwrap(), RATE_HZ).unwrap();
            if told.playing && played > Span::from_millis(100) {
                let then = before + Span(took.0 / 2);
                let by_this = then + Span(told.sink_usec) + Span::from_secs(1);
                let by_this = by_this.checked_sub(played).unwrap();
                // PipeWire counts whole periods: the first answer after each is the truest.
                let truer = if self.kind == SourceKind::PipeWire {
                    heard.is_none_or(|heard| by_this < heard)
                } else {
                    took < best
                };
                if truer {
                    (best, heard) = (took, Some(by_this));
                }
            }
        }
        (heard.expect("it plays"), socket)
    }
}

/// The answer to a question, whatever else the server says before.
fn answer<R: CommandReply>(from: &mut BufReader<UnixStream>, number: u32) -> R {
    loop {
        let mut body = vec![0; read_descriptor(from).unwrap().length as usize];
        from.read_exact(&mut body).unwrap();
        let mut cursor = Cursor::new(&body[..]);
        match Command::read_tag_prefixed(&mut cursor, MAX_VERSION) {
            Ok((of, Command::Reply)) if of == number => {
                return R::read(&mut TagStructReader::new(&mut cursor, MAX_VERSION), MAX_VERSION)
                    .unwrap();
            }
            Ok((_, Command::Error(why))) => panic!("the sound server: {why}"),
            _ => {}
        }
    }
}
