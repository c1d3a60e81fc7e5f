//! The socket of an embedded library, for other programs of the same user. It is in the data folder,
//! which other users cannot enter; a port may be taken by any program once no process listens on it.

#[cfg(not(unix))]
#[path = "socket/none.rs"]
mod system;
#[cfg(unix)]
#[path = "socket/unix.rs"]
mod system;

pub(super) use system::{SocketListener, accepts};
