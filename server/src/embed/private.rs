//! The private way to an embedded library, for other programs of the same user: a socket in the library's own folder, which
//! nobody else can enter. A port of this computer is anybody's as soon as the process that listened on it has ended; a path
//! in that folder is not.

#[cfg(not(unix))]
#[path = "private/none.rs"]
mod system;
#[cfg(unix)]
#[path = "private/unix.rs"]
mod system;

pub(super) use system::{PrivateListener, answers};
