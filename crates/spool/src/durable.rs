//! The one durable write: a new file, fsync, rename, fsync of the folder.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use crate::folder;

/// Puts `bytes` into the file `path`. After a crash or a power cut it holds either all of them or what it held before.
///
/// # Errors
/// Those of the disk; then the file holds what it held before.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = File::create(&new)?;
    file.write_all(bytes)?;
    place(file, &new, path)
}

/// Gives the file `new`, whose contents are written, its lasting name in the same folder.
#[expect(clippy::disallowed_methods, reason = "the one durable write of this room")]
pub(crate) fn place(file: File, new: &Path, path: &Path) -> io::Result<()> {
    file.sync_all()?;
    drop(file);
    fs::rename(new, path)?;
    path.parent().map_or(Ok(()), folder::sync)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_replaces_the_whole_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("take.json");
        for text in ["a long first text", "short"] {
            write(&path, text.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn what_a_crash_left_half_written_is_in_nobody_s_way() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("take.json");
        File::create(path.with_extension("new")).unwrap().write_all(b"half of a much longer te").unwrap();
        write(&path, b"whole").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
    }
}
