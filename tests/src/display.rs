//! [`Display`]: a real X server without a screen (Xvfb), and windows on it.

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::process::Process;

/// An X server of this test alone.
#[derive(Debug)]
pub struct Display {
    _server: Process,
    /// What goes into `DISPLAY`.
    pub name: String,
}

impl Display {
    /// Starts one with a screen of this size in pixels.
    ///
    /// # Panics
    /// If Xvfb is missing or does not come up.
    #[must_use]
    pub fn start(width: u32, height: u32) -> Self {
        let mut command = Command::new("Xvfb");
        command.args([
            "-displayfd",
            "1",
            "-nolisten",
            "tcp",
            "-noreset",
            "-screen",
            "0",
            &format!("{width}x{height}x24"),
        ]);
        let mut server = Process::start(command.stdout(Stdio::piped()).stderr(Stdio::null()));
        let number = server
            .lines()
            .recv_timeout(Duration::from_secs(20))
            .expect("Xvfb says which display it serves");
        Self { _server: server, name: format!(":{}", number.trim()) }
    }

    /// Paints the whole background, such as `#204060`.
    ///
    /// # Panics
    /// If xsetroot fails.
    pub fn paint(&self, colour: &str) {
        let painted = Command::new("xsetroot")
            .args(["-solid", colour])
            .env("DISPLAY", &self.name)
            .status()
            .expect("xsetroot runs");
        assert!(painted.success(), "the background is painted");
    }

    /// A window without a frame whose content is what the `lavfi` source graph draws.
    #[must_use]
    pub fn window(&self, lavfi: &str, left: u32, top: u32) -> Process {
        let mut command = Command::new("ffplay");
        command.args(["-loglevel", "error", "-noborder", "-an", "-f", "lavfi"]);
        command.args(["-left", &left.to_string(), "-top", &top.to_string(), "-i", lavfi]);
        command
            .env("DISPLAY", &self.name)
            .env("SDL_AUDIODRIVER", "dummy")
            .env("SDL_VIDEODRIVER", "x11");
        Process::start(command.stdout(Stdio::null()).stderr(Stdio::null()))
    }

    /// Waits until a window of this size is on the screen.
    ///
    /// # Panics
    /// If none comes within 20 s.
    pub fn wait_for_window(&self, width: u32, height: u32) {
        let size = format!("{width}x{height}+");
        crate::process::until("the window", Duration::from_secs(20), || {
            let tree = Command::new("xwininfo")
                .args(["-root", "-tree"])
                .env("DISPLAY", &self.name)
                .output()
                .ok()?;
            String::from_utf8_lossy(&tree.stdout).contains(&size).then_some(())
        });
    }

    /// What the clipboard holds, if anything.
    #[must_use]
    pub fn clipboard(&self) -> Option<String> {
        let mut read = Command::new("timeout");
        read.args(["2", "xclip", "-selection", "clipboard", "-o"])
            .env("DISPLAY", &self.name)
            .stderr(Stdio::null());
        let out = read.output().ok()?;
        out.status.success().then(|| String::from_utf8_lossy(&out.stdout).into_owned())
    }
}
