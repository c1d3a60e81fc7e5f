//! A Unix socket. What comes by it goes to the library's own port in the same process, so that it is served like everything
//! else; that port cannot be anybody else's as long as the process lives.

use std::net::SocketAddr;
use std::path::Path;

use tokio::net::{TcpStream, UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

/// Listens on a socket of the folder.
pub(in crate::embed) struct PrivateListener(UnixListener);

impl PrivateListener {
    /// Listens at `path`, in place of a process that has ended. None where no socket can be: paths of sockets are short
    /// (108 bytes on Linux).
    pub(in crate::embed) fn bind(path: &Path) -> Option<Self> {
        // Whoever holds the folder's lock is the only one who listens there.
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => warn!(%error, "An old socket stays"),
            _ => {}
        }
        UnixListener::bind(path)
            .map(Self)
            .inspect_err(|error| warn!(%error, "The library has no socket; the recorder uses its port"))
            .ok()
    }

    /// Takes connections to the library's port until `end`.
    pub(in crate::embed) async fn serve(self, port: SocketAddr, end: CancellationToken) {
        loop {
            let accepted = tokio::select! {
                () = end.cancelled() => return,
                accepted = self.0.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) => drop(tokio::spawn(end.clone().run_until_cancelled_owned(join(stream, port)))),
                Err(error) => {
                    debug!(%error, "A connection to the socket could not be accepted");
                    tokio::time::sleep(super::super::LOOK).await;
                }
            }
        }
    }
}

async fn join(mut stream: UnixStream, port: SocketAddr) {
    let joined = async {
        let mut library = TcpStream::connect(port).await?;
        library.set_nodelay(true)?;
        tokio::io::copy_bidirectional(&mut stream, &mut library).await
    };
    if let Err(error) = joined.await {
        debug!(%error, "A connection by the socket broke");
    }
}

/// Whether a library listens at `path`.
pub(in crate::embed) async fn answers(path: &Path) -> bool {
    UnixStream::connect(path).await.is_ok()
}
