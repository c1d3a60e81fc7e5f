//! A Unix socket that only its owner may connect to.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tokio::net::{UnixListener, UnixStream};

pub(super) struct Listener {
    socket: UnixListener,
    owner: u32,
}

fn path(folder: &Path) -> PathBuf {
    folder.join("control.socket")
}

impl Listener {
    /// Listens in place of an app that has ended. Fails if one is there that answers.
    pub(super) async fn open(folder: &Path) -> io::Result<Self> {
        let path = path(folder);
        if connect(folder).await.is_ok() {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let socket = UnixListener::bind(&path)?;
        fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        Ok(Self { socket, owner: fs::metadata(&path)?.uid() })
    }

    /// The next program of the socket's owner.
    pub(super) async fn accept(&mut self) -> io::Result<UnixStream> {
        let (connection, _) = self.socket.accept().await?;
        // Before its permissions were set, others may have been able to connect.
        if connection.peer_cred()?.uid() != self.owner {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        Ok(connection)
    }
}

pub(super) async fn connect(folder: &Path) -> io::Result<UnixStream> {
    UnixStream::connect(path(folder)).await
}

/// Lets a program outlive the terminal that this one was started in.
pub(super) fn detach(command: &mut Command) {
    command.process_group(0);
}
