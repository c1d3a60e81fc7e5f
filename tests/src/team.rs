//! [`Team`]: `vignette-library serve` as a process of its own, set up and with a token, that can be killed and started again.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::process::{Process, free_port, until};
use crate::program::binary;
use crate::visitor::Visitor;

/// What the first member of every team is called.
pub const NAME: &str = "Ada";
/// Her password.
pub const PASSWORD: &str = "correct horse battery staple";

/// What the form of the sign-in sends for her.
#[must_use]
pub fn credentials() -> String {
    format!("login={NAME}&password={}", PASSWORD.replace(' ', "+"))
}

/// A team's library on a port that stays the same.
#[derive(Debug)]
pub struct Team {
    folder: PathBuf,
    port: u16,
    /// The most file descriptors it may have, if that is bounded.
    descriptors: Option<u32>,
    served: Option<Process>,
    settings: Vec<String>,
    /// Opens it for a recorder.
    pub token: String,
}

impl Team {
    /// Starts one with its data below `folder`, and makes the first account as a person would: by the set-up link.
    ///
    /// # Panics
    /// If it does not come up or cannot be set up.
    pub async fn start(folder: &Path) -> Self {
        Self::begin(folder, None, &[]).await
    }

    /// The same with so many file descriptors, as `ulimit -n` gives them.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub async fn start_bounded(folder: &Path, descriptors: Option<u32>) -> Self {
        Self::begin(folder, descriptors, &[]).await
    }

    /// The same with settings of its own, as they stand on the command line.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub async fn start_with(folder: &Path, settings: &[&str]) -> Self {
        Self::begin(folder, None, settings).await
    }

    async fn begin(folder: &Path, descriptors: Option<u32>, settings: &[&str]) -> Self {
        let (port, settings) = (free_port(), settings.iter().map(ToString::to_string).collect());
        let mut team = Self {
            folder: folder.to_owned(),
            port,
            descriptors,
            served: None,
            settings,
            token: String::new(),
        };
        team.serve();
        let link = team.say(&["setup-link"]);
        let mut ada = Visitor::default();
        let welcome = ada.open(&link).await;
        let home = ada.submit(&welcome, &[("name", NAME), ("password", PASSWORD)]).await;
        assert!(
            home.status.is_success() && home.url.path() == "/",
            "the account is made: {}",
            home.html
        );
        team.token = team.say(&["token", "create", "journey"]);
        team
    }

    /// The process that serves it.
    ///
    /// # Panics
    /// If none does.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.served.as_ref().expect("it is served").pid()
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The same as an address to connect to.
    #[must_use]
    pub fn address(&self) -> std::net::SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    /// Starts serving, if it does not already.
    ///
    /// # Panics
    /// If it does not answer within 20 s.
    pub fn serve(&mut self) {
        if self.served.is_some() {
            return;
        }
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.folder.join("log"))
            .expect("a log");
        self.served =
            Some(Process::start(self.command().arg("serve").stdout(Stdio::null()).stderr(log)));
        // It listens before it has opened its folder, so a connection alone says little.
        until("the library", Duration::from_secs(20), || is_healthy(self.port).then_some(()));
    }

    /// Kilobytes of memory: what it has now (`VmRSS`) or the most that it had (`VmHWM`).
    ///
    /// # Panics
    /// If it does not run.
    #[must_use]
    pub fn memory_kb(&self, which: &str) -> u64 {
        let pid = self.served.as_ref().expect("it runs").pid();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
        let line = status.lines().find(|line| line.starts_with(which)).expect("the kernel says it");
        line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        if let Some(served) = self.served.take() {
            served.signal("KILL");
        }
    }

    /// Where it keeps clips.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.join("team")
    }

    /// The only sealed clip.
    ///
    /// # Panics
    /// If there is none, or more than one.
    #[must_use]
    pub fn sealed_clip(&self) -> PathBuf {
        sealed_clip(&self.data())
    }

    /// What it has logged.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// Runs one of its commands beside the server and gives what that prints.
    ///
    /// # Panics
    /// If it fails.
    #[must_use]
    pub fn say(&self, args: &[&str]) -> String {
        let out = self.command().args(args).output().expect("vignette-library runs");
        assert!(
            out.status.success(),
            "vignette-library {args:?}: {}",
            String::from_utf8_lossy(&out.stderr)
        );
        String::from_utf8_lossy(&out.stdout).trim().to_owned()
    }

    fn command(&self) -> Command {
        let program = binary("vignette-library");
        let mut command = match self.descriptors {
            None => Command::new(program),
            Some(most) => {
                let mut bounded = Command::new("prlimit");
                bounded.arg(format!("--nofile={most}:{most}")).arg(program);
                bounded
            }
        };
        command
            .arg("--data")
            .arg(self.data())
            .args(["--listen", &format!("127.0.0.1:{}", self.port)])
            .args(&self.settings);
        command
    }
}

/// The only sealed clip of the library in this folder.
///
/// # Panics
/// If there is none, or more than one.
#[must_use]
pub fn sealed_clip(library: &Path) -> PathBuf {
    let clips = std::fs::read_dir(library.join("media"))
        .expect("the library's media")
        .filter_map(Result::ok);
    let sealed: Vec<_> =
        clips.map(|clip| clip.path().join("clip.mp4")).filter(|path| path.exists()).collect();
    let [only] = sealed.as_slice() else { panic!("one sealed clip: {sealed:?}") };
    only.clone()
}

/// Whether a library answers there that it is well.
fn is_healthy(port: u16) -> bool {
    let asked = std::net::TcpStream::connect(("127.0.0.1", port)).and_then(|mut connection| {
        let patience = Some(Duration::from_secs(2));
        connection.set_read_timeout(patience)?;
        connection
            .write_all(b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer).map(|_| answer)
    });
    asked.is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}
