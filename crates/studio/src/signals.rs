//! [`EndSignals`]: the signals by which the system or a person asks a program to end.

use std::io;

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use self::unix::Signals;
#[cfg(windows)]
use self::windows::Signals;

/// All of them, heard from the moment this is opened. The system does not end the program by them
/// any more.
pub struct EndSignals(Signals);

impl EndSignals {
    /// Listens from now on. Call it within a tokio runtime.
    ///
    /// # Errors
    /// What the system says if it does not allow that.
    pub fn open() -> io::Result<Self> {
        Signals::open().map(Self)
    }

    /// The next of any; none if there will be none.
    pub async fn next(&mut self) -> Option<()> {
        self.0.next().await
    }
}
