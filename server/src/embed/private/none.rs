//! Without one: the port is the only way.

use std::net::SocketAddr;
use std::path::Path;

use tokio_util::sync::CancellationToken;

/// Never made.
pub(in crate::embed) enum PrivateListener {}

impl PrivateListener {
    /// None.
    pub(in crate::embed) fn bind(_: &Path) -> Option<Self> {
        None
    }

    /// Never called.
    pub(in crate::embed) async fn serve(self, _: SocketAddr, _: CancellationToken) {
        match self {}
    }
}

/// Nobody does.
pub(in crate::embed) async fn answers(_: &Path) -> bool {
    false
}
