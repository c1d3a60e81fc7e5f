//! No socket: the port is the only way.

use std::net::SocketAddr;
use std::path::Path;

use tokio_util::sync::CancellationToken;

/// Never made.
pub(in crate::embed) enum SocketListener {}

impl SocketListener {
    /// `None`.
    pub(in crate::embed) fn bind(_: &Path) -> Option<Self> {
        None
    }

    /// Never called.
    pub(in crate::embed) async fn serve(self, _: SocketAddr, _: CancellationToken) {
        match self {}
    }
}

/// Never.
pub(in crate::embed) async fn accepts(_: &Path) -> bool {
    false
}
