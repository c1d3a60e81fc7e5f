//! [`Process`]: a child in a process group of its own that does not outlive the test.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// A running program. Dropping it kills its whole process group.
#[derive(Debug)]
pub struct Process {
    child: Child,
    name: String,
}

impl Process {
    /// Starts `command` in a process group of its own.
    ///
    /// # Panics
    /// If it cannot be started.
    #[must_use]
    pub fn start(command: &mut Command) -> Self {
        Self::start_reading(command, Stdio::null())
    }

    /// Starts `command` so that [`Self::tell`] can tell it something.
    ///
    /// # Panics
    /// If it cannot be started.
    #[must_use]
    pub fn start_told(command: &mut Command) -> Self {
        Self::start_reading(command, Stdio::piped())
    }

    fn start_reading(command: &mut Command, input: Stdio) -> Self {
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command
            .process_group(0)
            .stdin(input)
            .spawn()
            .unwrap_or_else(|e| panic!("{name} cannot be started: {e}"));
        Self { child, name }
    }

    /// Writes a line to its standard input.
    ///
    /// # Panics
    /// If it was not begun with [`Self::start_told`], or reads no more.
    pub fn tell(&mut self, line: &str) {
        let input = self.child.stdin.as_mut().expect("standard input is piped");
        writeln!(input, "{line}").expect("it reads what it is told");
    }

    /// The lines it prints on standard output, which must be piped, as they come.
    ///
    /// # Panics
    /// If its standard output is not piped or was taken before.
    #[must_use]
    pub fn lines(&mut self) -> Receiver<String> {
        let out = self.child.stdout.take().expect("standard output is piped");
        let (line, lines) = channel();
        std::thread::spawn(move || {
            for read in BufReader::new(out).lines() {
                let Ok(text) = read else { return };
                if line.send(text).is_err() {
                    return;
                }
            }
        });
        lines
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by name, such as `INT` or `KILL`, to it alone.
    ///
    /// # Panics
    /// If the signal cannot be sent.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &self.pid().to_string()])
            .status()
            .expect("kill runs");
        assert!(sent.success(), "{} takes signal {name}", self.name);
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// If it has not ended after `patience`.
    pub fn wait(&mut self, patience: Duration) -> ExitStatus {
        let until = now() + patience;
        loop {
            if let Some(status) = self.child.try_wait().expect("the child can be waited for") {
                return status;
            }
            assert!(now() < until, "{} did not end within {patience:?}", self.name);
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Whether it still runs.
    ///
    /// # Panics
    /// If the operating system does not say.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("the child can be waited for").is_none()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let group = format!("-{}", self.child.id());
        drop(Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status());
        drop(self.child.wait());
    }
}

/// The time, for patience alone.
#[expect(clippy::disallowed_methods, reason = "a rig waits for real programs in real time")]
#[must_use]
pub fn now() -> Instant {
    Instant::now()
}

/// Asks `ready` again and again until it gives something.
///
/// # Panics
/// If it has not after `patience`.
pub fn until<T>(what: &str, patience: Duration, mut ready: impl FnMut() -> Option<T>) -> T {
    let end = now() + patience;
    loop {
        if let Some(it) = ready() {
            return it;
        }
        assert!(now() < end, "waited {patience:?} for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A port that nobody listens on, below those that outgoing connections get: a connection to a port of those, made before its
/// server is up, may be given that very port and reach itself.
///
/// # Panics
/// If every port is taken.
#[must_use]
pub fn free_port() -> u16 {
    use std::sync::atomic::{AtomicU32, Ordering};
    static ASKED: AtomicU32 = AtomicU32::new(0);
    let begin = std::process::id().wrapping_mul(37);
    let candidate = || {
        let turn = begin.wrapping_add(ASKED.fetch_add(1, Ordering::Relaxed));
        u16::try_from(20_000 + turn % 12_000).expect("below 32 000")
    };
    let free = |port: &u16| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
    std::iter::repeat_with(candidate).take(12_000).find(free).expect("a free port")
}
