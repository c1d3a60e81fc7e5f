//! The signals that ask a process to end: SIGINT, which Ctrl-C sends, SIGTERM, and SIGHUP, which
//! says that the terminal is gone.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// All three, heard from the moment it is opened.
pub(super) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    /// Not there if whoever started this, such as `nohup`, has the end of the terminal ignored.
    hang_up: Option<Signal>,
}

impl Signals {
    pub(super) fn open() -> io::Result<Self> {
        let hang_up = if ignores_hang_up() { None } else { Some(signal(SignalKind::hangup())?) };
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up,
        })
    }

    /// The next of any.
    pub(super) async fn next(&mut self) -> Option<()> {
        let gone = async {
            match &mut self.hang_up {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            pressed = self.interrupt.recv() => pressed,
            asked = self.terminate.recv() => asked,
            gone = gone => gone,
        }
    }
}

/// By Linux's `SigIgn` mask, whose lowest bit is signal 1; other systems do not say.
fn ignores_hang_up() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 1 == 1)
}
