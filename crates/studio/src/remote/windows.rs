//! A named pipe. What the system allows on one by default lets only its owner write to it, and
//! nobody from another computer.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::os::windows::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use tokio::net::windows::named_pipe::{
    ClientOptions, NamedPipeClient, NamedPipeServer, ServerOptions,
};

pub(super) struct Listener {
    name: String,
    /// The one that the next program connects to.
    next: NamedPipeServer,
}

/// Pipes have no folders, so the folder's name is part of its own.
fn name(folder: &Path) -> String {
    let mut hasher = DefaultHasher::new();
    folder.hash(&mut hasher);
    format!(r"\\.\pipe\vignette-{:016x}", hasher.finish())
}

impl Listener {
    /// Listens; fails if another app does.
    #[expect(
        clippy::unused_async,
        reason = "where there are sockets, one that is left over is tried"
    )]
    pub(super) async fn open(folder: &Path) -> io::Result<Self> {
        let name = name(folder);
        let next = ServerOptions::new().first_pipe_instance(true).create(&name)?;
        Ok(Self { name, next })
    }

    /// The next program.
    pub(super) async fn accept(&mut self) -> io::Result<NamedPipeServer> {
        self.next.connect().await?;
        let following = ServerOptions::new().create(&self.name)?;
        Ok(std::mem::replace(&mut self.next, following))
    }
}

#[expect(clippy::unused_async, reason = "as where there are sockets")]
pub(super) async fn connect(folder: &Path) -> io::Result<NamedPipeClient> {
    ClientOptions::new().open(name(folder))
}

/// Programs outlive their terminal there; without a window of its own it would keep ours.
pub(super) fn detach(command: &mut Command) {
    const DETACHED_PROCESS: u32 = 8;
    command.creation_flags(DETACHED_PROCESS);
}
