//! The one durable write of this room: a new file, fsync, rename.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// Puts `bytes` into the file `path`: after a crash it holds all of them or what it held before.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = File::create(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    place(&new, path)
}

/// Gives a file that is on the disk its lasting name in the same folder.
#[expect(clippy::disallowed_methods, reason = "the one durable write of this room; if the name is lost, it is written again")]
pub(super) fn place(new: &Path, path: &Path) -> io::Result<()> {
    fs::rename(new, path)
}
