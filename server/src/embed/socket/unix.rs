//! A Unix socket. Its connections are copied to the library's port in the same process, so that they are
//! served like all others; no other program can have that port while the process lives.

use std::net::SocketAddr;
use std::path::Path;

use tokio::net::{TcpStream, UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

/// Listens on a socket of the folder.
pub(in crate::embed) struct SocketListener(UnixListener);

impl SocketListener {
    /// Listens at `path`, replacing the socket of a process that ended. `None` if the path is too long for
    /// a socket (108 bytes on Linux).
    pub(in crate::embed) fn bind(path: &Path) -> Option<Self> {
        // This process holds the folder's lock, so no other one listens there.
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                warn!(%error, "An old socket stays")
            }
            _ => {}
        }
        UnixListener::bind(path)
            .map(Self)
            .inspect_err(
                |error| warn!(%error, "The library has no socket; the recorder uses its port"),
            )
            .ok()
    }

    /// Copies connections to the library's port until `end`.
    pub(in crate::embed) async fn serve(self, port: SocketAddr, end: CancellationToken) {
        loop {
            let accepted = tokio::select! {
                () = end.cancelled() => return,
                accepted = self.0.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) => drop(tokio::spawn(
                    end.clone().run_until_cancelled_owned(copy_to_port(stream, port)),
                )),
                Err(error) => {
                    debug!(%error, "A connection to the socket could not be accepted");
                    tokio::time::sleep(super::super::POLL_INTERVAL).await;
                }
            }
        }
    }
}

async fn copy_to_port(mut stream: UnixStream, port: SocketAddr) {
    let copied = async {
        let mut library = TcpStream::connect(port).await?;
        library.set_nodelay(true)?;
        tokio::io::copy_bidirectional(&mut stream, &mut library).await
    };
    if let Err(error) = copied.await {
        debug!(%error, "A connection by the socket broke");
    }
}

/// Whether a library listens at `path`.
pub(in crate::embed) async fn accepts(path: &Path) -> bool {
    UnixStream::connect(path).await.is_ok()
}
