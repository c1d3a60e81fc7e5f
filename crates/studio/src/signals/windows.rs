//! What asks a console process to end: Ctrl-C, and closing its window.

use std::io;

use tokio::signal::windows::{CtrlC, CtrlClose, ctrl_c, ctrl_close};

/// Both, heard from the moment it is opened.
pub(super) struct Signals {
    interrupt: CtrlC,
    close: CtrlClose,
}

impl Signals {
    pub(super) fn open() -> io::Result<Self> {
        Ok(Self { interrupt: ctrl_c()?, close: ctrl_close()? })
    }

    /// The next of either.
    pub(super) async fn next(&mut self) -> Option<()> {
        tokio::select! {
            pressed = self.interrupt.recv() => pressed,
            asked = self.close.recv() => asked,
        }
    }
}
